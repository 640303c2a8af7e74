import { type Live, liveTogether } from '../../../domain/release/release.ts';
import { imagesOf } from '../kubernetes/workload.ts';
import { isImage } from '../shared/image.ts';
import type { AskedFor, ReleaseNames } from '../shared/release-name.ts';
import type { RolloutsApi } from './api.ts';
import { noteOn } from './notes.ts';
import { type ArgoRollout, imagesNamed, stateOf } from './rollout.ts';

interface Parts {
  readonly rollouts: RolloutsApi;
  readonly names: ReleaseNames;
}

/** The images of some containers of a Rollout, and which releases they are. */
export class RolloutImages {
  readonly #containers: readonly string[];
  readonly #parts: Parts;

  constructor(containers: readonly string[], parts: Parts) {
    this.#containers = containers;
    this.#parts = parts;
  }

  of(found: ArgoRollout): ReadonlyMap<string, string> {
    return imagesNamed(imagesOf(found.spec.template), this.#containers);
  }

  has(found: ArgoRollout, image: string): boolean {
    return [...this.of(found).values()].every((one) => isImage(one, image));
  }

  async liveOf(found: ArgoRollout, asking: AskedFor): Promise<Live | null> {
    const stable = await this.stable(found, asking.signal);
    return this.named(found, stable ?? this.of(found), asking);
  }

  /** The images of its stable pods; null where they are those of its template, or nobody knows. */
  async stable(found: ArgoRollout, signal?: AbortSignal): Promise<ReadonlyMap<string, string> | null> {
    const { stableRS, currentPodHash } = found.status ?? {};
    const isSplit = stableRS != null && (stateOf(found).kind === 'unseen' || stableRS !== currentPodHash);
    const template = isSplit ? await this.#parts.rollouts.template(stableRS, signal) : null;
    return template && imagesNamed(imagesOf(template), this.#containers);
  }

  /** The release of these images; of several ones only names, which are no release. */
  async named(
    found: ArgoRollout,
    images: ReadonlyMap<string, string>,
    asking: AskedFor,
  ): Promise<Live | null> {
    const note = noteOn(found);
    const { names } = this.#parts;
    const named = (image: string) => {
      if (note === null || !isImage(image, note.image)) return names.liveImage(image, asking);
      return { commit: note.commit, version: note.version };
    };
    return liveTogether(await Promise.all([...new Set(images.values())].map(named)));
  }
}
