import { rate } from '../../domain/judge/chart.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import type { MonitorView } from '../../domain/promotion/promotion.ts';
import { withBlindness, withReports } from '../../domain/promotion/watch-window.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** How many ticks the card shows. */
const SHOWN_TICKS = 60;

/** Reads what was seen since the last tick, stores it, and judges all of it. */
export async function tick(
  run: PromotionRun,
  before: MonitorView,
  release: Release,
): Promise<{ readonly now: number; readonly view: MonitorView }> {
  const { ports, id } = run;
  const { monitoring } = ports.service;
  const now = ports.clock.now();
  const number = Math.max(before.tick + 1, Math.floor((now - before.startedAt) / monitoring.tickMs));
  const range = {
    fromMs: before.startedAt + before.tick * monitoring.tickMs,
    toMs: before.startedAt + number * monitoring.tickMs,
    stepMs: monitoring.tickMs,
  };
  ports.metrics?.observe(Math.max(before.endsAt, now) + 2 * monitoring.tickMs);
  const fresh = await readOrNothing(() => ports.metrics?.read(range, 'after'));
  await ports.ledger.addSamples(id, fresh);

  const all = await ports.ledger.samples(id);
  const judged = ports.judge(
    all.filter((sample) => sample.phase === 'baseline'),
    all.filter((sample) => sample.phase === 'after'),
    { errorRateRise: monitoring.errorRateRise, latencyRise: monitoring.latencyRise },
  );
  const rates = fresh.length === 0 ? [null] : fresh.map((sample) => rate(sample.errors, sample.total));
  const blind = rates.every((value) => value === null) ? before.blind + rates.length : 0;
  const view = {
    ...before,
    tick: number,
    judgement: withReports(withBlindness(judged, blind), before.reports, release.tag),
    blind,
    errorRates: [...before.errorRates, ...rates].slice(-SHOWN_TICKS),
  };
  await run.show({ monitor: view });
  return { now, view };
}

async function readOrNothing(read: () => Promise<readonly Sample[]> | undefined): Promise<readonly Sample[]> {
  try {
    return (await read()) ?? [];
  } catch (error) {
    // A source that lets nobody in shows as little as one that is away.
    if (error instanceof Unavailable || error instanceof Refusal) return [];
    throw error;
  }
}
