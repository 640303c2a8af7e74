import type { PromotionState } from '../../domain/promotion/promotion.ts';
import { whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import type { RequestContext } from '../requests/request.ts';
import { keepBaseline } from '../run/baseline.ts';
import { forEach } from '../run/for-each.ts';

const BEFORE_RELEASE: readonly PromotionState[] = ['checking', 'blocked', 'awaiting-approval'];

/**
 * Stores what was seen of production since the last time, for every promotion that is not being released yet and whose
 * source forgets it when Slipway stops. A tick that was stored already is stored once.
 */
export async function keepBaselines({ services, ledger }: RequestContext): Promise<void> {
  await forEach([...services.values()], async (ports) => {
    if (ports.metrics?.forgets !== true) return;
    const open = await ledger.openFor(ports.service.name);
    if (open === null || !BEFORE_RELEASE.includes(open.state)) return;
    await keepBaseline(ports, open.id, ports.clock.now()).catch(whenRefusedOrAway(undefined));
  });
}
