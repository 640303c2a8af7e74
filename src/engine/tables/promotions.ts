import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { AuditSource } from '../../domain/audit/entry.ts';
import type { Override } from '../../domain/policy/override.ts';
import type { Promotion, PromotionData, PromotionRequest } from '../../domain/promotion/promotion.ts';
import { isOpen, movesOn } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Change } from '../../flows/run/ledger.ts';
import { codeOf } from '../database/connection.ts';
import { appendAudit } from './audit.ts';
import { overridesIn } from './proof/proven-overrides.ts';
import { withProvenActor } from './proof/proven-requests.ts';
import { leaveQueueBy } from './queue.ts';
import { rememberReleases } from './releases.ts';
import type { Tables } from './schema.ts';
import { rememberDelivery } from './statistics/deliveries.ts';
import type { Store, Tx } from './store.ts';
import { storable, unknownPromotion } from './store.ts';
import { tellThread } from './thread/told.ts';

type Row = Selectable<Tables['promotions']>;

export function asPromotion(row: Row): Promotion {
  return {
    id: row.id,
    service: row.service,
    state: row.state,
    revision: row.revision,
    turn: row.turn,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    request: row.request,
    channel: row.channel,
    digest: row.digest,
    data: row.data,
  };
}

export async function openPromotion(
  store: Store,
  wanted: {
    readonly id: string;
    readonly request: PromotionRequest;
    readonly channel: string;
    readonly source?: AuditSource;
  },
  at: number,
): Promise<Promotion> {
  const { id, request, channel, source } = wanted;
  try {
    return await store.write(async (tx) => {
      const known = await tx.selectFrom('promotions').selectAll().where('id', '=', id).executeTakeFirst();
      if (known) return asPromotion(known);
      const row = await tx
        .insertInto('promotions')
        .values({
          id,
          service: request.service,
          state: 'checking',
          revision: 1,
          created_at: new Date(at),
          updated_at: new Date(at),
          request: JSON.stringify(request),
          channel,
          digest: null,
          data: '{}',
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await appendAudit(
        tx,
        {
          actor: request.by,
          action: 'promotion.opened',
          result: 'done',
          service: request.service,
          promotionId: id,
          ...(source ? { source } : {}),
          // What was overridden to start at all counts by what is signed here.
          ...(request.overrides ? { detail: { overrides: request.overrides } } : {}),
        },
        at,
      );
      await leaveQueueBy(tx, request.service, request.by);
      return asPromotion(row);
    });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // Meanwhile another process has stored this id, or another promotion of the service.
    const same = await findPromotion(store, id);
    if (same) return same;
    throw (await openRefusal(store, request.service, id)) ?? error;
  }
}

export async function changePromotion(
  store: Store,
  id: string,
  wanted: Change,
  at: number,
): Promise<Promotion> {
  let service = '';
  try {
    return await store.write(async (tx) => {
      const before = await lockPromotion(tx, id);
      service = before.service;
      const change = await withProof(tx, id, wanted);
      if (change.key !== undefined && !(await useKey(tx, id, change.key))) return before;
      if (change.from && !change.from.includes(before.state)) throw movedOn(before);
      if (change.unlessAsked) await mustNotBeAsked(tx, before, change.unlessAsked);
      const digest = change.digest === undefined ? before.digest : change.digest;
      const after = await tx
        .updateTable('promotions')
        .set({
          state: change.to ?? before.state,
          digest,
          revision: before.revision + 1,
          turn: movesOn(before, change) ? before.turn + 1 : before.turn,
          updated_at: new Date(at),
          data: JSON.stringify(merged(before.data, dataOf(before, change))),
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      if (change.voidApprovals || digest !== before.digest) await voidApprovals(tx, id);
      if (change.override) await beginDebt(tx, before, change.override);
      if (change.audit) {
        const audit = await withProvenActor(tx, id, change.audit);
        await appendAudit(tx, { ...audit, service: before.service, promotionId: id }, at);
      }
      const changed = asPromotion(after);
      await rememberReleases(tx, changed, change, at);
      if (change.to !== undefined || change.data?.deployment || change.data?.rollback)
        await rememberDelivery(tx, changed);
      await tellThread(tx, id, change.told, at);
      logChange(tx, before, changed);
      return changed;
    });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw (await openRefusal(store, service, id)) ?? error;
  }
}

async function mustNotBeAsked(tx: Tx, { id, service }: Promotion, what: string): Promise<void> {
  const claims = await tx.selectFrom('claims').select('message').where('promotion_id', '=', id).execute();
  if (claims.some(({ message }) => message.kind === what))
    throw new Refusal('already-asked', { service, what });
}

/** A change of the state, or of the verdict of the watch, gets a line of the log; mere progress gets none. */
function logChange(tx: Tx, before: Promotion, after: Promotion): void {
  const { id: promotion, service } = after;
  const was = before.data.monitor?.judgement.verdict;
  const is = after.data.monitor?.judgement.verdict;
  tx.log.changed = {
    promotion,
    service,
    createdAt: after.createdAt,
    ...(before.state === after.state ? {} : { state: { from: before.state, to: after.state } }),
    ...(is === undefined || is === was ? {} : { verdict: { from: was, to: is } }),
  };
}

/** Without an override that nobody asked for: whoever put it in, no entry is signed in the name of a person. */
async function withProof(tx: Tx, id: string, change: Change): Promise<Change> {
  if (!change.override) return change;
  const [proven] = await overridesIn(tx, id, [change.override]);
  if (proven) return change;
  const { override: _, audit, ...rest } = change;
  return { ...rest, ...(audit ? { audit: { ...audit, actor: 'slipway', result: 'refused' } } : {}) };
}

/** Stores the debt that an override begins with; the same override twice makes one debt. */
async function beginDebt(tx: Tx, promotion: Promotion, override: Override): Promise<void> {
  await tx
    .insertInto('debts')
    .values({
      id: override.id,
      promotion_id: promotion.id,
      service: promotion.service,
      person: override.by,
      reason: storable(override.reason),
      over: JSON.stringify(override.over),
      since: new Date(override.at),
      due: new Date(override.due),
      acknowledged_by: null,
      acknowledged_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The promotion, held against other changes until the end of the transaction. */
export async function lockPromotion(tx: Tx, id: string): Promise<Promotion> {
  const row = await tx
    .selectFrom('promotions')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw unknownPromotion(id);
  return asPromotion(row);
}

/** Stores that something about a promotion is another now, such as its data: its revision grows. */
export async function touchPromotion(
  tx: Tx,
  { id, revision }: Promotion,
  at: number,
  data?: PromotionData,
): Promise<void> {
  const changed = data === undefined ? {} : { data: JSON.stringify(data) };
  await tx
    .updateTable('promotions')
    .set({ revision: revision + 1, updated_at: new Date(at), ...changed })
    .where('id', '=', id)
    .execute();
}

/** Refusal `promotion-unknown`. */
export async function getPromotion(store: Store, id: string): Promise<Promotion> {
  const promotion = await findPromotion(store, id);
  if (!promotion) throw unknownPromotion(id);
  return promotion;
}

async function findPromotion(store: Store, id: string): Promise<Promotion | null> {
  const row = await store.read((db) =>
    db.selectFrom('promotions').selectAll().where('id', '=', id).executeTakeFirst(),
  );
  return row ? asPromotion(row) : null;
}

export async function openPromotionOf(store: Store, service: string): Promise<Promotion | null> {
  const rows = await store.read((db) =>
    db
      .selectFrom('promotions')
      .selectAll()
      .where('service', '=', service)
      // Written as in the partial index, so that PostgreSQL uses it.
      .where(
        sql<boolean>`state in ('checking', 'blocked', 'awaiting-approval', 'releasing', 'deploying', 'verifying', 'monitoring', 'rolling-back')`,
      )
      .execute(),
  );
  return rows[0] ? asPromotion(rows[0]) : null;
}

export function movedOn(promotion: Promotion): Refusal {
  return new Refusal('promotion-moved-on', {
    promotion: promotion.id,
    service: promotion.service,
    state: promotion.state,
  });
}

async function useKey(tx: Tx, id: string, key: string): Promise<boolean> {
  const used = await tx
    .insertInto('changes')
    .values({ promotion_id: id, key })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  return used !== undefined;
}

async function voidApprovals(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('approvals')
    .set({ valid: false })
    .where('promotion_id', '=', id)
    .where('valid', '=', true)
    .execute();
}

function merged(before: PromotionData, change: NonNullable<Change['data']>): PromotionData {
  return Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== null && value !== undefined),
  );
}

function dataOf({ data }: Promotion, { data: change = {}, override }: Change): NonNullable<Change['data']> {
  return override ? { ...change, overrides: [...(data.overrides ?? []), override] } : change;
}

function isDuplicate(error: unknown): boolean {
  return codeOf(error) === '23505';
}

async function openRefusal(store: Store, service: string, id: string): Promise<Refusal | null> {
  const other = await openPromotionOf(store, service);
  if (!other || other.id === id || !isOpen(other.state)) return null;
  return new Refusal('promotion-open', {
    service,
    promotion: other.id,
    by: other.request.by,
    state: other.state,
  });
}
