import { DBOS } from '@dbos-inc/dbos-sdk';
import { sql } from 'kysely';
import { CLOSED_STATES } from '../../domain/promotion/promotion.ts';
import { FlowInput } from '../../flows/run/port.ts';
import { removeSettled } from '../tables/habits/sequences.ts';
import { removeOffers } from '../tables/offers.ts';
import { removePrompts } from '../tables/prompts.ts';
import { removeKeys } from '../tables/seen-keys.ts';
import type { Store } from '../tables/store.ts';

/** Runs that DBOS never executes again by itself. */
const ENDED = ['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'] as const;
/** How many runs a transaction removes: each has some hundred steps. */
const RUNS_AT_ONCE = 50;
const ROWS_AT_ONCE = 2_000;
/** What is more is left for the next clean-up. */
const BATCHES = 100;

/** How much was removed. */
export interface CleanedUp {
  readonly runs: number;
  readonly samples: number;
  readonly notices: number;
}

/**
 * Removes what only a run under way needs: its journal with its messages, its samples, and notices that were
 * sent, of promotions that were closed, and not touched since, before that time (ms since the epoch). Promotions,
 * approvals, cards and the audit stay. So does what is older and may still be asked for: offers of what is ready, plans
 * that are not settled, and keys of the last days. Done twice at the same time it removes the same.
 */
export async function cleanUp(store: Store, before: number): Promise<CleanedUp> {
  // Whatever nobody could be told in all that time.
  await store.write((tx) => tx.deleteFrom('messages').where('at', '<', new Date(before)).execute());
  await removePrompts(store, before);
  await removeOffers(store, before);
  await removeSettled(store, before);
  await removeKeys(store, before);
  return {
    runs: await removeRuns(store, before),
    samples: await removeRows(store, 'samples', before),
    notices: await removeRows(store, 'notices', before),
  };
}

async function removeRuns(store: Store, before: number): Promise<number> {
  const completedBefore = new Date(before).toISOString();
  let removed = 0;
  // Runs that stay are at the beginning of the list from then on, and are passed over.
  let kept = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const ended = await DBOS.listWorkflows({
      status: [...ENDED],
      completedBefore,
      limit: RUNS_AT_ONCE,
      offset: kept,
      loadOutput: false,
    });
    if (ended.length === 0) break;
    const promotions = new Map(ended.map(({ workflowID, input }) => [workflowID, promotionOf(input)]));
    const over = await closedAmong(store, [...new Set(promotions.values())], before);
    const ids = [...promotions].flatMap(([id, promotion]) => (over.has(promotion) ? [id] : []));
    if (ids.length > 0) await DBOS.deleteWorkflows(ids);
    removed += ids.length;
    kept += ended.length - ids.length;
  }
  return removed;
}

/** The promotion that a run was started with; none where this version does not understand it. */
function promotionOf([input]: readonly unknown[] = []): string {
  const { success, data } = FlowInput.promote.safeParse(input);
  return success ? data.promotionId : '';
}

async function closedAmong(
  store: Store,
  ids: readonly string[],
  before: number,
): Promise<ReadonlySet<string>> {
  const rows = await store.read((db) =>
    db
      .selectFrom('promotions')
      .select('id')
      .where('id', 'in', ids)
      .where('state', 'in', [...CLOSED_STATES])
      .where('updated_at', '<', new Date(before))
      .execute(),
  );
  return new Set(rows.map(({ id }) => id));
}

async function removeRows(store: Store, table: 'samples' | 'notices', before: number): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const done = await store.write(async (tx) => {
      const old = tx
        .selectFrom(table)
        .innerJoin('promotions', 'promotions.id', `${table}.promotion_id`)
        .select(`${table}.seq`)
        .where('promotions.state', 'in', [...CLOSED_STATES])
        .where('promotions.updated_at', '<', new Date(before))
        // Notices that Slack has not taken yet are still to be sent.
        .$if(table === 'notices', (query) => query.where(sql<boolean>`notices.ts is not null`))
        .limit(ROWS_AT_ONCE);
      const result = await tx.deleteFrom(table).where('seq', 'in', old).executeTakeFirst();
      return Number(result.numDeletedRows);
    });
    removed += done;
    if (done < ROWS_AT_ONCE) break;
  }
  return removed;
}
