import type { MetricSource } from '../../adapters/metrics/port.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Gate } from './port.ts';

/** Passes when the metrics source answers, so that the monitor can see production after the deploy. */
export const metricsAnswer: Gate = {
  id: 'metrics-answer',
  title: 'Metrics',
  askedAgain: false,
  async check({ ports }) {
    const mayBeBlind = ports.service.policy.blindMonitor === 'allow';
    if (ports.metrics) return mayBeBlind ? seenOrNot(ports.metrics) : seen(ports.metrics);
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

async function seen(metrics: MetricSource) {
  return { verdict: 'passed', reason: await metrics.preflight() } as const;
}

/** Where the policy lets people ship blindly the gate passes and says so. A source that is set up wrongly still fails. */
async function seenOrNot(metrics: MetricSource): ReturnType<Gate['check']> {
  try {
    return await seen(metrics);
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
