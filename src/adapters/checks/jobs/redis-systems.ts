import { setTimeout as pause } from 'node:timers/promises';
import type { RedisAsk } from '../redis/client.ts';
import { type Backlog, momentIn, NoQueue, NotTold, newestOf, oldestOf } from './backlog.ts';
import { bullmq } from './bullmq.ts';
import { number, parsed, type QueueSearch, type RedisSystem, texts, type Waiting } from './redis-system.ts';

/** What may be wrong where a queue is not found. */
const WHERE = '`queues`, `prefix` or the number of the database';

/** Of a set of workers or queues, no more than these are looked at. */
const MOST = 200;
/** Between two looks through a thousand keys, ms: others want to be answered too. */
const SCAN_PAUSE_MS = 5;

const sidekiq: RedisSystem = {
  prefix: '',
  tells: { age: true, heartbeat: true, queues: true },
  queues: async (ask, prefix) => texts(await ask('SMEMBERS', `${prefix}queues`)),
  knows: async (ask, prefix, queue) => number(await ask('SISMEMBER', `${prefix}queues`, queue)) > 0,
  backlog: async (ask, prefix, queue) => {
    const key = `${prefix}queue:${queue}`;
    const count = number(await ask('LLEN', key));
    const job = count > 0 ? parsed(await ask('LINDEX', key, '-1')) : {};
    return { count, since: momentIn(job['enqueued_at'] ?? job['created_at']) };
  },
  beats: async (ask, prefix) => {
    const beats = [];
    for (const process of texts(await ask('SMEMBERS', `${prefix}processes`)).slice(0, MOST)) {
      beats.push(momentIn(await ask('HGET', `${prefix}${process}`, 'beat')));
    }
    return beats;
  },
};

const resque: RedisSystem = {
  prefix: 'resque:',
  tells: { age: false, heartbeat: true, queues: true },
  queues: async (ask, prefix) => texts(await ask('SMEMBERS', `${prefix}queues`)),
  knows: async (ask, prefix, queue) => number(await ask('SISMEMBER', `${prefix}queues`, queue)) > 0,
  backlog: async (ask, prefix, queue) => ({
    count: number(await ask('LLEN', `${prefix}queue:${queue}`)),
    since: null,
  }),
  beats: async (ask, prefix) => texts(await ask('HVALS', `${prefix}workers:heartbeat`)).map(momentIn),
};

const rq: RedisSystem = {
  prefix: 'rq:',
  tells: { age: true, heartbeat: true, queues: true },
  queues: async (ask, prefix) =>
    texts(await ask('SMEMBERS', `${prefix}queues`)).map((key) => key.replace(`${prefix}queue:`, '')),
  knows: async (ask, prefix, queue) =>
    number(await ask('SISMEMBER', `${prefix}queues`, `${prefix}queue:${queue}`)) > 0,
  backlog: async (ask, prefix, queue) => {
    const key = `${prefix}queue:${queue}`;
    const count = number(await ask('LLEN', key));
    const id = count > 0 ? await ask('LINDEX', key, '0') : null;
    const since = typeof id === 'string' ? await ask('HGET', `${prefix}job:${id}`, 'enqueued_at') : null;
    return { count, since: momentIn(since) };
  },
  beats: async (ask, prefix) => {
    const beats = [];
    for (const worker of texts(await ask('SMEMBERS', `${prefix}workers`)).slice(0, MOST)) {
      beats.push(momentIn(await ask('HGET', worker, 'last_heartbeat')));
    }
    return beats;
  },
};

/** A queue is a list for each step of priority. */
const CELERY_PRIORITIES = ['', '\x06\x163', '\x06\x166', '\x06\x169'];
/** What parts the words of a binding; the last one is the queue. */
const CELERY_SEPARATOR = '\x06\x16';

const celery: RedisSystem = {
  prefix: '',
  tells: { age: false, heartbeat: false, queues: true },
  queues: async () => ['celery'],
  knows: async (ask, prefix, queue, search) => {
    const lists = CELERY_PRIORITIES.map((priority) => `${prefix}${queue}${priority}`);
    return number(await ask('EXISTS', ...lists)) > 0 || isBound(ask, prefix, queue, search);
  },
  backlog: async (ask, prefix, queue) => {
    let count = 0;
    for (const priority of CELERY_PRIORITIES) {
      count += number(await ask('LLEN', `${prefix}${queue}${priority}`));
    }
    return { count, since: null };
  },
};

export const REDIS_SYSTEMS = { bullmq, sidekiq, resque, rq, celery } as const satisfies Record<
  string,
  RedisSystem
>;

/**
 * An empty list is none in Redis; but whoever declared the queue has left a binding of it, under the name of its exchange: that
 * of the queue as a rule. Throws NotTold where there is no time to look at all keys.
 */
async function isBound(
  ask: RedisAsk,
  prefix: string,
  queue: string,
  { until, found: before }: QueueSearch,
): Promise<boolean> {
  const binds = async (key: string) =>
    texts(await ask('SMEMBERS', key)).some((binding) => binding.endsWith(`${CELERY_SEPARATOR}${queue}`));
  const bindings = `${prefix}_kombu.binding.`;
  for (const key of new Set([before.get(queue) ?? `${bindings}${queue}`, `${bindings}${queue}`])) {
    if (await binds(key)) return true;
  }
  const pattern = `${bindings.replaceAll(/[[\]*?\\]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const found = await ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000');
    const [next, keys] = Array.isArray(found) ? found : [];
    for (const key of texts(keys)) {
      if (!(await binds(key))) continue;
      before.set(queue, key);
      return true;
    }
    if (typeof next !== 'string' || next === '0') return false;
    cursor = next;
    await pause(SCAN_PAUSE_MS);
  } while (performance.now() < until);
  const what = `the queue ${queue} was not found among the keys that there was time to look at`;
  throw new NotTold(what, `${WHERE}, or give the check a longer \`timeout\``);
}

function oldestIn(waiting: readonly Waiting[], now: number): number | null {
  const moments = waiting.map(({ since }) => since);
  return moments.includes(undefined)
    ? null
    : oldestOf(
        moments.map((moment) => moment ?? null),
        now,
      );
}

/** What waits in all queues together, and when a worker was last seen. Throws NoQueue. */
export async function redisBacklog(
  ask: RedisAsk,
  system: RedisSystem,
  {
    prefix = system.prefix,
    queues,
    now,
    timeout,
    found = new Map(),
  }: {
    prefix?: string | undefined;
    queues: readonly string[];
    now: number;
    timeout: number;
    found?: QueueSearch['found'];
  },
): Promise<Backlog> {
  const until = performance.now() + timeout / 2;
  const all = queues.length > 0 ? queues : ((await system.queues?.(ask, prefix)) ?? []);
  const place = `this Redis${prefix === '' ? '' : ` (prefix ${prefix})`}`;
  if (all.length === 0) throw new NoQueue([], place, WHERE);
  const waiting: Waiting[] = [];
  const unknown: string[] = [];
  for (const queue of all.slice(0, MOST)) {
    if (!(await system.knows(ask, prefix, queue, { until, found }))) unknown.push(queue);
    waiting.push(await system.backlog(ask, prefix, queue, { now, until }));
  }
  if (unknown.length > 0) throw new NoQueue(unknown, place, WHERE);
  const beats = await system.beats?.(ask, prefix);
  return {
    waiting: waiting.reduce((sum, { count }) => sum + count, 0),
    ...(system.tells.age
      ? {
          oldestMs: oldestIn(waiting, now),
        }
      : {}),
    ...(beats === undefined ? {} : { seenMs: newestOf(beats, now) }),
  };
}
