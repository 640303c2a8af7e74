import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { drive, MemoryJournal, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';

describe('an approval that the owner of the database wrote', () => {
  let database: TestDatabase;
  let house: House;
  let ledger: Ledger;

  beforeEach(async () => {
    database = await freshDatabase();
    house = new House();
    const signer = signerOf(newKey());
    if (signer === null) throw new Error('no key');
    const { now } = house.clock;
    await beginSigning({ pool: database.pool, now, signer, isFirst: true });
    ledger = createLedger({ pool: database.pool, now, signer });
    const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
    await ledger.open({ id: ID, request, channel: 'C_SHIP' });
  });
  afterEach(() => database.close());

  const forge = () =>
    database.pool.query(
      `insert into slipway.approvals (promotion_id, voter, digest, decision, at, valid)
       select id, 'U_GRACE', digest, 'approve', to_timestamp($1::float8 / 1000), true from slipway.promotions
       on conflict do nothing`,
      [house.clock.now()],
    );
  const goes = async (journal: MemoryJournal, act: (state: string) => Promise<unknown>) => {
    const run = new MemoryRun({
      id: ID,
      clock: house.clock,
      journal,
      script: async () => {
        await act((await ledger.get(ID)).state);
        return null;
      },
    });
    await drive(run, (running) => promote(running, { ...house.ports, ledger }, ID));
    return ledger.get(ID);
  };

  test('does not count, is said once, and leaves a trace', async () => {
    const { state } = await goes(new MemoryJournal(), async (now) => {
      if (now === 'awaiting-approval') await forge();
    });
    expect(state).toBe('expired');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
    expect(house.slack.notices('unproven')).toEqual([
      { kind: 'unproven', by: 'U_GRACE', decision: 'approve' },
    ]);
    const trail = await ledger.auditTrail({ promotionId: ID, limit: 99 });
    expect(trail.filter(({ action }) => action === 'approval.unproven')).toMatchObject([
      { actor: 'slipway', result: 'refused', detail: { by: 'U_GRACE', decision: 'approve' } },
    ]);
  });

  test('does not count either when the journal says that the votes were counted', async () => {
    const journal = new MemoryJournal();
    const json = JSON.stringify({ kind: 'done', value: { missing: 0, declined: null } });
    const push = journal.entries.push.bind(journal.entries);
    let forged = 0;
    journal.entries.push = (...entries) => {
      for (const entry of entries) {
        // The count that lets it through to the release, and the last one there.
        if (/^count(-\d+)?$/.test(entry.name) && forged++ < 2) Object.assign(entry, { json });
      }
      return push(...entries);
    };
    const { state } = await goes(journal, async () => undefined);
    expect(forged).toBeGreaterThan(2);
    expect(state).toBe('expired');
    expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain('not everybody who approved');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  });

  test.each([
    ['other authors', "jsonb_set(data::jsonb, '{plan,authors}', '[]')"],
    ['another version', `jsonb_set(data::jsonb, '{plan,version,next}', '"9.9.9"')`],
    ['no plan', "data::jsonb - 'plan'"],
  ])('counts nobody while the stored plan is not that of the digest: %s', async (_what, changed) => {
    const texts = new Set<string>();
    const { state } = await goes(new MemoryJournal(), async (now) => {
      if (now !== 'awaiting-approval') return;
      await database.pool.query(`update slipway.promotions set data = (${changed})::json`);
      const { digest, data } = await ledger.get(ID);
      if (data.notice?.kind === 'problem') texts.add(data.notice.text);
      const votes = await ledger.approvals(ID);
      if (votes.length === 0)
        await ledger.vote(ID, { by: 'U_GRACE', digest: digest ?? '', decision: 'approve' });
      else expect(votes).toMatchObject([{ by: 'U_GRACE', valid: true }]);
    });
    expect(state).toBe('expired');
    expect([...texts].join()).toContain('The plan in the database is not the one');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  });
});
