import { randomFrom } from '../domain/judge/samples.ts';

/** What happens to the bot, and how long after what happened before, ms. */
export interface Fault {
  readonly kind: 'kill' | 'stop' | 'freeze';
  readonly afterMs: number;
  /** How long it is away, ms. */
  readonly forMs: number;
}

const KINDS = ['kill', 'stop', 'stop', 'freeze'] as const;

/** Three to eight faults of one promotion. */
export function faultsFor(seed: number): readonly Fault[] {
  const draw = drawFrom(seed);
  return Array.from({ length: 3 + draw(6) }, () => {
    const kind = KINDS[draw(KINDS.length)] ?? 'kill';
    return { kind, afterMs: draw(2_500), forMs: kind === 'freeze' ? 200 + draw(8_000) : draw(600) };
  });
}

/** Whole numbers below `below`, the same ones for the same seed. */
export function drawFrom(seed: number): (below: number) => number {
  const random = randomFrom(seed);
  return (below) => Math.floor(random() * below);
}
