import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** DBOS waits up to half as long again, seconds. */
const LONGEST_S = 4;
const Utils = z.looseObject({ dbRetryConfig: z.looseObject({ maxBackoffSec: z.number() }) });

/**
 * While the database is away DBOS asks it less and less often, at last once a minute, and has no setting for that: after an
 * outage of minutes runs would stand still for another one. Sets its longest wait to some seconds; false where this version
 * of DBOS keeps it elsewhere.
 */
export function retrySoon(): boolean {
  const require = createRequire(import.meta.url);
  try {
    const utils: unknown = require(join(dirname(require.resolve('@dbos-inc/dbos-sdk')), 'utils.js'));
    if (!Utils.safeParse(utils).success) return false;
    (utils as z.infer<typeof Utils>).dbRetryConfig.maxBackoffSec = LONGEST_S;
    return true;
  } catch {
    return false;
  }
}
