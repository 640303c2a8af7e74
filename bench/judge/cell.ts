/** What became of one window; ticks are 0-based, null is never. */
export interface Outcome {
  /** At least a warning. */
  readonly warned: number | null;
  readonly critical: number | null;
  readonly healthyAtEnd: boolean;
  readonly healthyAt20Min: boolean;
}

export interface CellResult {
  readonly outcomes: readonly Outcome[];
  /** Windows in which each peer raised an alarm. */
  readonly peers: Readonly<Record<string, number>>;
}

/** Many windows of one service in one situation. */
export interface Cell {
  readonly id: string;
  run(windows: number): CellResult;
}

export function outcomeOf(verdicts: readonly string[], tickS = 30): Outcome {
  const first = (...those: readonly string[]) => {
    const index = verdicts.findIndex((verdict) => those.includes(verdict));
    return index < 0 ? null : index;
  };
  return {
    warned: first('warning', 'critical'),
    critical: first('critical'),
    healthyAtEnd: verdicts.at(-1) === 'healthy',
    healthyAt20Min: verdicts[1_200 / tickS - 1] === 'healthy',
  };
}

/** A number for each cell and window, the same in every run. */
export function seedOf(id: string, window: number): number {
  let hash = 2_166_136_261;
  for (const letter of `${id}#${window}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  return hash >>> 0;
}
