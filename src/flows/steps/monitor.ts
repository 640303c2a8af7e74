import { type ChartData, errorRateChart, rate } from '../../domain/judge/chart.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import type { Judgement, JudgeVerdict } from '../../domain/judge/verdict.ts';
import type { MonitorView } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

export type MonitorOutcome =
  | {
      readonly kind: 'shipped';
      readonly judgement: Judgement;
      readonly watchedMs: number;
      readonly acceptedBy: string | null;
    }
  | { readonly kind: 'rollback'; readonly by: string | null; readonly reason: string; readonly to?: string };

const KINDS = ['rollback', 'extend', 'hold', 'release-hold', 'accept', 'report'] as const;
const SHOWN_TICKS = 60;
/** Missing samples in a row that are said in the thread. */
const BLIND_TICKS = 5;
const UNSEEN: Judgement = { verdict: 'watching', findings: [] };

/** Watches production after a deploy until the window closes, people decide, or the evidence demands a rollback. */
export async function monitor(
  run: PromotionRun,
  release: Release,
  deployedAt: number,
): Promise<MonitorOutcome> {
  const { journal, ports, inbox } = run;
  const { windowMs, tickMs, checkpointMs } = ports.service.monitoring;
  const startedAt = await journal.now();
  let view: MonitorView = {
    startedAt,
    endsAt: startedAt + windowMs,
    tick: 0,
    judgement: UNSEEN,
    held: false,
    errorRates: [],
    blind: 0,
    reports: 0,
  };
  await run.mark('monitor-start', {
    to: 'monitoring',
    data: { monitor: view, decision: null, notice: null },
    progress: [{ name: 'monitor', status: 'running' }],
    notice: { kind: 'watching', until: view.endsAt, everyMs: tickMs },
  });

  let now = startedAt;
  let saidAt = startedAt;
  let saidVerdict: JudgeVerdict = UNSEEN.verdict;
  let asked = false;
  for (let turn = 1; ; turn++) {
    const message = await inbox.next(KINDS, startedAt + (view.tick + 1) * tickMs - now);
    if (message) {
      now = await journal.now();
      if (message.kind === 'rollback') return message;
      if (message.kind === 'accept') {
        return {
          kind: 'shipped',
          judgement: view.judgement,
          watchedMs: now - startedAt,
          acceptedBy: message.by,
        };
      }
      if (message.kind === 'report') {
        view = { ...view, reports: view.reports + 1 };
        const notice = { kind: 'user-report' as const, by: message.by, text: message.text };
        await run.mark(`monitor-report-${turn}`, { data: { monitor: view }, notice });
        continue;
      }
      const change = message.kind === 'extend' ? 'extended' : message.kind === 'hold' ? 'held' : 'released';
      const endsAt = message.kind === 'extend' ? Math.max(view.endsAt, now) + message.ms : view.endsAt;
      const held = message.kind === 'hold' || (message.kind === 'extend' && view.held);
      view = { ...view, endsAt, held, window: (view.window ?? 0) + 1 };
      if (message.kind === 'extend') asked = false;
      await run.mark(`monitor-window-${turn}`, {
        data: { monitor: view },
        notice: { kind: 'window-changed', by: message.by, change, until: view.endsAt },
      });
      continue;
    }

    const before = view;
    const ticked = await journal.step(`monitor-tick-${turn}`, () => tick(run, before, release));
    now = ticked.now;
    view = ticked.view;
    const { verdict } = view.judgement;
    // Right after a deploy little was seen: that is no news, going blind is.
    const changed = verdict !== saidVerdict && (verdict !== 'inconclusive' || view.blind >= BLIND_TICKS);
    const bad = verdict === 'warning' || verdict === 'critical';
    const over = now >= view.endsAt && !view.held;

    if (verdict === 'critical' && changed && ports.service.policy.automaticRollback === 'critical') {
      await say(run, `monitor-alarm-${turn}`, view, release, deployedAt, {
        was: saidVerdict,
        alarm: true,
        decision: null,
      });
      return { kind: 'rollback', by: null, reason: worstReason(view.judgement) };
    }
    if (over && !bad && verdict !== 'inconclusive') {
      return { kind: 'shipped', judgement: view.judgement, watchedMs: now - startedAt, acceptedBy: null };
    }
    if (over && !asked) {
      const decision = bad ? 'warning' : 'unproven';
      const about = { was: saidVerdict, alarm: true, decision } as const;
      asked = true;
      saidAt = now;
      saidVerdict = verdict;
      await say(run, `monitor-over-${turn}`, view, release, deployedAt, about);
    } else if (changed || now - saidAt >= checkpointMs) {
      const decision = bad ? 'warning' : asked ? 'unproven' : null;
      const about = { was: saidVerdict, alarm: bad && changed, decision } as const;
      saidAt = now;
      saidVerdict = verdict;
      await say(run, `monitor-say-${turn}`, view, release, deployedAt, about);
    }
  }
}

/** Reads what was seen since the last tick, stores it, and judges all of it. */
async function tick(
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
  const after = all.filter((sample) => sample.phase === 'after');
  const judged = ports.judge(
    all.filter((sample) => sample.phase === 'baseline'),
    after,
    { errorRateRise: monitoring.errorRateRise, latencyRise: monitoring.latencyRise },
  );
  const rates = fresh.length === 0 ? [null] : fresh.map((sample) => rate(sample.errors, sample.total));
  const blind = rates.every((value) => value === null) ? before.blind + rates.length : 0;
  const judgement = withReports(
    blind >= BLIND_TICKS ? withBlindness(judged, blind) : judged,
    before.reports,
    release,
  );
  const view = {
    ...before,
    tick: number,
    judgement,
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

/** Missing samples are never good samples. An alarm that stands is not lowered by going blind. */
function withBlindness(judgement: Judgement, ticks: number): Judgement {
  const finding = {
    metric: 'samples',
    verdict: 'inconclusive' as const,
    now: ticks,
    unit: 'count' as const,
    reason: `Nothing was seen of production for ${ticks} ticks in a row.`,
  };
  const stands = judgement.verdict === 'critical' || judgement.verdict === 'warning';
  return { verdict: stands ? judgement.verdict : 'inconclusive', findings: [...judgement.findings, finding] };
}

/** A problem that a person reported asks people to look; it is never a reason to roll back by itself. */
function withReports(judgement: Judgement, reports: number, release: Release): Judgement {
  if (reports === 0) return judgement;
  const finding = {
    metric: 'user reports',
    verdict: 'warning' as const,
    baseline: 0,
    now: reports,
    unit: 'count' as const,
    reason: `${reports === 1 ? 'One problem was' : `${reports} problems were`} reported with ${release.tag}.`,
  };
  return {
    verdict: judgement.verdict === 'critical' ? 'critical' : 'warning',
    findings: [...judgement.findings, finding],
  };
}

function worstReason(judgement: Judgement): string {
  const worst = judgement.findings.find((finding) => finding.verdict === judgement.verdict);
  return worst?.reason ?? `The verdict is ${judgement.verdict}.`;
}

interface Saying {
  /** The verdict that was said last: a new one goes into the audit, a checkpoint does not. */
  readonly was: JudgeVerdict;
  readonly alarm: boolean;
  readonly decision: 'warning' | 'unproven' | null;
}

async function say(
  run: PromotionRun,
  name: string,
  view: MonitorView,
  release: Release,
  deployedAt: number,
  { was, alarm, decision }: Saying,
): Promise<void> {
  const { judgement, endsAt: until } = view;
  const { verdict } = judgement;
  await run.mark(name, async () => {
    const chart = alarm ? { chart: await windowChart(run, release, deployedAt) } : {};
    return {
      data: { decision },
      notice: { kind: 'monitor', judgement, until, alarm, ...chart },
      ...(verdict === was
        ? {}
        : {
            audit: {
              actor: 'slipway',
              action: 'production.turned',
              result: 'done',
              detail: { verdict, was, reason: worstReason(judgement) },
            },
          }),
    };
  });
}

export async function windowChart(
  { ports, id }: PromotionRun,
  release: Release,
  deployedAt: number,
): Promise<ChartData> {
  const { errorRateRise } = ports.service.monitoring;
  const facts = { title: `Error rate, ${release.tag}`, deployedAt, allowedRise: errorRateRise };
  return errorRateChart(await ports.ledger.samples(id), facts);
}
