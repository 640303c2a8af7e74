import { few } from '../text/few.ts';
import { ownValue } from '../text/own.ts';
import type { Sample } from './sample.ts';
import type { MetricFinding } from './verdict.ts';

/** Critical alerts that fire as they were last heard of; undefined where nobody tells. */
export function firingIn(samples: readonly Sample[]): readonly string[] | undefined {
  return samples.findLast((sample) => sample.alerts !== undefined)?.alerts;
}

/** In so many answers in a row an alert must not fire to be over: one that comes and goes is still the same. */
const OVER_ANSWERS = 5;

/** What is known of the alerts that fired before the deploy. */
export interface KnownAlerts {
  /** Those that have not been over since; null: nobody knows yet. */
  readonly known: readonly string[] | null;
  /** Those of them of which it is only supposed. */
  readonly unsure: readonly string[];
  /** In how many answers in a row one did not fire, where that is any. */
  readonly quiet: Readonly<Record<string, number>>;
}

/** The same after an answer, if there was one. `deployedAt`: when the deployment began, ms since the epoch; absent: not known. */
export function stillKnown(
  before: KnownAlerts,
  { alerts: firing, alerts_since: times }: Pick<Sample, 'alerts' | 'alerts_since'>,
  deployedAt: number | undefined,
): KnownAlerts {
  if (firing === undefined) return before;
  const isOlder = (one: string): boolean | null => {
    const since = Date.parse(ownValue(times, one) ?? '');
    return deployedAt === undefined || Number.isNaN(since) ? null : since < deployedAt;
  };
  return knownAfter(before, firing, isOlder, isSame);
}

/**
 * After an answer. What fired before the deploy counts again once it was over. An alert that says that it is older than the
 * deploy (`isOlder`; null: it does not say) is known, whether it was heard of then or not: it began just before, was
 * silenced, or an answer was not whole. Where nobody knows what fired then, one that does not say is supposed to be.
 */
export function knownAfter(
  before: KnownAlerts,
  firing: readonly string[],
  isOlder: (one: string) => boolean | null,
  isAlike: (known: string, firing: string) => boolean,
): KnownAlerts {
  const known = before.known ?? [];
  const silent = known.filter((one) => !firing.some((other) => isAlike(one, other)));
  const counted = silent.map((one) => [one, (ownValue(before.quiet, one) ?? 0) + 1] as const);
  const over = new Set(counted.flatMap(([one, answers]) => (answers < OVER_ANSWERS ? [] : [one])));
  const supposed = firing
    .filter((one) => !known.some((other) => isAlike(other, one)))
    .filter((one) => isOlder(one) ?? before.known === null);
  return {
    known: [...known.filter((one) => !over.has(one)), ...supposed],
    unsure: [
      ...before.unsure.filter((one) => !over.has(one)),
      ...supposed.filter((one) => isOlder(one) === null),
    ],
    quiet: Object.fromEntries(counted.filter(([one]) => !over.has(one))),
  };
}

/** Critical alerts that fire now, against those that fired before the deploy and have not stopped since. */
export function judgeAlerts(
  { known: before, unsure }: Pick<KnownAlerts, 'known' | 'unsure'>,
  firing: readonly string[],
): MetricFinding {
  const known = before ?? [];
  const fresh = freshAmong(known, firing);
  const isUnsure = (one: string) => unsure.includes(one);
  const finding = (verdict: MetricFinding['verdict'], reason: string): MetricFinding => ({
    metric: 'critical alerts',
    verdict,
    baseline: known.length,
    now: firing.length,
    unit: 'count',
    reason,
  });
  if (fresh.length > 0) return finding('critical', `${inWords(fresh)} since the deploy.`);
  const [unknown, old] = [firing.filter(isUnsure), firing.filter((one) => !isUnsure(one))];
  const sentences = [
    ...(old.length > 0 ? [`${inWords(old)}, as before the deploy.`] : []),
    ...(unknown.length > 0 ? [`${inWords(unknown)}; whether before the deploy too is not known.`] : []),
  ];
  if (firing.length > 0) return finding('warning', sentences.join(' '));
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

function freshAmong(known: readonly string[], firing: readonly string[]): readonly string[] {
  return firing.filter((one) => !known.some((other) => isSame(other, one)));
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
  const kind = critical ? 'Critical alert' : 'Alert';
  return names.length === 1 ? `${kind} ${names[0]} fires` : `${kind}s ${few(names, 5)} fire`;
}

function inWords(alerts: readonly string[]): string {
  return alertsInWords(
    alerts.map((alert) => ({ name: nameIn(alert) })),
    true,
  );
}
