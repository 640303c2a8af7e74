import { tableOf } from '../shared/kinds.ts';
import { cloudwatchLogs } from './cloudwatch-logs.ts';
import { commandLogs } from './command.ts';
import { elasticsearchLogs } from './elasticsearch.ts';
import { herokuLogs } from './heroku.ts';
import { lokiLogs } from './loki.ts';
import { vercelLogs } from './vercel/kind.ts';

export const LOG_KINDS = [
  lokiLogs,
  elasticsearchLogs,
  cloudwatchLogs,
  herokuLogs,
  vercelLogs,
  commandLogs,
] as const;

/** A service's `logs`. */
export const logs = tableOf(LOG_KINDS);
