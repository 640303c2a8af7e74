import { hotfixWaits } from '../../domain/promotion/events/ending.ts';
import { hotfixOf, type OrderedHotfix } from '../../domain/promotion/hotfix.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Starts the run of a promotion that is stored; starting it twice starts nothing. */
export type StartRun = (promotionId: string) => Promise<void>;

/**
 * Opens the promotion of a hotfix, once the one that it mends is over: a service has at most one that is open. Its id
 * was given when a person asked for it, so that it is opened once, also after a crash. Where somebody else was faster
 * they are put in the queue. Without `startRun` the job that looks for promotions without a run starts it.
 */
export async function openHotfix(
  run: PromotionRun,
  ordered: OrderedHotfix,
  startRun?: StartRun,
): Promise<void> {
  const { ledger, slack, service } = run.ports;
  const { next, by, fix } = ordered;
  const busy = await run.step('open-hotfix', async () => {
    const mended = await ledger.get(run.id);
    const { release } = mended.data;
    if (release === undefined) throw new Error(`promotion ${run.id} has no release to mend`);
    const hotfix = hotfixOf(mended, release, fix);
    const request = { service: service.name, bump: 'auto', by, hotfix } as const;
    try {
      await ledger.open({ id: next, request, channel: mended.channel, source: { via: 'hotfix' } });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'promotion-open') throw error;
      await ledger.joinQueue(service.name, by, { bump: 'auto' });
      return String(error.facts['promotion'] ?? '');
    }
    await slack.refresh(next);
    await startRun?.(next);
    return null;
  });
  if (busy !== null) await run.record(hotfixWaits(ordered, busy));
}
