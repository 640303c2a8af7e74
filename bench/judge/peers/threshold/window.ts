import type { Sample } from '../../../../src/domain/judge/sample.ts';

/** The last ticks of the window, or all of it. */
export interface Pool {
  /** `in the last 2 ticks`, `since the deploy`. */
  readonly when: string;
  readonly samples: readonly Sample[];
}

export function lastTicks(samples: readonly Sample[], count: number): Pool {
  return {
    when: count === 1 ? 'in the last tick' : `in the last ${count} ticks`,
    samples: samples.slice(-count),
  };
}

export function sinceDeploy(samples: readonly Sample[]): Pool {
  return { when: 'since the deploy', samples };
}

/** Samples in the order of time, one for each time: the last that was given counts. */
export function inOrder(samples: readonly Sample[]): readonly Sample[] {
  const byTime = new Map(samples.map((sample) => [Date.parse(sample.at), sample]));
  return [...byTime].sort(([a], [b]) => a - b).map(([, sample]) => sample);
}

/** Whether anything of the requests is known. */
function isSeen(sample: Sample): boolean {
  return (sample.total !== undefined && sample.errors !== undefined) || sample.latency !== undefined;
}

/** How many ticks at the end show nothing. */
export function blindTicks(samples: readonly Sample[]): number {
  return samples.length - 1 - samples.findLastIndex(isSeen);
}

/** Share of the ticks from the first sample to the last in which something was seen, 0..1. */
export function seenShare(samples: readonly Sample[]): number {
  const times = samples.map((sample) => Date.parse(sample.at));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const tick = Math.min(...gaps.filter((gap) => gap > 0));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const expected = Number.isFinite(tick) ? Math.round((last - first) / tick) + 1 : times.length;
  return expected === 0 ? 0 : samples.filter(isSeen).length / expected;
}
