import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { type LastSigned, lastSignedIn } from '../../../src/engine/audit/last-signed.ts';
import { type AuditSigner, newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

describe('the end of the audit, deleted by the owner of the database', () => {
  let dir: string;
  let database: TestDatabase;
  let key: AuditSigner;
  let ledger: Ledger;
  let time = Date.UTC(2030, 0, 1);
  const now = () => (time += 1_000);
  const file = () => join(dir, 'audit', 'last.json');
  const open = (lastSigned: LastSigned | null = lastSignedIn(file())) =>
    createLedger({ pool: database.pool, now, signer: { ...key, ...(lastSigned ? { lastSigned } : {}) } });
  const write = async (count: number, to = ledger) => {
    for (let index = 0; index < count; index += 1)
      await to.audit({ actor: 'UANN', action: 'plan.seen', result: 'done' });
  };
  /** Takes the last entries away, and makes the rest look whole. */
  const cut = async (count: number) => {
    await database.pool.query('alter table slipway.events disable trigger all');
    await database.pool.query(
      'delete from slipway.events where seq > (select max(seq) from slipway.events) - $1',
      [count],
    );
    await database.pool.query('alter table slipway.events enable trigger all');
    await database.pool.query(
      'update slipway.chain set (seq, hash) = (select seq, hash from slipway.events order by seq desc limit 1)',
    );
  };

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-last-'));
    database = await freshDatabase();
    const made = signerOf(newKey());
    if (made === null) throw new Error('no key');
    key = made;
    await beginSigning({ pool: database.pool, now, signer: key, isFirst: true });
    ledger = open();
    await write(4);
  });
  afterEach(async () => {
    await database.close();
    chmodSync(dir, 0o700);
    rmSync(dir, { recursive: true, force: true });
  });

  it('is seen, though what is left is whole', async () => {
    expect(await ledger.missingEnd()).toBeNull();
    await cut(2);
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 3, brokenAt: null });
    expect(await ledger.missingEnd()).toEqual({ signed: 5, rows: 3 });
    expect(await open().missingEnd()).toEqual({ signed: 5, rows: 3 });
  });

  it.each([1, 2, 3, 9])('is seen also when %i entries came in its place', async (count) => {
    await cut(2);
    await write(count);
    expect(await ledger.missingEnd()).toMatchObject({ signed: 5 });
    expect(await open().missingEnd()).toMatchObject({ signed: 5 });
  });

  it('a log that is longer than what is known is none: others write, or this process died before it was kept', async () => {
    await write(3, open(null));
    expect(await ledger.missingEnd()).toBeNull();
    expect(lastSignedIn(file()).read()?.seq).toBe(5);
    await write(1);
    expect(lastSignedIn(file()).read()?.seq).toBe(9);
    await cut(1);
    expect(await ledger.missingEnd()).toEqual({ signed: 9, rows: 8 });
  });

  it('a file that cannot be written stops nothing, and stays behind', async () => {
    const kept = lastSignedIn(file());
    const full = open({
      read: kept.read,
      keep: () => {
        throw new Error('ENOSPC');
      },
    });
    await write(2, full);
    expect((await ledger.auditHead())?.seq).toBe(7);
    expect(await full.missingEnd()).toBeNull();
    await write(1);
    expect(kept.read()?.seq).toBe(8);
  });

  it('a file that cannot be read is no proof that all is there', async () => {
    rmSync(file());
    mkdirSync(file());
    await write(1);
    await expect(ledger.missingEnd()).rejects.toBeInstanceOf(Unavailable);
  });

  it.each(['', '{', 'null', '{"seq":0}', '{"seq":"9"}'])(
    'what a power cut left of it is passed over: %j',
    async (text) => {
      writeFileSync(file(), text);
      expect(lastSignedIn(file()).read()).toBeNull();
      const known = { seq: 5, hash: 'a'.repeat(64), key: 'k', signature: 's', at: 1 };
      expect(lastSignedIn(file(), () => known).read()).toEqual(known);
      await write(1);
      expect(lastSignedIn(file()).read()?.seq).toBe(6);
    },
  );

  it('keeps the newest of all who write at the same time, and leaves no other file', async () => {
    const ledgers = [open(), open(), open()];
    await Promise.all(ledgers.map((one) => write(5, one)));
    expect(await ledger.missingEnd()).toBeNull();
    expect(lastSignedIn(file()).read()?.seq).toBe(20);
    expect(readdirSync(join(dir, 'audit'))).toEqual(['last.json']);
    lastSignedIn(file()).keep({ seq: 3, hash: 'b', key: 'k', signature: 's', at: 1 });
    expect(lastSignedIn(file()).read()?.seq).toBe(20);
  });
});
