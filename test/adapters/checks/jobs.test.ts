import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { backlogAttempt, judgeBacklog, momentIn } from '../../../src/adapters/checks/jobs/backlog.ts';
import { REDIS_SYSTEMS, redisBacklog } from '../../../src/adapters/checks/jobs/redis-systems.ts';
import type { Reply } from '../../../src/adapters/checks/redis/reply.ts';
import { checks } from '../../support/all-adapters.ts';

const MINUTE = 60_000;

describe('a backlog within its limits', () => {
  test.each([
    [
      { waiting: 3, oldestMs: 4_000, seenMs: 2_000 },
      { 'max-waiting': 3 },
      '3 jobs wait, the oldest for 4 s; a worker was seen 2 s ago',
    ],
    [{ waiting: 1 }, { 'max-waiting': 3 }, '1 job waits'],
    [{ waiting: 0, oldestMs: null }, { 'max-age': MINUTE }, '0 jobs wait'],
    [{ seenMs: 5_000 }, { heartbeat: MINUTE }, 'a worker was seen 5 s ago'],
    [{ oldestMs: null }, { 'max-age': MINUTE }, 'no job waits'],
    [{ waiting: 0, seenMs: 5_000 }, { heartbeat: MINUTE }, '0 jobs wait; a worker was seen 5 s ago'],
  ])('%j, %j', (backlog, limits, detail) => {
    expect(judgeBacklog(backlog, limits)).toEqual({ ok: true, detail });
  });

  test.each([
    [{ waiting: 4 }, { 'max-waiting': 3 }, '4 jobs wait, expected at most 3'],
    [
      { waiting: 4, oldestMs: 25 * MINUTE },
      { 'max-age': 10 * MINUTE },
      'the oldest job waits for 25 min, expected at most 10 min',
    ],
    [{ waiting: 0, seenMs: null }, { heartbeat: MINUTE }, 'no worker is known, expected one within 1 min'],
    [
      { waiting: 0, seenMs: 5 * MINUTE },
      { heartbeat: MINUTE },
      'the last sign of a worker is 5 min old, expected one within 1 min',
    ],
  ])('is not %j with %j', (backlog, limits, detail) => {
    expect(judgeBacklog(backlog, limits)).toEqual({ ok: false, detail });
  });

  test.each([
    [{ waiting: 4, oldestMs: null }, { 'max-age': MINUTE }, 'how long the oldest job has waited'],
    [{ waiting: 4 }, { 'max-age': MINUTE }, 'how long the oldest job has waited'],
    [{ seenMs: 1 }, { 'max-waiting': 3 }, 'how many jobs wait'],
    [{ seenMs: 1 }, { 'max-age': MINUTE }, 'how long the oldest job has waited'],
    [{ waiting: 0 }, { heartbeat: MINUTE }, 'when a worker was last seen'],
  ])('is unknown for %j with %j', async (backlog, limits, what) => {
    expect(await backlogAttempt(async () => backlog, limits)).toEqual({
      ok: false,
      unasked: true,
      detail: `its jobs are unknown, as it is not told ${what}`,
    });
  });

  test('that does not tell one thing still fails for another', () => {
    const limits = { 'max-age': MINUTE, heartbeat: MINUTE };
    expect(judgeBacklog({ waiting: 4, oldestMs: null, seenMs: 5 * MINUTE }, limits)).toMatchObject({
      ok: false,
      detail: 'the last sign of a worker is 5 min old, expected one within 1 min',
    });
  });
});

test.each([
  [1_700_000_000, 1_700_000_000_000],
  ['1700000000.25', 1_700_000_000_250],
  [1_700_000_000_123, 1_700_000_000_123],
  ['2023-11-14T22:13:20.000000Z', 1_700_000_000_000],
  ['2023-11-14T22:13:20+00:00', 1_700_000_000_000],
  ['yesterday', null],
  ['', null],
  [null, null],
  ['9'.repeat(400), null],
])('the moment %j is %j', (value, moment) => {
  expect(momentIn(value)).toBe(moment);
});

describe('a queue that nobody made is not an empty one', () => {
  /** A Redis that has these keys: sets, lists and hashes by their members. */
  const redis = (keys: Readonly<Record<string, readonly string[]>>) => {
    const has = (key: string) => (keys[key] === undefined ? 0 : 1);
    return async (name: string, ...[key = '', ...more]: readonly string[]): Promise<Reply> => {
      const members = keys[key] ?? [];
      if (name === 'EXISTS') return [key, ...more].reduce((sum, one) => sum + has(one), 0);
      if (name === 'SISMEMBER') return members.includes(more[0] ?? '') ? 1 : 0;
      if (name === 'SMEMBERS') return [...members];
      if (name === 'LLEN') return members.length;
      if (name === 'ZCARD') return 0;
      if (name === 'HVALS') return [];
      if (name === 'SCAN') {
        const pattern = (more[1] ?? '').replace(/\*$/, '');
        const found = Object.keys(keys).filter((one) => one.startsWith(pattern));
        // As Redis does, it may find nothing at first and still have more.
        return key === '0' ? ['17', []] : ['0', found];
      }
      return null;
    };
  };
  const SYSTEMS = [
    ['bullmq', { 'bull:mail:meta': ['version'] }],
    ['sidekiq', { queues: ['mail'] }],
    ['resque', { 'resque:queues': ['mail'] }],
    ['rq', { 'rq:queues': ['rq:queue:mail'] }],
    ['celery', { '_kombu.binding.mail': ['mail\x06\x16\x06\x16mail'] }],
  ] as const;
  const look = (system: keyof typeof REDIS_SYSTEMS, keys: object, queues: readonly string[]) =>
    backlogAttempt(
      () => redisBacklog(redis(keys as never), REDIS_SYSTEMS[system], { queues, now: 0, timeout: 5_000 }),
      {
        'max-waiting': 5,
      },
    );

  test.each(SYSTEMS)('in %s', async (system, keys) => {
    expect(await look(system, keys, ['mail'])).toEqual({ ok: true, detail: '0 jobs wait' });
    const seen = await look(system, keys, ['mail', 'mial']);
    expect(seen).toMatchObject({ ok: false, unasked: true });
    expect(seen.detail).toMatch(
      /^its jobs are unknown, as there is no queue mial in this Redis.*: correct `queues`, `prefix`/,
    );
  });

  test.each(SYSTEMS.slice(1))('nor is a Redis without any queue of %s', async (system) => {
    expect(await look(system, {}, [])).toMatchObject({ ok: false, unasked: true });
  });

  test('one of Celery that has jobs needs no binding', async () => {
    expect(await look('celery', { 'mail\x06\x166': ['{}', '{}'] }, ['mail'])).toMatchObject({
      ok: true,
      detail: '2 jobs wait',
    });
  });
});

describe('an empty queue of Celery in a large Redis', () => {
  /** As many answers of SCAN as these, of which only the last finds a binding. */
  const large = (scans: number, bindings: Readonly<Record<string, string>>) => {
    let asked = 0;
    return async (name: string, key = ''): Promise<Reply> => {
      if (name === 'SCAN') return ++asked >= scans ? ['0', Object.keys(bindings)] : [String(asked), []];
      if (name === 'SMEMBERS') return bindings[key] === undefined ? [] : [bindings[key]];
      return 0;
    };
  };
  const look = (ask: ReturnType<typeof large>, timeout = 5_000) =>
    backlogAttempt(() => redisBacklog(ask, REDIS_SYSTEMS.celery, { queues: ['mail'], now: 0, timeout }), {
      'max-waiting': 5,
    });

  test('is known by its binding at once, and by one of another name after all keys', async () => {
    const known = { ok: true, detail: '0 jobs wait' };
    const endless = Number.POSITIVE_INFINITY;
    expect(await look(large(endless, { '_kombu.binding.mail': 'mail\x06\x16\x06\x16mail' }))).toEqual(known);
    expect(await look(large(40, { '_kombu.binding.shop': 'mail\x06\x16\x06\x16mail' }))).toEqual(known);
    expect((await look(large(40, {}))).detail).toContain('there is no queue mail in this Redis');
  });

  test('is found without another search once its binding was found', async () => {
    const found = new Map<string, string>();
    let scans = 0;
    const some = large(3, { '_kombu.binding.shop': 'mail\x06\x16\x06\x16mail' });
    const ask = (name: string, key?: string) => {
      scans += name === 'SCAN' ? 1 : 0;
      return some(name, key);
    };
    const again = () =>
      redisBacklog(ask, REDIS_SYSTEMS.celery, { queues: ['mail'], now: 0, timeout: 5_000, found });
    await again();
    expect(await again()).toMatchObject({ waiting: 0 });
    expect(scans).toBe(3);
  });

  test('is not said to be none where there was no time to look at all keys', async () => {
    const slow = large(Number.POSITIVE_INFINITY, {});
    expect(await look(slow, 20)).toEqual({
      ok: false,
      unasked: true,
      detail:
        'its jobs are unknown, as the queue mail was not found among the keys that there was time to look at: correct `queues`, `prefix` or the number of the database, or give the check a longer `timeout`',
    });
  });
});

describe('jobs of BullMQ that were all tried before', () => {
  const asked: string[] = [];
  /** Takes so long for each answer, in ms. */
  const look = (slowMs: number, limits: object, timeout = 5_000) => {
    asked.length = 0;
    const ask = async (name: string, key = '', ...more: readonly string[]): Promise<Reply> => {
      asked.push(name);
      if (slowMs > 0) await pause(slowMs);
      if (name === 'EXISTS') return 1;
      if (name === 'LLEN') return key.endsWith(':wait') ? 1_000 : 0;
      if (name === 'LRANGE') return Array.from({ length: -Number(more[0]) }, (_, at) => String(at));
      if (name === 'HMGET') return ['1', '{}', '5', '1', '1', '1'];
      return 0;
    };
    return backlogAttempt(
      () => redisBacklog(ask, REDIS_SYSTEMS.bullmq, { queues: ['mail'], now: 10, timeout }),
      limits,
    );
  };
  const unknown = { ok: false, unasked: true, detail: expect.stringContaining('how long the oldest job') };

  test('do not tell their age, and few of them are asked', async () => {
    expect(await look(0, { 'max-age': MINUTE })).toMatchObject(unknown);
    expect(asked.length).toBeLessThan(30);
  });

  test('are unknown in time where answers take long, and are still counted', async () => {
    const began = performance.now();
    expect(await look(30, { 'max-age': MINUTE }, 1_000)).toMatchObject(unknown);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await look(30, { 'max-waiting': 999 }, 1_000)).toEqual({
      ok: false,
      detail: '1000 jobs wait, expected at most 999',
    });
  });
});

test('an answer that makes no sense is no empty queue', async () => {
  const ask = async (): Promise<Reply> => 'OK';
  await expect(
    redisBacklog(ask, REDIS_SYSTEMS.celery, { queues: [], now: 0, timeout: 5_000 }),
  ).rejects.toThrow('something else than a number');
});

describe('settings', () => {
  const url = { env: 'X' };
  test.each([
    [{ system: 'sidekiq' }, /at least one of max-waiting, max-age and heartbeat/],
    [{ system: 'celery', 'max-age': '5m' }, /celery does not tell how old its jobs are/],
    [{ system: 'oban', heartbeat: '5m' }, /oban does not tell when a worker was seen/],
    [{ system: 'bullmq', 'max-waiting': 5 }, /names of the queues/],
    [{ system: 'oban', 'max-waiting': 5, queues: ["a'; DROP TABLE x"] }, /letters, digits/],
    [{ system: 'pg-boss', 'max-waiting': 5, schema: 'a"b' }, /name of a schema/],
    [{ system: 'oban', 'max-waiting': 5, queues: ['mail'] }, /keeps no list of them/],
    [{ system: 'delayed_job', 'max-waiting': 5, queues: ['mail'] }, /keeps no list of them/],
    [{ system: 'cron', 'max-waiting': 5 }, /system/],
  ])('%j is refused', (settings, words) => {
    const { error } = checks.settings.safeParse({ use: 'jobs', url, ...settings });
    expect(JSON.stringify(error?.issues)).toMatch(words);
  });
});
