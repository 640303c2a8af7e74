import { z } from 'zod';
import { durationInWords } from '../../../domain/text/duration.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { quoted } from '../../shared/expectation.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Check } from '../port.ts';
import { connectionSettings } from '../shared/connection.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { askRedis, REDIS_EXAMPLE, type RedisAsk, redisConnection } from './client.ts';

const RedisCheckSettings = z
  .strictObject({
    use: z.literal('redis'),
    ...checkSettings('`redis`'),
    ...connectionSettings(REDIS_EXAMPLE),
    role: z.enum(['primary', 'replica', 'any']).default('primary').meta({
      description:
        'What the server must be: one that takes writes, one that follows another and has not lost it, or either.',
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
        const wrong = settings.role === 'any' ? null : await wrongRole(ask, settings.role);
        if (wrong !== null) return { ok: false, detail: wrong };
        return { ok: true, detail: `answers in ${durationInWords(performance.now() - started)}` };
      }),
  };
}

/** Why the server is not what it has to be; null when it is. */
async function wrongRole(ask: RedisAsk, role: 'primary' | 'replica'): Promise<string | null> {
  const info = String(await ask('INFO', 'replication'));
  const fact = (name: string) => new RegExp(`^${name}:(\\w+)`, 'm').exec(info)?.[1];
  const isReplica = fact('role') === 'slave';
  if (role === 'primary')
    return isReplica ? 'Redis is a replica, expected one that takes writes (role: primary)' : null;
  if (!isReplica) return 'Redis takes writes, expected a replica';
  return fact('master_link_status') === 'up' ? null : 'Redis is a replica that has lost its primary';
}
