import type { RedisAsk } from '../redis/client.ts';
import { momentIn } from './backlog.ts';
import { number, parsed, type RedisSystem, texts } from './redis-system.ts';

/** The first jobs of each priority are looked at, from the last priority on, of no more than these. */
const MOST_PRIORITIES = 20;
/** So many of the jobs that are next are looked at for one that tells since when it waits, in a list and in a priority. */
const MOST_IN_LIST = 10;
const MOST_IN_PRIORITY = 3;
/** The score of a job is its priority times this, and a number that counts on. */
const PER_PRIORITY = 2 ** 32;
/** How far the clocks of those who add jobs may be ahead, ms. */
const MOST_AHEAD_MS = 60_000;

/** Up to version 5 a queue that is paused has its jobs in a list of its own. */
const LISTS = ['wait', 'paused'];
/** No jobs, but what up to version 4 wakes the workers. */
const MARKER = '0:';

export const bullmq: RedisSystem = {
  prefix: 'bull',
  tells: { age: true, heartbeat: false, queues: true },
  knows: async (ask, prefix, queue) => number(await ask('EXISTS', `${prefix}:${queue}:meta`)) > 0,
  backlog: async (ask, prefix, queue, { now, until }) => {
    const key = (name: string) => `${prefix}:${queue}:${name}`;
    let count = number(await ask('ZCARD', key('prioritized')));
    const next = count > 0 ? await firstOfEach(ask, key('prioritized'), until) : [];
    for (const list of LISTS) {
      const length = number(await ask('LLEN', key(list)));
      // Jobs are taken from the right.
      const last = length > 0 ? texts(await ask('LRANGE', key(list), `-${MOST_IN_LIST}`, '-1')) : [];
      const jobs = last.filter((id) => !id.startsWith(MARKER)).reverse();
      count += length - (last.length - jobs.length);
      next.push(jobs);
    }
    const moments = [];
    for (const ids of next) moments.push(await firstTold(ask, ids.map(key), { now, until }));
    // What there was no time for is not told either.
    const isCut = count > 0 && performance.now() > until;
    if (isCut || moments.includes(undefined)) return { count, since: undefined };
    const known = moments.filter((moment) => typeof moment === 'number');
    return { count, since: known.length === 0 ? null : Math.min(...known) };
  },
};

/** Since when the first of these jobs waits that tells it; null where none does, undefined for want of time. */
async function firstTold(
  ask: RedisAsk,
  jobs: readonly string[],
  { now, until }: { readonly now: number; readonly until: number },
): Promise<number | null | undefined> {
  for (const job of jobs) {
    if (performance.now() > until) return undefined;
    const since = await waitsSince(ask, job);
    // One that is promoted before its time is not told from others.
    if (since !== null && since <= now + MOST_AHEAD_MS) return since;
  }
  return null;
}

/**
 * When a job was added, or fell due; null for one that was tried before or has waited for other jobs, as nothing says when it
 * came back. Its delay is in its options: that of the job itself ends with it.
 */
async function waitsSince(ask: RedisAsk, job: string): Promise<number | null> {
  const fields = ['timestamp', 'opts', 'processedOn', 'ats', 'atm', 'attemptsMade'];
  const [timestamp, options, ...tried] = texts(await ask('HMGET', job, ...fields));
  const added = momentIn(timestamp);
  if (added === null || tried.some((value) => Number(value) > 0)) return null;
  const children = ['dependencies', 'processed', 'failed', 'unsuccessful'].map((name) => `${job}:${name}`);
  if (number(await ask('EXISTS', ...children)) > 0) return null;
  return added + (Number(parsed(options)['delay']) || 0);
}

/** The jobs that wait longest in each priority. The last priorities come first: what never gets its turn is there. */
async function firstOfEach(ask: RedisAsk, key: string, until: number): Promise<(readonly string[])[]> {
  const all: (readonly string[])[] = [];
  let below = '+inf';
  while (all.length < MOST_PRIORITIES && performance.now() <= until) {
    const last = ['ZREVRANGEBYSCORE', key, below, '-inf', 'WITHSCORES', 'LIMIT', '0', '1'];
    const [, score] = texts(await ask(...last));
    if (score === undefined) break;
    const least = Math.floor(Number(score) / PER_PRIORITY) * PER_PRIORITY;
    const most = `(${least + PER_PRIORITY}`;
    const first = ['ZRANGEBYSCORE', key, String(least), most, 'LIMIT', '0', String(MOST_IN_PRIORITY)];
    // They may have been taken meanwhile.
    all.push(texts(await ask(...first)));
    below = `(${least}`;
  }
  return all;
}
