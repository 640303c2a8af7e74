import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { PatchOperation, RolloutsApi, StatusChange } from './api.ts';
import { noteOn, type RolloutNote, writtenNote } from './notes.ts';
import { type ArgoRollout, lacksContainer } from './rollout.ts';

/** How often a change is tried that others get in the way of; the controller writes the status all the time. */
const MOST_TRIES = 10;

interface Options {
  readonly rollout: string;
  readonly containers: readonly string[];
}

/** A Rollout: read, and changed as it was read. Null is no change. */
export class Changes {
  readonly #target: string;
  readonly #options: Options;
  readonly #api: RolloutsApi;

  constructor(target: string, options: Options, api: RolloutsApi) {
    this.#target = target;
    this.#options = options;
    this.#api = api;
  }

  async read(signal?: AbortSignal): Promise<ArgoRollout> {
    const found = await this.#api.read(signal);
    const reason = lacksContainer(found, this.#options.containers);
    if (reason !== null) throw new Refusal('target-misconfigured', { target: this.#target, reason });
    return found;
  }

  async change(patch: (found: ArgoRollout) => Promise<readonly PatchOperation[] | null>): Promise<void> {
    await this.#untilItHolds(async (found) => {
      const operations = await patch(found);
      return operations === null ? 'patched' : this.#api.change(found, operations);
    });
  }

  async changeStatus(change: (found: ArgoRollout) => StatusChange | null): Promise<void> {
    await this.#untilItHolds(async (found) => {
      const status = change(found);
      return status === null ? 'patched' : this.#api.changeStatus(found, status);
    });
  }

  /** Notes more of an order, while it is the last one. */
  async note(key: string, more: (note: RolloutNote) => Partial<RolloutNote> | null): Promise<void> {
    await this.change(async (found) => {
      const note = noteOn(found);
      const added = note?.key === key ? more(note) : null;
      return note && added ? writtenNote(found, { ...note, ...added }) : null;
    });
  }

  /** So many steps are passed: an order that has to begin anew ends the pauses among them. */
  async passes(found: ArgoRollout, key: string, passed: number): Promise<void> {
    const isMore = (note: RolloutNote | null) => passed > (note?.passed ?? Number.POSITIVE_INFINITY);
    if (isMore(noteOn(found))) await this.note(key, (note) => (isMore(note) ? { passed } : null));
  }

  async #untilItHolds(act: (found: ArgoRollout) => Promise<'patched' | 'conflict'>): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if ((await act(await this.read())) === 'patched') return;
    }
    throw new Unavailable('Kubernetes', `others change the rollout ${this.#options.rollout} all the time`);
  }
}
