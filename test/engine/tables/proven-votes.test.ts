import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '../../../src/engine/audit/chain.ts';
import { type AuditSigner, newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning, rotateKey } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

function made(): AuditSigner {
  const signer = signerOf(newKey());
  if (signer === null) throw new Error('no key');
  return signer;
}

/** Says the same in other letters: what is parsed, and with it the hash, stays. */
function respell(action: string): string {
  return `update slipway.events
    set entry = replace(entry::text, '"action":"${action}"', '"action": "${action}"')::json
    where entry ->> 'action' = '${action}'`;
}

describe('a vote counts only with its signed entry', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  let signer: AuditSigner;
  let time = Date.UTC(2030, 0, 1);
  const now = () => (time += 1_000);
  const query = (text: string, values: readonly unknown[] = []) => database.pool.query(text, [...values]);
  const ledgerOf = (key?: AuditSigner) => createLedger({ pool: database.pool, now, signer: key });
  const asOwner = async (text: string, values: readonly unknown[] = []) => {
    await query('alter table slipway.events disable trigger all');
    await query(text, values);
    await query('alter table slipway.events enable trigger all');
  };
  const ask = (to: Ledger, digest = 'd1', action: 'plan.ready' | 'plan.changed' = 'plan.ready') =>
    to.change('p1', {
      to: 'awaiting-approval',
      digest,
      voidApprovals: true,
      audit: { actor: 'slipway', action, result: 'done', digestAfter: digest },
    });
  const yes = { digest: 'd1', decision: 'approve' } as const;
  const valid = async () => (await ledger.approvals('p1')).filter((one) => one.valid).map(({ by }) => by);
  const unproven = async () =>
    (await ledger.approvals('p1')).filter((one) => one.unproven).map(({ by }) => by);

  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await asOwner('truncate slipway.events, slipway.promotions cascade');
    await query("update slipway.chain set seq = 0, hash = '', key = null");
    signer = made();
    await beginSigning({ pool: database.pool, now, signer, isFirst: true });
    ledger = ledgerOf(signer);
    const request = { service: 'shop', by: 'UANN', bump: 'auto' } as const;
    await ledger.open({ id: 'p1', request, channel: 'C1' });
    await ask(ledger);
  });

  const insert = (by: string, decision = 'approve') =>
    query(
      `insert into slipway.approvals (promotion_id, voter, digest, decision, at, valid)
       values ('p1', $1, 'd1', $2, now(), true)`,
      [by, decision],
    );

  it('as people give it, take it back and change their minds', async () => {
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    await ledger.vote('p1', { by: 'UCAT', ...yes });
    expect(await valid()).toEqual(['UBOB', 'UCAT']);
    await ledger.withdrawVote('p1', 'UBOB');
    await ledger.vote('p1', { by: 'UCAT', digest: 'd1', decision: 'decline' });
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    expect(await ledger.approvals('p1')).toMatchObject([
      { by: 'UBOB', valid: false },
      { by: 'UCAT', valid: false, decision: 'approve' },
      { by: 'UCAT', valid: true, decision: 'decline' },
      { by: 'UBOB', valid: true },
    ]);
    expect(await unproven()).toEqual([]);
  });

  it('not when the owner of the database puts it in, and the person can still give it', async () => {
    await insert('UBOB');
    expect(await valid()).toEqual([]);
    expect(await unproven()).toEqual(['UBOB']);
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    expect(await valid()).toEqual(['UBOB']);
    expect(await unproven()).toEqual([]);
  });

  it('not with an entry that is not signed, or by another key, however well it is chained', async () => {
    await insert('UBOB');
    const { rows } = await query('select seq, hash from slipway.chain');
    const entry = {
      actor: 'UBOB',
      action: 'approval.given',
      result: 'done',
      service: 'shop',
      promotionId: 'p1',
      digestBefore: 'd1',
      digestAfter: 'd1',
    } as const;
    const [vote] = (await query("select at from slipway.approvals where voter = 'UBOB'")).rows;
    const at = new Date(vote.at.getTime());
    await query('update slipway.approvals set at = $1', [at]);
    const seq = Number(rows[0].seq) + 1;
    const hash = hashOf(rows[0].hash, { ...entry, seq, at: at.getTime() });
    for (const signature of [null, made().sign(`slipway audit entry\n${seq}\n${hash}`)]) {
      await asOwner('delete from slipway.events where seq = $1', [seq]);
      await query(
        `insert into slipway.events (seq, at, service, promotion_id, entry, hash, signature)
         values ($1, $2, 'shop', 'p1', $3, $4, $5)`,
        [seq, at, JSON.stringify(entry), hash, signature],
      );
      expect(await unproven(), String(signature)).toEqual(['UBOB']);
    }
    // The right key makes the difference, and nothing else.
    await asOwner('update slipway.events set signature = $2 where seq = $1', [
      seq,
      signer.sign(`slipway audit entry\n${seq}\n${hash}`),
    ]);
    expect(await valid()).toEqual(['UBOB']);
  });

  it.each([
    ['of somebody else', "update slipway.approvals set voter = 'UEVE'"],
    ['on another digest', "update slipway.approvals set digest = 'd2'"],
    ['for another promotion that asks for something else', "update slipway.promotions set digest = 'd2'"],
    ['with another time', "update slipway.approvals set at = at + interval '1 hour'"],
    [
      'whose entry says something else now',
      `update slipway.events set entry = replace(entry::text, '"d1"', '"d9"')::json where entry::text like '%approval.given%'`,
    ],
    ['whose entry is gone', "delete from slipway.events where entry::text like '%approval.given%'"],
    [
      'whose entry was moved to another promotion',
      "update slipway.events set promotion_id = 'p2' where entry::text like '%approval.given%'",
    ],
  ])('not %s', async (_what, statement) => {
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    expect(await valid()).toEqual(['UBOB']);
    await asOwner(statement);
    expect(await valid()).toEqual([]);
    expect(await unproven()).toHaveLength(1);
  });

  it('not when a decline was turned, or what was taken back or void is made valid again', async () => {
    await ledger.vote('p1', { by: 'UBOB', digest: 'd1', decision: 'decline' });
    await query("update slipway.approvals set decision = 'approve'");
    expect(await unproven()).toEqual(['UBOB']);
    await query('truncate slipway.approvals');
    await ledger.vote('p1', { by: 'UCAT', ...yes });
    await ledger.withdrawVote('p1', 'UCAT');
    await query('update slipway.approvals set valid = true');
    expect(await unproven()).toEqual(['UCAT']);
    await query('truncate slipway.approvals');
    await ledger.vote('p1', { by: 'UDAN', ...yes });
    await ask(ledger, 'd2');
    await ask(ledger, 'd1');
    expect(await valid()).toEqual([]);
    await query('update slipway.approvals set valid = true');
    expect(await unproven()).toEqual(['UDAN']);
  });

  describe.each([
    ['spelled otherwise', (action: string) => respell(action)],
    ['gone', (action: string) => `delete from slipway.events where entry ->> 'action' = '${action}'`],
    [
      'not signed',
      (action: string) => `update slipway.events set signature = null where entry ->> 'action' = '${action}'`,
    ],
    [
      'moved to another promotion',
      (action: string) =>
        `update slipway.events set promotion_id = 'p2' where entry ->> 'action' = '${action}'`,
    ],
  ])('not when what took it back is %s in the audit', (_how, attack) => {
    const voter = async (by: string) => (await ledger.approvals('p1')).filter((one) => one.by === by);
    const revive = async () => {
      await query("delete from slipway.approvals where voter = 'UBOB' and decision = 'decline'");
      await query("update slipway.approvals set valid = true where voter = 'UBOB'");
    };

    // Once as the end of the chain, once with entries of others behind it.
    it.each([true, false])('a withdrawal, as the last entry: %s', async (isLast) => {
      await ledger.vote('p1', { by: 'UBOB', ...yes });
      await ledger.withdrawVote('p1', 'UBOB');
      if (!isLast) await ledger.audit({ actor: 'UANN', action: 'plan.seen', result: 'done' });
      await asOwner(attack('approval.withdrawn'));
      await revive();
      expect(await voter('UBOB')).toMatchObject([{ valid: false, unproven: true }]);
    });

    it('a decline', async () => {
      await ledger.vote('p1', { by: 'UBOB', ...yes });
      await ledger.vote('p1', { by: 'UBOB', digest: 'd1', decision: 'decline' });
      await ledger.audit({ actor: 'UANN', action: 'plan.seen', result: 'done' });
      await asOwner(attack('approval.declined'));
      await revive();
      expect(await voter('UBOB')).toMatchObject([{ decision: 'approve', valid: false, unproven: true }]);
    });

    it('a plan that made it void', async () => {
      await ledger.vote('p1', { by: 'UBOB', ...yes });
      await ask(ledger, 'd2', 'plan.changed');
      await asOwner(attack('plan.changed'));
      await query("update slipway.promotions set digest = 'd1'");
      await revive();
      expect(await unproven()).toEqual(['UBOB']);
    });

    it('a plan that made it void, and the one that asked for it', async () => {
      await ledger.vote('p1', { by: 'UBOB', ...yes });
      await ask(ledger, 'd2');
      await ledger.vote('p1', { by: 'UCAT', digest: 'd2', decision: 'approve' });
      await asOwner(attack('plan.ready'));
      await query("update slipway.promotions set digest = 'd1'");
      await revive();
      expect(await unproven()).toEqual(['UBOB', 'UCAT']);
    });
  });

  it('not from before a hole in the audit, but whoever votes again behind it is heard', async () => {
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    await ledger.vote('p1', { by: 'UCAT', ...yes });
    await ledger.audit({ actor: 'UANN', action: 'plan.seen', result: 'done' });
    await asOwner("delete from slipway.events where entry ->> 'action' = 'plan.seen'");
    expect(await unproven()).toEqual(['UBOB', 'UCAT']);
    // The chain goes on behind the hole, first with an entry that does not fit what is there.
    await ledger.audit({ actor: 'UANN', action: 'plan.seen', result: 'done' });
    await ledger.vote('p1', { by: 'UCAT', ...yes });
    expect(await valid()).toEqual(['UCAT']);
    expect(await unproven()).toEqual(['UBOB']);
  });

  it('also when only the spelling of its own entry is another', async () => {
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    await asOwner(respell('approval.given'));
    expect(await valid()).toEqual(['UBOB']);
  });

  it('also when the key was replaced since, but not signed by the old key after that', async () => {
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    const next = made();
    await rotateKey({ pool: database.pool, now, signer, next });
    ledger = ledgerOf(next);
    await ledger.vote('p1', { by: 'UCAT', ...yes });
    expect(await valid()).toEqual(['UBOB', 'UCAT']);
    // Whoever only has the old key cannot vote any more.
    const { rows } = await query('select seq, hash from slipway.events order by seq desc limit 1');
    await asOwner('update slipway.events set signature = $2 where seq = $1', [
      rows[0].seq,
      signer.sign(`slipway audit entry\n${rows[0].seq}\n${rows[0].hash}`),
    ]);
    // What stood in that row may as well have been a withdrawal of the vote before it.
    expect(await valid()).toEqual([]);
    expect(await unproven()).toEqual(['UBOB', 'UCAT']);
  });

  it('not when its entry has no signature, whatever is signed behind it', async () => {
    await ledger.vote('p1', { by: 'UBOB', ...yes });
    await rotateKey({ pool: database.pool, now, signer: null, next: signer });
    expect(await valid()).toEqual(['UBOB']);
    const next = made();
    await rotateKey({ pool: database.pool, now, signer: null, next });
    ledger = ledgerOf(next);
    expect(await unproven()).toEqual(['UBOB']);
    await asOwner(`update slipway.events set signature = null where entry ->> 'action' not like 'audit.%'`);
    expect(await unproven()).toEqual(['UBOB']);
  });
});
