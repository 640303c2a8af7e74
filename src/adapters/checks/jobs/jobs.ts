import { z } from 'zod';
import { type AdapterContext, SecretRef } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import { askMysql, mysqlConnection } from '../databases/mysql.ts';
import { askPostgres, postgresConnection } from '../databases/postgres.ts';
import type { Check } from '../port.ts';
import { askRedis, redisConnection } from '../redis/client.ts';
import { connectionSettings } from '../shared/connection.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { backlogAttempt } from './backlog.ts';
import { backlogSettings } from './backlog-settings.ts';
import type { RedisSystem } from './redis-system.ts';
import { REDIS_SYSTEMS, redisBacklog } from './redis-systems.ts';
import { MYSQL, POSTGRES, SQL_SYSTEMS, type SqlSystem, sqlBacklog } from './sql-systems.ts';

const { tls } = connectionSettings('');
const REDIS = Object.keys(REDIS_SYSTEMS) as (keyof typeof REDIS_SYSTEMS)[];
const SQL = Object.keys(SQL_SYSTEMS) as (keyof typeof SQL_SYSTEMS)[];
const Name = z.string().regex(/^[\w.:-]{1,100}$/, 'letters, digits, dots, colons, dashes and underscores');

const JobsCheckSettings = z
  .strictObject({
    use: z.literal('jobs'),
    ...checkSettings('`jobs`'),
    system: z.enum([...REDIS, ...SQL]).meta({ description: 'What runs the jobs.' }),
    url: SecretRef.meta({
      description:
        'The variable that holds the address of the Redis or the database with the jobs, such as redis://cache.example:6379/0.',
    }),
    tls,
    queues: z.array(Name).max(50).default([]).meta({
      description:
        'The queues that count; all by default. BullMQ needs them named; delayed_job and Oban keep no list of theirs, so all count. For graphile-worker, the identifiers of tasks. A queue of which nothing is known is `unknown`, not empty.',
    }),
    prefix: z
      .string()
      .regex(/^[^\s]{1,100}$/, 'a text without spaces')
      .optional()
      .meta({
        description: 'What the keys begin with in Redis, where it is not the usual one.',
      }),
    schema: z
      .string()
      .regex(/^[A-Za-z_]\w{0,62}$/, 'the name of a schema')
      .optional()
      .meta({
        description: 'Where the tables are in PostgreSQL, where it is not the usual schema.',
      }),
    ...backlogSettings,
  })
  .superRefine((settings, context) => {
    const { system, queues, heartbeat, 'max-age': age, 'max-waiting': waiting } = settings;
    const { tells } = systemOf(system);
    const issue = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (waiting === undefined && age === undefined && heartbeat === undefined) {
      issue('max-waiting', 'at least one of max-waiting, max-age and heartbeat');
    }
    if (age !== undefined && !tells.age)
      issue('max-age', `no max-age: ${system} does not tell how old its jobs are`);
    if (heartbeat !== undefined && !tells.heartbeat) {
      issue('heartbeat', `no heartbeat: ${system} does not tell when a worker was seen`);
    }
    if (queues.length > 0 && !tells.queues) {
      issue(
        'queues',
        `no queues: ${system} keeps no list of them, so one that is spelt wrong would look like an empty one`,
      );
    }
    if (system === 'bullmq' && queues.length === 0) issue('queues', 'the names of the queues of BullMQ');
  })
  .meta({
    description:
      'Looks at background jobs: how many wait, for how long, and whether a worker was seen lately.',
  });
type JobsCheckSettings = z.infer<typeof JobsCheckSettings>;

export const jobsCheck = defineKind({ settings: JobsCheckSettings, open: openJobsCheck });

function openJobsCheck(settings: JobsCheckSettings, context: AdapterContext): Check {
  return { ...identityOf('jobs', settings, 'jobs'), attempt: attemptOf(settings, context) };
}

function attemptOf(settings: JobsCheckSettings, context: AdapterContext): Check['attempt'] {
  const { timeout, system: name } = settings;
  const system = systemOf(name);
  if (isRedis(system)) {
    const connection = redisConnection(settings, context);
    const found = new Map<string, string>();
    return (_expected, signal) =>
      askRedis(connection, timeout, signal, (ask) =>
        backlogAttempt(() => redisBacklog(ask, system, { ...settings, now: context.now(), found }), settings),
      );
  }
  const isMysql = system.mysql && /^(mysql2?|mariadb):/i.test(context.secret(settings.url.env));
  if (isMysql) {
    const connection = mysqlConnection(settings, context, 'jobs');
    return (_expected, signal) =>
      askMysql(connection, timeout, signal, (ask) =>
        backlogAttempt(() => sqlBacklog(ask, system, MYSQL, settings), settings),
      );
  }
  const connection = postgresConnection(settings, context);
  return (_expected, signal) =>
    askPostgres(connection, timeout, signal, (ask) =>
      backlogAttempt(() => sqlBacklog(ask, system, POSTGRES, settings), settings),
    );
}

function systemOf(name: JobsCheckSettings['system']): RedisSystem | SqlSystem {
  return { ...REDIS_SYSTEMS, ...SQL_SYSTEMS }[name];
}

function isRedis(system: RedisSystem | SqlSystem): system is RedisSystem {
  return 'prefix' in system;
}
