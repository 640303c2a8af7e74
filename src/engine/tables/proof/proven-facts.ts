import type { Expression, SqlBool } from 'kysely';
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
import type { Session } from '../store.ts';
import { type EventRow, ofActions, provenEntries, provenRows, withBefore } from './proven-entries.ts';

/** Rows of what was shipped or made, with the promotion that they name. */
type Stored<Row> = Row & { readonly promotion: string | null };

/**
 * Which of the stored releases and commits are what they seem: each has a signed entry of the audit. What was proven once
 * stays so, as nothing takes it back, and is not looked up again. Without a key everything counts as it is stored.
 */
export class ProvenFacts {
  readonly #releases = new Map<string, KnownRelease>();
  readonly #commits = new Set<string>();

  async releases(
    session: Session,
    service: string,
    rows: readonly Stored<KnownRelease>[],
  ): Promise<{ readonly proven: readonly KnownRelease[]; readonly unproven: readonly KnownRelease[] }> {
    const bare = rows.map(({ promotion: _, ...release }) => release);
    if (!session.signer) return { proven: bare, unproven: [] };
    const keyOf = ({ version, commit }: KnownRelease) => JSON.stringify([service, version, commit]);
    const open = rows.filter((row) => !this.#releases.has(keyOf(row)));
    if (open.length > 0) {
      const proofs = provenReleases(await entriesAbout(session, open, service));
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
    const open = session.signer ? rows.filter((row) => !this.#commits.has(keyOf(row))) : [];
    if (open.length > 0) {
      const proofs = provenCommits(await entriesAbout(session, open, null));
      for (const row of open) if (isProvenCommit(row, proofs)) this.#commits.add(keyOf(row));
    }
    return rows
      .filter((row) => !session.signer || this.#commits.has(keyOf(row)))
      .map(({ sha, version }) => ({ sha, version }));
  }
}

/** The signed entries of the promotions of these rows, of this service and of the installation that prove releases or commits. */
async function entriesAbout(
  session: Session,
  rows: readonly Stored<unknown>[],
  service: string | null,
): Promise<readonly ProvingEntry[]> {
  const promotions = [...new Set(rows.flatMap(({ promotion }) => promotion ?? []))];
  const query = withBefore(session)
    .where(ofActions(PROVING))
    .where(({ eb, and, or }) => {
      const about: Expression<SqlBool>[] = [
        and([eb('events.service', 'is', null), eb('events.promotion_id', 'is', null)]),
      ];
      if (promotions.length > 0) about.push(eb('events.promotion_id', 'in', promotions));
      if (service !== null) {
        about.push(and([eb('events.service', '=', service), eb('events.promotion_id', 'is', null)]));
      }
      return or(about);
    });
  return (await provenRows(session, query)).map(({ entry }) => entry);
}

/** See `Ledger.deciders`. To be asked in a snapshot or with the promotion locked. */
export async function decidersIn(session: Session, id: string): Promise<Deciders | null> {
  const promotion = await session
    .selectFrom('promotions')
    .select('request')
    .where('id', '=', id)
    .executeTakeFirst();
  // None where a hole might hide one.
  const actions = { asked: new Set(['promotion.opened']), since: DECIDING };
  const deciders = decidersOf((await provenEntries(session, id, actions)).map(({ entry }) => entry));
  return deciders?.requester === promotion?.request.by ? deciders : null;
}

/** See `Ledger.wasAsked`. */
export async function wasAskedIn(session: Session, id: string, digest: string): Promise<boolean> {
  const isThat = ({ entry: { action, digestAfter, actor, result } }: EventRow): boolean =>
    ASKING.has(action) && digestAfter === digest && actor === 'slipway' && result === 'done';
  const query = withBefore(session).where('events.promotion_id', '=', id);
  return (await provenRows(session, query, isThat)).length > 0;
}
