import type { Sample } from './sample.ts';

/** What a chart of the watch window shows; drawn to an image by an adapter. */
export interface ChartData {
  readonly title: string;
  readonly unit: 'ratio' | 'ms';
  /** x in ms since the epoch; null where nothing was seen. */
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
  readonly baseline?: number;
  /** Line above which the judge complains. */
  readonly limit?: number;
  readonly deployedAt: number;
}

/** The error rate before and after a deploy, from the samples of a promotion. */
export function errorRateChart(
  samples: readonly Sample[],
  facts: { readonly title: string; readonly deployedAt: number; readonly allowedRise: number },
): ChartData {
  const before = samples.filter((sample) => sample.phase === 'baseline');
  const baseline = rate(sum(before, 'errors'), sum(before, 'total'));
  return {
    title: facts.title,
    unit: 'ratio',
    points: samples
      .filter(({ phase }) => phase !== 'history')
      .map((sample) => ({ at: Date.parse(sample.at), value: rate(sample.errors, sample.total) })),
    ...(baseline === null ? {} : { baseline, limit: baseline + facts.allowedRise }),
    deployedAt: facts.deployedAt,
  };
}

/** errors / total as a ratio 0..1; null where nothing was seen. */
export function rate(errors: number | undefined, total: number | undefined): number | null {
  return errors === undefined || total === undefined || total === 0 ? null : errors / total;
}

function sum(samples: readonly Sample[], field: 'errors' | 'total'): number {
  return samples.reduce((all, sample) => all + (sample[field] ?? 0), 0);
}
