import { setTimeout as pause } from 'node:timers/promises';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { sql } from 'kysely';
import { CLOSED_STATES } from '../../domain/promotion/promotion.ts';
import { FlowInput } from '../../flows/run/port.ts';
import { REMEMBERED_MS } from '../tables/seen-keys.ts';
import type { Store } from '../tables/store.ts';

/** Runs that DBOS never executes again by itself. */
const ENDED = ['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'] as const;
/** How many runs a transaction removes: each has some hundred steps. */
const RUNS_AT_ONCE = 50;
const ROWS_AT_ONCE = 2_000;
/** What is more is left for the next clean-up, an hour later. */
const LONGEST_MS = 30 * 60_000;
/** The database is left to others for so many times as long as a batch took. */
const RESTS = 2;

/** How much was removed. */
export interface CleanedUp {
  readonly runs: number;
  readonly samples: number;
  readonly notices: number;
  /** Nothing is left that was over before. */
  readonly isAll: boolean;
}

/**
 * Removes what only a run under way needs: its journal with its messages, its samples, and notices that were
 * sent, of promotions that were closed, and not touched since, before that time (ms since the epoch). Promotions,
 * approvals, cards and the audit stay. So does what is older and may still be asked for: offers of what is ready, plans
 * that are not settled, and keys of the last days. Done twice at the same time it removes the same. It goes on for half an hour at most, with
 * rests, and ends early when it has to stop; the next time removes the rest.
 */
export async function cleanUp(store: Store, before: number, stopping?: AbortSignal): Promise<CleanedUp> {
  await removeForgotten(store, new Date(before));
  const ends = performance.now() + LONGEST_MS;
  const isOver = () => stopping?.aborted === true || performance.now() >= ends;
  const runs = await inBatches(runsOf(store, before), isOver, stopping);
  const samples = await inBatches(rowsOf(store, 'samples', before), isOver, stopping);
  const notices = await inBatches(rowsOf(store, 'notices', before), isOver, stopping);
  return { runs, samples, notices, isAll: !isOver() };
}

/** What belongs to no run. */
function removeForgotten(store: Store, before: Date): Promise<void> {
  // A key counts for some days, whatever is kept for how long.
  const forgotten = sql<Date>`least(${before}::timestamptz, now() - ${REMEMBERED_MS} * interval '1 ms')`;
  return store.write(async (tx) => {
    // Whatever nobody could be told in all that time.
    await tx.deleteFrom('messages').where('at', '<', before).execute();
    await tx.deleteFrom('prompts').where('closed_at', '<', before).execute();
    await tx.deleteFrom('offers').where('tried_at', '<', before).execute();
    await tx.deleteFrom('sequences').where('settled', '=', true).where('updated_at', '<', before).execute();
    await tx.deleteFrom('once').where('seen_at', '<', forgotten).execute();
  });
}

/** Removes some, and says how many and whether there may be more. */
type Batch = () => Promise<{ readonly removed: number; readonly more: boolean }>;

async function inBatches(batch: Batch, isOver: () => boolean, stopping?: AbortSignal): Promise<number> {
  let all = 0;
  while (!isOver()) {
    const began = performance.now();
    const { removed, more } = await batch();
    all += removed;
    if (!more) break;
    const rest = RESTS * (performance.now() - began);
    await pause(rest, undefined, { ref: false, ...(stopping && { signal: stopping }) }).catch(
      () => undefined,
    );
  }
  return all;
}

function runsOf(store: Store, before: number): Batch {
  const completedBefore = new Date(before).toISOString();
  // Runs that stay are at the beginning of the list from then on, and are passed over.
  let kept = 0;
  return async () => {
    const ended = await DBOS.listWorkflows({
      status: [...ENDED],
      completedBefore,
      limit: RUNS_AT_ONCE,
      offset: kept,
      loadOutput: false,
    });
    if (ended.length === 0) return { removed: 0, more: false };
    const promotions = new Map(ended.map(({ workflowID, input }) => [workflowID, promotionOf(input)]));
    const over = await closedAmong(store, [...new Set(promotions.values())], before);
    const ids = [...promotions].flatMap(([id, promotion]) => (over.has(promotion) ? [id] : []));
    if (ids.length > 0) await DBOS.deleteWorkflows(ids);
    kept += ended.length - ids.length;
    return { removed: ids.length, more: true };
  };
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

function rowsOf(store: Store, table: 'samples' | 'notices', before: number): Batch {
  return () =>
    store.write(async (tx) => {
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
      const removed = Number(result.numDeletedRows);
      return { removed, more: removed === ROWS_AT_ONCE };
    });
}
