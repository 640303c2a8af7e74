import type { AuditSource } from '../../domain/audit/entry.ts';
import { type KnownRelease, type OwnCommit, releasesOf } from '../../domain/promotion/known-release.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { adoptionAudit } from '../../domain/release/adoption.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import type { Change } from '../../flows/run/ledger.ts';
import { appendAudit } from './audit.ts';
import type { Store, Tx } from './store.ts';
import { storable } from './store.ts';

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

/** Newest first. */
export async function knownReleases(store: Store, service: string): Promise<readonly KnownRelease[]> {
  const rows = await store.read((db) =>
    db.selectFrom('releases').selectAll().where('service', '=', service).orderBy('seq', 'desc').execute(),
  );
  return rows.map(({ version, tag, commit, build, how }) => ({
    version,
    tag,
    commit,
    ...(build ? { build } : {}),
    how,
  }));
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

/** That a commit with records is ours. */
export function rememberCommit(store: Store, id: string, sha: Sha, at: number): Promise<void> {
  return store.write((tx) => insertOwn(tx, id, { sha, version: null }, at));
}

/** Which of the commits are ours, by sha. */
export async function ownCommits(store: Store, shas: readonly Sha[]): Promise<readonly OwnCommit[]> {
  if (shas.length === 0) return [];
  return store.read((db) =>
    db
      .selectFrom('own_commits')
      .select(['sha', 'version'])
      .where('sha', 'in', [...shas])
      .execute(),
  );
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

async function insertOwn(tx: Tx, id: string, { sha, version }: OwnCommit, at: number): Promise<void> {
  await tx
    .insertInto('own_commits')
    .values({ sha, version, promotion_id: id, at: new Date(at) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
