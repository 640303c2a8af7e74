import { setTimeout as pause } from 'node:timers/promises';
import { explain } from '../../../domain/refusals/explain.ts';
import { Refusal, Unavailable, whenRefused } from '../../../domain/refusals/refusal.ts';
import {
  type Build,
  type Live,
  liveTogether,
  type Release,
  releaseName,
} from '../../../domain/release/release.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import type { Check } from '../../checks/port.ts';
import { limited } from '../../shared/time-limit.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { liveBefore, mustNotHaveMoved } from '../shared/order.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import type { BegunWaves } from './begun.ts';

export interface Wave {
  readonly name: string;
  readonly target: Target;
  readonly checks: readonly Check[];
}

type Ended = Extract<DeployStatus, { kind: 'succeeded' }>;

/** Between the two times that a check has to pass, ms. */
const AGAIN_MS = 500;
/** One look at production waits no longer than this, ms. */
const CHECK_MS = 5_000;
/** Followed for no longer than this, all of them together, ms. */
const LONGEST_MS = 6 * 3_600_000;

/**
 * Several targets as one: a release reaches one after the other, each verified before the next; a rollback all of them at
 * once. A wave of which nobody has noted what was ordered is asked for the same deployment again, by a key of its own,
 * which starts nothing that was started.
 */
export class WavesTarget implements Target {
  readonly kind = 'waves';
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly forwardOnly: boolean;
  readonly promotes: boolean;
  readonly livesByRecord?: true;
  readonly resumes?: true;
  readonly verifies?: true;
  readonly cancel?: (handle: DeployHandle) => Promise<void>;
  readonly promotable?: (build: Build, signal?: AbortSignal) => Promise<string>;
  readonly #waves: readonly Wave[];
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #begunWaves: BegunWaves;
  /** What this process has seen by key: handles, ends, and since when checks are waited for. */
  readonly #handles = new Map<string, DeployHandle>();
  readonly #ended = new Map<string, Ended>();
  readonly #deployedAt = new Map<string, number>();

  constructor(
    waves: readonly Wave[],
    { timeoutMs, now, begun }: { timeoutMs: number; now: () => number; begun: BegunWaves },
  ) {
    const targets = waves.map(({ target }) => target);
    this.name = waves.map(({ name, target }) => `${name}: ${target.name}`).join(', then ');
    const url = targets.find((one) => one.url !== undefined)?.url;
    if (url !== undefined) this.url = url;
    this.notUndone = [...new Set(targets.flatMap((one) => one.notUndone))];
    this.forwardOnly = targets.some((one) => one.forwardOnly);
    this.promotes = targets.some((one) => one.promotes);
    if (targets.some((one) => one.livesByRecord)) this.livesByRecord = true;
    if (targets.every((one) => one.resumes)) this.resumes = true;
    if (waves.every(({ checks, target }) => checks.length > 0 || target.verifies)) this.verifies = true;
    if (targets.every((one) => one.cancel)) this.cancel = (handle) => this.#cancel(handle);
    if (targets.some((one) => one.promotable)) {
      this.promotable = async (build, signal) => {
        const said = await this.#each(async ({ target }) => (await target.promotable?.(build, signal)) ?? []);
        return said.flat().join(' ');
      };
    }
    this.#waves = waves;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.#begunWaves = begun;
  }

  /** Each wave is named, as the commands of two may read the same; of one that has none it is said what to do. */
  rollbackCommands(to: Release): readonly string[] {
    const all = this.#waves.map((wave) => ({ ...wave, commands: wave.target.rollbackCommands?.(to) ?? [] }));
    if (all.every(({ commands }) => commands.length === 0)) return [];
    return all.flatMap(({ name, target, commands }) => {
      const where = target.name.replaceAll(/\s+/g, ' ');
      if (commands.length > 0) return [`# ${name}: ${where}`, ...commands];
      return [`# ${name}: deploy ${releaseName(to)} (${to.commit}) to ${where} by hand`];
    });
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    return (await this.#each(({ target }) => target.preflight(signal))).join(' ');
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    return (await this.#each(({ target }) => target.deployable(release, signal))).join(' ');
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const lives = await this.#each(({ target }) => target.live(signal));
    const known = lives.filter((live, index) => live !== null || !this.#waves[index]?.target.livesByRecord);
    return liveTogether(known);
  }

  /** Refused while any of them has what nobody expects: half of the regions would be new by then. */
  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const handle = { id: `waves@${order.release.commit.slice(0, 12)}`, startedAt: this.#now() };
    await this.#each((wave) => fromOf(wave, order));
    if (order.kind !== 'rollback') {
      const [first] = this.#waves;
      if (first) await this.#begun(first, order, key);
    } else {
      // One that does not answer keeps none of the others waiting; it is asked again while they are followed.
      const begun = await Promise.allSettled(this.#waves.map((wave) => this.#begun(wave, order, key)));
      const failed = begun.find((one) => one.status === 'rejected');
      if (failed && begun.every((one) => one.status === 'rejected')) throw failed.reason;
    }
    return { ...handle, state: { key, order: JSON.stringify(order) } };
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    return order.kind === 'rollback' ? this.#allAtOnce(order, handle) : this.#oneByOne(order, handle);
  }

  async #oneByOne(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const key = String(handle.state['key']);
    let last: Ended | null = null;
    for (const [index, wave] of this.#waves.entries()) {
      const status = await this.#stepOf(wave, order, key);
      if (status.kind === 'succeeded') last = status;
      else return this.#said(status, index, handle);
    }
    return this.#whole(handle, last);
  }

  async #allAtOnce(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const key = String(handle.state['key']);
    const all = await this.#each((wave) => this.#deployed(wave, order, key).catch(orSaid));
    const bad = all.findIndex(({ kind }) => kind === 'failed');
    const open = bad < 0 ? all.findIndex(({ kind }) => kind === 'running') : bad;
    const status = all[open];
    if (status !== undefined && status.kind !== 'succeeded') return this.#said(status, open, handle, true);
    return this.#whole(handle, all[0] as Ended);
  }

  /** Deployed there, and verified. */
  async #stepOf(wave: Wave, order: DeployOrder, key: string): Promise<DeployStatus> {
    const own = keyOf(wave, key);
    const known = this.#ended.get(own);
    if (known) return known;
    const status = await this.#deployed(wave, order, key);
    if (status.kind !== 'succeeded') return status;
    const trouble = await troubleOf(wave, order.release);
    if (trouble === null) {
      this.#ended.set(own, status);
      return status;
    }
    const since = this.#deployedAt.get(own) ?? this.#now();
    this.#deployedAt.set(own, since);
    const waited = this.#now() - since;
    if (waited < this.#timeoutMs) return { kind: 'running', detail: trouble, askAgainMs: 2_000 };
    return failed(
      `It has the release, and is not well after ${durationInWords(this.#timeoutMs)}: ${trouble}.`,
    );
  }

  async #deployed(wave: Wave, order: DeployOrder, key: string): Promise<DeployStatus> {
    return wave.target.follow(order, await this.#begun(wave, order, key));
  }

  async #begun(wave: Wave, order: DeployOrder, key: string): Promise<DeployHandle> {
    const own = keyOf(wave, key);
    const known = this.#handles.get(own);
    if (known) return known;
    const handle = order.kind === 'rollback' ? null : await this.#begunWaves.handleOf(key, wave.name);
    const begun = handle ?? (await this.#order(wave, order, key));
    this.#handles.set(own, begun);
    return begun;
  }

  /** Noted before and after: a platform that knows no keys would be ordered again what somebody has taken back since. */
  async #order(wave: Wave, order: DeployOrder, key: string): Promise<DeployHandle> {
    const isNoted = order.kind !== 'rollback';
    if (isNoted) await this.#begunWaves.add(key, wave.name);
    const from = await fromOf(wave, order);
    const handle = await wave.target.start({ ...order, from }, keyOf(wave, key));
    if (isNoted) await this.#begunWaves.add(key, wave.name, handle);
    return handle;
  }

  #said(
    status: Exclude<DeployStatus, { kind: 'succeeded' }>,
    index: number,
    handle: DeployHandle,
    isAll = false,
  ): DeployStatus {
    const { name = '' } = this.#waves[index] ?? {};
    const where = `Wave ${index + 1} of ${this.#waves.length} (${name})`;
    if (status.kind === 'failed') {
      const rest = isAll ? [] : this.#waves.slice(index + 1).map((one) => one.name);
      const kept = rest.length > 0 ? ` ${rest.join(', ')}: not begun.` : '';
      return { ...status, reason: `${where}: ${status.reason}${kept}` };
    }
    const detail = `${where}: ${status.detail}`;
    const all = running(handle, this.#now(), detail, status.logUrl, LONGEST_MS);
    return all.kind === 'running' ? { ...all, askAgainMs: status.askAgainMs } : all;
  }

  #whole({ id, startedAt }: DeployHandle, last: Ended | null): DeployStatus {
    const { finishedAt = this.#now(), logUrl } = last?.deployment ?? {};
    return succeeded(id, startedAt, finishedAt, { url: this.url, logUrl });
  }

  /**
   * The one under way, or late; those before it keep the release, and none that was not begun is. Where nobody has noted which
   * were, it is found by going through them.
   */
  async #cancel({ state }: DeployHandle): Promise<void> {
    const order = JSON.parse(String(state['order'])) as DeployOrder;
    const key = String(state['key']);
    const noted = await this.#begunWaves.of(key);
    const begun = this.#waves.filter(({ name }) => noted?.includes(name) ?? true);
    for (const wave of begun) {
      const status = await this.#stepOf(wave, order, key);
      if (status.kind === 'succeeded') continue;
      const isDeployed = this.#deployedAt.has(keyOf(wave, key));
      const goesOn = status.kind === 'running' || status.goesOn;
      if (goesOn && !isDeployed)
        await wave.target
          .cancel?.(await this.#begun(wave, order, key))
          .catch(whenRefused(undefined, 'already-live'));
      return;
    }
    if (begun.length === this.#waves.length) throw new Refusal('already-live', { target: this.name });
  }

  #each<T>(ask: (wave: Wave) => Promise<T>): Promise<readonly T[]> {
    return Promise.all(this.#waves.map(ask));
  }
}

/** What keeps one of many from going back, for people; the others go on. */
function orSaid(error: unknown): DeployStatus {
  if (error instanceof Unavailable) return { kind: 'running', detail: error.message, askAgainMs: 5_000 };
  if (error instanceof Refusal) return failed(explain(error).text);
  throw error;
}

/** What this wave has, of several releases that may share production; Refusal where it is none that the order expects. */
async function fromOf({ name, target }: Wave, order: DeployOrder): Promise<Live | null> {
  const live = await liveBefore(order, () => target.live());
  if (live === 'unsaid' || (live === null && target.livesByRecord)) return order.from;
  mustNotHaveMoved(`${name}: ${target.name}`, order, live);
  return live;
}

function keyOf({ name }: Wave, key: string): string {
  return `${key}-${name}`;
}

/** Which keys are those of a wave: one of another wave may end with its name, too. */
export function ownKeys(name: string, waves: readonly { readonly name: string }[]): (key: string) => boolean {
  const longer = waves.filter((other) => other.name.endsWith(`-${name}`));
  return (key) => key.endsWith(`-${name}`) && !longer.some((other) => key.endsWith(`-${other.name}`));
}

/** What keeps the checks of a wave from passing twice in a row; null: nothing. */
async function troubleOf({ checks }: Wave, release: Release): Promise<string | null> {
  for (const turn of checks.length === 0 ? [] : [1, 2]) {
    if (turn === 2) await pause(AGAIN_MS);
    const answers = await Promise.all(
      checks.map(async (check) => ({
        name: check.name,
        ...(await check.attempt(release, limited(Math.max(CHECK_MS, check.timeoutMs ?? 0)))),
      })),
    );
    const bad = answers.find(({ ok, warning }) => !ok && !warning);
    if (bad) return `${bad.name} does not pass there (${bad.detail})`;
  }
  return null;
}
