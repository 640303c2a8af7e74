import { type Expression, type SqlBool, sql } from 'kysely';
import { ASKING, DECIDING, type Deciders, decidersOf } from '../../../domain/promotion/deciders.ts';
import type { KnownRelease, OwnCommit } from '../../../domain/promotion/known-release.ts';
import {
  asProven,
  isProvenCommit,
  PROVING,
  type ProvingEntry,
  provenCommits,
  provenReleases,
} from '../../../domain/promotion/proofs.ts';
import type { AuditSigner } from '../../audit/signer.ts';
import type { Session } from '../store.ts';
import { type EventRow, Proof, provenEntries, withBefore } from './proven-entries.ts';

/** Rows of what was shipped or made, with the promotion that they name. */
type Stored<Row> = Row & { readonly promotion: string | null };

/**
 * Which of the stored releases and commits are what they seem: each has a signed entry of the audit. What was proven once
 * stays so, as nothing takes it back, and is not looked up again. Without a key everything counts as it is stored.
 */
export class ProvenFacts {
  readonly #signer: AuditSigner | undefined;
  readonly #releases = new Map<string, KnownRelease>();
  readonly #commits = new Set<string>();

  constructor(signer: AuditSigner | undefined) {
    this.#signer = signer;
  }

  async releases(
    session: Session,
    service: string,
    rows: readonly Stored<KnownRelease>[],
  ): Promise<{ readonly proven: readonly KnownRelease[]; readonly unproven: readonly KnownRelease[] }> {
    const bare = rows.map(({ promotion: _, ...release }) => release);
    if (!this.#signer) return { proven: bare, unproven: [] };
    const keyOf = ({ version, commit }: KnownRelease) => JSON.stringify([service, version, commit]);
    const open = rows.filter((row) => !this.#releases.has(keyOf(row)));
    if (open.length > 0) {
      const proofs = provenReleases(await this.#about(session, open, service));
      for (const { promotion: _, ...row } of open) {
        const proven = asProven(row, service, proofs);
        if (proven) this.#releases.set(keyOf(row), proven);
      }
    }
    return {
      proven: bare.flatMap((row) => this.#releases.get(keyOf(row)) ?? []),
      unproven: bare.filter((row) => !this.#releases.has(keyOf(row))),
    };
  }

  /** Those of the commits that are proven. */
  async commits(session: Session, rows: readonly Stored<OwnCommit>[]): Promise<readonly OwnCommit[]> {
    const keyOf = ({ sha, version }: OwnCommit) => JSON.stringify([sha, version]);
    const open = this.#signer ? rows.filter((row) => !this.#commits.has(keyOf(row))) : [];
    if (open.length > 0) {
      const proofs = provenCommits(await this.#about(session, open, null));
      for (const row of open) if (isProvenCommit(row, proofs)) this.#commits.add(keyOf(row));
    }
    return rows
      .filter((row) => !this.#signer || this.#commits.has(keyOf(row)))
      .map(({ sha, version }) => ({ sha, version }));
  }

  async #about(
    session: Session,
    rows: readonly Stored<unknown>[],
    service: string | null,
  ): Promise<readonly ProvingEntry[]> {
    const promotions = [...new Set(rows.flatMap(({ promotion }) => promotion ?? []))];
    return this.#signer ? entriesAbout(session, this.#signer, promotions, service) : [];
  }
}

/**
 * The signed entries of these promotions, of this service and of the installation that prove releases or commits. Each
 * stands for itself: whatever is gone or changed elsewhere, what it says has happened.
 */
async function entriesAbout(
  session: Session,
  signer: AuditSigner,
  promotions: readonly string[],
  service: string | null,
): Promise<readonly ProvingEntry[]> {
  // As the bot has written them: in other letters they are passed over.
  const patterns = PROVING.map((action) => `%"action":"${action}"%`);
  const rows = (await withBefore(session)
    .where(sql<boolean>`events.entry::text like any(${patterns})`)
    .where(({ eb, and, or }) => {
      const about: Expression<SqlBool>[] = [
        and([eb('events.service', 'is', null), eb('events.promotion_id', 'is', null)]),
      ];
      if (promotions.length > 0) about.push(eb('events.promotion_id', 'in', [...promotions]));
      if (service !== null) {
        about.push(and([eb('events.service', '=', service), eb('events.promotion_id', 'is', null)]));
      }
      return or(about);
    })
    .orderBy('events.seq')
    .execute()) as readonly EventRow[];
  const proof = new Proof(session, signer);
  const entries: ProvingEntry[] = [];
  for (const row of rows) if (await proof.holds(row)) entries.push(row.entry);
  return entries;
}

/** See `Ledger.deciders`. To be asked in a snapshot or with the promotion locked. */
export async function decidersIn(
  session: Session,
  id: string,
  signer: AuditSigner | undefined,
): Promise<Deciders | null> {
  const promotion = await session
    .selectFrom('promotions')
    .select('request')
    .where('id', '=', id)
    .executeTakeFirst();
  const deciders = decidersOf(await entriesSince(session, id, signer));
  return deciders?.requester === promotion?.request.by ? deciders : null;
}

/** All entries that decide something; none where a hole might hide one. */
async function entriesSince(
  session: Session,
  id: string,
  signer: AuditSigner | undefined,
): Promise<readonly ProvingEntry[]> {
  if (!signer) return storedEntries(session, id);
  const actions = { asked: new Set(['promotion.opened']), since: DECIDING };
  return (await provenEntries(session, signer, id, actions)).map(({ entry }) => entry);
}

/** See `Ledger.wasAsked`. */
export async function wasAskedIn(
  session: Session,
  id: string,
  digest: string,
  signer: AuditSigner | undefined,
): Promise<boolean> {
  const isThat = ({ action, digestAfter, actor, result }: ProvingEntry): boolean =>
    ASKING.has(action) && digestAfter === digest && actor === 'slipway' && result === 'done';
  if (!signer) return (await storedEntries(session, id)).some(isThat);
  const rows = (await withBefore(session)
    .where('events.promotion_id', '=', id)
    .execute()) as readonly EventRow[];
  const proof = new Proof(session, signer);
  for (const row of rows) if (isThat(row.entry) && (await proof.holds(row))) return true;
  return false;
}

async function storedEntries(session: Session, id: string): Promise<readonly ProvingEntry[]> {
  const query = session.selectFrom('events').select('entry').where('promotion_id', '=', id).orderBy('seq');
  return (await query.execute()).map(({ entry }) => entry);
}
