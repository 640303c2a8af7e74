import type { Gate } from './gate.ts';

/** A blind monitor proves nothing: without figures nobody would see that production suffers. */
export const metricsAnswer: Gate = {
  id: 'metrics-answer',
  title: 'Metrics',
  async check({ ports }) {
    if (ports.metrics) return { verdict: 'passed', reason: await ports.metrics.preflight() };
    if (ports.service.policy.blindMonitor === 'allow') {
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
