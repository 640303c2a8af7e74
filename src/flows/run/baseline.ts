import type { JudgeRules } from '../../domain/judge/begin.ts';
import { ERROR_RATE } from '../../domain/judge/counts/phrases.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import type { Ports } from './ports.ts';

/** A rollback may be of an older promotion than the last one. */
const LOOKED_AT = 5;

/**
 * From when on what production shows says how it is without a release: so long back as a baseline goes, and not before the
 * last rollback was over, as what was rolled back is not how production usually is. ms since the epoch.
 */
export async function comparableFrom(
  { ledger, service }: Pick<Ports, 'ledger' | 'service'>,
  endMs: number,
): Promise<number> {
  const back = await ledger.recent({ service: service.name, states: ['rolled-back'], limit: LOOKED_AT });
  const over = back.flatMap(({ data }) => data.rollback?.finishedAt ?? []).filter((at) => at < endMs);
  return Math.max(endMs - service.monitoring.baselineMs, ...over);
}

/** Samples without those of before the deploy that nothing is compared with; what waited for days has stored more. */
export async function comparable(
  ports: Pick<Ports, 'ledger' | 'service'>,
  samples: readonly Sample[],
): Promise<readonly Sample[]> {
  const times = samples.filter(({ phase }) => phase === 'baseline').map(({ at }) => Date.parse(at));
  if (times.length === 0) return samples;
  const from = await comparableFrom(ports, Math.max(...times));
  return samples.filter(({ phase, at }) => phase !== 'baseline' || Date.parse(at) > from);
}

/** Reads the whole ticks after the last one stored, at most as far back as a baseline goes, and stores them. */
export async function keepBaseline(
  { metrics, ledger, service }: Ports,
  id: string,
  nowMs: number,
): Promise<void> {
  if (!metrics) return;
  const { baselineMs, tickMs } = service.monitoring;
  const known = (await ledger.samples(id)).filter(({ phase }) => phase === 'baseline');
  const endMs = nowMs - (metrics.delayMs ?? 0);
  const last = Math.max(...known.map(({ at }) => Date.parse(at)), endMs - baselineMs);
  const toMs = last + Math.floor((endMs - last) / tickMs) * tickMs;
  if (toMs <= last) return;
  const range = { fromMs: last, toMs, stepMs: tickMs, isLive: true };
  await ledger.addSamples(id, await metrics.read(range, 'baseline'));
}

/** How production is judged: by the settings of the service, and by what its metrics source counts. */
export function judgeRulesOf({ service, metrics }: Pick<Ports, 'service' | 'metrics'>): JudgeRules {
  const { tickMs, settleMs, errorRateRise, latencyRise } = service.monitoring;
  const counted = Object.entries(metrics?.counts ?? {});
  const counts = Object.fromEntries(counted.map(([name, { rise }]) => [name, rise ?? errorRateRise]));
  const late = [
    ...(metrics?.isLate ? [ERROR_RATE] : []),
    ...counted.flatMap(([name, { isLate }]) => (isLate ? [name] : [])),
  ];
  return {
    tickMs,
    settleMs,
    errorRateRise,
    latencyRise,
    ...(counted.length > 0 ? { counts } : {}),
    ...(late.length > 0 ? { late } : {}),
  };
}
