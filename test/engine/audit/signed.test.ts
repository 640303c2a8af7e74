import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashOf, introductionText, signedText } from '../../../src/engine/audit/chain.ts';
import { type AuditSigner, newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning, rotateKey } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger, StoredAuditEntry } from '../../../src/flows/run/ledger.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const AT = Date.UTC(2030, 0, 1);
const now = () => AT;

function made(): AuditSigner {
  const signer = signerOf(newKey());
  if (signer === null) throw new Error('no key');
  return signer;
}

/** What the database's owner can do: everything but sign. */
class Owner {
  private readonly database: TestDatabase;
  constructor(database: TestDatabase) {
    this.database = database;
  }

  async run(...statements: readonly string[]): Promise<void> {
    await this.database.pool.query('alter table slipway.events disable trigger all');
    for (const statement of statements) await this.database.pool.query(statement);
    await this.database.pool.query('alter table slipway.events enable trigger all');
  }

  /** Recomputes every hash from a row on, and the end of the chain, as somebody does who knows the code. */
  async rehash(from: number, sign: (seq: number, hash: string) => string | null): Promise<void> {
    const { rows } = await this.database.pool.query<{
      seq: string;
      at: Date;
      entry: StoredAuditEntry;
      hash: string;
      signature: string | null;
    }>('select * from slipway.events order by seq');
    let head = '';
    for (const row of rows) {
      const seq = Number(row.seq);
      if (seq >= from) {
        head = hashOf(head, { ...row.entry, seq, at: row.at.getTime() } as Parameters<typeof hashOf>[1]);
        await this.database.pool.query('update slipway.events set hash = $2, signature = $3 where seq = $1', [
          seq,
          head,
          sign(seq, head) ?? row.signature,
        ]);
      } else head = row.hash;
    }
    await this.database.pool.query('update slipway.chain set seq = $1, hash = $2', [rows.length, head]);
  }
}

describe('the signed audit', () => {
  let database: TestDatabase;
  let owner: Owner;
  let signer: AuditSigner;
  let ledger: Ledger;
  const withKey = (key?: AuditSigner) => createLedger({ pool: database.pool, now, signer: key });
  const append = async (to: Ledger, count: number) => {
    for (let index = 1; index <= count; index += 1) {
      await to.audit({ actor: 'UANN', action: `button.${index}`, result: 'done', service: 'shop' });
    }
  };
  const rehash = async (from: number, sign: (seq: number, hash: string) => string | null = () => null) => {
    await database.pool.query('alter table slipway.events disable trigger all');
    await owner.rehash(from, sign);
    await database.pool.query('alter table slipway.events enable trigger all');
  };
  const begin = (key: AuditSigner, isFirst = false) =>
    beginSigning({ pool: database.pool, now, signer: key, isFirst });

  beforeAll(async () => {
    database = await freshDatabase();
    owner = new Owner(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await owner.run('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    signer = made();
    await begin(signer, true);
    ledger = withKey(signer);
    await append(ledger, 4);
  });

  const trusted = () => ledger.verifyAudit({ key: signer.publicKey });

  it('is whole, and says who signs', async () => {
    expect(await trusted()).toMatchObject({
      rows: 5,
      brokenAt: null,
      keys: [{ key: signer.publicKey, from: 1 }],
    });
    const head = await ledger.auditHead();
    expect(head).toMatchObject({ seq: 5, key: signer.publicKey, at: AT });
  });

  it('shows one row that its owner rewrote, with every hash behind it', async () => {
    await owner.run(
      `update slipway.events set entry = replace(entry::text, 'UANN', 'UEVE')::json where seq = 3`,
    );
    await rehash(3);
    expect(await trusted()).toMatchObject({
      rows: 2,
      brokenAt: 3,
      why: 'forged',
      found: { actor: 'UEVE' },
    });
    // Without signatures the same attack leaves no trace: that is what they are for.
    await owner.run(
      'update slipway.events set signature = null',
      `update slipway.events set entry = replace(entry::text, 'audit.key', 'button.x')::json where seq = 1`,
    );
    await rehash(1);
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 5, brokenAt: null, keys: [] });
    expect(await trusted()).toMatchObject({ brokenAt: 1, why: 'unsigned' });
  });

  it.each([
    ['a signature taken away', 'update slipway.events set signature = null where seq = 4', 4, 'unsigned'],
    [
      'the signature of another row',
      'update slipway.events set signature = (select signature from slipway.events where seq = 2) where seq = 4',
      4,
      'forged',
    ],
    ['a row taken out', 'delete from slipway.events where seq = 3', 3, 'missing'],
    [
      'no signature of the beginning',
      'update slipway.events set signature = null where seq = 1',
      1,
      'unsigned',
    ],
    ['nonsense as signature', "update slipway.events set signature = '?' where seq = 5", 5, 'forged'],
  ] as const)('shows %s', async (_what, statement, brokenAt, why) => {
    await owner.run(statement);
    expect(await trusted()).toMatchObject({ brokenAt, why });
  });

  it('shows a row that its owner put in at the end, chained well', async () => {
    await owner.run(
      `insert into slipway.events (seq, at, entry, hash) select 6, at, '{"actor":"UEVE","action":"approval.given","result":"done"}', '' from slipway.events where seq = 5`,
    );
    await rehash(6);
    expect(await trusted()).toMatchObject({ rows: 5, brokenAt: 6, why: 'unsigned' });
    await rehash(6, (seq, hash) => made().sign(signedText(seq, hash)));
    expect(await trusted()).toMatchObject({ rows: 5, brokenAt: 6, why: 'forged' });
  });

  it('shows that everything was written anew with another key, which is whole in itself', async () => {
    const eve = made();
    await owner.run('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    await begin(eve, true);
    await append(withKey(eve), 7);
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 8, brokenAt: null });
    expect(await trusted()).toMatchObject({ brokenAt: 1, why: 'foreign-key' });
  });

  it('cannot be handed on to the real key by somebody else', async () => {
    const eve = made();
    await owner.run('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    await begin(eve, true);
    const detail = (proof: string) =>
      JSON.stringify({
        actor: 'slipway',
        action: 'audit.key',
        result: 'done',
        detail: { key: signer.publicKey, proof, before: eve.publicKey },
      });
    await database.pool.query("insert into slipway.events (seq, at, entry, hash) values (2, $1, $2, '')", [
      new Date(AT),
      detail(eve.sign(introductionText(2, ''))),
    ]);
    await rehash(2, (seq, hash) => eve.sign(signedText(seq, hash)));
    expect(await trusted()).toMatchObject({ rows: 1, brokenAt: 2, why: 'forged' });
  });

  it('is not continued by a process without its key, or with none', async () => {
    for (const other of [withKey(made()), withKey()]) {
      await expect(append(other, 1)).rejects.toMatchObject({ code: 'audit-key-unfit' });
    }
    await expect(begin(made())).rejects.toMatchObject({ code: 'audit-key-unfit' });
    await begin(signer);
    expect(await trusted()).toMatchObject({ rows: 5, brokenAt: null });
  });

  it('is not begun anew unseen after its owner emptied it', async () => {
    await owner.run('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    await expect(begin(signer)).rejects.toMatchObject({ code: 'audit-begun-anew', facts: { rows: 0 } });
    await expect(append(ledger, 1)).rejects.toMatchObject({ code: 'audit-key-unfit' });
  });

  it('is not continued behind an end that somebody else wrote', async () => {
    await owner.run(
      `insert into slipway.events (seq, at, entry, hash) select 6, at, entry, '' from slipway.events where seq = 5`,
    );
    await rehash(6);
    await expect(begin(signer)).rejects.toMatchObject({ code: 'audit-key-unfit' });
  });

  it('follows the key from one to the next', async () => {
    const next = made();
    await rotateKey({ pool: database.pool, now, signer, next });
    await expect(append(ledger, 1)).rejects.toMatchObject({ code: 'audit-key-unfit' });
    await begin(next);
    await append(withKey(next), 2);
    await begin(next);
    expect(await ledger.verifyAudit({ key: next.publicKey })).toMatchObject({
      rows: 8,
      brokenAt: null,
      keys: [
        { key: signer.publicKey, from: 1 },
        { key: next.publicKey, from: 6 },
      ],
    });
    // Who only knows the key from before is told, and where the other one begins.
    expect(await trusted()).toMatchObject({ brokenAt: 6, why: 'foreign-key' });
    await expect(rotateKey({ pool: database.pool, now, signer: made(), next: made() })).rejects.toMatchObject(
      { code: 'audit-key-unfit' },
    );
  });

  it('begins with a new key when the old one was lost, which is said until a person vouches for it', async () => {
    const next = made();
    await rotateKey({ pool: database.pool, now, signer: null, next });
    const broken = await ledger.verifyAudit({ key: next.publicKey });
    expect(broken).toMatchObject({ rows: 5, brokenAt: 6, why: 'other-key' });
    const heads = new Map([[6, broken.found?.hash ?? '']]);
    expect(await ledger.verifyAudit({ key: next.publicKey, heads })).toMatchObject({ brokenAt: null });
  });

  it('does not begin behind entries that nobody signed, until a person says so, which is said from then on', async () => {
    await owner.run('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    await append(withKey(), 3);
    await expect(begin(signer, true)).rejects.toMatchObject({ code: 'audit-begun-anew', facts: { rows: 3 } });
    await rotateKey({ pool: database.pool, now, signer: null, next: signer });
    await begin(signer);
    await append(ledger, 1);
    const broken = await trusted();
    expect(broken).toMatchObject({ rows: 3, brokenAt: 4, why: 'other-key' });
    const heads = new Map([[4, broken.found?.hash ?? '']]);
    expect(await ledger.verifyAudit({ key: signer.publicKey, heads })).toMatchObject({ brokenAt: null });
  });

  it('lets many processes write, each row signed', async () => {
    const others = Array.from({ length: 4 }, () => withKey(signer));
    await Promise.all(others.map((other) => append(other, 10)));
    expect(await trusted()).toMatchObject({ rows: 45, brokenAt: null });
  });
});

describe('a key', () => {
  it('is read from PEM in one line or many, and from the base64 of its DER', () => {
    const pem = newKey();
    const key = signerOf(pem)?.publicKey;
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(signerOf(pem.trim().replaceAll('\n', '\\n'))?.publicKey).toBe(key);
    expect(signerOf(pem.split('\n')[1] ?? '')?.publicKey).toBe(key);
    for (const wrong of ['', 'x', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'])
      expect(signerOf(wrong), wrong).toBeNull();
  });
});
