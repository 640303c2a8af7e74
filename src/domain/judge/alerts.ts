import { ownValue } from '../text/own.ts';
import type { Sample } from './sample.ts';
import type { MetricFinding } from './verdict.ts';

/** Critical alerts that fire as they were last heard of; undefined where nobody tells. */
export function firingIn(samples: readonly Sample[]): readonly string[] | undefined {
  return samples.findLast((sample) => sample.alerts !== undefined)?.alerts;
}

/** In so many answers in a row an alert must not fire to be over: one that comes and goes is still the same. */
export const OVER_ANSWERS = 5;

/** Alerts that fired before the deploy, and in how many answers in a row one did not fire, where that is any. */
export interface KnownAlerts {
  readonly known: readonly string[];
  readonly quiet: Readonly<Record<string, number>>;
}

/** Of the alerts that fired before the deploy, those that have not been over since; undefined: nothing was heard now. */
export function stillKnown(
  { known, quiet }: KnownAlerts,
  firing: readonly string[] | undefined,
): KnownAlerts {
  if (firing === undefined) return { known, quiet };
  const silent = known.filter((one) => !firing.some((other) => isSame(one, other)));
  const counted = silent.map((one) => [one, (ownValue(quiet, one) ?? 0) + 1] as const);
  const over = new Set(counted.flatMap(([one, answers]) => (answers < OVER_ANSWERS ? [] : [one])));
  return {
    known: known.filter((one) => !over.has(one)),
    quiet: Object.fromEntries(counted.filter(([one]) => !over.has(one))),
  };
}

/** Critical alerts that fire now, against those that fired before the deploy and have not stopped since. */
export function judgeAlerts(known: readonly string[], firing: readonly string[]): MetricFinding {
  const fresh = firing.filter((one) => !known.some((other) => isSame(other, one)));
  const finding = (verdict: MetricFinding['verdict'], reason: string): MetricFinding => ({
    metric: 'critical alerts',
    verdict,
    baseline: known.length,
    now: firing.length,
    unit: 'count',
    reason,
  });
  if (fresh.length > 0) return finding('critical', `${inWords(fresh)} since the deploy.`);
  if (firing.length > 0) return finding('warning', `${inWords(firing)}, as before the deploy.`);
  return finding('healthy', 'No critical alert fires.');
}

/** An alert as a sample names it, with its labels: `ShopDown{instance="a"}`. Older samples have the name alone. */
export function namedAlert(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .filter(([label]) => label !== 'alertname')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? nameIn(name) : `${nameIn(name)}{${pairs.join(',')}}`;
}

/** What people call an alert of a sample. */
export function nameIn(alert: string): string {
  const end = alert.indexOf('{');
  return end < 0 ? alert : alert.slice(0, end);
}

/** A name alone stands for all alerts of that name. */
function isSame(known: string, firing: string): boolean {
  return (
    known === firing || ((!known.includes('{') || !firing.includes('{')) && nameIn(known) === nameIn(firing))
  );
}

/** `Critical alert ShopDown fires`, `Alerts A, B and 3 more fire`. */
export function alertsInWords(alerts: readonly { readonly name: string }[], critical: boolean): string {
  const names = [...new Set(alerts.map(({ name }) => name))];
  const shown = names.slice(0, 5).join(', ');
  const rest = names.length > 5 ? ` and ${names.length - 5} more` : '';
  const kind = critical ? 'Critical alert' : 'Alert';
  return names.length === 1 ? `${kind} ${shown} fires` : `${kind}s ${shown}${rest} fire`;
}

function inWords(alerts: readonly string[]): string {
  return alertsInWords(
    alerts.map((alert) => ({ name: nameIn(alert) })),
    true,
  );
}
