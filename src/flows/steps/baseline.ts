import type { SignsBefore } from '../../domain/promotion/signs.ts';
import { Refusal, Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import type { Live } from '../../domain/release/release.ts';
import { keepBaseline } from '../run/keep-baseline.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { signsBefore } from '../watch/before-deploy.ts';
import { keepHistory } from '../watch/earlier-days.ts';

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
