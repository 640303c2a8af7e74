import { OPEN_STATES, type Promotion, runOf } from '../../domain/promotion/promotion.ts';
import type { RequestContext } from '../requests/request.ts';
import { crashed } from './close-crashed.ts';

const MOST = 1_000;
/**
 * What this process has not seen change for so long, in ms by its own clock, may have no run: whoever stored it may have
 * died before it was started. When that was is not asked: another replica's clock says what it wants. Shorter than from
 * one look to the next, so that whatever is seen twice is late, also when a look comes a little early.
 */
const LATE_MS = 8_000;

/** For the start of the bot: gives every open promotion its run, and shows the cards as they are stored. */
export async function resumeAll(requests: RequestContext): Promise<void> {
  for (const promotion of await openOnes(requests)) {
    await startRun(requests, promotion);
    await requests.services.get(promotion.service)?.slack.refresh(promotion.id);
  }
}

/**
 * The same while the bot runs. An open promotion whose run was never started is given it; one whose run is over without
 * having closed it is closed, as failed.
 */
export function mendingRuns(
  requests: RequestContext,
  log: Parameters<typeof crashed>[3],
  elapsed: () => number = () => performance.now(),
): () => Promise<void> {
  let seen: ReadonlyMap<string, Seen> = new Map();
  return async () => {
    const now = elapsed();
    const open = await openOnes(requests);
    const seenNow = new Map(
      open.map(({ id, revision }) => {
        const before = seen.get(id);
        return [id, before?.revision === revision ? before : { revision, since: now }];
      }),
    );
    seen = seenNow;
    await mend(
      requests,
      open.filter(({ id }) => now - (seenNow.get(id)?.since ?? now) >= LATE_MS),
      log,
    );
  };
}

/** A promotion as it was seen since that moment. */
interface Seen {
  readonly revision: number;
  readonly since: number;
}

async function mend(
  requests: RequestContext,
  late: readonly Promotion[],
  log: Parameters<typeof crashed>[3],
): Promise<void> {
  if (late.length === 0) return;
  const standing = await requests.runs.standing(late.map(runOf));
  for (const promotion of late) {
    const run = runOf(promotion);
    const how = standing.get(run);
    if (how === 'not-started') await startRun(requests, promotion);
    // The last thing that a run does is to close its promotion: one that still is as it was is left behind.
    if (how === 'over' && (await requests.ledger.get(promotion.id)).revision === promotion.revision)
      await crashed(requests, run, new Error('its run ended and left it open'), log);
  }
}

async function openOnes({ ledger, services }: RequestContext): Promise<readonly Promotion[]> {
  const open = await ledger.recent({ states: OPEN_STATES, limit: MOST });
  return open.filter(({ service }) => services.has(service));
}

async function startRun({ runs }: RequestContext, { id, data }: Promotion): Promise<void> {
  const { run, rollbackOrder } = data;
  if (run !== undefined && rollbackOrder) {
    await runs.start('rollback', run, { promotionId: id, ...rollbackOrder });
  } else {
    await runs.start('promote', id, { promotionId: id });
  }
}
