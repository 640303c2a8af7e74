import type { LogSource } from '../../adapters/logs/port.ts';
import { BLOCK_MS, type KnownLogs, learnLogs } from '../../domain/logs/known.ts';
import type { SignsBefore } from '../../domain/promotion/signs.ts';
import { Refusal, Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import type { Live } from '../../domain/release/release.ts';
import { keepBaseline } from '../run/baseline.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { asked } from './ask-live.ts';

/** A release that is cut waits no longer than this for what is usual. */
const LONGEST_MS = 20_000;
/** Lines of each five minutes that are compared with. */
const MOST_LINES = 1_000;
/** Blocks that are read at the same time. */
const AT_ONCE = 4;
const MOST_BLOCKS = 24;

/** What fires, and which messages are usual, just before the deploy; null where no source is configured. */
async function signsBefore(
  ports: Pick<Ports, 'alerts' | 'logs' | 'clock' | 'service'>,
): Promise<SignsBefore | null> {
  const { alerts, logs, clock, service } = ports;
  if (alerts.length + logs.length === 0) return null;
  const now = clock.now();
  const [firing, usual] = await Promise.all([
    Promise.all(
      alerts.map(async (source) => {
        const answer = await asked(LONGEST_MS, (signal) => source.firing(signal));
        return [source.name, answer.kind === 'answer' ? answer.value.map(({ id }) => id) : null] as const;
      }),
    ),
    Promise.all(
      logs.map(async (source) => {
        const answer = await asked(LONGEST_MS, (signal) =>
          learnFrom(source, service.monitoring.baselineMs, now - source.delayMs, signal),
        );
        return [source.name, answer.kind === 'answer' ? answer.value : null] as const;
      }),
    ),
  ]);
  return { alerts: Object.fromEntries(firing), logs: Object.fromEntries(usual) };
}

/**
 * What is usual in a log, from the time before `toMs`, at least an hour: read in blocks, some of them at once. What keeps
 * little is read as a whole.
 */
export async function learnFrom(
  source: LogSource,
  baselineMs: number,
  toMs: number,
  signal: AbortSignal,
): Promise<KnownLogs> {
  const count = Math.min(MOST_BLOCKS, Math.ceil(Math.max(baselineMs, 60 * 60_000) / BLOCK_MS));
  const blocks = Array.from({ length: count }, (_, index) => toMs - (count - index) * BLOCK_MS);
  if (source.forgets) {
    const [fromMs = toMs] = blocks;
    const { lines, cut, sinceMs } = await source.read({ fromMs, toMs, most: MOST_LINES * count }, signal);
    const all = blocks.map((from) => ({
      lines: lines.filter(({ atMs }) => atMs >= from && atMs < from + BLOCK_MS),
      cut: cut || (sinceMs ?? 0) > from,
    }));
    return learnLogs(all, source.rules.ignore, sinceMs === undefined ? undefined : toMs - sinceMs);
  }
  const read = [];
  for (let first = 0; first < blocks.length; first += AT_ONCE) {
    const some = blocks.slice(first, first + AT_ONCE);
    read.push(
      ...(await Promise.all(
        some.map((fromMs) => source.read({ fromMs, toMs: fromMs + BLOCK_MS, most: MOST_LINES }, signal)),
      )),
    );
  }
  return learnLogs(read, source.rules.ignore);
}

const DAY_MS = 86_400_000;
/** The same time of yesterday, and of the same day of last week. */
const EARLIER_DAYS = [1, 7] as const;
/** A release that is cut waits no longer for what was days ago. */
const LONGEST_OF_DAYS_MS = 10_000;

/**
 * Reads what the source has of the time of the baseline on earlier days, and stores it. A source that forgets has nothing
 * of it, and one that does not answer has not either: what only such tell has the baseline of the last hour alone.
 */
async function keepHistory({ metrics, ledger, service }: Ports, id: string, nowMs: number): Promise<void> {
  if (!metrics || (metrics.parts ?? [metrics]).every(({ forgets }) => forgets === true)) return;
  const { baselineMs, tickMs } = service.monitoring;
  const endMs = nowMs - (metrics.delayMs ?? 0);
  await Promise.all(
    EARLIER_DAYS.map(async (days) => {
      const toMs = endMs - days * DAY_MS;
      const range = { fromMs: toMs - baselineMs, toMs, stepMs: tickMs };
      const answer = await asked(LONGEST_OF_DAYS_MS, (signal) => metrics.read(range, 'baseline', signal));
      if (answer.kind === 'silence') return;
      await ledger.addSamples(
        id,
        answer.value.map((sample) => ({ ...sample, phase: 'history' })),
      );
    }),
  );
}

/** How often metrics are asked for what they saw before the deploy. */
const TRIES = 2;

/**
 * What is live and how it behaves, just before the deploy. A release that is cut does not wait for its metrics: with
 * nothing to compare with, the watch is inconclusive. Answers with the signs of alerts and logs, where any are asked.
 */
export function rememberBefore(run: PromotionRun): Promise<SignsBefore | null> {
  return run.patiently(
    'baseline',
    async (attempt) => {
      const before = await liveNow(run.ports);
      const [signs] = await Promise.all([
        signsBefore(run.ports),
        storeBaseline(run, attempt),
        keepHistory(run.ports, run.id, run.ports.clock.now()),
      ]);
      if (before !== undefined) await run.show({ before });
      return signs;
    },
    { cancellable: true },
  );
}

/** Undefined for an answer that is not understood: that is one to the deployment, which people can try again. */
function liveNow({ target }: Ports): Promise<Live | null | undefined> {
  return target.live().catch(whenRefused(undefined));
}

async function storeBaseline({ ports, id }: PromotionRun, attempt: number): Promise<void> {
  await keepBaseline(ports, id, ports.clock.now()).catch((error: unknown) => {
    const waits = error instanceof Unavailable && attempt < TRIES;
    if (waits || !(error instanceof Unavailable || error instanceof Refusal)) throw error;
  });
}
