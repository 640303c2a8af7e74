import type { Selectable } from 'kysely';
import type { AuditSource } from '../../domain/audit/entry.ts';
import {
  type KnownRelease,
  type OwnCommit,
  ownCommitAudit,
  releasesOf,
} from '../../domain/promotion/known-release.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { adoptionAudit } from '../../domain/release/adoption.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import type { Change } from '../../flows/run/ledger.ts';
import { appendAudit } from './audit.ts';
import type { ProvenFacts } from './proof/proven-facts.ts';
import type { Tables } from './schema.ts';
import type { Store, Tx } from './store.ts';
import { storable, unknownPromotion } from './store.ts';

/** Remembers what a change of a promotion proves: releases that were in production, and commits that we made. */
export async function rememberReleases(
  tx: Tx,
  promotion: Promotion,
  change: Pick<Change, 'to' | 'data'>,
  at: number,
): Promise<void> {
  const { id, service, data } = promotion;
  if (change.to !== undefined || change.data?.deployment !== undefined) {
    for (const release of releasesOf(promotion)) await insert(tx, service, release, { promotion: id, at });
  }
  if (change.data?.release && data.release && data.plan?.release.kind === 'cut') {
    await insertOwn(tx, id, { sha: data.release.commit, version: data.release.version }, at);
  }
}

/** Newest first, by whether the audit proves them. */
export function knownReleases(
  store: Store,
  facts: ProvenFacts,
  service: string,
): ReturnType<ProvenFacts['releases']> {
  return store.snapshot(async (db) => {
    const query = db.selectFrom('releases').selectAll().where('service', '=', service);
    const rows = await query.orderBy('seq', 'desc').execute();
    return facts.releases(db, service, rows.map(asKnown));
  });
}

export function asKnown({
  version,
  tag,
  commit,
  build,
  how,
  promotion_id,
}: Selectable<Tables['releases']>): KnownRelease & { readonly promotion: string | null } {
  return { version, tag, commit, ...(build ? { build } : {}), how, promotion: promotion_id };
}

/** A person vouches for a release; adopting it twice is adopting it once. */
export function adoptRelease(
  store: Store,
  adopted: { readonly service: string; readonly release: Release; readonly by: string },
  source: AuditSource | undefined,
  at: number,
): Promise<void> {
  const { service, release, by } = adopted;
  return store.write(async (tx) => {
    await insert(tx, service, { ...release, how: 'adopted' }, { by, at });
    await appendAudit(tx, adoptionAudit(service, release, by, source), at);
  });
}

/** That a commit is ours; said twice, it is written once. Refusal `promotion-unknown`. */
export function rememberCommit(
  store: Store,
  facts: ProvenFacts,
  { id, commit }: { readonly id: string; readonly commit: OwnCommit },
  at: number,
): Promise<void> {
  return store.write(async (tx) => {
    const query = tx.selectFrom('promotions').select('service').where('id', '=', id);
    const promotion = await query.forUpdate().executeTakeFirst();
    if (!promotion) throw unknownPromotion(id);
    const isNew = await insertOwn(tx, id, commit, at);
    const [known] = isNew ? [] : await facts.commits(tx, [{ ...commit, promotion: id }]);
    if (!known) await appendAudit(tx, ownCommitAudit(promotion.service, id, commit), at);
  });
}

/** Which of the commits are ours, by sha, and by the audit. */
export async function ownCommits(
  store: Store,
  facts: ProvenFacts,
  shas: readonly Sha[],
): Promise<readonly OwnCommit[]> {
  if (shas.length === 0) return [];
  return store.snapshot(async (db) => {
    const query = db.selectFrom('own_commits').select(['sha', 'version', 'promotion_id as promotion']);
    return facts.commits(db, await query.where('sha', 'in', [...shas]).execute());
  });
}

async function insert(
  tx: Tx,
  service: string,
  { version, tag, commit, build, how }: KnownRelease,
  from: { readonly promotion?: string; readonly by?: string; readonly at: number },
): Promise<void> {
  await tx
    .insertInto('releases')
    .values({
      service,
      version: storable(version),
      tag: storable(tag),
      commit: storable(commit),
      build: build ? JSON.stringify(build) : null,
      how,
      promotion_id: from.promotion ?? null,
      by: from.by ?? null,
      at: new Date(from.at),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether it was not there yet. */
async function insertOwn(tx: Tx, id: string, { sha, version }: OwnCommit, at: number): Promise<boolean> {
  const inserted = await tx
    .insertInto('own_commits')
    .values({ sha, version, promotion_id: id, at: new Date(at) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('sha')
    .executeTakeFirst();
  return inserted !== undefined;
}
