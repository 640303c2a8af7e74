import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Budget } from '../../../src/adapters/slack/budget.ts';
import type { Outbox, Thread } from '../../../src/adapters/slack/port.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

describe('the outbox', () => {
  const log = pino({ level: 'silent' });
  let database: TestDatabase;
  let ledger: Ledger;
  let store: Outbox;
  let now = 0;
  let id = '';
  let serial = 0;

  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    now = Date.UTC(2030, 0, 7, 10);
    await database.pool.query('truncate slipway.cards, slipway.notices');
    ledger = createLedger({ pool: database.pool, now: () => now });
    store = createOutbox({ database, now: () => now, log });
    serial += 1;
    id = `p${serial}`;
    await open(id);
  });

  const open = (which: string) =>
    ledger.open({ id: which, request: { service: which, bump: 'auto', by: 'UANN' }, channel: '#ship' });
  const look = async (which = id): Promise<Thread> => {
    let seen: Thread | null = null;
    expect(
      await store.withThread(which, async (thread) => {
        seen = thread;
      }),
    ).toBe(true);
    return seen as unknown as Thread;
  };
  const show = (revision?: number, ts = '1.1') =>
    store.withThread(id, async (thread) => {
      await thread.attempting('card');
      await thread.cardShown({
        channel: 'C1',
        ts,
        hash: 'h1',
        revision: revision ?? thread.promotion.revision,
      });
    });

  /** As Slack would stamp a message now, by a clock that is ahead by so many ms. */
  const slackTime = (ahead: number) => `${((Date.now() + ahead) / 1_000).toFixed(3)}100`;
  /** To ten seconds: the machine of the test may be slow. */
  const aheadBy = async () => Math.round(((await store.clockAhead()) ?? Number.NaN) / 10_000) * 10;

  it('has nothing to do at first', async () => {
    expect(await store.waiting(10)).toEqual([]);
    expect(await store.cardOf(id)).toBeNull();
    expect(await store.byThread('C1', '1.1')).toBeNull();
    expect(await look()).toMatchObject({
      promotion: { id },
      approvals: [],
      card: { channel: '#ship', ts: null, hash: null, attemptedAt: null },
      notices: [],
    });
  });

  it('keeps which buttons a sent notice has, who answered, and who began the next promotion', async () => {
    await store.put(id, 'a', { kind: 'tag-missing', reason: 'refused' });
    const seq = (await look()).notices[0]?.seq ?? 0;
    await store.withThread(id, (thread) => thread.noticeSent(seq, '1.2', 'retry_deploy:releasing'));
    const { turn } = await ledger.get(id);
    expect((await look()).asking).toMatchObject([{ seq, ts: '1.2', asks: 'retry_deploy:releasing', turn }]);
    await ledger.claim(id, {
      key: `answer:${turn}`,
      message: { kind: 'retry', by: 'UBOB' },
      from: ['checking'],
      audit: { actor: 'UBOB', action: 'promotion.retry', result: 'done' },
    });
    await ledger.change(id, { to: 'cancelled' });
    await ledger.open({
      id: `${id}-2`,
      request: { service: id, bump: 'auto', by: 'UCAT' },
      channel: '#ship',
    });
    expect(await look()).toMatchObject({
      answers: [{ turn, kind: 'retry', by: 'UBOB', at: now }],
      later: { by: 'UCAT', at: now },
    });

    await store.markStale(id);
    await store.withThread(id, (thread) =>
      thread.cardShown({ channel: 'C1', ts: '1.1', hash: 'h', revision: 99, isAll: false }),
    );
    expect(await store.waiting(10)).toContain(id);
    await store.withThread(id, (thread) => thread.noticeUpdated(seq, null));
    expect((await look()).asking).toEqual([]);
  });

  it('keeps how far a notice has come: its message, and what was uploaded for it', async () => {
    await store.put(id, 'a', { kind: 'started', by: 'UANN' });
    const seq = (await look()).notices[0]?.seq ?? 0;
    const uploads = { 'chart.png': { id: 'F1', at: now, described: true, isOver: false } };
    await store.withThread(id, async (thread) => {
      await thread.attempting(seq);
      await thread.noticePosted(seq, '1.2');
      await thread.uploaded(seq, uploads);
    });
    expect((await look()).notices).toMatchObject([{ posted: '1.2', uploads }]);
    expect(Math.abs(((await look()).notices[0]?.attemptedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await store.withThread(id, (thread) => thread.notTaken(seq));
    expect((await look()).notices).toMatchObject([{ attemptedAt: null, posted: '1.2' }]);
  });

  it('knows how far the clock of Slack is ahead, by the last card', async () => {
    expect(await store.clockAhead()).toBeNull();
    await store.markStale(id);
    await show(undefined, slackTime(90_000));
    expect(await aheadBy()).toBe(90);
  });

  it('does not take the clock of a process for that of the others', async () => {
    await store.markStale(id);
    await show(undefined, slackTime(0));
    now += 60_000;
    const other = `${id}-later`;
    await open(other);
    await store.markStale(other);
    await store.withThread(other, async (thread) => {
      await thread.attempting('card');
      await thread.cardShown({ channel: 'C1', ts: slackTime(1_000), hash: 'h', revision: 1 });
    });
    expect(await aheadBy()).toBe(0);
    expect(Math.abs(((await look(other)).card.attemptedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('does not take the time of a card that was deleted for that of the next attempt', async () => {
    await store.markStale(id);
    await show(undefined, slackTime(-300_000));
    await store.withThread(id, (thread) => thread.attempting('card'));
    expect(await store.clockAhead()).toBeNull();
    expect((await look(id)).card.hash).toBeNull();
  });

  it('compares clocks by what Slack posted last, also when that of the database was set back', async () => {
    await store.markStale(id);
    await show(undefined, slackTime(0));
    await database.pool.query("update slipway.cards set attempted_at = attempted_at + interval '1 hour'");
    const other = `${id}-later`;
    await open(other);
    await store.markStale(other);
    await store.withThread(other, async (thread) => {
      await thread.attempting('card');
      await thread.cardShown({ channel: 'C1', ts: slackTime(0), hash: 'h', revision: 1 });
    });
    expect(await aheadBy()).toBe(0);
    await store.withThread(id, (thread) =>
      thread.cardShown({ channel: 'C1', ts: 'undeliverable', hash: 'h', revision: 1 }),
    );
    expect(await aheadBy()).toBe(0);
  });

  it('notes calls for all processes, also when many note at once', async () => {
    const other = createOutbox({ database, now: () => now, log });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? store : other).noteCalls('chat.update', (times) => [...times, n]),
      ),
    );
    let seen: readonly number[] = [];
    await store.noteCalls('chat.update', (times) => {
      seen = times;
      return [];
    });
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('counts calls by one clock, whatever those of the replicas say', async () => {
    const at = async (ahead: number) => {
      const replica = createOutbox({ database, now: () => Date.now() + ahead, log });
      const budget = new Budget(replica, () => performance.now());
      const one = { people: [[1, 60_000]], state: [], progress: [] } as const;
      return budget.take('C1', `${ahead}`, one, 'people');
    };
    expect(await at(3_600_000)).toBe(0);
    expect(await at(0)).toBeGreaterThan(50_000);
    expect(await at(-3_600_000)).toBeGreaterThan(50_000);
  });

  it('refuses what belongs to no promotion', async () => {
    for (const work of [
      () => store.markStale('nope'),
      () => store.put('nope', 'k', { kind: 'started', by: 'UANN' }),
      () => store.withThread('nope', async () => undefined),
    ]) {
      await expect(work()).rejects.toMatchObject({ name: 'Refusal', code: 'promotion-unknown' });
    }
  });

  it('remembers where the card is, and finds the promotion of a thread', async () => {
    await store.markStale(id);
    expect(await store.waiting(10)).toEqual([id]);
    await show();
    expect(await store.waiting(10)).toEqual([]);
    expect(await store.cardOf(id)).toEqual({ channel: 'C1', ts: '1.1' });
    expect((await store.byThread('C1', '1.1'))?.id).toBe(id);
    expect(await store.byThread('C1', '1.2')).toBeNull();
    const attemptedAt = expect.any(Number);
    expect((await look()).card).toEqual({ channel: 'C1', ts: '1.1', hash: 'h1', attemptedAt });
  });

  it('forgets what a card shows that may be gone, also while it is being shown', async () => {
    await store.cardMayBeGone(id);
    expect(await store.waiting(10)).toEqual([]);
    await show();
    await store.cardMayBeGone(id);
    expect((await look()).card.hash).toBe('');
    expect(await store.waiting(10)).toEqual([id]);
    await show();
    expect((await look()).card.hash).toBe('h1');
    await store.withThread(id, async (thread) => {
      await store.messageGone('C1', '1.1');
      await thread.cardShown({ channel: 'C1', ts: '1.1', hash: 'h1', revision: thread.promotion.revision });
    });
    expect((await look()).card.hash).toBe('');
    expect(await store.waiting(10)).toEqual([id]);
  });

  it('follows a channel to its new id, and back', async () => {
    await show();
    const { promotion } = await look();
    await store.channelMoved('C1', 'C2');
    expect(await store.cardOf(id)).toEqual({ channel: 'C2', ts: '1.1' });
    expect(await store.byThread('C2', '1.1')).toMatchObject({ id: promotion.id });
    expect(await store.byThread('C1', '1.1')).toBeNull();
    expect(await store.movedChannels()).toEqual(new Map([['C1', 'C2']]));
    await store.channelMoved('C2', 'C1');
    expect(await store.cardOf(id)).toEqual({ channel: 'C1', ts: '1.1' });
    expect(await store.movedChannels()).toEqual(new Map([['C2', 'C1']]));
  });

  it('keeps a card stale that was wished for while it was being shown', async () => {
    await store.markStale(id);
    await store.withThread(id, async (thread) => {
      await store.markStale(id);
      await thread.cardShown({ channel: 'C1', ts: '1.1', hash: 'h', revision: thread.promotion.revision });
    });
    expect(await store.waiting(10)).toEqual([id]);
    await show();
    expect(await store.waiting(10)).toEqual([]);
  });

  it('keeps a card stale of which an older state was shown', async () => {
    await store.markStale(id);
    await show(0);
    expect(await store.waiting(10)).toEqual([id]);
    expect(await store.cardOf(id)).toEqual({ channel: 'C1', ts: '1.1' });
  });

  it('keeps notices in order, each once, until they are sent', async () => {
    await store.put(id, 'a', { kind: 'started', by: 'UANN' });
    await store.put(id, 'b', { kind: 'releasing', version: '1.0.0' });
    await store.put(id, 'a', { kind: 'started', by: 'UEVE' });
    const { notices } = await look();
    expect(notices.map((one) => [one.key, one.notice, one.attemptedAt])).toEqual([
      ['a', { kind: 'started', by: 'UANN' }, null],
      ['b', { kind: 'releasing', version: '1.0.0' }, null],
    ]);
    const [first] = notices;
    await store.withThread(id, (thread) => thread.attempting(first?.seq ?? 0));
    expect((await look()).notices.map((one) => one.attemptedAt)).toEqual([expect.any(Number), null]);
    await store.withThread(id, (thread) => thread.noticeSent(first?.seq ?? 0, '1.2', null));
    expect((await look()).notices.map((one) => one.key)).toEqual(['b']);
    await store.put(id, 'a', { kind: 'started', by: 'UANN' });
    expect((await look()).notices.map((one) => one.key)).toEqual(['b']);
    expect(await store.waiting(10)).toEqual([id]);
  });

  it('names first whoever waits longest, each once', async () => {
    const ids = ['x', 'y', 'z'].map((name) => `${id}${name}`);
    for (const one of ids) await open(one);
    const [x = '', y = '', z = ''] = ids;
    await store.markStale(y);
    now += 1_000;
    await store.put(z, 'k', { kind: 'started', by: 'UANN' });
    now += 1_000;
    await store.markStale(x);
    await store.markStale(z);
    now += 1_000;
    await store.markStale(y);
    expect(await store.waiting(10)).toEqual([y, z, x]);
    expect(await store.waiting(2)).toEqual([y, z]);
  });

  it('lets one at a time at a thread, and others at other threads', async () => {
    const other = `${id}o`;
    await open(other);
    const elsewhere = createOutbox({ database, now: () => now, log });
    const inside: boolean[] = [];
    await store.withThread(id, async () => {
      inside.push(await elsewhere.withThread(id, async () => undefined));
      inside.push(await store.withThread(id, async () => undefined));
      inside.push(await elsewhere.withThread(other, async () => undefined));
    });
    expect(inside).toEqual([false, false, true]);
    expect(await elsewhere.withThread(id, async () => undefined)).toBe(true);
  });

  it('holds many threads at once, and lets go of all of them', async () => {
    const others = Array.from({ length: 20 }, (_, index) => `${id}-${index}`);
    for (const one of others) await open(one);
    for (let round = 0; round < 15; round += 1) {
      const held = await Promise.all(others.map((one) => store.withThread(one, async () => undefined)));
      expect(held.every(Boolean)).toBe(true);
    }
    const { rows } = await database.pool.query(
      `select count(*)::int as n from pg_locks join pg_database on pg_database.oid = pg_locks.database
       where locktype = 'advisory' and datname = current_database()`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('frees the thread when the work fails, and throws what the work threw', async () => {
    const error = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    await expect(store.withThread(id, () => Promise.reject(error))).rejects.toBe(error);
    expect(await store.withThread(id, async () => undefined)).toBe(true);
  });

  it('records nothing any more once the connection with its lock is gone', async () => {
    await store.markStale(id);
    const work = store.withThread(id, async (thread) => {
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
         and database = (select oid from pg_database where datname = current_database())`,
      );
      await thread.attempting('card');
    });
    await expect(work).rejects.toBeInstanceOf(Unavailable);
    expect((await look()).card.attemptedAt).toBe(null);
  });

  it('calls when somebody stored something, also after the connection was lost', async () => {
    const called = vi.fn<(id: string) => void>();
    const stop = createOutbox({ database, now: () => now, log }).onWork(called);
    try {
      await listening();
      await store.markStale(id);
      await vi.waitFor(() => expect(called).toHaveBeenCalledWith(id), 10_000);
      await show();
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen slipway_outbox'
         and datname = current_database()`,
      );
      called.mockClear();
      await store.put(id, 'k', { kind: 'started', by: 'UANN' });
      await vi.waitFor(() => expect(called).toHaveBeenCalledWith(id), 10_000);
    } finally {
      stop();
    }
    await vi.waitFor(async () => expect(await listeners()).toBe(0), 10_000);
  });

  const listeners = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where query = 'listen slipway_outbox' and datname = current_database()`,
    );
    return rows[0]?.n ?? 0;
  };
  const listening = () => vi.waitFor(async () => expect(await listeners()).toBe(1), 10_000);

  it('looks around by itself when nobody calls', async () => {
    const called = vi.fn<(id: string) => void>();
    await store.markStale(id);
    const stop = createOutbox({ database, now: () => now, log, pollMs: 20 }).onWork(called);
    try {
      await vi.waitFor(() => expect(called.mock.calls.length).toBeGreaterThan(3), 10_000);
    } finally {
      stop();
    }
  });

  it('is not confused by a refusal of the work', async () => {
    const refusal = new Refusal('no-vote');
    await expect(store.withThread(id, () => Promise.reject(refusal))).rejects.toBe(refusal);
  });
});
