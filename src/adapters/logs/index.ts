import { catalogueOf } from '../shared/kinds.ts';

/** Kinds of a service's `logs`. */
export const logs = catalogueOf({
  loki: async () => (await import('./loki.ts')).lokiLogs,
  elasticsearch: async () => (await import('./elasticsearch.ts')).elasticsearchLogs,
  'cloudwatch-logs': async () => (await import('./cloudwatch-logs.ts')).cloudwatchLogs,
  heroku: async () => (await import('./heroku.ts')).herokuLogs,
  vercel: async () => (await import('./vercel/kind.ts')).vercelLogs,
  command: async () => (await import('./command.ts')).commandLogs,
});
