import type { CellResult, Outcome } from './cell.ts';

const TICK_MIN = 0.5;

/** Results by the names of cells; a cell that was not run has none. */
export class Figures {
  readonly #results: ReadonlyMap<string, CellResult>;

  constructor(results: ReadonlyMap<string, CellResult>) {
    this.#results = results;
  }

  has(id: string): boolean {
    return this.#results.has(id);
  }

  of(id: string): readonly Outcome[] {
    const result = this.#results.get(id);
    if (result === undefined) throw new Error(`There is no cell ${id}.`);
    return result.outcomes;
  }

  /** Share of the windows, 0..1. */
  share(id: string, has: (outcome: Outcome) => boolean): number {
    const outcomes = this.of(id);
    return outcomes.filter(has).length / outcomes.length;
  }

  warned(id: string): number {
    return this.share(id, ({ warned }) => warned !== null);
  }

  critical(id: string): number {
    return this.share(id, ({ critical }) => critical !== null);
  }

  /** Minutes from the tick `from` to the alarm that so many of the windows (0..1) have; infinite when fewer do. */
  minutes(id: string, alarm: 'warned' | 'critical', part: number, from = 0): number {
    const ticks = this.of(id)
      .map((outcome) => outcome[alarm] ?? Number.POSITIVE_INFINITY)
      .sort((a, b) => a - b);
    const tick = ticks[Math.ceil(ticks.length * part) - 1] ?? Number.POSITIVE_INFINITY;
    return (tick + 1 - from) * TICK_MIN;
  }

  /** Share of the windows in which a peer raised an alarm. */
  peer(id: string, name: string): number {
    const result = this.#results.get(id);
    return (result?.peers[name] ?? 0) / (result?.outcomes.length ?? 1);
  }
}

/** `0`, `.4`, `57`, in percent. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0) return '0';
  const text = value >= 9.95 ? value.toFixed(0) : value.toFixed(value < 1 ? 2 : 1);
  return text.replace(/^0/, '');
}
