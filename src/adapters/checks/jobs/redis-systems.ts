import type { RedisAsk } from '../redis/client.ts';
import { NotRedis } from '../redis/reply.ts';
import { type Backlog, momentIn, NoQueue, newestOf, oldestOf } from './backlog.ts';

/** How a system keeps its jobs in Redis; each by the source of the system, which the decision names. */
export interface RedisSystem {
  /** What all its keys begin with, unless the config says otherwise. */
  readonly prefix: string;
  readonly tells: { readonly age: boolean; readonly heartbeat: boolean; readonly queues: true };
  /** The queues where the config names none; absent: they must be named. */
  readonly queues?: (ask: RedisAsk, prefix: string) => Promise<readonly string[]>;
  /** Whether there is such a queue, also while it is empty: one that is spelt wrong looks like that. */
  readonly knows: (ask: RedisAsk, prefix: string, queue: string) => Promise<boolean>;
  readonly backlog: (ask: RedisAsk, prefix: string, queue: string) => Promise<Waiting>;
  /** Moments of the last signs of all workers, ms since the epoch. */
  readonly beats?: (ask: RedisAsk, prefix: string) => Promise<readonly (number | null)[]>;
}

interface Waiting {
  readonly count: number;
  /** Since when its oldest job waits, ms since the epoch; null where it is not told, or none waits. */
  readonly since: number | null;
}

/** The first job of each priority of BullMQ is looked at, from the last priority on, of no more than these. */
const MOST_PRIORITIES = 20;
/** The score of a job of BullMQ is its priority times this, and a number that counts on. */
const PER_PRIORITY = 2 ** 32;

/** Of a set of workers or queues, no more than these are looked at. */
const MOST = 200;

const bullmq: RedisSystem = {
  prefix: 'bull',
  tells: { age: true, heartbeat: false, queues: true },
  knows: async (ask, prefix, queue) => number(await ask('EXISTS', `${prefix}:${queue}:meta`)) > 0,
  backlog: async (ask, prefix, queue) => {
    const key = (name: string) => `${prefix}:${queue}:${name}`;
    const [waiting, prioritized] = [
      number(await ask('LLEN', key('wait'))),
      number(await ask('ZCARD', key('prioritized'))),
    ];
    // Jobs are taken from the right, so the oldest is the last one.
    const last = waiting > 0 ? await ask('LINDEX', key('wait'), '-1') : null;
    const firsts = prioritized > 0 ? await firstOfEach(ask, key('prioritized')) : [];
    const moments = [];
    for (const id of [last, ...firsts]) {
      if (typeof id !== 'string') continue;
      const [timestamp, delay] = texts(await ask('HMGET', key(id), 'timestamp', 'delay'));
      const at = momentIn(timestamp);
      moments.push(at === null ? null : at + (Number(delay) || 0));
    }
    return { count: waiting + prioritized, since: earliest(moments) };
  },
};

/** The job that waits longest in each priority. The last priorities come first: what never gets its turn is there. */
async function firstOfEach(ask: RedisAsk, key: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let below = '+inf';
  while (ids.length < MOST_PRIORITIES) {
    const last = ['ZREVRANGEBYSCORE', key, below, '-inf', 'WITHSCORES', 'LIMIT', '0', '1'];
    const [, score] = texts(await ask(...last));
    if (score === undefined) break;
    const least = Math.floor(Number(score) / PER_PRIORITY) * PER_PRIORITY;
    const [id] = texts(await ask('ZRANGEBYSCORE', key, String(least), '+inf', 'LIMIT', '0', '1'));
    // It was taken meanwhile, and nothing is behind it.
    if (id !== undefined) ids.push(id);
    below = `(${least}`;
  }
  return ids;
}

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
const MOST_SCANS = 50;

const celery: RedisSystem = {
  prefix: '',
  tells: { age: false, heartbeat: false, queues: true },
  queues: async () => ['celery'],
  knows: async (ask, prefix, queue) => {
    const lists = CELERY_PRIORITIES.map((priority) => `${prefix}${queue}${priority}`);
    return number(await ask('EXISTS', ...lists)) > 0 || isBound(ask, prefix, queue);
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

/** An empty list is none in Redis; but whoever declared the queue has left a binding of it. */
async function isBound(ask: RedisAsk, prefix: string, queue: string): Promise<boolean> {
  const pattern = `${prefix.replaceAll(/[[\]*?\\]/g, '\\$&')}_kombu.binding.*`;
  let cursor = '0';
  for (let scan = 0; scan < MOST_SCANS; scan++) {
    const found = await ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000');
    const [next, keys] = Array.isArray(found) ? found : [];
    for (const key of texts(keys)) {
      const bindings = texts(await ask('SMEMBERS', key));
      if (bindings.some((binding) => binding.endsWith(`${CELERY_SEPARATOR}${queue}`))) return true;
    }
    if (typeof next !== 'string' || next === '0') return false;
    cursor = next;
  }
  return false;
}

/** What waits in all queues together, and when a worker was last seen. Throws NoQueue. */
export async function redisBacklog(
  ask: RedisAsk,
  system: RedisSystem,
  {
    prefix = system.prefix,
    queues,
    now,
  }: { prefix?: string | undefined; queues: readonly string[]; now: number },
): Promise<Backlog> {
  const all = queues.length > 0 ? queues : ((await system.queues?.(ask, prefix)) ?? []);
  const place = `this Redis${prefix === '' ? '' : ` (prefix ${prefix})`}`;
  const mend = '`queues`, `prefix` or the number of the database';
  if (all.length === 0) throw new NoQueue([], place, mend);
  const waiting: Waiting[] = [];
  const unknown: string[] = [];
  for (const queue of all.slice(0, MOST)) {
    if (!(await system.knows(ask, prefix, queue))) unknown.push(queue);
    waiting.push(await system.backlog(ask, prefix, queue));
  }
  if (unknown.length > 0) throw new NoQueue(unknown, place, mend);
  const beats = await system.beats?.(ask, prefix);
  return {
    waiting: waiting.reduce((sum, { count }) => sum + count, 0),
    ...(system.tells.age
      ? {
          oldestMs: oldestOf(
            waiting.map(({ since }) => since),
            now,
          ),
        }
      : {}),
    ...(beats === undefined ? {} : { seenMs: newestOf(beats, now) }),
  };
}

function number(reply: unknown): number {
  if (typeof reply === 'number') return reply;
  throw new NotRedis('it answered something else than a number');
}

function texts(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map((one) => (typeof one === 'string' ? one : '')) : [];
}

function parsed(reply: unknown): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(reply));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
}
