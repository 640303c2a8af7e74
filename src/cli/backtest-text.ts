import type { ReplayedTick, ReplaySummary } from '../domain/judge/replay.ts';
import { visibleInJson } from '../domain/text/visible.ts';
import { onOneLine } from './output.ts';

/** One tick as JSON; the evidence as natural logarithms. */
export function jsonLine({ at, judgement, evidence, latency }: ReplayedTick): string {
  const both = latency === null ? {} : { latency };
  return `${visibleInJson(JSON.stringify({ at, verdict: judgement.verdict, evidence, ...both }))}\n`;
}

/** The figures of every tick, and what there is to say when the verdict is another than before. */
export function textLine(
  { at, judgement, evidence, latency }: ReplayedTick,
  before: ReplayedTick | undefined,
): string {
  const figures = [
    ...Object.entries(evidence),
    ...Object.entries(latency ?? {}).map(([name, ln]) => [`latency ${name}`, ln] as const),
  ].map(([name, ln]) => `${name} ${ln.toFixed(1)}`);
  const line = `${at}  ${judgement.verdict.padEnd(12)}  ${figures.join('  ')}\n`;
  if (judgement.verdict === before?.judgement.verdict) return line;
  return line + reasons(judgement);
}

function reasons({ findings }: ReplayedTick['judgement']): string {
  return findings
    .map(({ metric, verdict, reason }) => `  ${metric}, ${verdict}: ${onOneLine(reason)}\n`)
    .join('');
}

export function summaryText(summary: ReplaySummary, ticks: readonly ReplayedTick[]): string {
  const last = ticks.at(-1);
  return `
Evidence is the natural logarithm of an e-value: from 3.4 on watching, 4.6 a warning, 6.9 critical, and 0.7 more where
latency is judged as well; ok from 3.0 on proves health.

Verdict         ${summary.verdict} after ${ticks.length === 1 ? 'one tick' : `${ticks.length} ticks`}
First warning   ${summary.first_warning_at ?? 'never'}
First critical  ${summary.first_critical_at ?? 'never'}
First healthy   ${summary.cleared_at ?? 'never'}
${last === undefined ? '' : reasons(last.judgement)}`;
}
