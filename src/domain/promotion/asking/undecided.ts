import { type AskedDecision, type AskedPeople, type FailedStep, pauseMs } from '../alarm.ts';
import type { Promotion } from '../promotion.ts';

const DECISIONS: readonly AskedDecision[] = ['release-refused', 'retry-release', 'retry-deploy', 'unhealthy'];

/** Whether a decision is one that more and more people are called for. */
export function callsPeople(decision: AskedDecision | null | undefined): boolean {
  return decision !== undefined && decision !== null && DECISIONS.includes(decision);
}

/** What a promotion waits for a person to decide about, outside of the watch, which has its alarms; null: nothing. */
export function undecided({
  state,
  data,
  updatedAt,
}: Pick<Promotion, 'state' | 'data' | 'updatedAt'>): (AskedPeople & { readonly failed: FailedStep }) | null {
  const failed = failedIn({ state, data });
  // What an earlier version stored does not say since when.
  return failed && { since: updatedAt, ...data.asked, failed };
}

function failedIn({
  state,
  data: { decision, stoppable },
}: Pick<Promotion, 'state' | 'data'>): FailedStep | null {
  if (stoppable !== undefined) return null;
  if (state === 'blocked' && decision === 'release-refused') return 'refusal';
  if (state === 'releasing' && decision === 'retry-release') return 'release';
  if (state === 'deploying' && decision === 'retry-deploy') return 'deploy';
  if (state === 'verifying' && decision === 'unhealthy') return 'health';
  if (state === 'rolling-back' && decision === 'retry-deploy') return 'rollback';
  return null;
}

/** Which call of more people is the newest that is due: 1, 2, …; 0: none yet. The first comes after so many ms. */
export function callDue(since: number, now: number, firstMs: number): number {
  let due = since;
  for (let nr = 0; ; nr += 1) {
    due += pauseMs(firstMs, nr);
    if (due > now) return nr;
  }
}
