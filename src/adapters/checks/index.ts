import { tableOf } from '../shared/kinds.ts';
import { mysqlCheck } from './databases/mysql.ts';
import { postgresCheck } from './databases/postgres.ts';
import { httpCheck } from './http.ts';
import { jobsCheck } from './jobs/jobs.ts';
import { jobsHttpCheck } from './jobs/jobs-http.ts';
import { cdnCheck } from './network/cdn.ts';
import { dnsCheck } from './network/dns.ts';
import { tcpCheck } from './network/tcp.ts';
import { tlsCheck } from './network/tls.ts';
import { redisCheck } from './redis/redis.ts';
import { versionCheck } from './version.ts';

export const CHECK_KINDS = [
  httpCheck,
  versionCheck,
  postgresCheck,
  mysqlCheck,
  redisCheck,
  tcpCheck,
  tlsCheck,
  dnsCheck,
  cdnCheck,
  jobsCheck,
  jobsHttpCheck,
] as const;

/** A service's `checks`. */
export const checks = tableOf(CHECK_KINDS);
