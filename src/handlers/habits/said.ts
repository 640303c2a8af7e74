import type { Logger } from 'pino';
import { failureOf } from '../../adapters/slack/port.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';

/** Says something in Slack; null, and a line in the log, for what Slack never takes. Throws Unavailable for now. */
export async function said<T>(log: Logger, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    const { kind, code } = failureOf(error);
    if (kind === 'wait' || kind === 'down') throw new Unavailable('Slack', code, { cause: error });
    log.warn({ err: error }, 'something could not be said in Slack');
    return null;
  }
}
