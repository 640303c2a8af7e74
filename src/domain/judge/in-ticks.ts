import type { Sample } from './sample.ts';

/** Samples further away than this are a mistake of whoever made them. */
export const MOST_TICKS = 3_000;

export interface Span {
  /** Only samples of after this time count; absent: from the first one on. ms since the epoch. */
  readonly fromMs?: number;
  /** Only samples until then. */
  readonly toMs?: number;
  /** Length of a tick: given, never inferred from the gaps. */
  readonly tickMs: number;
}

/**
 * Samples as consecutive ticks in order of time; null: a tick is missing. A gap is as many missing ticks as fit into
 * it. Of samples of the same tick the last one given counts. A sample whose time cannot be read is dropped.
 */
export function inTicks(samples: readonly Sample[], { fromMs, toMs, tickMs }: Span): (Sample | null)[] {
  const timed = samples
    .map((sample) => ({ sample, at: Date.parse(sample.at) }))
    .filter(({ at }) => at > (fromMs ?? Number.NEGATIVE_INFINITY) && at <= (toMs ?? Number.POSITIVE_INFINITY))
    .sort((a, b) => a.at - b.at);
  const newest = timed.at(-1)?.at ?? 0;
  const near = fromMs === undefined ? timed.filter(({ at }) => at > newest - MOST_TICKS * tickMs) : timed;
  const ticks: (Sample | null)[] = [];
  let last = fromMs ?? (near[0]?.at ?? 0) - tickMs;
  for (const { sample, at } of near) {
    const steps = Math.round((at - last) / tickMs);
    if (ticks.length + steps > MOST_TICKS) break;
    if (steps === 0 && ticks.length > 0) {
      ticks[ticks.length - 1] = sample;
      continue;
    }
    for (let missing = 1; missing < steps; missing++) ticks.push(null);
    ticks.push(sample);
    last = at;
  }
  return ticks;
}

/** What was waited for before the deploy is no longer a part of the baseline than this. */
const LONGEST_GAP_MS = 3_600_000;

/**
 * Samples with the start of the watch (ms since the epoch) among them: the baseline ends there, and the ticks of the
 * deployment itself are missing ones, of an hour at most.
 */
export function withWatchStart(samples: readonly Sample[], startedAt: number): readonly Sample[] {
  const times = samples.filter(({ phase }) => phase === 'baseline').map(({ at }) => Date.parse(at));
  const [before, last] = times.sort((a, b) => a - b).slice(-2);
  // A start within the last tick ends with it.
  if (before === undefined || last === undefined || startedAt - last < (last - before) / 2) return samples;
  const end = Math.min(startedAt, last + LONGEST_GAP_MS);
  return [...samples, { at: new Date(end).toISOString(), phase: 'baseline' }];
}

/** What is further apart than this is of another day. */
const DAYS_APART_MS = 6 * 3_600_000;

/** The samples of earlier days as consecutive ticks, each day by itself, the latest first. */
export function historyIn(
  samples: readonly Sample[],
  tickMs: number,
): readonly (readonly (Sample | null)[])[] {
  const times = samples
    .filter(({ phase, at }) => phase === 'history' && Number.isFinite(Date.parse(at)))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const days: Sample[][] = [];
  let last = Number.POSITIVE_INFINITY;
  for (const sample of times) {
    const at = Date.parse(sample.at);
    if (last - at > DAYS_APART_MS) days.push([]);
    days.at(-1)?.push(sample);
    last = at;
  }
  return days.map((day) => inTicks(day, { tickMs }));
}
