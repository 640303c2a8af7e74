import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { mustNameImage } from '../shared/image.ts';
import { commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { quoted } from '../shared/words.ts';
import type { KubernetesApi } from './api.ts';
import { ORDER, orderOn, patchOf } from './notes.ts';
import { podTrouble, reportOf } from './pod-trouble.ts';
import { hasSeen, isAllReady, madeAnew, podInTheWay, waitsForEach } from './stuck-pods.ts';
import { rolloutOf } from './workload.ts';
import {
  type FoundWorkload,
  has,
  imagesFor,
  imagesIn,
  isAsOrdered,
  isRolledOut,
  namesOf,
  undone,
  type WorkloadOptions,
  Workloads,
} from './workloads.ts';

/** How long the controller is waited for after an order was taken back. */
const MOST_LOOKS = 20;
const LOOK_PAUSE_MS = 250;
/** Pods need a while before anything can be wrong with them. */
const PODS_AFTER_MS = 10_000;

interface Options {
  readonly namespace: string;
  readonly workloads: readonly WorkloadOptions[];
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
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
  readonly #workloads: Workloads;
  readonly #names: ReleaseNames;
  readonly #now: () => number;

  constructor(options: Options, api: KubernetesApi, names: ReleaseNames, now: () => number) {
    const [first] = options.workloads;
    this.name = `Kubernetes ${first?.kind} ${options.namespace}/${first?.name}`;
    if (options.url !== undefined) this.url = options.url;
    this.#options = options;
    this.#api = api;
    this.#workloads = new Workloads(this.name, options.workloads, api, names);
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
    const all = await this.#workloads.read(signal);
    for (const one of all) await this.#workloads.mustTake(one, new Map(), signal);
    const said = `${namesOf(all)} of the namespace ${this.#options.namespace} can be changed.`;
    const ordered = all.filter(waitsForEach);
    if (ordered.length === 0 || (await this.#api.mayDeletePods(signal))) return said;
    return `${said} A pod of ${namesOf(ordered)} that never gets ready is not replaced by itself, and Slipway may not delete pods: grant it \`delete\` on them.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    return this.#workloads.liveOf(await this.#workloads.read(signal), { signal });
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const image = this.#names.of(release);
    mustNameImage(release, image);
    await this.#names.mustKnow(release, signal);
    for (const one of await this.#workloads.read(signal))
      await this.#workloads.mustTake(one, imagesFor(one, image), signal);
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
    const all = await this.#workloads.read();
    if (all.every((one) => has(one, image) && isRolledOut(one))) return handle;
    try {
      await this.#order(order, key, all);
    } catch (error) {
      // What does not answer is asked again; what is refused leaves no half of them behind.
      throw error instanceof Refusal ? await this.#workloads.withoutHalf(error, key) : error;
    }
    return handle;
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const image = this.#names.of(order.release);
    const all = await this.#workloads.read();
    const changed = all.find((one) => !has(one, image));
    if (changed) {
      const has = `${namesOf([changed])} has ${[...imagesIn(changed)].join(' and ')}`;
      const [by, key] = [orderOn(changed.workload), String(handle.state['key'])];
      if (by === undone(key)) return failed(`${has} again: the order was taken back.`);
      // Where the order has changed it last, a policy of the cluster may have made that of its image.
      return failed(`${has} now: somebody else has changed it.`, { goesOn: by === key });
    }
    const rollouts = all.map(({ ref, workload }) => rolloutOf(ref.kind, workload));
    const bad = rollouts.find(({ state }) => state === 'failed');
    const rest = bad ?? rollouts.find(({ state }) => state === 'running');
    const now = this.#now();
    if (!rest) return succeeded(handle.id, handle.startedAt, now, { url: this.url });

    const isYoung = !bad && now - handle.startedAt < PODS_AFTER_MS;
    const workloads = all.map(({ workload }) => workload);
    const trouble = isYoung ? [] : await podTrouble(this.#api, workloads, String(handle.state['key']), now);
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

  /** Gives the containers the images back that they had before the order, unless they have others by now. Refusal `already-live`. */
  async cancel({ state }: DeployHandle): Promise<void> {
    const key = String(state['key']);
    const all = await this.#workloads.read();
    if (all.every((one) => isAsOrdered(one, key) && isRolledOut(one)))
      throw new Refusal('already-live', { target: this.name });
    await this.#workloads.giveBack(key, all);
    for (let look = 1; look <= MOST_LOOKS; look++) {
      const isBack = ({ workload }: FoundWorkload) =>
        orderOn(workload) === undone(key) && !isAllReady(workload);
      const ordered = (await this.#workloads.read()).filter((one) => waitsForEach(one) && isBack(one));
      if (look === MOST_LOOKS || ordered.every(({ workload }) => hasSeen(workload)))
        return this.#deleteStuck(key, ordered);
      await pause(LOOK_PAUSE_MS);
    }
  }

  /** Nobody follows what was taken back: a pod of the order that never gets ready would stay. */
  async #deleteStuck(key: string, all: readonly FoundWorkload[]): Promise<void> {
    for (const one of all) {
      const pod = await podInTheWay(this.#api, one);
      if (pod?.metadata.annotations?.[ORDER] === key) await this.#api.deletePod(pod);
    }
  }

  async #madeAnew(all: readonly FoundWorkload[], now: number): Promise<readonly string[]> {
    const words: string[] = [];
    for (const one of all) words.push((await madeAnew(this.#api, one, now)) ?? '');
    return words.filter((text) => text !== '');
  }

  async #order(order: DeployOrder, key: string, all: readonly FoundWorkload[]): Promise<void> {
    const others = all.filter(({ workload }) => orderOn(workload) !== key);
    // Also where the order changed some of them before a crash: the rest may have moved since.
    if (others.length > 0) await this.#mustNotHaveMoved(order, others);
    const image = this.#names.of(order.release);
    const [commit = ''] = commitsOf(order.release);
    const release = { image, commit, version: order.release.version };
    for (const one of all) {
      await this.#workloads.change(one, async (found) => {
        // Whatever it has by now: this order has changed it once.
        if (orderOn(found.workload) === key) return null;
        this.#workloads.mustRollOut(found);
        if (found !== one) await this.#mustNotHaveMoved(order, [found]);
        return patchOf(found.workload, imagesFor(found, image), { key, release });
      });
    }
  }

  async #mustNotHaveMoved(order: DeployOrder, all: readonly FoundWorkload[]): Promise<void> {
    mustNotHaveMoved(this.name, order, await this.#workloads.liveOf(all, { order }));
  }
}
