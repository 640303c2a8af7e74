import type { Ports } from '../run/ports.ts';
import { asked } from './asked.ts';

const DAY_MS = 86_400_000;
/** The same time of yesterday, and of the same day of last week. */
const EARLIER_DAYS = [1, 7] as const;
/** A release that is cut waits no longer for what was days ago. */
const LONGEST_MS = 10_000;

/**
 * Reads what the source has of the time of the baseline on earlier days, and stores it. A source that forgets has nothing
 * of it, and one that does not answer has not either: what only such tell has the baseline of the last hour alone.
 */
export async function keepHistory(
  { metrics, ledger, service }: Ports,
  id: string,
  nowMs: number,
): Promise<void> {
  if (!metrics || (metrics.parts ?? [metrics]).every(({ forgets }) => forgets === true)) return;
  const { baselineMs, tickMs } = service.monitoring;
  const endMs = nowMs - (metrics.delayMs ?? 0);
  await Promise.all(
    EARLIER_DAYS.map(async (days) => {
      const toMs = endMs - days * DAY_MS;
      const range = { fromMs: toMs - baselineMs, toMs, stepMs: tickMs };
      const answer = await asked(LONGEST_MS, (signal) => metrics.read(range, 'baseline', signal));
      if (answer.kind === 'silence') return;
      await ledger.addSamples(
        id,
        answer.value.map((sample) => ({ ...sample, phase: 'history' })),
      );
    }),
  );
}
