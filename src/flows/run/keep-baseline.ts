import type { Ports } from './ports.ts';

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
