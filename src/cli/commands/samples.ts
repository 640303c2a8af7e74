import { withWatchStart } from '../../domain/judge/in-ticks.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import type { Ledger } from '../../flows/run/ledger.ts';
import { withAudit } from '../audit-log.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** Prints what was seen of a promotion, in the format of a backtest. */
export async function samples({ words, env, output }: Invocation): Promise<number | null> {
  const [id, ...rest] = words;
  if (id === undefined || rest.length > 0) return null;
  const all = await withAudit({ env, output }, ({ ledger }) => samplesOf(ledger, id));
  for (const sample of all) await output.result(`${JSON.stringify(sample)}\n`);
  return EXIT.done;
}

/** In the order of time. Refusal `promotion-unknown`. */
async function samplesOf(ledger: Ledger, id: string): Promise<readonly Sample[]> {
  const { data } = await ledger.get(id);
  const stored = await ledger.samples(id);
  const all = data.monitor === undefined ? stored : withWatchStart(stored, data.monitor.startedAt);
  return [...all].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
