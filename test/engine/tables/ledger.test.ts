import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { Outbox } from '../../../src/adapters/slack/port.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import type { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { claimsContract } from '../../contracts/claims.ts';
import { ledgerContract } from '../../contracts/ledger.ts';
import { sequencesContract } from '../../contracts/sequences.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const TABLES =
  'promotions, changes, approvals, locks, queue, samples, once, offers, messages, sequences, subscriptions, form_choices, cards, notices, replicas';
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

async function empty(): Promise<void> {
  await database.pool.query('alter table slipway.events disable trigger all');
  await database.pool.query(`truncate ${TABLES.replace(/\w+/g, 'slipway.$&')}, slipway.events cascade`);
  await database.pool.query('alter table slipway.events enable trigger all');
  await database.pool.query("update slipway.chain set seq = 0, hash = ''");
}

const onPostgres = async (now: () => number) => {
  await empty();
  return createLedger({ pool: database.pool, now });
};
ledgerContract('on PostgreSQL', onPostgres);
claimsContract('on PostgreSQL', onPostgres);
sequencesContract('on PostgreSQL', onPostgres);

describe('what the thread hears of a decision', () => {
  const now = Date.UTC(2030, 0, 7, 10);
  const said: Notice = { kind: 'approved', by: 'UBOB' };
  const told = () => ({ key: 'k', notice: said });
  let ledger: Ledger;
  let outbox: Outbox;

  beforeEach(async () => {
    await empty();
    ledger = createLedger({ pool: database.pool, now: () => now });
    outbox = createOutbox({ database, now: () => now, log: pino({ level: 'silent' }) });
    await ledger.open({ id: 'p1', request: { service: 'shop', bump: 'auto', by: 'UANN' }, channel: 'C1' });
    await ledger.change('p1', { to: 'awaiting-approval', digest: 'd1' });
  });

  /** What is to be sent, and whether the card is to be shown anew. */
  async function waiting() {
    const { rows } = await database.pool.query(
      'select notice, (select count(*)::int from slipway.cards where stale_since is not null) as stale from slipway.notices',
    );
    expect(await outbox.waiting(10)).toEqual(rows.length > 0 ? ['p1'] : []);
    return rows;
  }
  const vote = { by: 'UBOB', digest: 'd1', decision: 'approve' } as const;
  const lock = { service: 'shop', owner: 'UANN', reason: 'Rolled back', promotionId: 'p1' };

  it.each<[string, () => Promise<unknown>]>([
    ['a vote', () => ledger.vote('p1', vote, undefined, told)],
    [
      'a vote that is taken back',
      async () => {
        await ledger.vote('p1', vote);
        await ledger.withdrawVote('p1', 'UBOB', undefined, told);
      },
    ],
    ['a change', () => ledger.change('p1', { data: { stoppable: 1 }, told: told() })],
    [
      'a lock of a rollback that is taken off',
      async () => {
        await ledger.lock(lock);
        await ledger.unlock('shop', 'UBOB', undefined, undefined, 'mended', told);
        expect((await ledger.get('p1')).data.unlocked).toBe(true);
      },
    ],
    [
      'a lock of a rollback that is taken over',
      async () => {
        await ledger.lock(lock);
        await ledger.stealLock(
          { service: 'shop', owner: 'UBOB', reason: 'mine' },
          undefined,
          undefined,
          told,
        );
      },
    ],
  ])('is stored with %s', async (_what, decide) => {
    await decide();
    expect(await waiting()).toEqual([{ notice: said, stale: 1 }]);
  });

  it('is stored with it or not at all', async () => {
    const failing = () => {
      throw new Error('nothing to say');
    };
    await expect(ledger.vote('p1', vote, undefined, failing)).rejects.toThrow('nothing to say');
    expect(await ledger.approvals('p1')).toEqual([]);
    await ledger.change('p1', { key: 'once', told: told() });
    await ledger.change('p1', { key: 'once', told: { key: 'other', notice: said } });
    expect(await waiting()).toHaveLength(1);
  });
});

describe('a ledger that many use at once', () => {
  let ledger: Ledger;
  const now = Date.UTC(2030, 0, 7, 10);
  const request = (by: string) => ({ service: 'shop', bump: 'auto', by }) as const;

  beforeEach(async () => {
    await empty();
    ledger = createLedger({ pool: database.pool, now: () => now });
  });

  it('opens one promotion when twenty are asked for at the same time', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const answers = await Promise.allSettled(
      ids.map((id) => ledger.open({ id, request: request(`U${id}`), channel: 'C1' })),
    );
    const opened = answers.filter((one) => one.status === 'fulfilled');
    const refused = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as Refusal] : []));
    expect(opened).toHaveLength(1);
    expect(new Set(refused.map((one) => one.code))).toEqual(new Set(['promotion-open']));
    expect(new Set(refused.map((one) => whichOne(one)))).toEqual(new Set([opened[0]?.value.id]));
  });

  it('opens an id once when it is asked for twenty times at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ledger.open({ id: 'p', request: request('UANN'), channel: 'C1' })),
    );
    expect(new Set(answers.map((one) => one.id))).toEqual(new Set(['p']));
    expect(await ledger.auditTrail({ limit: 50 })).toHaveLength(1);
  });

  it('counts fifty people who vote in the same moment, twice each, once', async () => {
    await ledger.open({ id: 'p', request: request('UANN'), channel: 'C1' });
    await ledger.change('p', { to: 'awaiting-approval', digest: 'd' });
    const people = Array.from({ length: 50 }, (_, index) => `U${index}`);
    const answers = await Promise.allSettled(
      [...people, ...people].map((by) => ledger.vote('p', { by, digest: 'd', decision: 'approve' })),
    );
    const reasons = answers.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as Refusal).code] : [],
    );
    expect(reasons).toEqual(Array.from({ length: 50 }, () => 'already-voted'));
    const approvals = await ledger.approvals('p');
    expect(new Set(approvals.filter((one) => one.valid).map((one) => one.by))).toEqual(new Set(people));
    expect(approvals).toHaveLength(50);
    expect((await ledger.get('p')).revision).toBe(52);
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 51, brokenAt: null });
  });

  it('takes one of many changes that exclude each other, and each key once', async () => {
    await ledger.open({ id: 'p', request: request('UANN'), channel: 'C1' });
    const steal = await Promise.allSettled(
      Array.from({ length: 10 }, () => ledger.change('p', { from: ['checking'], to: 'blocked' })),
    );
    expect(steal.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    await Promise.all(
      Array.from({ length: 10 }, () => ledger.change('p', { key: 'k', data: { reportPath: 'r' } })),
    );
    expect((await ledger.get('p')).revision).toBe(3);
  });

  it('gives a lock to one of many, and each person one place in the queue', async () => {
    const owners = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        ledger.lock({ service: 'shop', owner: `U${index}`, reason: 'r' }),
      ),
    );
    expect(owners.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const people = Array.from({ length: 10 }, (_, index) => `U${index}`);
    await Promise.all(people.map((person) => ledger.joinQueue('shop', person)));
    await Promise.all(people.map((person) => ledger.joinQueue('shop', person)));
    const order: string[] = [];
    for (let next = await ledger.firstInQueue('shop'); next; next = await ledger.firstInQueue('shop')) {
      order.push(next.user);
      const place = next;
      await Promise.all(people.map(() => ledger.leaveQueue(place)));
    }
    expect(order.toSorted()).toEqual(people.toSorted());
  });

  it('trap: an event goes to any one socket, and again: a key is seen first in one place only', async () => {
    const seen = await Promise.all(Array.from({ length: 30 }, () => ledger.once('event Ev1')));
    expect(seen.filter(Boolean)).toHaveLength(1);
  });

  it('remembers keys for a week', async () => {
    let time = now;
    const other = createLedger({ pool: database.pool, now: () => time });
    await other.once('k');
    time += 6 * 86_400_000;
    expect(await other.once('k')).toBe(false);
    time += 2 * 86_400_000;
    expect(await other.once('k')).toBe(true);
  });

  it('says whether a key was seen without seeing it, and forgets one', async () => {
    expect(await ledger.wasSeen('click 1')).toBe(false);
    expect(await ledger.once('click 1')).toBe(true);
    expect(await ledger.wasSeen('click 1')).toBe(true);
    await ledger.forget('click 1');
    expect(await ledger.wasSeen('click 1')).toBe(false);
    expect(await ledger.once('click 1')).toBe(true);
  });

  it('remembers keys of any length and content', async () => {
    const key = `\u0000${'x'.repeat(100_000)}`;
    expect(await ledger.once(key)).toBe(true);
    expect(await ledger.once(key)).toBe(false);
  });
});

function whichOne({ facts }: Refusal): unknown {
  const { promotion } = facts;
  return promotion;
}

test('what a replica stored whose clock is ahead is delivered by the others in time', async () => {
  await empty();
  const ahead = createLedger({ pool: database.pool, now: () => Date.now() + 3_600_000 });
  await ahead.open({ id: 'p1', request: { service: 'shop', bump: 'auto', by: 'UANN' }, channel: 'C1' });
  const message = { kind: 'rollback', by: 'UANN', reason: 'broken' } as const;
  const audit = { actor: 'UANN', action: 'thread.rollback', result: 'done' } as const;
  await ahead.claim('p1', { key: 'k', message, from: ['checking'], audit });
  const other = createLedger({ pool: database.pool, now: Date.now });
  expect(await other.undelivered({ olderThanMs: 0 })).toMatchObject([{ message }]);
  await expect.poll(() => other.undelivered({ olderThanMs: 200 }), { timeout: 5_000 }).toHaveLength(1);
  expect(await ahead.undelivered({ olderThanMs: 60_000 })).toEqual([]);
  // Stored by an edition that went by its own clock.
  await database.pool.query("update slipway.messages set at = now() + interval '1 hour'");
  expect(await other.undelivered({ olderThanMs: 0 })).toHaveLength(1);
});
