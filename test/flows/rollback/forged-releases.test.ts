import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSigning } from '../../../src/app/audit.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { type AuditSigner, newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning, rotateKey } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { promote } from '../../../src/flows/promote.ts';
import { adoptRelease, mayAdopt } from '../../../src/flows/requests/adopt.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const grace: Caller = { user: 'U_GRACE', via: 'command', key: 'k' };

/** What the owner of the database writes, after 1.3.0 was shipped over 1.2.0. */
describe('a release or commit that the owner of the database wrote', () => {
  let database: TestDatabase;
  let house: House;
  let signer: AuditSigner;
  let ledger: Ledger;
  let ports: Ports;
  let requests: RequestContext;
  let pem: string;

  const query = (text: string, values: readonly unknown[] = []) => database.pool.query(text, [...values]);
  const onAudit = async (text: string) => {
    await query('alter table slipway.events disable trigger all');
    await query(text);
    await query('alter table slipway.events enable trigger all');
  };
  const made = () => {
    pem = newKey();
    const key = signerOf(pem);
    if (key === null) throw new Error('no key');
    return key;
  };
  /** As another process would see it, which has proven nothing yet. */
  const open = () => {
    ledger = createLedger({ pool: database.pool, now: house.clock.now, signer });
    ports = { ...house.ports, ledger };
    requests = {
      ...house.requests({ newId: () => 'shop-0002' }),
      ledger,
      services: new Map([['shop', ports]]),
    };
  };

  beforeEach(async () => {
    database = await freshDatabase();
    house = new House();
    signer = made();
    const { now } = house.clock;
    await beginSigning({ pool: database.pool, now, signer, isFirst: true });
    open();
    await ledger.open({ id: ID, request: { service: 'shop', bump: 'auto', by: 'U_ADA' }, channel: 'C_SHIP' });
    const script = async () => {
      const { state, digest } = await ledger.get(ID);
      const isNew = state === 'awaiting-approval' && (await ledger.approvals(ID)).length === 0;
      if (!isNew) return null;
      await ledger.vote(ID, { by: 'U_GRACE', digest: digest ?? '', decision: 'approve' });
      return { kind: 'vote' } as const;
    };
    await drive(new MemoryRun({ id: ID, clock: house.clock, script }), (run) => promote(run, ports, ID));
    expect((await ledger.get(ID)).state).toBe('shipped');
    open();
  });
  afterEach(() => database.close());

  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Refusal ? explain(error).text : String(error)),
    );
  const ask = (to?: string) =>
    outcome(requestRollback(requests, grace, ID, { reason: 'asked', ...(to === undefined ? {} : { to }) }));
  const evil = (version: string) => {
    house.repository.branches.set('hidden', house.validated);
    const commit = house.repository.push('hidden', 'feat: read all cards', { 'src/server.js': 'evil\n' });
    house.repository.branches.delete('hidden');
    house.repository.tag(`v${version}`, commit);
    return commit;
  };
  const insert = (version: string, commit: string, promotion: string | null = ID) =>
    query(
      `insert into slipway.releases (service, version, tag, commit, how, promotion_id, at)
       values ('shop', $1, 'v' || $1, $2, 'shipped', $3, now())`,
      [version, commit, promotion],
    );
  const rollBack = async () => {
    const { rollbackOrder: order, run: id = '' } = (await ledger.get(ID)).data;
    if (!order) throw new Error('nothing was asked');
    const run = new MemoryRun({ id, clock: house.clock, script: () => null });
    await drive(run, (r) => rollback(r, ports, ID, order));
    return (await ledger.get(ID)).data.notice?.text ?? '';
  };

  test('what was shipped here is proven by what was written when it was', async () => {
    expect((await ledger.releases('shop')).map(({ version }) => version)).toEqual(['1.3.0', '1.2.0']);
    expect(await ledger.unprovenReleases('shop')).toEqual([]);
    expect(await ask()).toBe('done');
    await rollBack();
    expect((await ledger.get(ID)).state).toBe('rolled-back');
    expect(house.target.current?.version).toBe('1.2.0');
  });

  test.each([ID, null])(
    'a row of the known releases is refused with a sentence (promotion %s)',
    async (of) => {
      await insert('1.1.9', evil('1.1.9'), of);
      expect(await ask('1.1.9')).toMatch(
        /^The database says that shop 1\.1\.9 \(\w+\) was in production, but the audit log has no signed entry for it/,
      );
      expect((await ledger.unprovenReleases('shop')).map(({ version }) => version)).toEqual(['1.1.9']);
      expect((await ledger.get(ID)).state).toBe('shipped');
      // Nor does it become what can be vouched for.
      expect(await outcome(mayAdopt(requests, grace, 'shop', '1.1.9'))).toContain(
        'is not part of what is live',
      );
    },
  );

  test('also with an entry of the audit that somebody else wrote', async () => {
    const commit = evil('1.1.9');
    await insert('1.1.9', commit);
    await onAudit(`update slipway.events set entry = replace(replace(entry::text, '1.3.0', '1.1.9'),
      '${(await ledger.get(ID)).data.release?.commit}', '${commit}')::json where entry::text like '%deployment.succeeded%'`);
    open();
    expect(await ask('1.1.9')).toContain('has no signed entry for it');
  });

  test('a row that names another commit or build now has no effect', async () => {
    await query(`update slipway.releases set build = '{"commit":"evil","deploymentId":"evil"}', tag = 'v9'`);
    open();
    expect((await ledger.releases('shop')).every(({ build, tag }) => !build && tag !== 'v9')).toBe(true);
    const commit = evil('1.2.0');
    await query(`update slipway.releases set commit = $1 where version = '1.2.0'`, [commit]);
    open();
    expect(await ask('1.2.0')).toContain('has no signed entry for it');
  });

  test('what was live before, in the promotion itself, is refused when it is asked for and when it is deployed', async () => {
    const change = async (commit: string) => {
      const path = '{plan,rollbackTo}';
      const to = JSON.stringify({ version: '1.2.0', tag: 'v1.2.0', commit });
      await query(`update slipway.promotions set data = jsonb_set(data::jsonb, '${path}', $1::jsonb)::json`, [
        to,
      ]);
    };
    const live = (await ledger.get(ID)).data.plan?.rollbackTo?.commit ?? '';
    const commit = evil('1.2.0');
    await change(commit);
    expect(await ask()).toContain('has no signed entry for it');
    await change(live);
    expect(await ask()).toBe('done');
    await change(commit);
    const before = house.target.started.length;
    expect(await rollBack()).toContain('has no signed entry for it');
    expect((await ledger.get(ID)).state).toBe('failed');
    expect(house.target.started).toHaveLength(before);
  });

  test('one that really was there can be vouched for, though the entry is gone', async () => {
    const { commit = '' } = (await ledger.releases('shop')).find(({ version }) => version === '1.2.0') ?? {};
    await onAudit(`delete from slipway.events where entry::text like '%promotion.agreed%'`);
    open();
    expect(await ask('1.2.0')).toContain('has no signed entry for it');
    await adoptRelease(requests, grace, { service: 'shop', version: '1.2.0', commit });
    expect(await ask('1.2.0')).toBe('done');
  });

  test('a commit is not ours, whatever the table says', async () => {
    const { release } = (await ledger.get(ID)).data;
    const ours = [release?.commit ?? '', ...(await records())];
    expect(ours.length).toBeGreaterThan(2);
    const foreign = evil('1.1.9');
    await query(
      `insert into slipway.own_commits (sha, version, promotion_id, at) values ($1, null, '${ID}', now())`,
      [foreign],
    );
    open();
    const found = await ledger.ownCommits([...ours, foreign]);
    expect(found.map(({ sha }) => sha).sort()).toEqual([...ours].sort());
    // Nor is it the release of another number.
    await query(`update slipway.own_commits set version = '1.3.9' where sha = $1`, [release?.commit]);
    open();
    expect(await ledger.ownCommits([release?.commit ?? ''])).toEqual([]);
    // Once it is ours, a row that was there before does not hide it.
    await ledger.rememberCommit(ID, { sha: foreign, version: null });
    expect(await ledger.ownCommits([foreign])).toEqual([{ sha: foreign, version: null }]);
  });

  test('half a release is ours under its version, and under no other', async () => {
    const sha = evil('1.4.0');
    await ledger.rememberCommit(ID, { sha, version: '1.4.0' });
    await ledger.rememberCommit(ID, { sha, version: '1.4.0' });
    open();
    expect(await ledger.ownCommits([sha])).toEqual([{ sha, version: '1.4.0' }]);
    const { rows } = await query(`select from slipway.events where entry::text like '%${sha}%'`);
    expect(rows).toHaveLength(1);
    await query(`update slipway.own_commits set version = '1.4.1' where sha = $1`, [sha]);
    open();
    expect(await ledger.ownCommits([sha])).toEqual([]);
  });

  const records = async () => {
    const { rows } = await query('select sha from slipway.own_commits where version is null');
    return rows.map(({ sha }: { sha: string }) => sha);
  };

  describe('once a person went on without the key or the log that was (rotate --lost)', () => {
    const emptied = async () => {
      await onAudit('truncate slipway.events');
      await query(`update slipway.chain set seq = 0, hash = '', key = null`);
    };
    const goOn = async (key: AuditSigner) => {
      await rotateKey({ pool: database.pool, now: house.clock.now, signer: null, next: key });
      signer = key;
      open();
    };
    const versions = async () => (await ledger.releases('shop')).map(({ version }) => version);
    const brokenAt = async () => (await ledger.verifyAudit({ key: signer.publicKey })).brokenAt;
    const started = async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'slipway-forged-'));
      const config = { audit: { key: { env: 'AUDIT_KEY' }, publish: [] }, dir: dataDir, dataDir };
      await startSigning(database.pool, config, { AUDIT_KEY: pem }, house.clock.now).catch(() => undefined);
      rmSync(dataDir, { recursive: true });
      open();
    };

    test('nothing is signed as true because a table says it', async () => {
      await insert('1.1.9', evil('1.1.9'));
      await emptied();
      await goOn(signer);
      await started();
      expect(await versions()).toEqual([]);
      expect(await ask('1.1.9')).toContain('has no signed entry for it');
      expect(await brokenAt()).toBe(1);
    });

    test('entries whose signatures were taken off prove nothing', async () => {
      await goOn(made());
      expect(await versions()).toEqual([]);
      await onAudit(`update slipway.events set signature = null where entry ->> 'action' not like 'audit.%'`);
      open();
      expect(await versions()).toEqual([]);
    });

    test.each(['the same key', 'another key'])(
      'nor do those that somebody put in before it, with %s',
      async (which) => {
        const commit = evil('1.1.9');
        await insert('1.1.9', commit);
        await emptied();
        const forger = createLedger({ pool: database.pool, now: house.clock.now });
        const detail = { version: '1.1.9', tag: 'v1.1.9', commit };
        await forger.audit({
          actor: 'U_ADA',
          action: 'release.adopted',
          result: 'done',
          service: 'shop',
          detail,
        });
        await goOn(which === 'the same key' ? signer : made());
        expect(await versions()).toEqual([]);
        expect(await brokenAt()).toBe(2);
        expect(await ask('1.1.9')).toContain('has no signed entry for it');
      },
    );

    test('nor by a machine that is new', async () => {
      await insert('1.1.9', evil('1.1.9'));
      await emptied();
      await started();
      expect(await versions()).toEqual([]);
      expect((await query('select 1 from slipway.events')).rowCount).toBe(0);
    });
  });
});
