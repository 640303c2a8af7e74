import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  headsFile,
  lastSignedHere,
  learnHeads,
  noteHead,
  openHeads,
  startSigning,
} from '../../src/app/audit.ts';
import { runCli } from '../../src/cli/run.ts';
import { loadConfig } from '../../src/config/load.ts';
import { databaseProbe } from '../../src/doctor/database.ts';
import { ownKeyFile } from '../../src/engine/audit/key-file.ts';
import { newKey, signerOf } from '../../src/engine/audit/signer.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

let dir: string;
let database: TestDatabase;
const env = () => ({ DATABASE_URL: database.url, SLIPWAY_CONFIG: join(dir, 'slipway.yaml') });
const config = () => ({ audit: { publish: [] }, dir, dataDir: join(dir, '.slipway') });
const now = Date.now;

function slipway(...argv: string[]) {
  return slipwayWith({}, ...argv);
}

async function slipwayWith(more: NodeJS.ProcessEnv, ...argv: string[]) {
  let out = '';
  let err = '';
  const code = await runCli(
    argv,
    { ...env(), ...more },
    {
      result: (text) => {
        out += text;
      },
      message: (text) => {
        err += `${text}\n`;
      },
    },
  );
  return { code, out, err };
}

/** What a bot does that starts here and writes that many entries. */
async function botWrites(count: number): Promise<void> {
  const signer = await startSigning(database.pool, config(), {}, now);
  const ledger = createLedger({ pool: database.pool, now, signer });
  for (let index = 1; index <= count; index += 1)
    await ledger.audit({ actor: 'UANN', action: `button.${index}`, result: 'done' });
  await noteHead(database.pool, config(), now);
}

async function asOwner(...statements: readonly string[]): Promise<void> {
  for (const statement of [
    'drop trigger events_append_only on slipway.events',
    'drop trigger events_no_truncate on slipway.events',
    ...statements,
  ])
    await database.pool.query(statement);
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
  database = await freshDatabase();
  writeFileSync(
    join(dir, 'slipway.yaml'),
    `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example.com/shop.git", branch: main }
    target: { use: git-branch, branch: production }
`,
  );
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('slipway audit', () => {
  it('prints the public key, which is made once and kept where only this account reads it', async () => {
    expect(await slipway('audit', 'key')).toMatchObject({ code: 1 });
    await botWrites(1);
    const { code, out } = await slipway('audit', 'key');
    expect(code).toBe(0);
    expect(out).toMatch(/^[\w-]{43}\n$/);
    const file = ownKeyFile(config().dataDir);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    await botWrites(1);
    expect((await slipway('audit', 'key')).out).toBe(out);
    expect(await slipway('audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/whole: 3 entries.* They are signed.*\n.*\n.*holds the 3 heads/s),
    });
  });

  it('says that the end was deleted', async () => {
    await botWrites(6);
    await asOwner(
      'delete from slipway.events where seq > 4',
      'update slipway.chain set (seq, hash) = (select seq, hash from slipway.events where seq = 4)',
    );
    const { code, out } = await slipway('audit', 'verify');
    expect(out).toContain('The audit log is whole: 4 entries');
    expect(out).toContain('but the log ends at 4: entries 5 to 7 were removed');
    expect(code).toBe(1);
  });

  it('says that everything was written anew with another key, with what is known on this machine or by hand', async () => {
    await botWrites(3);
    const noted = /--end (\S+)/.exec((await slipway('audit', 'verify')).out)?.[1] ?? '';
    const { out: key } = await slipway('audit', 'key');
    await asOwner('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    rmSync(join(dir, '.slipway'), { recursive: true });
    await botWrites(5);
    // The new key and the new heads are all that this machine knows now.
    expect((await slipway('audit', 'verify')).code).toBe(0);
    const byKey = await slipway('audit', 'verify', '--key', key.trim());
    expect(byKey).toMatchObject({ code: 1, out: expect.stringContaining('Somebody wrote it anew') });
    const byHead = await slipway('audit', 'verify', '--head', noted);
    expect(byHead).toMatchObject({
      code: 1,
      out: expect.stringContaining('it was written anew, at that entry'),
    });
  });

  it('says that a head was forged', async () => {
    await botWrites(2);
    const eve = signerOf(newKey());
    const hash = 'a'.repeat(64);
    const forged = {
      seq: 2,
      hash,
      key: eve?.publicKey,
      signature: eve?.sign(`slipway audit entry\n2\n${hash}`),
      at: 0,
    };
    writeFileSync(headsFile(config()), `${JSON.stringify(forged)}\n`);
    expect(await slipway('audit', 'verify')).toMatchObject({
      code: 1,
      out: expect.stringContaining(
        'is not signed with a key of this log: somebody other than the bot put it',
      ),
    });
    const json = JSON.parse((await slipway('audit', 'verify', '--json')).out);
    expect(json).toMatchObject({ brokenAt: null, heads: [{ is: 'forged', head: { seq: 2 } }] });
  });

  it('refuses to go on when its end is gone, in a sentence, until a person says that it was them', async () => {
    await botWrites(2);
    const kept = lastSignedHere(config()).read();
    expect(kept?.seq).toBe(3);
    const doctor = async () => {
      const open = async () => ({
        kind: 'server' as const,
        pool: database.pool,
        ownerUrl: null,
        close: async () => {},
      });
      const found = await databaseProbe(open, now, lastSignedHere(config())).look(AbortSignal.timeout(9_000));
      return found.filter(({ detail }) => detail.includes('audit log'));
    };
    const seen = async () => (await doctor()).filter(({ detail }) => !detail.includes('the database user'));
    expect(await seen()).toEqual([
      { status: 'fine', detail: 'the audit log holds entry 3, the last one that was signed here' },
    ]);
    await asOwner(
      'delete from slipway.events where seq = 3',
      'update slipway.chain set (seq, hash) = (select seq, hash from slipway.events where seq = 2)',
    );
    // Also when the head of the last minute was never noted.
    rmSync(headsFile(config()));
    await expect(botWrites(1)).rejects.toMatchObject({
      code: 'audit-cut-off',
      facts: { signed: 3, rows: 2 },
    });
    expect(await seen()).toMatchObject([
      { status: 'problem', detail: expect.stringMatching(/^The end of the audit log is gone: entry 3 was/) },
    ]);
    const verified = await slipway('audit', 'verify');
    expect(verified).toMatchObject({
      code: 1,
      out: expect.stringContaining('is kept in the file last.json'),
    });
    expect((await slipway('audit', 'rotate', '--lost')).code).toBe(0);
    await botWrites(1);
    expect(await seen()).toMatchObject([{ status: 'fine' }]);
    expect((await slipway('audit', 'verify')).code).toBe(0);
  });

  /** Another machine with the same key and a data folder of its own. */
  const replica = () => ({ audit: { publish: [] }, dir, dataDir: join(dir, '.replica') });
  const replicaWrites = async () => {
    mkdirSync(dirname(ownKeyFile(replica().dataDir)), { recursive: true });
    copyFileSync(ownKeyFile(config().dataDir), ownKeyFile(replica().dataDir));
    const signer = await startSigning(database.pool, replica(), {}, now);
    const ledger = createLedger({ pool: database.pool, now, signer });
    await ledger.audit({ actor: 'UANN', action: 'button.replica', result: 'done' });
    await noteHead(database.pool, replica(), now);
  };
  const cutAt = (seq: number) =>
    asOwner(
      `delete from slipway.events where seq > ${seq}`,
      `update slipway.chain set (seq, hash) = (select seq, hash from slipway.events where seq = ${seq})`,
    );

  it('goes on with what it has on every machine, once a person said so on one of them', async () => {
    await botWrites(2);
    await replicaWrites();
    await cutAt(2);
    await expect(replicaWrites()).rejects.toMatchObject({ code: 'audit-cut-off' });
    expect((await slipway('audit', 'rotate', '--lost')).code).toBe(0);
    await replicaWrites();
    await botWrites(1);
    await replicaWrites();
    expect((await slipway('audit', 'verify')).code).toBe(0);
    // What it knew is kept, beside what it knows now.
    expect(readdirSync(dirname(ownKeyFile(replica().dataDir))).join()).toMatch(/last\.json\.\d+/);
    expect(lastSignedHere(replica()).read()?.seq).toBeGreaterThan(3);
  });

  it('which covers nothing that was signed after that', async () => {
    await botWrites(2);
    expect((await slipway('audit', 'rotate', '--lost')).code).toBe(0);
    const restored = Number((await database.pool.query('select seq from slipway.chain')).rows[0].seq);
    await replicaWrites();
    await cutAt(restored);
    await expect(replicaWrites()).rejects.toMatchObject({ code: 'audit-cut-off' });
    // Nor does it when somebody says that it is of later.
    await database.pool.query("update slipway.events set at = now() + interval '1 minute' where seq = $1", [
      restored,
    ]);
    await expect(replicaWrites()).rejects.toMatchObject({ code: 'audit-cut-off' });
  });

  it('is not begun anew in silence, though the heads of this machine are gone with it', async () => {
    await botWrites(2);
    rmSync(headsFile(config()));
    await asOwner('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    await expect(botWrites(1)).rejects.toMatchObject({ code: 'audit-begun-anew' });
    expect((await database.pool.query('select 1 from slipway.events')).rowCount).toBe(0);
  });

  it('nor by a machine that is new, when a place outside knows more', async () => {
    const silent = pino({ level: 'silent' });
    const file = join(dir, 'published.ndjson');
    const elsewhere = { ...config(), audit: { publish: [{ use: 'file', path: file, every: 1 } as const] } };
    await botWrites(4);
    const { places } = openHeads(elsewhere, {}, { slack: new WebClient(), log: silent });
    const head = await createLedger({ pool: database.pool, now }).auditHead();
    if (head) await places[0]?.publish(head, 's');
    await cutAt(3);
    const fresh = { ...replica(), audit: elsewhere.audit };
    mkdirSync(dirname(ownKeyFile(fresh.dataDir)), { recursive: true });
    copyFileSync(ownKeyFile(config().dataDir), ownKeyFile(fresh.dataDir));
    // A place that never answers holds up neither the start nor the other place.
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/audit.git`;
    const git = { use: 'git', url, username: 'x', timeout: 15_000, every: 1 } as const;
    const begun = performance.now();
    await learnHeads({ ...fresh, audit: { publish: [git, ...fresh.audit.publish] } }, {}, silent);
    expect(performance.now() - begun).toBeLessThan(13_000);
    mute.closeAllConnections();
    mute.close();
    await expect(startSigning(database.pool, fresh, {}, now)).rejects.toMatchObject({
      code: 'audit-cut-off',
      facts: { signed: 5, rows: 3 },
    });
    expect((await slipway('audit', 'rotate', '--lost')).code).toBe(0);
    await startSigning(database.pool, fresh, {}, now);
    // What somebody else put there stops nobody.
    const eve = signerOf(newKey());
    const forged = { seq: 99, hash: 'a'.repeat(64), key: head?.key, at: 0 };
    const signature = eve?.sign(`slipway audit entry\n99\n${forged.hash}`);
    writeFileSync(file, `${JSON.stringify({ ...forged, signature })}\n`);
    rmSync(join(fresh.dataDir, 'audit', 'heads.ndjson'));
    await learnHeads(fresh, {}, silent);
    expect(lastSignedHere(fresh).read()).toBeNull();
  }, 40_000);

  it('nor by a machine that is new, where something was done before', async () => {
    await botWrites(2);
    await database.pool.query(
      `insert into slipway.releases (service, version, tag, commit, how, at) values ('shop', '1.1.9', 'v1.1.9', 'c', 'shipped', now())`,
    );
    await asOwner('truncate slipway.events', "update slipway.chain set seq = 0, hash = '', key = null");
    await expect(replicaWrites()).rejects.toMatchObject({ code: 'audit-begun-anew' });
    expect((await database.pool.query('select 1 from slipway.events')).rowCount).toBe(0);
    expect((await slipway('audit', 'rotate', '--lost')).code).toBe(0);
    const { code, out } = await slipway('audit', 'verify');
    expect(code).toBe(1);
    const [, head = ''] = /If it was you, say so: --head (\S+)/.exec(out) ?? [];
    expect(await slipway('audit', 'verify', '--head', head)).toMatchObject({ code: 0 });
  });

  it('refuses to go on with another key, in a sentence, and says how to begin anew', async () => {
    await botWrites(2);
    rmSync(ownKeyFile(config().dataDir));
    await expect(botWrites(1)).rejects.toMatchObject({ code: 'audit-key-unfit' });
    expect(await slipway('audit', 'rotate', '--lost')).toMatchObject({ code: 0 });
    await botWrites(1);
    const { code, out } = await slipway('audit', 'verify');
    expect(code).toBe(1);
    const [, head = ''] = /If it was you, say so: --head (\S+)/.exec(out) ?? [];
    expect(await slipway('audit', 'verify', '--head', head)).toMatchObject({ code: 0 });
  });

  it('begins anew on another database only when it is told to', async () => {
    await botWrites(2);
    await database.close();
    database = await freshDatabase();
    await expect(botWrites(1)).rejects.toMatchObject({ code: 'audit-begun-anew' });
    expect(await slipway('audit', 'rotate', '--lost')).toMatchObject({ code: 0 });
    await botWrites(1);
    expect(await slipway('audit', 'verify')).toMatchObject({ code: 0 });
  });

  it('holds the log against a git ref that heads are published on', async () => {
    execFileSync('git', ['init', '--quiet', '--bare', join(dir, 'audit.git')]);
    const file = join(dir, 'slipway.yaml');
    writeFileSync(
      file,
      `audit: { publish: [{ use: git, url: audit.git }, { use: webhook, url: "https://x.example/", secret: { env: S } }] }\n${readFileSync(file, 'utf8')}`,
    );
    await botWrites(4);
    const silent = pino({ level: 'silent' });
    const loaded = await loadConfig(file);
    const { places } = openHeads(loaded, { S: 'a-long-secret' }, { slack: new WebClient(), log: silent });
    const head = await createLedger({ pool: database.pool, now }).auditHead();
    if (head) await places[0]?.publish(head, 's');
    const without = await slipway('audit', 'verify');
    expect(without).toMatchObject({
      code: 0,
      err: expect.stringContaining('cannot be read from here: The environment variable S'),
    });
    const secret = { S: 'a-long-secret' };
    expect(await slipwayWith(secret, 'audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('It holds the head 5 that is kept in refs/slipway/audit'),
      err: expect.stringContaining('the webhook https://x.example/ cannot be read from here'),
    });
    await asOwner(
      'delete from slipway.events where seq > 3',
      'update slipway.chain set (seq, hash) = (select seq, hash from slipway.events where seq = 3)',
    );
    rmSync(headsFile(config()));
    expect(await slipwayWith(secret, 'audit', 'verify')).toMatchObject({
      code: 1,
      out: expect.stringContaining('The head 5 is kept in refs/slipway/audit'),
    });
  });

  it('replaces the key, and follows it', async () => {
    await botWrites(2);
    const before = (await slipway('audit', 'key')).out;
    expect(await slipway('audit', 'rotate')).toMatchObject({ code: 0 });
    const after = (await slipway('audit', 'key')).out;
    expect(after).not.toBe(before);
    await botWrites(2);
    expect(await slipway('audit', 'verify', '--key', after.trim())).toMatchObject({
      code: 0,
      out: expect.stringContaining('The key was replaced at entry 4.'),
    });
  });

  it('takes a key that begins with a hyphen for a key', async () => {
    await botWrites(2);
    let key = '';
    while (!key.startsWith('-')) key = signerOf(newKey())?.publicKey ?? '';
    expect(await slipway('audit', 'verify', '--key', key)).toMatchObject({
      code: 1,
      out: expect.stringContaining('another key signs from entry 1 on'),
    });
  });

  it('takes a key from the environment or a file, for all replicas', async () => {
    const pem = newKey();
    const file = join(dir, 'k.pem');
    writeFileSync(file, pem);
    const byEnv = { ...config(), audit: { key: { env: 'AUDIT_KEY' }, publish: [] } };
    const signer = await startSigning(database.pool, byEnv, { AUDIT_KEY: pem.replaceAll('\n', '\\n') }, now);
    const other = {
      ...config(),
      dataDir: join(dir, 'elsewhere'),
      audit: { key: { file: 'k.pem' }, publish: [] },
    };
    expect((await startSigning(database.pool, other, {}, now)).publicKey).toBe(signer.publicKey);
    const without = { ...config(), dataDir: join(dir, 'third') };
    await expect(startSigning(database.pool, without, {}, now)).rejects.toMatchObject({
      code: 'audit-key-unfit',
    });
    await expect(startSigning(database.pool, byEnv, {}, now)).rejects.toMatchObject({
      code: 'secret-missing',
    });
    await expect(startSigning(database.pool, byEnv, { AUDIT_KEY: 'a-wrong-key' }, now)).rejects.toMatchObject(
      {
        code: 'audit-key-invalid',
      },
    );
  });
});
