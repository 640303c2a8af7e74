import { inLast } from '../counts/phrases.ts';
import type { Tick } from '../evidence/tick.ts';
import { milliseconds, percent, spell } from '../format.ts';
import { mergeHistograms, quantile } from '../histogram.ts';
import { isSeen, sightInWords } from '../sight.ts';
import type { MetricRules } from '../standing.ts';
import { recoveredFor, type Severity, type Standing, standsUntil } from '../standing.ts';
import type { JudgeVerdict, MetricFinding } from '../verdict.ts';
import type { LatencyBaseline } from './latency-baseline.ts';
import type { LatencyTick } from './latency-metric.ts';
import { msOf, type PercentileTick } from './percentile-metric.ts';

const RECENT_TICKS = 10;

type WordRules = Pick<MetricRules, 'limit' | 'tickMs'>;

/** What a tick says of latency, in words. */
export function latencyFinding(
  baseline: LatencyBaseline,
  judged: LatencyTick,
  { limit, tickMs }: WordRules,
): MetricFinding {
  const { state, severity, shown } = judged;
  const seen: readonly Tick[] = state.after.map((counts) => counts && [counts[0], 0]);
  if (shown === null) {
    return unknownLatency('The buckets of latency are others than before the deploy: it cannot be compared.');
  }
  const edges_ms = state.edges ?? baseline.all.edges_ms;
  const recent = mergeHistograms(state.recent.map((counts) => ({ edges_ms, counts })));
  const was = quantile(baseline.all, shown.quantile);
  const now = recent === null ? null : quantile(recent, shown.quantile);
  if (now === null || was === null)
    return unknownLatency(sightInWords(seen, tickMs) ?? 'No request was measured yet.');
  const change = now >= was ? `+${percent(now / was - 1)}` : `-${percent(1 - now / was)}`;
  const figures = `${milliseconds(now)} ${inLast(state.recent.length, tickMs)}, ${milliseconds(was)} before the deploy (${change}; the limit is +${percent(limit)})`;
  return {
    metric: `latency p${Math.round(shown.quantile * 100)}`,
    baseline: was,
    now,
    unit: 'ms',
    ...said(state.standing, severity, seen, { figures, tickMs }),
  };
}

/** The same of a source that knows percentiles only. */
export function percentileFinding(
  { state, severity, worst }: PercentileTick,
  { limit, tickMs }: WordRules,
): MetricFinding {
  const values = state.after.map((tick) => (worst === null ? null : msOf(tick, worst.name)));
  const now = values.findLast((ms) => ms !== null) ?? null;
  const seen: readonly Tick[] = values.map((ms) => (ms === null ? null : [1, 0]));
  if (worst === null || now === null) {
    return unknownLatency(sightInWords(seen, tickMs) ?? 'No percentile was measured yet.');
  }
  const slow = values.slice(-RECENT_TICKS).filter((ms) => ms !== null && ms > worst.usual * (1 + limit));
  const recent = inLast(Math.min(RECENT_TICKS, values.length), tickMs);
  const over = `over ${milliseconds(worst.usual * (1 + limit))}`;
  const long = slow.length === 0 ? `never ${over}` : `${over} for ${spell(slow.length * tickMs)}`;
  const figures = `${milliseconds(now)} now; ${long} ${recent}, and for a tenth of the time before the deploy`;
  return {
    metric: `latency ${worst.name}`,
    baseline: worst.usual,
    now,
    unit: 'ms',
    ...said(state.standing, severity, seen, { figures, tickMs }),
  };
}

function said(
  { alarm, calm, recovered }: Standing,
  severity: Severity,
  seen: readonly Tick[],
  { figures, tickMs }: { readonly figures: string; readonly tickMs: number },
): Pick<MetricFinding, 'verdict' | 'reason'> {
  const verdict = alarm ?? (severity === 'watching' ? severity : isSeen(seen) ? 'healthy' : 'inconclusive');
  const stands = alarm !== null && (severity === 'none' || severity === 'watching');
  const sight = verdict === 'inconclusive' ? ` ${sightInWords(seen, tickMs) ?? ''}` : '';
  const again = recovered ? `${recoveredFor(tickMs)} ` : '';
  const reason = `${again}${figures}${stands ? `. ${standsUntil(calm, tickMs)}` : MORE[verdict]}${sight}`;
  return { verdict, reason: reason.trimEnd() };
}

const MORE: Readonly<Record<JudgeVerdict, string>> = {
  healthy: '.',
  inconclusive: '.',
  watching: ': perhaps slower, not beyond chance yet.',
  warning: ': slower, or more slow requests.',
  critical: ': slower, or more slow requests.',
};

/** Latency of which nothing can be said. */
export function unknownLatency(reason: string): MetricFinding {
  return { metric: 'latency', verdict: 'inconclusive', unit: 'ms', reason };
}
