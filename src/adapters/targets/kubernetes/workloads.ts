import { explain } from '../../../domain/refusals/explain.ts';
import { Refusal, refusalBesides, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Live, liveTogether } from '../../../domain/release/release.ts';
import { isImage } from '../shared/image.ts';
import type { AskedFor, ReleaseNames } from '../shared/release-name.ts';
import type { KubernetesApi, WorkloadRef } from './api.ts';
import { imagesBefore, orderOn, patchOf, releaseOn } from './notes.ts';
import { imagesOf, rolloutOf, standsInTheWay, type Workload } from './workload.ts';

/** How often a change is tried that others get in the way of. */
const MOST_TRIES = 6;

export interface WorkloadOptions extends WorkloadRef {
  readonly containers: readonly string[];
}

/** A workload as it was read. */
export interface FoundWorkload {
  readonly ref: WorkloadOptions;
  readonly workload: Workload;
}

/** What is noted in the place of the key of an order that was taken back. */
export function undone(key: string): string {
  return `${key}/undone`;
}

export function namesOf(all: readonly FoundWorkload[]): string {
  return all.map(({ ref }) => `${ref.kind} ${ref.name}`).join(' and ');
}

export function imagesFor({ ref }: FoundWorkload, image: string): ReadonlyMap<string, string> {
  return new Map(ref.containers.map((name) => [name, image]));
}

export function imagesIn({ ref, workload }: FoundWorkload): ReadonlySet<string> {
  const images = imagesOf(workload.spec.template);
  return new Set(ref.containers.map((name) => images.get(name) ?? ''));
}

export function has(found: FoundWorkload, image: string): boolean {
  return [...imagesIn(found)].every((one) => isImage(one, image));
}

/** The order has changed it last, and nobody has set another image since. */
export function isAsOrdered(found: FoundWorkload, key: string): boolean {
  const { workload } = found;
  return orderOn(workload) === key && [...imagesIn(found)].every((one) => releaseOn(workload, one) !== null);
}

export function isRolledOut({ ref, workload }: FoundWorkload): boolean {
  return rolloutOf(ref.kind, workload).state === 'done';
}

/** That a policy of the cluster makes other images of those that are ordered; null where it does not. */
export function changedBy(
  made: ReadonlyMap<string, string>,
  ordered: ReadonlyMap<string, string>,
): string | null {
  for (const [name, image] of ordered) {
    const other = made.get(name) ?? '';
    if (!isImage(other, image))
      return `the cluster makes ${other} of the image ${image}; write \`image\` as it is there`;
  }
  return null;
}

/** The workloads of a service: read, and changed as long as nobody else does. */
export class Workloads {
  readonly #target: string;
  readonly #refs: readonly WorkloadOptions[];
  readonly #api: KubernetesApi;
  readonly #names: ReleaseNames;

  constructor(target: string, refs: readonly WorkloadOptions[], api: KubernetesApi, names: ReleaseNames) {
    this.#target = target;
    this.#refs = refs;
    this.#api = api;
    this.#names = names;
  }

  async read(signal?: AbortSignal): Promise<readonly FoundWorkload[]> {
    const all: FoundWorkload[] = [];
    for (const ref of this.#refs) {
      const workload = await this.#api.workload(ref, signal);
      const images = imagesOf(workload.spec.template);
      const missing = ref.containers.find((name) => !images.has(name));
      if (missing !== undefined) {
        const reason = `${ref.kind} ${ref.name} has no container ${missing}, only ${[...images.keys()].join(', ')}`;
        throw new Refusal('target-misconfigured', { target: this.#target, reason });
      }
      all.push({ ref, workload });
    }
    return all;
  }

  async liveOf(all: readonly FoundWorkload[], asking: AskedFor): Promise<Live | null> {
    const lives: (Live | null)[] = [];
    for (const found of all) {
      for (const image of imagesIn(found)) {
        const noted = releaseOn(found.workload, image);
        lives.push(
          noted
            ? { commit: noted.commit, version: noted.version }
            : await this.#names.liveImage(image, asking),
        );
      }
    }
    return liveTogether(lives);
  }

  /** Patches what was read; what somebody changed meanwhile is read and judged again. `patch` says null for nothing. */
  async change(first: FoundWorkload, patch: (found: FoundWorkload) => Promise<unknown>): Promise<void> {
    let found = first;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const body = await patch(found);
      if (body === null || (await this.#api.patch(first.ref, body)) === 'patched') return;
      found = { ref: first.ref, workload: await this.#api.workload(first.ref) };
    }
    throw new Unavailable('Kubernetes', `others change the ${first.ref.kind} ${first.ref.name} all the time`);
  }

  async giveBack(key: string, all: readonly FoundWorkload[]): Promise<void> {
    for (const one of all) {
      await this.change(one, async (found) => {
        const before = imagesBefore(found.workload);
        if (!isAsOrdered(found, key) || before.size === 0) return null;
        return patchOf(found.workload, before, { key: undone(key) });
      });
    }
  }

  /** The order was refused; those that it had changed by then have what they had before again. */
  async withoutHalf(refusal: Refusal, key: string): Promise<Refusal> {
    const changed = (await this.read()).filter(({ workload }) => orderOn(workload) === key);
    if (changed.length === 0) return refusal;
    const names = namesOf(changed);
    try {
      await this.giveBack(key, changed);
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
  async mustTake(
    found: FoundWorkload,
    images: ReadonlyMap<string, string>,
    signal?: AbortSignal,
  ): Promise<void> {
    this.mustRollOut(found);
    const body = patchOf(found.workload, images, { key: 'whether this would be taken' });
    const made = await this.#api.tried(found.ref, body, signal);
    const reason = made && changedBy(imagesOf(made.spec.template), images);
    if (reason) throw new Refusal('target-misconfigured', { target: this.#target, reason });
  }

  mustRollOut({ ref, workload }: FoundWorkload): void {
    const reason = standsInTheWay(ref.kind, workload);
    if (reason !== null) throw new Refusal('target-misconfigured', { target: this.#target, reason });
  }
}
