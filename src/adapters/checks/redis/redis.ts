import { z } from 'zod';
import { durationInWords } from '../../../domain/text/duration.ts';
import { ownValue } from '../../../domain/text/own.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { quoted } from '../../shared/expectation.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Attempt, Check } from '../port.ts';
import { connectionSettings } from '../shared/connection.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { askRedis, REDIS_EXAMPLE, type RedisAsk, redisConnection } from './client.ts';
import { RedisError } from './reply.ts';

const RedisCheckSettings = z
  .strictObject({
    use: z.literal('redis'),
    ...checkSettings('`redis`'),
    ...connectionSettings(REDIS_EXAMPLE),
    role: z.enum(['primary', 'replica', 'any']).default('primary').meta({
      description:
        'What the server must be: one that takes writes, one that follows another and has not lost it, or either. Its user needs +ping and +info, and +cluster|info to see the state of a cluster.',
    }),
  })
  .meta({ description: 'Logs in to Redis or Valkey, sees that it answers, and whether it takes writes.' });
type RedisCheckSettings = z.infer<typeof RedisCheckSettings>;

export const redisCheck = defineKind({ settings: RedisCheckSettings, open: openRedisCheck });

function openRedisCheck(settings: RedisCheckSettings, context: AdapterContext): Check {
  const connection = redisConnection(settings, context);
  return {
    ...identityOf('redis', settings, 'redis'),
    attempt: (_expected, signal) =>
      askRedis(connection, settings.timeout, signal, async (ask, started) => {
        const pong = await ask('PING');
        if (pong !== 'PONG') return { ok: false, detail: `Redis answered ${quoted(pong)} to PING` };
        const role = settings.role === 'any' ? null : await lookAtRole(ask, settings.role);
        if (role !== null && !role.ok) return role;
        const took = durationInWords(performance.now() - started);
        return { ok: true, detail: [`answers in ${took}`, ...(role ? [role.detail] : [])].join('; ') };
      }),
  };
}

/** By the word of Redis, Valkey, Dragonfly and KeyDB. */
const ROLES: Readonly<Record<string, 'primary' | 'replica'>> = {
  master: 'primary',
  'active-replica': 'primary',
  slave: 'replica',
  replica: 'replica',
};

/** Why the server is not what it has to be, or what of it was not seen; null when it is. */
async function lookAtRole(ask: RedisAsk, role: 'primary' | 'replica'): Promise<Attempt | null> {
  const info = String(await ask('INFO'));
  const found = ownValue(ROLES, fact(info, 'role') ?? '');
  if (found === undefined) return unknown('Redis does not say what it is: is it a Sentinel or a proxy?');
  if (role === 'primary' && found === 'replica') {
    return wrong('Redis is a replica, expected one that takes writes (role: primary)');
  }
  if (role === 'replica' && found === 'primary') return wrong('Redis takes writes, expected a replica');
  if (role === 'replica') {
    const isUp = fact(info, 'master_link_status') === 'up';
    return isUp ? null : wrong('Redis is a replica that has lost its primary');
  }
  return fact(info, 'cluster_enabled') === '1' ? lookAtCluster(ask) : null;
}

/** A cluster that has lost a part takes no writes at all; who may not ask for that, or cannot, has only not seen it. */
async function lookAtCluster(ask: RedisAsk): Promise<Attempt | null> {
  try {
    const state = fact(String(await ask('CLUSTER', 'INFO')), 'cluster_state');
    if (state === 'ok') return null;
    if (state !== undefined) return wrong(`the Redis Cluster takes no writes (cluster_state: ${state})`);
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
  }
  return { ok: true, detail: 'the state of its cluster was not seen: allow +cluster|info in the ACL' };
}

function fact(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:([\\w-]+)`, 'm').exec(info)?.[1];
}

function wrong(detail: string): Attempt {
  return { ok: false, detail };
}

function unknown(detail: string): Attempt {
  return { ok: false, unasked: true, detail };
}
