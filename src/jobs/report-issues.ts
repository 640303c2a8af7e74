import { Refusal } from '../domain/refusals/refusal.ts';
import { reportIssues } from '../flows/jobs/report-issues.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Looks for issues that users open about a release while it is watched. */
export function startIssueReports({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): Repeated {
  const look = async () => {
    try {
      await reportIssues(requests);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      log.debug({ err: error }, 'issues could not be looked for');
    }
  };
  return repeat(EVERY.twentySeconds, look, { log, trouble: 'issues could not be looked for', atOnce: false });
}
