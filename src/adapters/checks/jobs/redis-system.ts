import type { RedisAsk } from '../redis/client.ts';
import { NotRedis } from '../redis/reply.ts';

/** How a system keeps its jobs in Redis; each by the source of the system, which the decision names. */
export interface RedisSystem {
  /** What all its keys begin with, unless the config says otherwise. */
  readonly prefix: string;
  readonly tells: { readonly age: boolean; readonly heartbeat: boolean; readonly queues: true };
  /** The queues where the config names none; absent: they must be named. */
  readonly queues?: (ask: RedisAsk, prefix: string) => Promise<readonly string[]>;
  /** Whether there is such a queue, also while it is empty: one that is spelt wrong looks like that. */
  readonly knows: (ask: RedisAsk, prefix: string, queue: string, search: QueueSearch) => Promise<boolean>;
  /** Past `until` it looks for no more ages. */
  readonly backlog: (
    ask: RedisAsk,
    prefix: string,
    queue: string,
    time: { readonly now: number; readonly until: number },
  ) => Promise<Waiting>;
  /** Moments of the last signs of all workers, ms since the epoch. */
  readonly beats?: (ask: RedisAsk, prefix: string) => Promise<readonly (number | null)[]>;
}

export interface Waiting {
  readonly count: number;
  /** Since when its oldest job waits, ms since the epoch; null where it is not told, or none waits; undefined for want of time. */
  readonly since: number | null | undefined;
}

export interface QueueSearch {
  /** When it has to end, by the clock of `performance`. */
  readonly until: number;
  /** The keys by which queues were found before, by queue; a check keeps it from one look to the next. */
  readonly found: Map<string, string>;
}

export function number(reply: unknown): number {
  if (typeof reply === 'number') return reply;
  throw new NotRedis('it answered something else than a number');
}

export function texts(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map((one) => (typeof one === 'string' ? one : '')) : [];
}

export function parsed(reply: unknown): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(reply));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
