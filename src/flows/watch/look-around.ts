import type { AlertSource } from '../../adapters/alerts/port.ts';
import type { LogSource } from '../../adapters/logs/port.ts';
import { alertsHeard, alertsUnheard, beginAlertWatch } from '../../domain/alerts/alert-watch.ts';
import type { MetricFinding } from '../../domain/judge/verdict.ts';
import type { KnownLogs } from '../../domain/logs/known.ts';
import { beginLogWatch, type LogWatch, logsRead, logsUnread } from '../../domain/logs/log-watch.ts';
import { type Signs, type SignsBefore, signFindings, silenceOf } from '../../domain/promotion/signs.ts';
import { ownValue } from '../../domain/text/own.ts';
import type { Ports } from '../run/ports.ts';
import { type Answered, asked } from './ask-live.ts';
import { learnFrom } from './before-deploy.ts';

/** Lines that are read at one tick at most; of more, the newest. */
const MOST_LINES = 2_000;
/** A tick waits for the slowest source no longer than this. */
const LONGEST_MS = 15_000;

/** What a look around is made from. */
export interface Around {
  readonly before: SignsBefore;
  /** As of the last tick; null before the first one. */
  readonly signs: Signs | null;
  /** The deployment, ms since the epoch. */
  readonly deployment: { readonly startedAt: number; readonly finishedAt: number };
}

export interface Looked {
  readonly signs: Signs;
  /** What only now could be read of the time before the deploy. */
  readonly learned?: Readonly<Record<string, KnownLogs>>;
}

/**
 * Asks all alert and log sources side by side what is new since the last tick, within bounded time. A source that does
 * not answer has said nothing: what it said before stands.
 */
export async function lookAround(
  ports: Pick<Ports, 'alerts' | 'logs' | 'clock' | 'service'>,
  around: Around,
): Promise<Looked> {
  const withinMs = Math.min(LONGEST_MS, ports.service.monitoring.tickMs);
  const [alerts, logs] = await Promise.all([
    Promise.all(ports.alerts.map((source) => lookAtAlerts(source, around, withinMs))),
    Promise.all(ports.logs.map((source) => lookAtLogs(source, around, ports, withinMs))),
  ]);
  const learned = logs.flatMap(({ name, learned: known }) =>
    known === null ? [] : [[name, known] as const],
  );
  return {
    signs: {
      alerts: Object.fromEntries(alerts),
      logs: Object.fromEntries(logs.map(({ name, watch }) => [name, watch])),
    },
    ...(learned.length === 0 ? {} : { learned: Object.fromEntries(learned) }),
  };
}

/** What was looked at, as a tick is journaled; nothing where there is nothing to look at. */
export function signsOf({ signs, learned }: Looked): Partial<Looked> {
  const isNothing = Object.keys(signs.alerts).length + Object.keys(signs.logs).length === 0;
  return isNothing ? {} : { signs, ...(learned === undefined ? {} : { learned }) };
}

/** For the card: for how many ticks in a row a source has not answered; nothing when all have. */
export function silent({ signs }: Looked): { readonly silent?: number } {
  const ticks = silenceOf(signs);
  return ticks === 0 ? {} : { silent: ticks };
}

/** What alerts and logs say of production. */
export function findingsOf(
  ports: Pick<Ports, 'alerts' | 'logs'>,
  { before, deployment }: Around,
  { signs, learned }: Looked,
): readonly MetricFinding[] {
  const known = learned === undefined ? before : { ...before, logs: { ...before.logs, ...learned } };
  const { finishedAt: fromMs } = deployment;
  const logs = ports.logs.map((source) => {
    const toMs = Math.max(fromMs, signs.logs[source.name]?.readTo ?? fromMs);
    return { name: source.name, rules: source.rules, link: source.link?.({ fromMs, toMs }) };
  });
  return signFindings(signs, known, { alerts: ports.alerts, logs }, fromMs);
}

async function lookAtAlerts(source: AlertSource, { before, signs, deployment }: Around, withinMs: number) {
  const { name } = source;
  const watch = ownValue(signs?.alerts, name) ?? beginAlertWatch(ownValue(before.alerts, name) ?? null);
  const firing = await asked(withinMs, (signal) => source.firing(signal));
  const next =
    firing.kind === 'answer'
      ? alertsHeard(watch, firing.value, deployment.startedAt)
      : alertsUnheard(watch, firing.why);
  return [name, next] as const;
}

interface LookedAtLogs {
  readonly name: string;
  readonly watch: LogWatch;
  readonly learned: KnownLogs | null;
}

async function lookAtLogs(
  source: LogSource,
  { before, signs, deployment }: Around,
  { clock, service }: Pick<Ports, 'clock' | 'service'>,
  withinMs: number,
): Promise<LookedAtLogs> {
  const { name, rules, delayMs } = source;
  const { finishedAt } = deployment;
  const watch = ownValue(signs?.logs, name) ?? beginLogWatch(finishedAt);
  const toMs = clock.now() - delayMs;
  const known = ownValue(before.logs, name) ?? null;
  const late: Answered<KnownLogs> | null =
    known !== null || source.forgets
      ? null
      : await asked(withinMs, (signal) =>
          learnFrom(source, service.monitoring.baselineMs, deployment.startedAt, signal),
        );
  const learned = late?.kind === 'answer' ? late.value : null;
  const usual = known ?? learned;
  if (usual === null) {
    const why = late?.kind === 'silence' ? late.why : 'it was not asked then';
    return { name, watch: logsUnread(watch, why), learned };
  }
  if (toMs <= watch.readTo) return { name, watch, learned };
  const range = { fromMs: watch.readTo, toMs, most: MOST_LINES };
  const read = await asked(withinMs, (signal) => source.read(range, signal));
  const settledAt = finishedAt + service.monitoring.settleMs;
  const next =
    read.kind === 'answer'
      ? logsRead(watch, read.value, toMs, usual, rules, settledAt)
      : logsUnread(watch, read.why);
  return { name, watch: next, learned };
}
