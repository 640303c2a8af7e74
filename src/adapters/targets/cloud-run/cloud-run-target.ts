import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Live, type Release, runs } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { mustNameImage } from '../shared/image.ts';
import { orNothing } from '../shared/noted.ts';
import { commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { quoted } from '../shared/words.ts';
import type { CloudRunApi, ServicePatch } from './api.ts';
import { orderOn, revisionName, sharesInWords, templateFor, withOrder } from './notes.ts';
import { Revisions, type Serving } from './revisions.ts';
import {
  hasFailed,
  isSeen,
  isSettled,
  isWanted,
  type RunService,
  type Share,
  serving,
  trafficOf,
  troubleIn,
} from './shapes.ts';

/** How often a change is tried that others get in the way of. */
const MOST_TRIES = 6;
/** A failure of a generation that Cloud Run does not name yet counts after so long, in ms. */
const BELIEVED_AFTER_MS = 10_000;

interface Options {
  readonly project: string;
  readonly region: string;
  readonly service: string;
  readonly containers?: readonly string[] | undefined;
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
}

/**
 * One patch makes a revision and gives it its share of the requests, or gives them to a revision that is there. It carries the
 * etag of what was read and notes its order; the requests only move once the revision is ready.
 */
export class CloudRunTarget implements Target {
  readonly kind = 'cloud-run';
  readonly name: string;
  readonly url?: string;
  readonly splits = true;
  readonly wholePercents = true;
  readonly notUndone = ['what is shared by revisions, such as domains and who may call'];
  readonly #options: Options;
  readonly #api: CloudRunApi;
  readonly #names: ReleaseNames;
  readonly #revisions: Revisions;
  readonly #now: () => number;

  constructor(options: Options, api: CloudRunApi, names: ReleaseNames, now: () => number) {
    this.name = `Cloud Run service ${options.service}`;
    if (options.url !== undefined) this.url = options.url;
    this.#options = options;
    this.#api = api;
    this.#names = names;
    this.#revisions = new Revisions(this.name, options, api, names);
    this.#now = now;
  }

  rollbackCommands(to: Release): readonly string[] {
    const { project, region, service } = this.#options;
    const where = `${quoted(service)} --project ${quoted(project)} --region ${quoted(region)}`;
    const containers = this.#options.containers?.map((one) => ` --container ${quoted(one)}`) ?? [''];
    const image = quoted(this.#names.of(to));
    return [
      `gcloud run services update ${where}${containers.map((one) => `${one} --image ${image}`).join('')}`,
      `gcloud run services update-traffic ${where} --to-latest`,
    ];
  }

  /** Asks whether it may change the service, and changes nothing. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const service = await this.#api.service(signal);
    const names = this.#revisions.chosen(service).map(({ name }) => name || 'its container');
    const { revision: _, ...template } = service.template;
    await this.#api.patch({ etag: service.etag, template }, { validateOnly: true, signal });
    return `${this.#options.service} in ${this.#options.region} can be changed; ${names.join(' and ')} would get the image.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const all = await this.#revisions.serving(await this.#api.service(signal), { signal });
    return all[0]?.live ? { ...all[0].live, deploymentId: sharesInWords(all) } : null;
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const image = this.#names.of(release);
    mustNameImage(release, image);
    await this.#names.mustKnow(release, signal);
    this.#revisions.chosen(await this.#api.service(signal));
    return `${release.tag} is in the repository; its image is to be ${image}.`;
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const percent = order.percent ?? 100;
    const handle = (revision: string): DeployHandle => ({
      id: `${this.#options.service}@${(commitsOf(order.release)[0] ?? '').slice(0, 12)}`,
      startedAt: this.#now(),
      state: { key, revision, percent },
    });
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const service = await this.#api.service();
      const noted = orderOn(service);
      if (noted?.key === key) return handle(noted.revision);
      const all = await this.#revisions.serving(service, { order });
      const there = all.find(({ live }) => runs(live, order.release));
      if (there?.percent === percent && isSettled(service)) return handle(there.revision);
      if (!(await this.#revisions.wasOnItsWay(order, noted, all))) this.#mustNotHaveMoved(order, all);
      const found = there?.revision ?? (await this.#revisions.ready(order, service));
      const revision = found ?? revisionName(this.#options.service, order.release.version, key);
      const change = this.#change(service, order, { all, key, revision, isNew: found === null });
      if ((await this.#api.patch(change)) === 'patched') return handle(revision);
    }
    throw this.#isBusy();
  }

  async follow(_order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { key, revision, percent } = handle.state;
    const name = String(revision);
    const service = await this.#api.service();
    const now = this.#now();
    const shares = serving(service);
    const has = shares.find((one) => one.revision === name)?.percent ?? 0;
    const noted = orderOn(service);
    const isOurs = noted?.key === key || (noted?.key !== `${key}/undone` && has === percent);
    if (!isOurs) {
      return failed(
        `Somebody else has changed ${this.#options.service}: ${sharesInWords(shares)} serves now.`,
      );
    }
    const isOthers = hasFailed(service) && (await this.#revisions.isOnlyOthers(service, name));
    if (has === percent && (await this.#revisions.isThere(service, name))) {
      return succeeded(name, handle.startedAt, now, { url: this.url ?? service.uri });
    }
    const detail = `${name} has ${has} % of the requests and is to have ${percent} %`;
    const status = running(handle, now, detail, null, this.#options.deadline);
    // Right after a change the verdict may still be that of the one before.
    const isBelieved = isSeen(service) || now - handle.startedAt > BELIEVED_AFTER_MS;
    if (status.kind === 'running' && !(hasFailed(service) && !isOthers && isBelieved)) return status;
    const trouble = isOthers ? [] : troubleIn([...service.conditions, service.terminalCondition ?? {}]);
    return this.#failed(name, trouble.length > 0 ? trouble : [detail], shares);
  }

  /** Gives the requests back to who had them before the order, unless somebody else has done so. Refusal `already-live`. */
  async cancel({ state }: DeployHandle): Promise<void> {
    const key = String(state['key']);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const service = await this.#api.service();
      const noted = orderOn(service);
      if (noted?.key !== key || noted.before.length === 0 || !isWanted(service, noted.revision)) return;
      const isAlone = serving(service).every(({ revision }) => revision === noted.revision);
      if (state['percent'] === 100 && isAlone && (await this.#revisions.isThere(service, noted.revision)))
        throw new Refusal('already-live', { target: this.name });
      const note = { ...noted, key: `${key}/undone` };
      const change = {
        etag: service.etag,
        annotations: withOrder(service, note),
        traffic: trafficOf(service, noted.before),
      };
      if ((await this.#api.patch(change)) === 'patched') return;
    }
    throw this.#isBusy();
  }

  #isBusy(): Unavailable {
    return new Unavailable('Cloud Run', `others change the service ${this.#options.service} all the time`);
  }

  async #failed(name: string, trouble: readonly string[], shares: readonly Share[]) {
    const [revision] = await orNothing(async () => [await this.#api.revision(name)]);
    const log = await orNothing(() => this.#api.lines(name));
    const words = [...new Set([...troubleIn(revision?.conditions ?? []), ...trouble])].slice(0, 3);
    const serves = shares.length === 0 ? 'Nothing serves' : `${sharesInWords(shares)} serves`;
    const said = words.map((text) => text.replace(/\.$/, '')).join('; ');
    const logUrl = revision?.logUri;
    // The service still asks for it: its requests move as soon as it gets ready.
    return failed(`${name} did not become ready: ${said}. ${serves}.`, { logUrl, log, goesOn: true });
  }

  #change(
    service: RunService,
    { release, percent = 100 }: DeployOrder,
    given: {
      readonly all: readonly Serving[];
      readonly key: string;
      readonly revision: string;
      readonly isNew: boolean;
    },
  ): ServicePatch {
    const { all, key, revision, isNew } = given;
    const before = all.map((one) => ({ revision: one.revision, percent: one.percent }));
    const [other] = before.filter((one) => one.revision !== revision);
    if (percent < 100 && !other) {
      const reason = `nothing else serves ${this.#options.service}, so there is nobody to have the other ${100 - percent} %`;
      throw new Refusal('target-misconfigured', { target: this.name, reason });
    }
    const shares = [{ revision, percent }];
    if (percent < 100 && other) shares.push({ revision: other.revision, percent: 100 - percent });
    const [commit = ''] = commitsOf(release);
    const image = this.#names.of(release);
    const note = { revision, commit, version: release.version, image };
    return {
      etag: service.etag,
      annotations: withOrder(service, { key, revision, before }),
      traffic: trafficOf(service, shares),
      ...(isNew ? { template: templateFor(service, this.#revisions.chosen(service), note) } : {}),
    };
  }

  /** A deployment needs that nobody else serves besides; a rollback, that what serves most is what it moves away from. */
  #mustNotHaveMoved(order: DeployOrder, all: readonly Serving[]): void {
    const judged = order.kind === 'rollback' ? all.slice(0, 1) : all;
    if (judged.length === 0) mustNotHaveMoved(this.name, order, null);
    for (const { live } of judged) mustNotHaveMoved(this.name, order, live);
  }
}
