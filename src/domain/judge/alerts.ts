import type { Sample } from './sample.ts';
import type { MetricFinding } from './verdict.ts';

/** Names of the critical alerts that fire as they were last heard of; undefined where nobody tells. */
export function firingIn(samples: readonly Sample[]): readonly string[] | undefined {
  return samples.findLast((sample) => sample.alerts !== undefined)?.alerts;
}

/** Critical alerts that fire now, against those that fired before the deploy. */
export function judgeAlerts(known: readonly string[], firing: readonly string[]): MetricFinding {
  const fresh = firing.filter((name) => !known.includes(name));
  const finding = (verdict: MetricFinding['verdict'], reason: string): MetricFinding => ({
    metric: 'critical alerts',
    verdict,
    baseline: known.length,
    now: firing.length,
    unit: 'count',
    reason,
  });
  if (fresh.length > 0) return finding('critical', `${alerts(fresh)} since the deploy.`);
  if (firing.length > 0) return finding('warning', `${alerts(firing)}, as before the deploy.`);
  return finding('healthy', 'No critical alert fires.');
}

function alerts(names: readonly string[]): string {
  return names.length === 1 ? `Critical alert ${names[0]} fires` : `Critical alerts ${names.join(', ')} fire`;
}
