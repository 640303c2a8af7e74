import { type AlertWatch, alertFinding } from '../alerts/alert-watch.ts';
import type { MetricFinding } from '../judge/verdict.ts';
import type { KnownLogs } from '../logs/known.ts';
import { logFindings } from '../logs/log-findings.ts';
import type { LogRules, LogWatch } from '../logs/log-watch.ts';
import { ownValue } from '../text/own.ts';

/** What alert and log sources had before the deploy, by their names; null: it could not be asked. Plain JSON. */
export interface SignsBefore {
  readonly alerts: Readonly<Record<string, readonly string[] | null>>;
  readonly logs: Readonly<Record<string, KnownLogs | null>>;
}

/** What is remembered of alert and log sources since the deploy, by their names; plain JSON. */
export interface Signs {
  readonly alerts: Readonly<Record<string, AlertWatch>>;
  readonly logs: Readonly<Record<string, LogWatch>>;
}

interface LogPlace {
  readonly name: string;
  readonly rules: LogRules;
  readonly link?: string | undefined;
}

/** What alerts and logs say of production, in the order of the sources. */
export function signFindings(
  signs: Signs,
  before: SignsBefore,
  sources: { readonly alerts: readonly { readonly name: string }[]; readonly logs: readonly LogPlace[] },
  deployedAt: number,
): MetricFinding[] {
  const alerts = sources.alerts.flatMap(({ name }) => {
    const watch = ownValue(signs.alerts, name);
    return watch === undefined ? [] : [alertFinding(name, watch)];
  });
  const logs = sources.logs.flatMap(({ name, rules, link }) => {
    const watch = ownValue(signs.logs, name);
    const about = { source: name, rules, deployedAt, ...(link === undefined ? {} : { link }) };
    return watch === undefined ? [] : logFindings(watch, ownValue(before.logs, name) ?? null, about);
  });
  return [...alerts, ...logs];
}

/** For how many ticks in a row the most silent source has not answered. */
export function silenceOf({ alerts, logs }: Signs): number {
  return Math.max(0, ...[...Object.values(alerts), ...Object.values(logs)].map(({ silent }) => silent));
}
