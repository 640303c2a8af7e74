import { tableOf } from '../shared/kinds.ts';
import { lokiLogs } from './loki.ts';

export const LOG_KINDS = [lokiLogs] as const;

/** A service's `logs`. */
export const logs = tableOf(LOG_KINDS);
