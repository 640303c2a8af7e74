import type { Selectable } from 'kysely';
import {
  type KnownRelease,
  type OwnCommit,
  ownCommitAudit,
  releasesOf,
} from '../../domain/promotion/known-release.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { adoptionAudit } from '../../domain/release/adoption.ts';
import type { Change, Ledger } from '../../flows/run/ledger.ts';
import { appendAudit } from './audit.ts';
import { ProvenFacts } from './proof/proven-facts.ts';
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

/** The part of the ledger that is about releases that were in production, and about commits that we made. */
export function releaseFactsOf(
  store: Store,
  now: () => number,
): Pick<Ledger, 'releases' | 'unprovenReleases' | 'adopt' | 'rememberCommit' | 'ownCommits'> {
  const facts = new ProvenFacts();
  /** Newest first, by whether the audit proves them. */
  const known = (service: string) =>
    store.snapshot(async (db) => {
      const query = db.selectFrom('releases').selectAll().where('service', '=', service);
      const rows = await query.orderBy('seq', 'desc').execute();
      return facts.releases(db, service, rows.map(asKnown));
    });
  return {
    releases: async (service) => (await known(service)).proven,
    unprovenReleases: async (service) => (await known(service)).unproven,
    adopt: ({ service, release, by }, source) =>
      store.write(async (tx) => {
        const at = now();
        await insert(tx, service, { ...release, how: 'adopted' }, { by, at });
        await appendAudit(tx, adoptionAudit(service, release, by, source), at);
      }),
    rememberCommit: (id, commit) =>
      store.write(async (tx) => {
        const at = now();
        const query = tx.selectFrom('promotions').select('service').where('id', '=', id);
        const promotion = await query.forUpdate().executeTakeFirst();
        if (!promotion) throw unknownPromotion(id);
        const isNew = await insertOwn(tx, id, commit, at);
        const [own] = isNew ? [] : await facts.commits(tx, [{ ...commit, promotion: id }]);
        if (!own) await appendAudit(tx, ownCommitAudit(promotion.service, id, commit), at);
      }),
    ownCommits: async (shas) => {
      if (shas.length === 0) return [];
      return store.snapshot(async (db) => {
        const query = db.selectFrom('own_commits').select(['sha', 'version', 'promotion_id as promotion']);
        return facts.commits(db, await query.where('sha', 'in', [...shas]).execute());
      });
    },
  };
}

function asKnown({
  version,
  tag,
  commit,
  build,
  how,
  promotion_id,
}: Selectable<Tables['releases']>): KnownRelease & { readonly promotion: string | null } {
  return { version, tag, commit, ...(build ? { build } : {}), how, promotion: promotion_id };
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
