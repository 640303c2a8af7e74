import type { JudgeRules } from './begin.ts';
import { milliseconds, percent, whole } from './format.ts';
import { judge } from './judge.ts';
import type { Sample } from './sample.ts';
import type { MetricFinding } from './verdict.ts';

/** A rate before a deploy at which nobody could tell whether the release made it worse, or is the mend. */
const FAILING = 0.1;
const FEWEST = 20;

export interface TroubleBefore {
  /** What it shows, with its figures. */
  readonly words: string;
  /** The metrics that show it, how badly: what is critical is a warning too. */
  readonly signs: readonly string[];
}

/**
 * Why production is in trouble already, before anything is deployed; null when it is not. The last quarter of the
 * ticks is judged against those before it, as a release would be. Ticks are consecutive; null: a missing one.
 */
export function troubleBefore(ticks: readonly (Sample | null)[], rules: JudgeRules): TroubleBefore | null {
  const cut = Math.ceil(ticks.length * 0.75);
  const start = judge.begin(ticks.slice(0, cut), { ...rules, settleMs: 0 });
  let last = null;
  for (const sample of ticks.slice(cut)) last = judge.tick(start, last?.state ?? null, sample);
  const worse = (last?.judgement.findings ?? []).filter(
    ({ metric, verdict }) =>
      metric !== 'critical alerts' && (verdict === 'critical' || verdict === 'warning'),
  );
  if (worse.length > 0) {
    return {
      words: worse.map((finding) => `the ${finding.metric} ${figures(finding)}`).join(', and '),
      signs: worse.flatMap(signsOf),
    };
  }
  const sum = (field: 'total' | 'errors') => ticks.reduce((all, sample) => all + (sample?.[field] ?? 0), 0);
  const [total, errors] = [sum('total'), sum('errors')];
  if (total < FEWEST || errors < FAILING * total) return null;
  return {
    words: `${percent(errors / total)} of ${whole(total)} requests failed`,
    signs: signsOf({ metric: 'error rate', verdict: 'critical' }),
  };
}

function signsOf({ metric, verdict }: Pick<MetricFinding, 'metric' | 'verdict'>): readonly string[] {
  return (verdict === 'critical' ? ['warning', 'critical'] : ['warning']).map((how) => `${metric}:${how}`);
}

function figures({ now, baseline, unit }: MetricFinding): string {
  if (now === undefined || baseline === undefined) return 'has risen';
  const shown = unit === 'ratio' ? percent : unit === 'ms' ? milliseconds : whole;
  return `has risen from ${shown(baseline)} to ${shown(now)}`;
}
