import { type MetricSource, mustTell } from '../../adapters/metrics/port.ts';
import { troubleBefore } from '../../domain/judge/before.ts';
import { inTicks } from '../../domain/judge/in-ticks.ts';
import { hasOverriders } from '../../domain/policy/policy.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { comparableFrom, judgeRulesOf } from '../run/baseline.ts';
import type { Ports } from '../run/ports.ts';
import type { Gate } from './port.ts';

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

async function seen(ports: Ports, metrics: MetricSource): ReturnType<Gate['check']> {
  mustTell(metrics, ports.service.monitoring.tickMs);
  const reason = await metrics.preflight();
  const trouble = await troubleNow(ports, metrics);
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

/** Why production is not well by what the source saw of the time that would be the baseline now. */
async function troubleNow(ports: Ports, metrics: MetricSource): Promise<ReturnType<typeof troubleBefore>> {
  const { tickMs } = ports.service.monitoring;
  const toMs = ports.clock.now() - (metrics.delayMs ?? 0);
  const ticksBack = Math.floor((toMs - (await comparableFrom(ports, toMs))) / tickMs);
  if (ticksBack === 0) return null;
  const range = { fromMs: toMs - ticksBack * tickMs, toMs, stepMs: tickMs };
  const ticks = inTicks(await metrics.read(range, 'baseline'), { fromMs: range.fromMs, toMs, tickMs });
  return troubleBefore(ticks, judgeRulesOf(ports));
}

/** Where the policy lets people ship blindly the gate passes and says so. A source that is set up wrongly still fails. */
async function seenOrNot(ports: Ports, metrics: MetricSource): ReturnType<Gate['check']> {
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
