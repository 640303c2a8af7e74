import { z } from 'zod';

/** How the shop answers. Rates are ratios 0..1, times ms. */
const Mode = z.enum(['healthy', 'slow', 'failing', 'down']);

/** One move of the demo's switches: of production as it is, of one version, or of whatever is deployed next. */
export const ControlChange = z.strictObject({
  mode: Mode,
  /** Share of the requests that a failing shop answers with 500. */
  errorRate: z.number().min(0).max(1).default(0.3),
  /** How much longer a slow shop takes. */
  slowMs: z.number().min(0).max(60_000).default(400),
  /** A bad version misbehaves only this long after it went live. */
  afterMs: z.number().min(0).max(3_600_000).default(0),
  /** `1.3.0`, or `next` for the version that goes live next; absent: production, whatever its version. */
  version: z.string().min(1).max(64).optional(),
});
export type ControlChange = z.input<typeof ControlChange>;

export interface Behaviour {
  readonly mode: z.infer<typeof Mode>;
  readonly errorRate: number;
  readonly slowMs: number;
  readonly afterMs: number;
}

const HEALTHY: Behaviour = { mode: 'healthy', errorRate: 0, slowMs: 0, afterMs: 0 };

/** What the switches say, and so how the shop behaves at a given moment. */
export class Behaviours {
  always: Behaviour = HEALTHY;
  next: Behaviour | null = null;
  readonly versions = new Map<string, Behaviour>();

  change(change: ControlChange): void {
    const { version, ...behaviour } = ControlChange.parse(change);
    if (version === undefined) this.always = behaviour;
    else if (version === 'next') this.next = behaviour.mode === 'healthy' ? null : behaviour;
    else if (behaviour.mode === 'healthy') this.versions.delete(version);
    else this.versions.set(version, behaviour);
  }

  /** A version went live: what was said about the next one is now said about it. */
  deployed(version: string): void {
    if (this.next === null) return;
    this.versions.set(version, this.next);
    this.next = null;
  }

  /** `liveForMs`: how long that version has been live. */
  now(version: string, liveForMs: number): Behaviour {
    if (this.always.mode !== 'healthy') return this.always;
    const own = this.versions.get(version);
    return own !== undefined && liveForMs >= own.afterMs ? own : HEALTHY;
  }
}

/** How long an answer takes, in ms, and which answers fail: evenly spread, the same in every run. */
export class ResponsePattern {
  #step = 0;
  #failures = 0;

  /** Half of the answers under 26 ms, 95 of 100 under 55 ms; in a slow shop that much more. */
  delayMs(behaviour: Behaviour): number {
    this.#step = (this.#step + 0.618_033_988_75) % 1;
    const usual = 18 + 12 * -Math.log(1 - 0.99 * this.#step);
    return behaviour.mode === 'slow' ? usual + behaviour.slowMs * (0.75 + 0.5 * this.#step) : usual;
  }

  fails(behaviour: Behaviour): boolean {
    if (behaviour.mode !== 'failing') return false;
    this.#failures += behaviour.errorRate;
    if (this.#failures < 1 - 1e-9) return false;
    this.#failures -= 1;
    return true;
  }
}
