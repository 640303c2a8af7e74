import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import { reportOf, troubleOfPods } from '../kubernetes/pod-trouble.ts';
import { imagesOf } from '../kubernetes/workload.ts';
import { changedBy } from '../kubernetes/workloads.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { mustNameImage } from '../shared/image.ts';
import { commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { quoted } from '../shared/words.ts';
import type { RolloutsApi } from './api.ts';
import { Changes } from './changes.ts';
import { RolloutImages } from './images.ts';
import { noteOn, orderedBy, writtenImages, writtenNote } from './notes.ts';
import {
  type ArgoRollout,
  type ArgoRolloutState,
  cannotSplit,
  pausesOf,
  standsInTheWay,
  stateOf,
  stepsPassed,
  waitsAt,
  waitsWhere,
} from './rollout.ts';

/** Pods need a while before anything can be wrong with them, ms. */
const PODS_AFTER_MS = 10_000;

interface Options {
  readonly namespace: string;
  readonly rollout: string;
  readonly containers: readonly string[];
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
}

interface Parts {
  readonly rollouts: RolloutsApi;
  readonly pods: KubernetesApi;
  readonly names: ReleaseNames;
  readonly now: () => number;
}

/**
 * Sets the images of a Rollout, ends the pauses at which an order before left it, and follows it. What is live is what its
 * stable pods run: those of a canary are not, until it is whole. A rollback skips the steps.
 */
export class ArgoRolloutsTarget implements Target {
  readonly kind = 'argo-rollouts';
  readonly name: string;
  readonly url?: string;
  readonly splits = true;
  readonly wholePercents = true;
  readonly resumes = true;
  readonly notUndone = ['config maps, secrets and other manifests'];
  readonly #options: Options;
  readonly #parts: Parts;
  readonly #changes: Changes;
  readonly #images: RolloutImages;

  constructor(options: Options, parts: Parts) {
    this.name = `Argo Rollouts ${options.namespace}/${options.rollout}`;
    if (options.url !== undefined) this.url = options.url;
    this.#options = options;
    this.#parts = parts;
    this.#images = new RolloutImages(options.containers, parts);
    this.#changes = new Changes(this.name, options, parts.rollouts);
  }

  rollbackCommands(to: Release): readonly string[] {
    const { namespace, rollout, containers } = this.#options;
    const images = containers.map((one) => quoted(`${one}=${this.#parts.names.of(to)}`)).join(' ');
    const command = `kubectl argo rollouts --namespace ${quoted(namespace)}`;
    return [
      `${command} set image ${quoted(rollout)} ${images}`,
      `${command} promote ${quoted(rollout)} --full`,
    ];
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const found = await this.#changes.read(signal);
    this.#mustRollOut(found);
    await this.#parts.rollouts.mustTake(found, [], signal);
    return `rollout ${this.#options.rollout} of the namespace ${this.#options.namespace} can be changed.${waitsAt(found)}`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    return this.#images.liveOf(await this.#changes.read(signal), { signal });
  }

  async mustSplit(shares: readonly number[], signal?: AbortSignal): Promise<void> {
    const found = await this.#changes.read(signal);
    const reasons = shares.flatMap((share) => cannotSplit(found, share) ?? []);
    if (reasons.length > 0) throw this.#wrong(reasons.join('; '));
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const image = this.#parts.names.of(release);
    mustNameImage(release, image);
    await this.#parts.names.mustKnow(release, signal);
    const found = await this.#changes.read(signal);
    this.#mustRollOut(found);
    const images = new Map(this.#options.containers.map((name) => [name, image]));
    const made = await this.#parts.rollouts.mustTake(found, writtenImages(found, images), signal);
    const reason = made && changedBy(imagesOf(made.spec.template), images);
    if (reason) throw this.#wrong(reason);
    return `${release.tag} is in the repository; its image is to be ${image}.`;
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const image = this.#parts.names.of(order.release);
    const [commit = ''] = commitsOf(order.release);
    const id = `${this.#options.namespace}/${this.#options.rollout}@${commit.slice(0, 12)}`;
    const handle = { id, startedAt: this.#parts.now(), state: { key, image } };
    await this.#changes.change(async (found) => {
      const isOurs = noteOn(found)?.key === key;
      if (isOurs || (this.#images.has(found, image) && stateOf(found).kind === 'whole')) return null;
      this.#mustRollOut(found);
      this.#placeOf(found, order);
      await this.#mustNotHaveMoved(order, found);
      const { version } = order.release;
      return orderedBy(found, this.#options.containers, { key, image, commit, version });
    });
    // What it waits at, or gave up, does not go on by a change of the image alone.
    await this.#changes.changeStatus((found) => {
      const note = noteOn(found);
      if (note?.key !== key || note.step === null) return null;
      const state = stateOf(found);
      if (state.kind === 'aborted') return note.again ? { abort: false } : null;
      return state.kind === 'paused' && state.step === note.step ? { pauseConditions: null } : null;
    });
    return handle;
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const found = await this.#changes.read();
    const image = this.#parts.names.of(order.release);
    const key = String(handle.state['key']);
    const name = `rollout ${this.#options.rollout}`;
    if (!this.#images.has(found, image)) {
      const now = [...new Set(this.#images.of(found).values())].join(' and ');
      // Where the order has changed it last, a policy of the cluster may have made that of its image.
      const goesOn = noteOn(found)?.key === key;
      return failed(`${name} has ${now} now: somebody else has changed it.`, { goesOn });
    }
    const [state, now] = [stateOf(found), this.#parts.now()];
    const goesOn = (detail: string) => running(handle, now, detail, null, this.#options.deadline);
    const place = this.#placeOf(found, order);
    const note = noteOn(found);
    const isStill = note?.key === key && note.late;
    if (isStill && /^(?:paused|running)$/.test(state.kind))
      await this.#changes.note(key, () => ({ late: false }));
    switch (state.kind) {
      case 'unseen':
        return goesOn(`the controller has not seen the change of ${name} yet`);
      case 'whole':
        return place === null
          ? succeeded(handle.id, handle.startedAt, now, { url: this.url })
          : failed(`${name} has given the release all requests instead of ${order.percent} %.`);
      case 'aborted':
        // It is told: the next order may take up again what was aborted.
        await this.#changes.note(key, ({ told }) => (told ? null : { told: true }));
        return this.#failed(found, `${name} was aborted, and has the pods of before: ${state.reason}`);
      case 'degraded':
        // Right after a change it may still be said of what was before.
        if (now - handle.startedAt >= PODS_AFTER_MS && !isStill)
          return this.#failed(found, `${name}: ${state.reason}`);
        return this.#onItsWay(found, handle, `${name}: ${state.reason}`, goesOn);
      case 'paused':
        if (state.step !== null && state.step === place) {
          await this.#changes.passes(found, key, place + 1);
          return succeeded(handle.id, handle.startedAt, now, { url: this.url });
        }
        return order.kind === 'rollback'
          ? this.#skipsSteps(found, goesOn)
          : this.#waits(found, state, { key, place }, goesOn);
      case 'running': {
        if (order.kind === 'rollback') return this.#skipsSteps(found, goesOn);
        await this.#changes.passes(found, key, stepsPassed(found));
        const detail = `${name}: ${found.status?.message?.trim() || 'it goes through its steps'}`;
        return this.#onItsWay(found, handle, detail, goesOn);
      }
    }
  }

  /**
   * Gives it the images of its stable pods back, which have all requests at once: other ones, as of a canary that was given up
   * before, would be a canary that nobody follows; not where somebody has set others since. Refusal `already-live` where the
   * stable pods are those of the order.
   */
  async cancel({ state }: DeployHandle): Promise<void> {
    await this.#changes.change(async (found) => {
      const note = noteOn(found);
      if (note?.key !== String(state['key']) || !this.#images.has(found, note.image)) return null;
      const { currentPodHash, stableRS } = found.status ?? {};
      if (stateOf(found).kind !== 'unseen' && currentPodHash === stableRS)
        throw new Refusal('already-live', { target: this.name });
      // Not of a container that they do not have.
      const stable = [...((await this.#images.stable(found)) ?? [])].filter(([, image]) => image !== '');
      return [
        ...writtenImages(found, new Map([...Object.entries(note.before), ...stable])),
        ...writtenNote(found, { ...note, key: `${note.key}/undone`, image: '', step: null }),
      ];
    });
  }

  /** To the end at once, however its steps go on; asked once it has been seen. */
  async #skipsSteps(found: ArgoRollout, goesOn: (detail: string) => DeployStatus): Promise<DeployStatus> {
    const { promoteFull, currentPodHash, stableRS } = found.status ?? {};
    if (!promoteFull && currentPodHash !== stableRS)
      await this.#parts.rollouts.changeStatus(found, { promoteFull: true });
    return goesOn(`rollout ${this.#options.rollout} goes back without its steps`);
  }

  /** Past a pause that was ended before it began anew; at another one it waits. */
  async #waits(
    found: ArgoRollout,
    state: Extract<ArgoRolloutState, { kind: 'paused' }>,
    { key, place }: { readonly key: string; readonly place: number | null },
    goesOn: (detail: string) => DeployStatus,
  ): Promise<DeployStatus> {
    const note = noteOn(found);
    const ends = note?.again && state.step !== null && state.lasts === null;
    if (ends && state.step < (note.passed ?? place ?? 0)) {
      await this.#parts.rollouts.changeStatus(found, { pauseConditions: null });
      return goesOn(`rollout ${this.#options.rollout} goes through the steps that it had passed`);
    }
    await this.#changes.passes(found, key, stepsPassed(found));
    return goesOn(waitsWhere(found, this.#options.namespace, state));
  }

  /** Followed on, unless its pods can never get well. */
  async #onItsWay(
    found: ArgoRollout,
    { startedAt }: DeployHandle,
    detail: string,
    goesOn: (detail: string) => DeployStatus,
  ): Promise<DeployStatus> {
    if (this.#parts.now() - startedAt < PODS_AFTER_MS) return goesOn(detail);
    const [trouble] = await this.#trouble(found);
    if (trouble?.isForGood) return this.#failed(found, detail);
    return goesOn(trouble ? `${detail}; ${trouble.words}` : detail);
  }

  async #failed(found: ArgoRollout, reason: string): Promise<DeployStatus> {
    const { words, log } = await reportOf(this.#parts.pods, await this.#trouble(found));
    const said = `The rollout failed: ${[reason.replace(/\.$/, ''), ...words].join('; ')}.`;
    return failed(said, { log, goesOn: true });
  }

  #trouble({ spec, status }: ArgoRollout) {
    const hash = status?.currentPodHash;
    const labels = { ...spec.selector?.matchLabels, ...(hash ? { 'rollouts-pod-template-hash': hash } : {}) };
    return troubleOfPods(this.#parts.pods, labels, () => hash != null, this.#parts.now());
  }

  /** The step at which this order has what it is to get; null: it is to get all. */
  #placeOf(found: ArgoRollout, { percent = 100 }: DeployOrder): number | null {
    if (percent === 100) return null;
    const reason = cannotSplit(found, percent);
    if (reason === null) return pausesOf(found).get(percent) ?? null;
    throw this.#wrong(reason);
  }

  #mustRollOut(found: ArgoRollout): void {
    const reason = standsInTheWay(found);
    if (reason !== null) throw this.#wrong(reason);
  }

  #wrong(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.name, reason });
  }

  /** Neither what is live nor what it is on its way to is somebody else's. What was aborted goes nowhere. */
  async #mustNotHaveMoved(order: DeployOrder, found: ArgoRollout): Promise<void> {
    mustNotHaveMoved(this.name, order, await this.#images.liveOf(found, { order }));
    // On its way is what was aborted, which goes nowhere, or a canary of ours: the order takes that back, or follows it.
    const ours = noteOn(found)?.image;
    if (stateOf(found).kind === 'aborted' || (ours && this.#images.has(found, ours))) return;
    mustNotHaveMoved(this.name, order, await this.#images.named(found, this.#images.of(found), { order }));
  }
}
