import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { AuditSigner } from '../audit/signer.ts';
import { appendAudit } from './audit.ts';
import { verifyAudit } from './audit-verify.ts';
import { type EventRow, Proof, withBefore } from './proof/proven-entries.ts';
import { ProvenFacts } from './proof/proven-facts.ts';
import { asKnown } from './releases.ts';
import type { Session, Store, Tx } from './store.ts';

/**
 * Releases and commits from before each had an entry of the audit that proves it are taken over once, with an entry that
 * names them: from then on nothing counts without proof. Not where the audit does not hold, as that entry might be among
 * what is gone. Answers with how much was taken over; null when nothing was to be done.
 */
export async function takeOver(store: Store, signer: AuditSigner, at: number): Promise<number | null> {
  if (await store.snapshot((tx) => wasTakenOver(tx, signer))) return null;
  const { brokenAt } = await verifyAudit(store, { key: signer.publicKey });
  if (brokenAt !== null) return null;
  return store.write(async (tx) => {
    await tx.selectFrom('chain').select('seq').forUpdate().execute();
    if (await wasTakenOver(tx, signer)) return null;
    const detail = await unprovenIn(tx, signer);
    const entry: AuditEntry = { actor: 'slipway', action: 'audit.taken-over', result: 'done', detail };
    await appendAudit(tx, entry, at);
    return detail.releases.length + detail.commits.length;
  });
}

/** Whether it was done, or was never needed: the key of a new installation says so when it is introduced. */
async function wasTakenOver(tx: Session, signer: AuditSigner): Promise<boolean> {
  const rows = (await withBefore(tx)
    .where('events.service', 'is', null)
    .where('events.promotion_id', 'is', null)
    .execute()) as readonly EventRow[];
  const proof = new Proof(tx, signer);
  for (const row of rows) {
    const { action, detail } = row.entry;
    const says = action === 'audit.taken-over' || (action === 'audit.key' && detail?.['proves'] === true);
    if (says && (await proof.holds(row))) return true;
  }
  return false;
}

async function unprovenIn(tx: Tx, signer: AuditSigner) {
  const facts = new ProvenFacts(signer);
  const stored = await tx.selectFrom('releases').selectAll().orderBy('seq').execute();
  const releases: object[] = [];
  for (const service of new Set(stored.map((row) => row.service))) {
    const rows = stored.filter((row) => row.service === service).map(asKnown);
    const { unproven } = await facts.releases(tx, service, rows);
    releases.push(...unproven.map(({ how: _, ...release }) => ({ service, ...release })));
  }
  const all = await tx
    .selectFrom('own_commits')
    .select(['sha', 'version', 'promotion_id as promotion'])
    .execute();
  const proven = new Set((await facts.commits(tx, all)).map(({ sha }) => sha));
  const commits = all.filter(({ sha }) => !proven.has(sha)).map(({ sha, version }) => ({ sha, version }));
  return { releases, commits };
}
