import { type MetricSource, mustTell } from '../../adapters/metrics/port.ts';
import type { GateAnswer } from '../../domain/gates/gate.ts';
import { troubleBefore } from '../../domain/judge/before.ts';
import { inTicks, MOST_TICKS } from '../../domain/judge/in-ticks.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import { hasOverriders } from '../../domain/policy/policy.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { comparableFrom, judgeRulesOf } from '../run/baseline.ts';
import type { Ports } from '../run/ports.ts';
import type { Gate } from './port.ts';

/** Fewer ticks, or a shorter time, say nothing of a source that has no value of them. */
const FEWEST_TICKS = 10;
/** Some preflights see the service when it had one request in so long a time. */
const SHORTEST_MS = 900_000;

/**
 * Passes when the metrics source answers, so that the monitor can see production after the deploy, and when production
 * is well before it: nobody could tell a bad release from what is wrong already.
 */
export const metricsAnswer: Gate = {
  id: 'metrics-answer',
  title: 'Metrics',
  askedAgain: false,
  async check({ ports }) {
    const mayBeBlind = ports.service.policy.blindMonitor === 'allow';
    if (ports.metrics) return mayBeBlind ? seenOrNot(ports, ports.metrics) : seen(ports, ports.metrics);
    if (mayBeBlind) {
      return {
        verdict: 'passed',
        reason: 'No metrics are configured, and the policy allows that: the window shows nothing.',
      };
    }
    return {
      verdict: 'failed',
      reason: 'No metrics are configured, so nobody would see that production suffers.',
      remedy: `Add \`metrics\` to ${ports.service.name} in slipway.yaml (\`use: probe\` needs only a URL), then re-check.`,
    };
  },
};

async function seen(ports: Ports, metrics: MetricSource): Promise<GateAnswer> {
  mustTell(metrics, ports.service.monitoring.tickMs);
  const answer = await metrics.preflight();
  const { ticks, asked } = await ticksBefore(ports, metrics);
  const reason = answer + valuesIn(metrics, ticks, { asked, tickMs: ports.service.monitoring.tickMs });
  const trouble = asked === 0 ? null : troubleBefore(ticks, judgeRulesOf(ports));
  if (trouble === null) {
    const doubt = (await metrics.doubt?.()) ?? null;
    return doubt === null
      ? { verdict: 'passed', reason }
      : { verdict: 'passed', reason: `${reason} ${doubt}`, notable: true };
  }
  return {
    verdict: 'failed',
    reason: `Production is not well before the deploy: ${trouble.words}.`,
    // What another metric shows, or what has become critical, is other trouble.
    barriers: trouble.signs.map((sign) => `metrics:trouble:${sign}`),
    remedy: `Find out what is wrong, or wait until it is over. If this release is the mend, ${
      hasOverriders(ports.service.policy)
        ? 'break the glass.'
        : 'name who may break the glass under permissions.override in slipway.yaml.'
    }`,
  };
}

/** What the source has of the time that would be the baseline now, and of how many ticks it was asked. */
async function ticksBefore(ports: Ports, metrics: MetricSource) {
  const { tickMs } = ports.service.monitoring;
  const toMs = ports.clock.now() - (metrics.delayMs ?? 0);
  const asked = Math.floor((toMs - (await comparableFrom(ports, toMs))) / tickMs);
  const range = { fromMs: toMs - asked * tickMs, toMs, stepMs: tickMs };
  const samples = asked === 0 ? [] : await metrics.read(range, 'baseline');
  return { ticks: inTicks(samples, { fromMs: range.fromMs, toMs, tickMs }), asked };
}

/**
 * A sentence where few ticks have a value. Refusal `metrics-blind` where none has one although the source sees the
 * service in a longer time: it is asked less often than ticks end, or has its figures later than they are read.
 */
function valuesIn(
  metrics: MetricSource,
  ticks: readonly (Sample | null)[],
  { asked, tickMs }: { readonly asked: number; readonly tickMs: number },
): string {
  const counted = Math.min(asked, MOST_TICKS);
  const valued = ticks.filter((sample) => sample?.total !== undefined).length;
  if (metrics.forgets || metrics.absent?.().length || asked < FEWEST_TICKS || valued >= counted / 2)
    return '';
  const [count, tick] = [counted.toLocaleString('en'), durationInWords(tickMs)];
  const isScraped = (metrics.parts ?? [metrics]).some(({ kind }) => kind === 'prometheus');
  const advice = [
    ...(isScraped ? ['set `metrics.scrape` to how often the service is really asked'] : []),
    ...(metrics.delayMs === undefined ? [] : ['set `metrics.delay` to how late its figures come']),
    'make `monitor.tick` longer',
  ].join(', or ');
  if (valued > 0) {
    return ` Only ${valued} of ${count} ticks before have a value: with little traffic that is so, else ${advice}.`;
  }
  if (asked * tickMs < SHORTEST_MS) return '';
  const reason = `none of the ${count} ticks of ${tick} before has a value: ${advice}`;
  throw new Refusal('metrics-blind', { source: metrics.kind, reason });
}

/** Where the policy lets people ship blindly the gate passes and says so. A source that is set up wrongly still fails. */
async function seenOrNot(ports: Ports, metrics: MetricSource): Promise<GateAnswer> {
  try {
    return await seen(ports, metrics);
  } catch (error) {
    const isBlind = error instanceof Refusal && error.code === 'metrics-blind';
    if (!isBlind && !(error instanceof Unavailable)) throw error;
    const why = isBlind ? explain(error).text : `${error.message}.`;
    return {
      verdict: 'passed',
      reason: `${why} The policy allows to ship all the same: nobody may see that production suffers.`,
      notable: true,
    };
  }
}
