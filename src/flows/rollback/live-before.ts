import type { PromotionData } from '../../domain/promotion/promotion.ts';
import { whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import type { Live } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { asLive } from '../watch/ask-live.ts';

/** Whoever has to go on with a production that is broken asks no oftener. */
const TRIES = 2;

/** What is in production before a try to roll back: as the target says, else as the promotion knows. */
export async function liveBefore(run: PromotionRun, attempt: number): Promise<Live | null> {
  const { ports, id } = run;
  const look = async () => {
    const live = await ports.target.live();
    const { rollback: record } = (await ports.ledger.get(id)).data;
    if (attempt === 1 && record && record.from === undefined) {
      await run.show({ rollback: { ...record, from: live } });
    }
    return live;
  };
  const seen = await run
    .patiently('rollback-from', look, { tries: TRIES })
    .then((live) => ({ live }))
    .catch(whenRefusedOrAway(null));
  if (seen !== null) return seen.live;
  return run.step('rollback-from-known', async () =>
    lastDeployed((await ports.ledger.get(id)).data, ports.target.promotes === true),
  );
}

/** What the promotion knows to be in production, when production itself cannot say it. */
function lastDeployed(data: PromotionData, promotes: boolean): Live | null {
  const { rollback: record, release, deployment, before = null } = data;
  if (record?.deployment) return asLive(record.to, record.deployment, promotes);
  if (record?.after) return asLive(record.after.release, undefined, promotes);
  return release && deployment ? asLive(release, deployment, promotes) : before;
}
