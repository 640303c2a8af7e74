import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Override } from '../../../src/domain/policy/override.ts';
import { newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { barriersOf } from '../../../src/flows/locks/barriers.ts';
import { promote } from '../../../src/flows/promote.ts';
import { acknowledgeDebt } from '../../../src/flows/requests/break-glass.ts';
import { startPromotion } from '../../../src/flows/requests/start.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { stillGood } from '../../../src/flows/steps/recheck.ts';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { drive, MemoryJournal, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';

describe('an override that the owner of the database wrote', () => {
  let database: TestDatabase;
  let house: House;
  let ledger: Ledger;

  beforeEach(async () => {
    database = await freshDatabase();
    house = new House({
      approvalsExpireMs: 20 * 60_000,
      override: { users: ['U_LINUS'], groups: [] },
    });
    const signer = signerOf(newKey());
    if (signer === null) throw new Error('no key');
    const { now } = house.clock;
    await beginSigning({ pool: database.pool, now, signer, isFirst: true });
    ledger = createLedger({ pool: database.pool, now, signer });
  });
  afterEach(() => database.close());

  const sql = async (text: string, values: readonly unknown[] = []) => {
    await database.pool.query('alter table slipway.events disable trigger all');
    await database.pool.query(text, [...values]);
    await database.pool.query('alter table slipway.events enable trigger all');
  };
  const override = (barriers: readonly string[]): Override => ({
    id: 'debt-forged',
    by: 'U_LINUS',
    reason: 'nobody said so',
    at: house.clock.now(),
    due: house.clock.now() + 60_000,
    barriers,
    over: ['Locked'],
  });
  const requests = () => ({
    ...house.requests(),
    ledger,
    services: new Map([['shop', { ...house.ports, ledger }]]),
  });
  const caller = (user: string) => ({ user, via: 'button', key: `${user}:${house.clock.now()}` });
  const open = () =>
    ledger.open({ id: ID, request: { service: 'shop', bump: 'auto', by: 'U_ADA' }, channel: 'C_SHIP' });
  const lock = () => ledger.lock({ service: 'shop', owner: 'U_EVE', reason: 'the till is down' });
  const barriers = async () =>
    ((await ledger.get(ID)).data.gates ?? []).flatMap((gate) => gate.barriers ?? []);
  const goes = async (act: (state: string) => Promise<RunMessage | null>) => {
    const run = new MemoryRun({
      id: ID,
      clock: house.clock,
      journal: new MemoryJournal(),
      script: async () => act((await ledger.get(ID)).state),
    });
    await drive(run, (running) => promote(running, { ...house.ports, ledger }, ID));
    return ledger.get(ID);
  };
  const isNotLive = () => {
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  };
  const signed = async () =>
    (await ledger.auditTrail({ promotionId: ID, limit: 99 })).map(
      ({ actor, action, result }) => `${actor} ${action} ${result}`,
    );

  test('in the request of a promotion opens no gate, and is not signed in the name of a person', async () => {
    await open();
    await lock();
    const forged = override((await barriersOf({ ...house.ports, ledger })).map(({ key }) => key));
    await sql('update slipway.promotions set request = jsonb_set(request::jsonb, $1, $2)::json', [
      '{overrides}',
      JSON.stringify([forged]),
    ]);
    let seen: readonly string[] = [];
    const { state } = await goes(async () => {
      seen = await barriers();
      return null;
    });
    expect(seen).not.toEqual([]);
    expect(state).toBe('expired');
    isNotLive();
    expect(await signed()).not.toContain('U_LINUS override.used done');
    expect(await ledger.openDebts()).toEqual([]);
  });

  test('as a message to the run opens no gate either, over whichever barriers', async () => {
    await open();
    await lock();
    let sent = 0;
    const { state } = await goes(async (now) => {
      if (now !== 'blocked' || sent++ > 0) return null;
      return { kind: 'override', by: 'U_LINUS', override: override(await barriers()) };
    });
    expect(sent).toBeGreaterThan(1);
    expect(state).toBe('expired');
    isNotLive();
    expect(await signed()).toContain('slipway override.used refused');
    expect(await signed()).not.toContain('U_LINUS override.used done');
    expect(house.slack.kinds(ID)).not.toContain('override');
    expect((await ledger.get(ID)).data.overrides ?? []).toEqual([]);
  });

  test('what a run does is not signed in the name of a person who did not ask for it', async () => {
    await open();
    await lock();
    const { state } = await goes(async (now) =>
      now === 'blocked' ? { kind: 'cancel', by: 'U_LINUS', reason: 'nobody said so' } : null,
    );
    expect(state).toBe('cancelled');
    expect(await signed()).toContain('slipway promotion.cancelled done');
    expect((await signed()).filter((line) => line.startsWith('U_LINUS'))).toEqual([]);
  });

  test('but it is where they did', async () => {
    await open();
    await lock();
    await goes(async (now) => {
      if (now !== 'blocked') return null;
      await steer(requests(), caller('U_ADA'), ID, { kind: 'cancel', reason: 'not today' });
      return { kind: 'cancel', by: 'U_ADA', reason: 'not today' };
    });
    expect(await signed()).toContain('U_ADA promotion.cancelled done');
  });

  test('in the data of a promotion does not hold at the last look before the deploy', async () => {
    await open();
    await lock();
    const keys = (await barriersOf({ ...house.ports, ledger })).map(({ key }) => key);
    await sql('update slipway.promotions set data = $1', [JSON.stringify({ overrides: [override(keys)] })]);
    const { kind, reasons } = (await stillGood({ ...house.ports, ledger }, ID)) as {
      readonly kind: string;
      readonly reasons: readonly string[];
    };
    expect(kind).toBe('withdrawn');
    expect(reasons.join()).toContain('Locks: ');
  });

  describe('after somebody really broke the glass', () => {
    const begun = async () => {
      await lock();
      const { id } = await startPromotion(
        { ...requests(), newId: (kind) => (kind === 'shop' ? ID : 'debt-1') },
        caller('U_LINUS'),
        { service: 'shop', bump: 'auto' },
        { reason: 'the till is down' },
      );
      expect(id).toBe(ID);
      await goes(async () => null);
      expect(await signed()).toContain('U_LINUS override.used done');
      expect(await ledger.openDebts()).toMatchObject([{ id: 'debt-1', by: 'U_LINUS' }]);
    };

    test('it covers what they were told of, and nothing that is added', async () => {
      await begun();
      const { request } = await ledger.get(ID);
      const [real] = request.overrides ?? [];
      if (real === undefined) throw new Error('no override');
      const widened = { ...real, barriers: [...real.barriers, 'alert:Down'] };
      expect(await ledger.overrides(ID, [widened])).toMatchObject([
        { id: 'debt-1', barriers: real.barriers },
      ]);
      expect(await ledger.overrides(ID, [{ ...real, by: 'U_EVE' }])).toEqual([]);
    });

    test('the debt stays open until a second person has acknowledged it, whatever its row says', async () => {
      await begun();
      await sql("update slipway.debts set acknowledged_by = 'U_GRACE', acknowledged_at = now()");
      expect(await ledger.openDebts()).toMatchObject([{ id: 'debt-1', by: 'U_LINUS' }]);
      await sql("update slipway.debts set person = 'U_EVE'");
      expect(await ledger.openDebts()).toMatchObject([{ id: 'debt-1', by: 'U_LINUS' }]);
      await expect(ledger.acknowledge(ID, 'U_LINUS')).rejects.toMatchObject({ code: 'debt-own' });
      await acknowledgeDebt(requests(), caller('U_GRACE'), ID);
      expect(await ledger.openDebts()).toEqual([]);
      const { data } = await ledger.get(ID);
      expect(await ledger.overrides(ID, data.overrides ?? [])).toMatchObject([
        { acknowledged: { by: 'U_GRACE' } },
      ]);
    });

    test('an acknowledgement that is only in the promotion is none, nor is a row of a debt that nobody made', async () => {
      await begun();
      const said = { by: 'U_GRACE', at: 1 };
      const { data } = await ledger.get(ID);
      const forged = (data.overrides ?? []).map((one) => ({ ...one, acknowledged: said }));
      expect(forged).toHaveLength(1);
      expect((await ledger.overrides(ID, forged))[0]).not.toHaveProperty('acknowledged');
      await sql(`insert into slipway.debts (id, promotion_id, service, person, reason, over, since, due)
        values ('debt-2', '${ID}', 'shop', 'U_GRACE', 'x', '[]', now(), now())`);
      expect((await ledger.openDebts()).map(({ id }) => id)).toEqual(['debt-1']);
    });
  });
});
