import { agreed, noLongerHolds } from '../../domain/promotion/events/approval.ts';
import {
  releaseAgain,
  released,
  releaseRefused,
  tagMissing,
} from '../../domain/promotion/events/delivery.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import { mustHoldEnd } from '../plan/shipped-release.ts';
import { Cancelled, type PromotionRun } from '../run/promotion-run.ts';
import { type Agreement, askAnew, decided, type LookAgain } from './agreement.ts';
import type { Approved } from './approve.ts';
import { cutRelease } from './cut-release.ts';
import { goneSince } from './recheck.ts';
import { countVotes, isApproved, isDecline } from './votes.ts';

/** Commit and tag are on the remote. */
export interface Released {
  readonly kind: 'released';
  readonly agreement: Agreement;
  readonly plan: Plan;
  readonly release: Release;
}

type CutOrNot =
  | { readonly kind: 'cut'; readonly release: Release }
  | { readonly kind: 'withdrawn'; readonly reasons: readonly string[] }
  | { readonly kind: 'declined'; readonly by: string };

/** Step 3: cuts the release that people approved. When the branch moved, nothing is pushed and they are asked again. */
export async function release(
  run: PromotionRun,
  { agreement }: Approved,
): Promise<Released | LookAgain | Closed> {
  const { plan } = agreement.asked;
  await run.record(agreed(agreement.asked));
  // From here on nobody can approve any more; a no counts until the release is cut.
  const counted = await countVotes(run);
  const no = counted.declined ?? (await cancelled(run));
  if (no) return no;
  for (let isAgain = false; ; isAgain = true) {
    try {
      const cut = counted.missing > 0 ? MORE_APPROVALS : await cutOrReconsider(run, agreement, isAgain);
      if (cut.kind === 'declined') return stopped({ by: cut.by, reason: 'Declined.' }, plan);
      if (cut.kind === 'withdrawn') {
        await run.record(noLongerHolds('release', cut.reasons));
        return askAnew(agreement);
      }
      await run.record(released(cut.release, plan.release.kind));
      return { kind: 'released', agreement, plan, release: cut.release };
    } catch (error) {
      if (error instanceof Cancelled) return stopped(error, plan);
      if (!(error instanceof Refusal)) throw error;
      if (!isHalfDone(error)) return refused(run, agreement, error);
      const end = await halfDone(run, error);
      if (end) return end;
    }
  }
}

const MORE_APPROVALS: CutOrNot = {
  kind: 'withdrawn',
  reasons: ['Approvals: one was taken back, or not everybody who approved may still approve.'],
};

/**
 * Cuts the release. While the host is away it is tried again, and so is it when the bot comes back, each time only if
 * what people approved still holds: a lock, a freeze or an approval that ran out meanwhile is not overlooked. Throws Cancelled.
 */
function cutOrReconsider(
  run: PromotionRun,
  { asked, request }: Approved['agreement'],
  isAgain: boolean,
): Promise<CutOrNot> {
  const { ports, id } = run;
  return run.patiently<CutOrNot>(
    'release',
    async (attempt) => {
      const no = (await ports.ledger.approvals(id)).find(isDecline);
      if (no) return { kind: 'declined', by: no.by };
      const reasons = await goneSince(run, isAgain || attempt > 1);
      if (reasons.length > 0) return { kind: 'withdrawn', reasons };
      await mustHoldEnd(ports);
      if (!(await isApproved(ports, id, asked.plan))) return MORE_APPROVALS;
      const cut = cutRelease(ports, asked.plan, request, id);
      return {
        kind: 'cut',
        release: await cut.catch((error: unknown) => rememberHalf(run, asked.plan, error)),
      };
    },
    { cancellable: true, obeys: true, heedsVotes: run.does('asksMore') },
  );
}

/** Somebody cancelled or declined while the host was away: whether the release got there is not known. */
function stopped({ by, reason }: Pick<Cancelled, 'by' | 'reason'>, { version }: Plan): Closed {
  const note = `Should ${version.tag} be tagged already, it is complete, and the next promotion deploys it.`;
  return { kind: 'closed', state: 'cancelled', by, reason: `${reason} ${note}` };
}

async function cancelled({ inbox }: PromotionRun): Promise<Closed | null> {
  const message = await inbox.next(['cancel'], 0);
  return message && { kind: 'closed', state: 'cancelled', by: message.by, reason: message.reason };
}

/** The commit is on the branch and its tag was refused. */
function isHalfDone({ code, facts }: Refusal): boolean {
  return code === 'tag-refused' && facts['commit'] !== undefined;
}

/** That the commit on the branch is ours: the next promotion may take it for what was validated. Throws the error again. */
async function rememberHalf(
  { ports, id }: PromotionRun,
  { version: { next } }: Plan,
  error: unknown,
): Promise<never> {
  const commit = error instanceof Refusal && isHalfDone(error) ? error.facts['commit'] : undefined;
  if (typeof commit === 'string') {
    await ports.ledger.rememberCommit(id, { sha: commit, version: next });
  }
  throw error;
}

/** What people approved still stands: they mend the rule and the same release is finished, or they give it up. */
async function halfDone(run: PromotionRun, refusal: Refusal): Promise<Closed | null> {
  const explained = explain(refusal);
  await run.record(tagMissing(refusal.code, explained));
  const answer = await whatToDo(run);
  if (answer?.kind === 'retry' || answer?.kind === 'vote') {
    await run.record(releaseAgain);
    return null;
  }
  const rest = `${explained.text} The next promotion finishes what is on the branch.`;
  return answer === null
    ? { kind: 'closed', state: 'expired', by: null, reason: `Nobody decided in time. ${rest}` }
    : { kind: 'closed', state: 'cancelled', by: answer.by, reason: `${answer.reason} ${rest}` };
}

/** What people say to it. A vote counts as an answer when it leaves too few, or is a no: the next try acts on it. */
async function whatToDo(run: PromotionRun) {
  const { approvalsExpireMs } = run.ports.service.policy;
  const kinds = run.does('asksMore')
    ? (['retry', 'cancel', 'vote'] as const)
    : (['retry', 'cancel'] as const);
  for (;;) {
    const answer = await run.inbox.next(kinds, approvalsExpireMs);
    if (answer?.kind !== 'vote') return answer;
    const { declined, missing } = await countVotes(run);
    if (declined || missing > 0) return answer;
  }
}

/** The release was refused and nothing was pushed. A branch that moved is looked at again at once. */
async function refused(
  run: PromotionRun,
  agreement: Agreement,
  refusal: Refusal,
): Promise<LookAgain | Closed> {
  const explained = explain(refusal);
  const hasMoved = refusal.code === 'branch-moved';
  await run.record(releaseRefused(refusal.code, explained, hasMoved));
  const anew = askAnew(agreement);
  if (hasMoved) return anew;
  const kinds = run.does('hearsLate')
    ? (['recheck', 'bump', 'cancel'] as const)
    : (['recheck', 'cancel'] as const);
  const answer = await run.inbox.next(kinds, run.ports.service.policy.approvalsExpireMs);
  if (answer !== null) return decided(run, anew.agreement, answer);
  const reason = `Nobody decided in time. ${explained.text}`;
  return { kind: 'closed', state: 'expired', by: null, reason };
}
