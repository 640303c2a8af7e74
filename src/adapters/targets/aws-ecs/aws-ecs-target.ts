import { Refusal } from '../../../domain/refusals/refusal.ts';
import { type Live, type Release, runs } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { mustNameImage } from '../shared/image.ts';
import { orNothing } from '../shared/noted.ts';
import { commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import type { EcsApi } from './api.ts';
import type { Canary } from './canary.ts';
import type { Definitions } from './definitions.ts';
import { definitionBefore, isOf } from './notes.ts';
import type { Mover, RunningTasks } from './rolling.ts';
import { type EcsService, endOf, type TaggedDefinition, troubleOf } from './shapes.ts';

/** Tasks need a while before anything can be wrong with them. */
const TASKS_AFTER_MS = 10_000;

interface Options {
  readonly region: string;
  readonly service: string;
  readonly containers: readonly string[];
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
}

interface Parts {
  readonly api: EcsApi;
  readonly moverOf: (service: EcsService) => Mover;
  readonly definitions: Definitions;
  readonly names: ReleaseNames;
  readonly canary: Canary | null;
  readonly now: () => number;
}

/**
 * Registers a task definition for each order, which notes it in its tags, and has the service run that. A rollback registers
 * the one before again. A key is found by its tag: one of the newest definitions of the family has it, or what the service runs.
 */
export class EcsTarget implements Target {
  readonly kind = 'aws-ecs';
  readonly name: string;
  readonly url?: string;
  readonly splits: boolean;
  readonly wholePercents = true;
  readonly notUndone = ['the settings of the service itself, such as its network and how many tasks it has'];
  readonly #options: Options;
  readonly #api: EcsApi;
  readonly #moverOf: (service: EcsService) => Mover;
  readonly #definitions: Definitions;
  readonly #names: ReleaseNames;
  readonly #canary: Canary | null;
  readonly #now: () => number;

  constructor(name: string, options: Options, { api, moverOf, definitions, names, canary, now }: Parts) {
    this.name = name;
    if (options.url !== undefined) this.url = options.url;
    this.splits = canary !== null;
    this.#options = options;
    this.#api = api;
    this.#moverOf = moverOf;
    this.#definitions = definitions;
    this.#names = names;
    this.#canary = canary;
    this.#now = now;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { service, containers } = this.#options;
    const found = await this.#api.service(signal);
    const lacks = await this.#moverOf(found).check(found, signal);
    await this.#current(found, signal);
    const canary = await this.#canary?.check(found, signal);
    const ready = `${service} can be read; ${containers.join(' and ')} would get the image.`;
    return [ready, canary, lacks].filter(Boolean).join(' ');
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const service = await this.#api.service(signal);
    const stable = this.#moverOf(service).serving(service);
    const split = await this.#canary?.look(service, signal);
    const share = Math.round(split?.share ?? 0);
    const canary = split && share > 0 ? this.#canary?.mover.serving(split.service) : undefined;
    const [first] = share > 50 && canary ? canary : stable;
    if (!first) return null;
    const live = await this.#definitions.liveOf(await this.#definitions.read(first.definition, signal), {
      signal,
    });
    const words = canary
      ? `${inWords(stable)} with ${100 - share} % of the requests, ${inWords(canary)} with ${share} %`
      : inWords(stable);
    return live && { ...live, deploymentId: words };
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
    const handle = (state: DeployHandle['state']): DeployHandle => ({
      id: `${this.#options.service}@${(commitsOf(order.release)[0] ?? '').slice(0, 12)}`,
      startedAt: this.#now(),
      state: { from, event: service.events?.[0]?.id ?? null, ...state },
    });
    const { percent = 100, kind } = order;
    if (percent < 100) {
      await this.#mustNotHaveMoved(order, serving, current);
      return handle(await this.#mustShare().begin({ ...order, percent }, key, service, current));
    }
    if (isOf(current, key)) {
      const move = await mover.begun(service, { kind, key, definition: from, isNew: false });
      return handle({ definition: from, before: definitionBefore(current) ?? serving, move });
    }
    // Before anything that may ask the git host.
    if (kind === 'rollback') await this.#canary?.takeBack(order, service);
    const live = await this.#definitions.liveOf(current, { order });
    const isThere = runs(live, order.release) && (await mover.isThere(service));
    if (!isThere) await this.#mustNotHaveMoved(order, serving, current);
    if (kind !== 'rollback') await this.#canary?.mustBeAsLeft(order, service, isThere);
    if (isThere) return handle({ definition: from, before: from, move: null });
    const wanted = { key, source: current, before: serving };
    const asked = { kind, key, ...(await this.#definitions.forOrder(order, wanted)) };
    const move = (await mover.begun(service, asked)) ?? (await mover.begin(service, asked));
    return handle({ definition: asked.definition, before: serving, move });
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { definition, before, percent } = handle.state;
    const share = percent === undefined ? null : this.#mustShare();
    const api = share?.api ?? this.#api;
    const service = await api.service();
    const mover = share?.mover ?? this.#moverOf(service);
    const now = this.#now();
    const { state, detail } = await mover.progress(service, handle, now);
    const name = endOf(String(definition));
    if (state === 'taken') return failed(`${name} is not deployed any more: ${detail}.`);
    if (state === 'done') {
      await this.#canary?.settle(order, handle, share ? await this.#api.service() : service);
      return succeeded(name, handle.startedAt, now, { url: this.url });
    }
    const isYoung = state === 'running' && now - handle.startedAt < TASKS_AFTER_MS;
    const stopped = isYoung ? [] : await orNothing(() => api.stopped(String(definition)));
    const [first] = stopped;
    const words = [detail, ...(first ? [troubleOf(first)] : [])].join('; ');
    const status = running(handle, now, words, null, this.#options.deadline);
    if (state === 'running' && status.kind === 'running') return status;
    const late = state === 'running' ? 'it took too long: ' : '';
    const log = first
      ? await api.lines(first, (await this.#definitions.read(String(definition))).definition)
      : [];
    const stable = share ? await this.#api.service() : service;
    const all = this.#moverOf(stable).serving(stable);
    const serves = all.length === 0 ? `It had ${endOf(String(before))} before` : `${inWords(all)} serves`;
    const reason = `The deployment of ${name} failed: ${late}${words.replace(/\.$/, '')}. ${serves}.`;
    // A circuit breaker that only stops leaves the service with the definition.
    return failed(reason, { log, goesOn: state === 'running' || mover.wanted(service) === definition });
  }

  /** Has the service run what it ran before; of a share, gives the requests back first. Refusal `already-live`. */
  async cancel(handle: DeployHandle): Promise<void> {
    const { before, definition, percent } = handle.state;
    if (percent !== undefined) return this.#mustShare().cancel(handle, await this.#api.service());
    if (typeof before !== 'string' || before === definition) return;
    const service = await this.#api.service();
    const mover = this.#moverOf(service);
    if ((await mover.progress(service, handle, this.#now())).state === 'done')
      throw new Refusal('already-live', { target: this.name });
    await mover.stop(service, handle, before);
  }

  #mustShare(): Canary {
    if (this.#canary) return this.#canary;
    const reason =
      'a share of the requests takes a second service and a rule of the load balancer: name them in `canary`';
    throw new Refusal('target-misconfigured', { target: this.name, reason });
  }

  /** What the service was told to run last. Refusal `target-misconfigured` when it has not the containers. */
  async #current(service: EcsService, signal?: AbortSignal): Promise<TaggedDefinition> {
    const wanted = this.#moverOf(service).wanted(service) ?? service.taskDefinition;
    if (wanted) return this.#definitions.whole(wanted, signal);
    const reason = `${this.#options.service} runs no task definition`;
    throw new Refusal('target-misconfigured', { target: this.name, reason });
  }

  /** What serves is where the order expects it. What is on its way there is too, or was ordered here and is superseded. */
  async #mustNotHaveMoved(order: DeployOrder, serving: string, current: TaggedDefinition): Promise<void> {
    const isCurrent = serving === current.definition.taskDefinitionArn;
    const serves = isCurrent ? current : await this.#definitions.read(serving);
    if (!(await this.#wasOnItsWay(serves, order)))
      mustNotHaveMoved(this.name, order, await this.#definitions.liveOf(serves, { order }));
    if (isCurrent || this.#definitions.isOurs(current)) return;
    mustNotHaveMoved(this.name, order, await this.#definitions.liveOf(current, { order }));
  }

  /** It has come live since a rollback was ordered that was to stay at what was there before. */
  async #wasOnItsWay(serves: TaggedDefinition, order: DeployOrder): Promise<boolean> {
    const { kind, from, release } = order;
    const before = definitionBefore(serves);
    const isOurs = before !== undefined && this.#definitions.isOurs(serves);
    if (kind !== 'rollback' || !runs(from, release) || !isOurs) return false;
    const one = await this.#definitions.readIfThere(before);
    return one !== null && runs(await this.#definitions.liveOf(one, { order }), release);
  }
}

function inWords(all: readonly RunningTasks[]): string {
  if (all.length === 1) return endOf(all[0]?.definition ?? '');
  return all.map(({ definition, tasks }) => `${endOf(definition)} (${tasks} tasks)`).join(', ');
}
