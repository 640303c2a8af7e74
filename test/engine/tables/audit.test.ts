import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

describe('the audit chain', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  const query = (text: string) => database.pool.query(text);
  const tamper = async (text: string) => {
    await query('alter table slipway.events disable trigger all');
    await query(text);
    await query('alter table slipway.events enable trigger all');
  };

  beforeAll(async () => {
    database = await freshDatabase();
    ledger = createLedger({ pool: database.pool, now: () => Date.UTC(2030, 0, 1) });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await tamper('truncate slipway.events');
    await query("update slipway.chain set seq = 0, hash = ''");
    for (let index = 1; index <= 5; index += 1) {
      await ledger.audit({
        actor: 'UANN',
        action: `button.${index}`,
        result: 'done',
        service: 'shop',
        promotionId: 'p1',
        detail: { b: 1, a: ['\u0000', '\ud800', 0.1, null], nested: { z: 'é', y: 1e21 } },
      });
    }
  });

  it('is whole when nobody touched it', async () => {
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 5, brokenAt: null });
  });

  it.each(['update slipway.events set hash = hash', 'delete from slipway.events', 'truncate slipway.events'])(
    'refuses: %s',
    async (statement) => {
      await expect(query(statement)).rejects.toThrow('the audit is append-only');
    },
  );

  it.each([
    [
      'another actor',
      `update slipway.events set entry = replace(entry::text, 'UANN', 'UEVE')::json where seq = 3`,
      3,
      'changed',
    ],
    ['another time', `update slipway.events set at = at + interval '1 second' where seq = 2`, 2, 'changed'],
    ['another service', `update slipway.events set service = 'cart' where seq = 4`, 4, 'changed'],
    ['another promotion', `update slipway.events set promotion_id = null where seq = 4`, 4, 'changed'],
    ['another hash', `update slipway.events set hash = repeat('0', 64) where seq = 1`, 1, 'changed'],
    ['a row taken out', `delete from slipway.events where seq = 3`, 3, 'missing'],
    ['the first row taken out', `delete from slipway.events where seq = 1`, 1, 'missing'],
    ['the end cut off', `delete from slipway.events where seq >= 4`, 4, 'cut-off'],
    ['everything gone', `delete from slipway.events`, 1, 'cut-off'],
    [
      'a row put in at the end',
      `insert into slipway.events select 6, at, service, promotion_id, entry, hash from slipway.events where seq = 5`,
      6,
      'changed',
    ],
    ['another end of the chain', `update slipway.chain set hash = repeat('0', 64)`, 6, 'cut-off'],
    [
      'two rows swapped',
      `update slipway.events set seq = case seq when 2 then -3 else -2 end where seq in (2, 3); update slipway.events set seq = -seq where seq < 0`,
      2,
      'changed',
    ],
  ] as const)('shows %s', async (_what, statement, brokenAt, why) => {
    await tamper(statement);
    expect(await ledger.verifyAudit()).toMatchObject({ rows: brokenAt - 1, brokenAt, why });
  });

  it('is walked whole when it is longer than a page', async () => {
    const others = Array.from({ length: 40 }, (_, index) => index);
    for (let page = 0; page < 30; page += 1) {
      await Promise.all(
        others.map((index) => ledger.audit({ actor: `U${index}`, action: 'plan.seen', result: 'done' })),
      );
    }
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 1_205, brokenAt: null });
    await tamper(`update slipway.events set hash = 'x' where seq = 1100`);
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 1_099, brokenAt: 1_100 });
  }, 60_000);
});
