import { Refusal } from '../../../domain/refusals/refusal.ts';
import { type Live, type Release, runs } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { mustNameImage } from '../shared/image.ts';
import { commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import type { EcsApi } from './api.ts';
import { definitionBefore, imagesIn, isOf, registrationOf, releaseIn } from './notes.ts';
import type { Mover, RunningTasks } from './rolling.ts';
import { type EcsService, endOf, type TaggedDefinition, troubleOf } from './shapes.ts';

/** So many task definitions are looked at for the one to go back to: first those that were live, then the newest. */
const MOST_BEFORE = 5;
const MOST_NEWEST = 20;
/** Among so many of the newest is that of an order whose answer was lost: builds register some too. */
const MOST_SINCE = 5;
/** Tasks need a while before anything can be wrong with them. */
const TASKS_AFTER_MS = 10_000;

interface Options {
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
  readonly containers: readonly string[];
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
}

/**
 * Registers a task definition for each order, which notes it in its tags, and has the service run that. A rollback registers
 * the one before again. A key is found by its tag: one of the newest definitions of the family has it, or what the service runs.
 */
export class EcsTarget implements Target {
  readonly kind = 'aws-ecs';
  readonly name: string;
  readonly url?: string;
  readonly notUndone = ['the settings of the service itself, such as its network and how many tasks it has'];
  readonly #options: Options;
  readonly #api: EcsApi;
  readonly #moverOf: (service: EcsService) => Mover;
  readonly #names: ReleaseNames;
  readonly #now: () => number;

  constructor(
    options: Options,
    api: EcsApi,
    moverOf: (service: EcsService) => Mover,
    names: ReleaseNames,
    now: () => number,
  ) {
    this.name = `ECS service ${options.cluster}/${options.service}`;
    if (options.url !== undefined) this.url = options.url;
    this.#options = options;
    this.#api = api;
    this.#moverOf = moverOf;
    this.#names = names;
    this.#now = now;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { service, containers } = this.#options;
    const found = await this.#api.service(signal);
    await this.#moverOf(found).check?.(signal);
    await this.#current(found, signal);
    return `${service} can be read; ${containers.join(' and ')} would get the image.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const service = await this.#api.service(signal);
    const all = this.#moverOf(service).serving(service);
    const [first] = all;
    if (!first) return null;
    const live = await this.#liveOf(await this.#api.definition(first.definition, signal), signal);
    return live && { ...live, deploymentId: inWords(all) };
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const image = this.#names.of(release);
    mustNameImage(release, image);
    await this.#names.mustKnow(release, signal);
    await this.#current(await this.#api.service(signal), signal);
    return `${release.tag} is in the repository; its image is to be ${image}.`;
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const service = await this.#api.service();
    const mover = this.#moverOf(service);
    const current = await this.#current(service);
    const from = current.definition.taskDefinitionArn;
    const serving = mover.serving(service)[0]?.definition ?? from;
    const handle = (definition: string, before: string, move: string | null): DeployHandle => ({
      id: `${this.#options.service}@${(commitsOf(order.release)[0] ?? '').slice(0, 12)}`,
      startedAt: this.#now(),
      state: { definition, before, from, move, event: service.events?.[0]?.id ?? null },
    });
    if (isOf(current, key)) {
      const move = await mover.begun(service, { kind: order.kind, key, definition: from });
      return handle(from, definitionBefore(current) ?? serving, move);
    }
    const live = await this.#liveOf(current);
    if (runs(live, order.release) && (await mover.isThere(service))) return handle(from, from, null);
    await this.#mustNotHaveMoved(order, serving, current);
    const definition = await this.#definitionFor(order, { key, current, before: serving });
    const asked = { kind: order.kind, key, definition };
    const move = (await mover.begun(service, asked)) ?? (await mover.begin(service, asked));
    return handle(definition, serving, move);
  }

  async follow(_order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { definition, before } = handle.state;
    const service = await this.#api.service();
    const mover = this.#moverOf(service);
    const now = this.#now();
    const { state, detail } = await mover.progress(service, handle, now);
    const name = endOf(String(definition));
    if (state === 'done') return succeeded(name, handle.startedAt, now, { url: this.url });
    if (state === 'taken') return failed(`${name} is not deployed any more: ${detail}.`);
    const isYoung = state === 'running' && now - handle.startedAt < TASKS_AFTER_MS;
    const stopped = isYoung ? [] : await this.#api.stopped(String(definition));
    const [first] = stopped;
    const words = [detail, ...(first ? [troubleOf(first)] : [])].join('; ');
    const status = running(handle, now, words, null, this.#options.deadline);
    if (state === 'running' && status.kind === 'running') return status;
    const late = state === 'running' ? 'it took too long: ' : '';
    const log = first
      ? await this.#api.lines(first, (await this.#api.definition(String(definition))).definition)
      : [];
    const all = mover.serving(service);
    const serves = all.length === 0 ? `It had ${endOf(String(before))} before` : `${inWords(all)} serves`;
    const reason = `The deployment of ${name} failed: ${late}${words.replace(/\.$/, '')}. ${serves}.`;
    return failed(reason, { log, goesOn: state === 'running' });
  }

  /** Has the service run what it ran before. */
  async cancel(handle: DeployHandle): Promise<void> {
    const { before, definition } = handle.state;
    if (typeof before !== 'string' || before === definition) return;
    const service = await this.#api.service();
    await this.#moverOf(service).stop(service, handle, before);
  }

  /** What the service was told to run last. Refusal `target-misconfigured` when it has not the containers. */
  async #current(service: EcsService, signal?: AbortSignal): Promise<TaggedDefinition> {
    const wanted = this.#moverOf(service).wanted(service) ?? service.taskDefinition;
    if (!wanted) throw this.#wrong(`${this.#options.service} runs no task definition`);
    const current = await this.#api.definition(wanted, signal);
    const names = current.definition.containerDefinitions.map(({ name }) => name);
    const missing = this.#options.containers.find((name) => !names.includes(name));
    if (missing === undefined) return current;
    throw this.#wrong(`${endOf(wanted)} has no container ${missing}, only ${names.join(', ')}`);
  }

  /** What serves is where the order expects it. What is on its way there is too, or was ordered here and is superseded. */
  async #mustNotHaveMoved(order: DeployOrder, serving: string, current: TaggedDefinition): Promise<void> {
    const isCurrent = serving === current.definition.taskDefinitionArn;
    const serves = isCurrent ? current : await this.#api.definition(serving);
    if (!(await this.#wasOnItsWay(serves, order)))
      mustNotHaveMoved(this.name, order, await this.#liveOf(serves));
    if (isCurrent || releaseIn(current, this.#options.containers) !== null) return;
    mustNotHaveMoved(this.name, order, await this.#liveOf(current));
  }

  /** It has come live since a rollback was ordered that was to stay at what was there before. */
  async #wasOnItsWay(serves: TaggedDefinition, { kind, from, release }: DeployOrder): Promise<boolean> {
    const before = definitionBefore(serves);
    const isOurs = before !== undefined && releaseIn(serves, this.#options.containers) !== null;
    if (kind !== 'rollback' || !runs(from, release) || !isOurs) return false;
    return runs(await this.#liveOf(await this.#api.definition(before)), release);
  }

  /** That of the key when it is there already: a registration whose answer was lost. */
  async #definitionFor(
    order: DeployOrder,
    {
      key,
      current,
      before,
    }: { readonly key: string; readonly current: TaggedDefinition; readonly before: string },
  ): Promise<string> {
    for (const arn of await this.#api.definitions(current.definition.family, MOST_SINCE)) {
      if (isOf(await this.#api.definition(arn), key)) return arn;
    }
    const source = order.kind === 'rollback' ? await this.#before(order.release, current) : null;
    const [commit = ''] = commitsOf(order.release);
    const image = this.#names.of(order.release);
    const note = { key, commit, version: order.release.version, image, before };
    return this.#api.register(registrationOf(source ?? current, this.#options.containers, note));
  }

  /** The task definition that ran the release before: along what was live before, else the newest that has it. */
  async #before(release: Release, current: TaggedDefinition): Promise<TaggedDefinition | null> {
    let one = current;
    for (let looks = 0; looks < MOST_BEFORE; looks++) {
      const before = definitionBefore(one);
      if (before === undefined) break;
      one = await this.#api.definition(before);
      if (runs(await this.#liveOf(one), release)) return one;
    }
    for (const arn of await this.#api.definitions(current.definition.family, MOST_NEWEST)) {
      const found = await this.#api.definition(arn);
      if (runs(await this.#liveOf(found), release)) return found;
    }
    return null;
  }

  async #liveOf(one: TaggedDefinition, signal?: AbortSignal): Promise<Live | null> {
    const { containers } = this.#options;
    const noted = releaseIn(one, containers);
    if (noted) return noted;
    const images = imagesIn(one.definition, containers);
    if (images.length > 1) return { commit: '', version: images.map(endOf).join(' and ') };
    return this.#names.liveImage(images[0] ?? '', signal);
  }

  #wrong(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.name, reason });
  }
}

function inWords(all: readonly RunningTasks[]): string {
  if (all.length === 1) return endOf(all[0]?.definition ?? '');
  return all.map(({ definition, tasks }) => `${endOf(definition)} (${tasks} tasks)`).join(', ');
}
