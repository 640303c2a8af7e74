import { setTimeout as pause } from 'node:timers/promises';
import { explain } from '../../../domain/refusals/explain.ts';
import { Refusal, refusalBesides, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Live, liveTogether, type Release } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { isImage, mustNameImage } from '../shared/image.ts';
import { commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { quoted } from '../shared/words.ts';
import type { KubernetesApi, WorkloadRef } from './api.ts';
import { imagesBefore, ORDER, orderOn, patchOf, releaseOn } from './notes.ts';
import { podTrouble, reportOf } from './pod-trouble.ts';
import { hasSeen, isAllReady, madeAnew, podInTheWay, waitsForEach } from './stuck-pods.ts';
import { imagesOf, rolloutOf, standsInTheWay, type Workload } from './workload.ts';

/** How often a change is tried that others get in the way of. */
const MOST_TRIES = 6;
/** How long the controller is waited for after an order was taken back. */
const MOST_LOOKS = 20;
const LOOK_PAUSE_MS = 250;
/** Pods need a while before anything can be wrong with them. */
const PODS_AFTER_MS = 10_000;

interface WorkloadOptions extends WorkloadRef {
  readonly containers: readonly string[];
}

interface Options {
  readonly namespace: string;
  readonly workloads: readonly WorkloadOptions[];
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
}

/** A workload as it was read. */
interface Found {
  readonly ref: WorkloadOptions;
  readonly workload: Workload;
}

/** What is noted in the place of the key of an order that was taken back. */
function undone(key: string): string {
  return `${key}/undone`;
}

function namesOf(all: readonly Found[]): string {
  return all.map(({ ref }) => `${ref.kind} ${ref.name}`).join(' and ');
}

function imagesFor({ ref }: Found, image: string): ReadonlyMap<string, string> {
  return new Map(ref.containers.map((name) => [name, image]));
}

/** Sets the images of containers, and follows the rollout. What is live is what these containers are to run. */
export class KubernetesTarget implements Target {
  readonly kind = 'kubernetes';
  readonly name: string;
  readonly url?: string;
  readonly resumes = true;
  readonly notUndone = ['config maps, secrets and other manifests'];
  readonly #options: Options;
  readonly #api: KubernetesApi;
  readonly #names: ReleaseNames;
  readonly #now: () => number;

  constructor(options: Options, api: KubernetesApi, names: ReleaseNames, now: () => number) {
    const [first] = options.workloads;
    this.name = `Kubernetes ${first?.kind} ${options.namespace}/${first?.name}`;
    if (options.url !== undefined) this.url = options.url;
    this.#options = options;
    this.#api = api;
    this.#names = names;
    this.#now = now;
  }

  rollbackCommands(to: Release): readonly string[] {
    const image = this.#names.of(to);
    return this.#options.workloads.map(({ kind, name, containers }) => {
      const images = containers.map((one) => quoted(`${one}=${image}`)).join(' ');
      return `kubectl --namespace ${quoted(this.#options.namespace)} set image ${kind}/${quoted(name)} ${images}`;
    });
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const all = await this.#read(signal);
    for (const one of all) await this.#mustTake(one, new Map(), signal);
    const said = `${namesOf(all)} of the namespace ${this.#options.namespace} can be changed.`;
    const ordered = all.filter(waitsForEach);
    if (ordered.length === 0 || (await this.#api.mayDeletePods(signal))) return said;
    return `${said} A pod of ${namesOf(ordered)} that never gets ready is not replaced by itself, and Slipway may not delete pods: grant it \`delete\` on them.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    return this.#liveOf(await this.#read(signal), signal);
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const image = this.#names.of(release);
    mustNameImage(release, image);
    await this.#names.mustKnow(release, signal);
    for (const one of await this.#read(signal)) await this.#mustTake(one, imagesFor(one, image), signal);
    return `${release.tag} is in the repository; its image is to be ${image}.`;
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const [commit = ''] = commitsOf(order.release);
    const image = this.#names.of(order.release);
    const handle = {
      id: `${this.#options.namespace}/${this.#options.workloads[0]?.name}@${commit.slice(0, 12)}`,
      startedAt: this.#now(),
      state: { key, image },
    };
    const all = await this.#read();
    if (all.every((one) => this.#isDone(one, image))) return handle;
    try {
      await this.#order(order, key, all);
    } catch (error) {
      // What does not answer is asked again; what is refused leaves no half of them behind.
      throw error instanceof Refusal ? await this.#withoutHalf(error, key) : error;
    }
    return handle;
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const image = this.#names.of(order.release);
    const all = await this.#read();
    const changed = all.find((one) => !this.#has(one, image));
    if (changed) {
      const has = `${namesOf([changed])} has ${[...this.#images(changed)].join(' and ')}`;
      const isBack = orderOn(changed.workload) === undone(String(handle.state['key']));
      return failed(
        isBack ? `${has} again: the order was taken back.` : `${has} now: somebody else has changed it.`,
      );
    }
    const rollouts = all.map(({ ref, workload }) => rolloutOf(ref.kind, workload));
    const bad = rollouts.find(({ state }) => state === 'failed');
    const rest = bad ?? rollouts.find(({ state }) => state === 'running');
    const now = this.#now();
    if (!rest) return succeeded(handle.id, handle.startedAt, now, { url: this.url });

    const isYoung = !bad && now - handle.startedAt < PODS_AFTER_MS;
    const workloads = all.map(({ workload }) => workload);
    const trouble = isYoung ? [] : await podTrouble(this.#api, workloads, String(handle.state['key']));
    const stuck = isYoung || bad ? [] : await this.#madeAnew(all, now);
    const detail = [rest.detail, ...stuck, ...trouble.slice(0, 1).map(({ words }) => words)].join('; ');
    const status = running(handle, now, detail, null, this.#options.deadline);
    if (!bad && status.kind === 'running' && !trouble.some(({ isForGood }) => isForGood)) return status;
    const { words, log } = await reportOf(this.#api, trouble);
    const late = status.kind === 'failed' && !bad ? 'it took too long: ' : '';
    const reason = `The rollout failed: ${late}${[rest.detail, ...stuck, ...words].join('; ')}.`;
    // Its template still has the image, which goes live as soon as it can.
    return failed(reason, { log, goesOn: true });
  }

  /** Gives the containers the images back that they had before the order. */
  async cancel({ state }: DeployHandle): Promise<void> {
    const key = String(state['key']);
    await this.#giveBack(key, await this.#read());
    for (let look = 1; look <= MOST_LOOKS; look++) {
      const isBack = ({ workload }: Found) => orderOn(workload) === undone(key) && !isAllReady(workload);
      const ordered = (await this.#read()).filter((one) => waitsForEach(one) && isBack(one));
      if (look === MOST_LOOKS || ordered.every(({ workload }) => hasSeen(workload)))
        return this.#deleteStuck(key, ordered);
      await pause(LOOK_PAUSE_MS);
    }
  }

  /** Nobody follows what was taken back: a pod of the order that never gets ready would stay. */
  async #deleteStuck(key: string, all: readonly Found[]): Promise<void> {
    for (const one of all) {
      const pod = await podInTheWay(this.#api, one);
      if (pod?.metadata.annotations?.[ORDER] === key) await this.#api.deletePod(pod);
    }
  }

  async #madeAnew(all: readonly Found[], now: number): Promise<readonly string[]> {
    const words: string[] = [];
    for (const one of all) words.push((await madeAnew(this.#api, one, now)) ?? '');
    return words.filter((text) => text !== '');
  }

  async #order(order: DeployOrder, key: string, all: readonly Found[]): Promise<void> {
    const others = all.filter(({ workload }) => orderOn(workload) !== key);
    // Also where the order changed some of them before a crash: the rest may have moved since.
    if (others.length > 0) await this.#mustNotHaveMoved(order, others);
    const image = this.#names.of(order.release);
    const [commit = ''] = commitsOf(order.release);
    const release = { image, commit, version: order.release.version };
    for (const one of all) {
      await this.#change(one, async (found) => {
        // Whatever it has by now: this order has changed it once.
        if (orderOn(found.workload) === key) return null;
        this.#mustRollOut(found);
        if (found !== one) await this.#mustNotHaveMoved(order, [found]);
        return patchOf(found.workload, imagesFor(found, image), { key, release });
      });
    }
  }

  async #giveBack(key: string, all: readonly Found[]): Promise<void> {
    for (const one of all) {
      await this.#change(one, async ({ workload }) => {
        const before = imagesBefore(workload);
        if (orderOn(workload) !== key || before.size === 0) return null;
        return patchOf(workload, before, { key: undone(key) });
      });
    }
  }

  /** The order was refused; those that it had changed by then have what they had before again. */
  async #withoutHalf(refusal: Refusal, key: string): Promise<Refusal> {
    const changed = (await this.#read()).filter(({ workload }) => orderOn(workload) === key);
    if (changed.length === 0) return refusal;
    const names = namesOf(changed);
    try {
      await this.#giveBack(key, changed);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusalBesides(
        refusal,
        `Changed before that, and not to be given back: ${names}. ${explain(error).text}`,
      );
    }
    return refusalBesides(refusal, `Changed before that, and given back what it had: ${names}.`);
  }

  /** Asks whether a change would be taken, and changes nothing. */
  async #mustTake(found: Found, images: ReadonlyMap<string, string>, signal?: AbortSignal): Promise<void> {
    this.#mustRollOut(found);
    const body = patchOf(found.workload, images, { key: 'whether this would be taken' });
    await this.#api.patch(found.ref, body, { isDry: true, signal });
  }

  /** Patches what was read; what somebody changed meanwhile is read and judged again. `patch` says null for nothing. */
  async #change(first: Found, patch: (found: Found) => Promise<unknown>): Promise<void> {
    let found = first;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const body = await patch(found);
      if (body === null || (await this.#api.patch(first.ref, body)) === 'patched') return;
      found = { ref: first.ref, workload: await this.#api.workload(first.ref) };
    }
    throw new Unavailable('Kubernetes', `others change the ${first.ref.kind} ${first.ref.name} all the time`);
  }

  async #read(signal?: AbortSignal): Promise<readonly Found[]> {
    const all: Found[] = [];
    for (const ref of this.#options.workloads) {
      const workload = await this.#api.workload(ref, signal);
      const images = imagesOf(workload.spec.template);
      const missing = ref.containers.find((name) => !images.has(name));
      if (missing !== undefined) {
        const reason = `${ref.kind} ${ref.name} has no container ${missing}, only ${[...images.keys()].join(', ')}`;
        throw new Refusal('target-misconfigured', { target: this.name, reason });
      }
      all.push({ ref, workload });
    }
    return all;
  }

  #images({ ref, workload }: Found): ReadonlySet<string> {
    const images = imagesOf(workload.spec.template);
    return new Set(ref.containers.map((name) => images.get(name) ?? ''));
  }

  #has(found: Found, image: string): boolean {
    return [...this.#images(found)].every((one) => isImage(one, image));
  }

  #isDone(found: Found, image: string): boolean {
    return this.#has(found, image) && rolloutOf(found.ref.kind, found.workload).state === 'done';
  }

  #mustRollOut({ ref, workload }: Found): void {
    const reason = standsInTheWay(ref.kind, workload);
    if (reason !== null) throw new Refusal('target-misconfigured', { target: this.name, reason });
  }

  async #mustNotHaveMoved(order: DeployOrder, all: readonly Found[]): Promise<void> {
    mustNotHaveMoved(this.name, order, await this.#liveOf(all));
  }

  async #liveOf(all: readonly Found[], signal?: AbortSignal): Promise<Live | null> {
    const lives: (Live | null)[] = [];
    for (const { ref, workload } of all) {
      for (const image of this.#images({ ref, workload })) {
        const noted = releaseOn(workload, image);
        lives.push(
          noted
            ? { commit: noted.commit, version: noted.version }
            : await this.#names.liveImage(image, signal),
        );
      }
    }
    return liveTogether(lives);
  }
}
