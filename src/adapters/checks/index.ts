import { catalogueOf } from '../shared/kinds.ts';

/** Kinds of a service's `checks`. */
export const checks = catalogueOf({
  http: async () => (await import('./http.ts')).httpCheck,
  version: async () => (await import('./version.ts')).versionCheck,
  postgres: async () => (await import('./databases/postgres.ts')).postgresCheck,
  mysql: async () => (await import('./databases/mysql.ts')).mysqlCheck,
  redis: async () => (await import('./redis/redis.ts')).redisCheck,
  tcp: async () => (await import('./network/tcp.ts')).tcpCheck,
  tls: async () => (await import('./network/tls.ts')).tlsCheck,
  dns: async () => (await import('./network/dns.ts')).dnsCheck,
  cdn: async () => (await import('./network/cdn.ts')).cdnCheck,
  jobs: async () => (await import('./jobs/jobs.ts')).jobsCheck,
  'jobs-http': async () => (await import('./jobs/jobs-http.ts')).jobsHttpCheck,
});
