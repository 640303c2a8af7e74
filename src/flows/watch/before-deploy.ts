import type { LogSource } from '../../adapters/logs/port.ts';
import { BLOCK_MS, type KnownLogs, learnLogs } from '../../domain/logs/known.ts';
import type { SignsBefore } from '../../domain/promotion/signs.ts';
import type { Ports } from '../run/ports.ts';
import { asked } from './asked.ts';

/** A release that is cut waits no longer than this for what is usual. */
const LONGEST_MS = 20_000;
/** Lines of each five minutes that are compared with. */
const MOST_LINES = 1_000;
/** Blocks that are read at the same time. */
const AT_ONCE = 4;
const MOST_BLOCKS = 24;

/** What fires, and which messages are usual, just before the deploy; null where no source is configured. */
export async function signsBefore(
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
