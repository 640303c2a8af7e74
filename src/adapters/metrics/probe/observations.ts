import type { Sample } from '../../../domain/judge/sample.ts';
import type { Range } from '../port.ts';
import { bucketOf, emptyCounts, fineHistogram } from './fine-histogram.ts';

/** The bucket of a request that got no answer, and so has no latency. */
const NO_LATENCY = 255;

/** The last requests, as many as there is room for: 10 bytes each. */
export class Observations {
  readonly #at: Float64Array;
  readonly #bucket: Uint8Array;
  readonly #failed: Uint8Array;
  #next = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#at = new Float64Array(capacity);
    this.#bucket = new Uint8Array(capacity);
    this.#failed = new Uint8Array(capacity);
  }

  /** `at`: when it ended, ms since the epoch. `latencyMs` null: nothing answered. */
  add(at: number, latencyMs: number | null, failed: boolean): void {
    this.#at[this.#next] = at;
    this.#bucket[this.#next] = latencyMs === null ? NO_LATENCY : bucketOf(latencyMs);
    this.#failed[this.#next] = failed ? 1 : 0;
    this.#next = (this.#next + 1) % this.#at.length;
    this.#count = Math.min(this.#count + 1, this.#at.length);
  }

  /** A sample for each tick in which a request ended; a tick holds what ended after its start, up to its end. */
  samples(range: Range, phase: Sample['phase']): Sample[] {
    const ticks = Math.floor((range.toMs - range.fromMs) / range.stepMs);
    const seen = new Map<number, { total: number; errors: number; counts: number[] }>();
    for (let index = 0; index < this.#count; index++) {
      const tick = Math.ceil(((this.#at[index] ?? 0) - range.fromMs) / range.stepMs) - 1;
      if (tick < 0 || tick >= ticks) continue;
      let slot = seen.get(tick);
      if (slot === undefined) {
        slot = { total: 0, errors: 0, counts: emptyCounts() };
        seen.set(tick, slot);
      }
      const bucket = this.#bucket[index] ?? NO_LATENCY;
      slot.total += 1;
      slot.errors += this.#failed[index] ?? 0;
      if (bucket !== NO_LATENCY) slot.counts[bucket] = (slot.counts[bucket] ?? 0) + 1;
    }
    return [...seen]
      .sort(([a], [b]) => a - b)
      .map(([tick, { total, errors, counts }]) => ({
        at: new Date(range.fromMs + (tick + 1) * range.stepMs).toISOString(),
        phase,
        total,
        errors,
        latency: fineHistogram(counts),
      }));
  }
}
