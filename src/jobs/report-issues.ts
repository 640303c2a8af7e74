import { schedule } from 'node-cron';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { reportIssues } from '../flows/jobs/report-issues.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_TWENTY_SECONDS = '*/20 * * * * *';

/** Looks for issues that users open about a release while it is watched. */
export function startIssueReports({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): {
  stop(): Promise<void>;
} {
  const look = async () => {
    try {
      await reportIssues(requests);
    } catch (error) {
      const level = error instanceof Refusal || error instanceof Unavailable ? 'debug' : 'warn';
      log[level]({ err: error }, 'issues could not be looked for');
    }
  };
  const task = schedule(EVERY_TWENTY_SECONDS, look, { noOverlap: true });
  return { stop: async () => task.stop() };
}
