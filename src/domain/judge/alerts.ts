import type { Sample } from './sample.ts';
import type { MetricFinding } from './verdict.ts';

/** Critical alerts as they were last heard of. Null where nobody tells. */
export function judgeAlerts(before: readonly Sample[], after: readonly Sample[]): MetricFinding | null {
  const firing = after.findLast((sample) => sample.alerts !== undefined)?.alerts;
  if (firing === undefined) return null;
  const known = before.findLast((sample) => sample.alerts !== undefined)?.alerts ?? [];
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
