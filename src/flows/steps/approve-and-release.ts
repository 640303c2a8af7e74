import type { Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import { Cancelled, type PromotionRun } from '../run/promotion-run.ts';
import { type Agreement, agree, type Rounds } from './approve.ts';
import { count } from './count.ts';
import { stillGood } from './recheck.ts';
import { cutRelease } from './release.ts';
import type { Closed } from './wait-blocked.ts';
import { withdrawn } from './withdrawn.ts';

export type Cut =
  | {
      readonly kind: 'cut';
      readonly plan: Plan;
      readonly release: Release;
      readonly request: PromotionRequest;
    }
  | Closed;

/** People agree, the release is cut. When the branch moved in between, people are asked again. */
export async function agreeAndCut(run: PromotionRun, asked: PromotionRequest, rounds: Rounds): Promise<Cut> {
  let request = asked;
  for (;;) {
    const agreed = await agree(run, request, rounds);
    if (agreed.kind === 'closed') return agreed;
    request = agreed.request;
    const round = rounds.next;
    await run.mark(`releasing-${round}`, {
      from: ['awaiting-approval'],
      to: 'releasing',
      data: { expiresAt: null },
      progress: [
        { name: 'approve', status: 'done' },
        { name: 'release', status: 'running' },
      ],
      notice: { kind: 'releasing', version: agreed.plan.version.next },
      audit: { actor: 'slipway', action: 'promotion.agreed', result: 'done', digestAfter: agreed.digest },
    });
    try {
      // From here on nobody can vote any more: this count is the last.
      const counted = await count(run, `last-${round}`, agreed.plan.authors ?? []);
      const no = counted.declined ?? (await cancelled(run));
      if (no) return no;
      const cut = counted.missing > 0 ? MORE_APPROVALS : await cutOrReconsider(run, agreed, request, round);
      if (cut.kind === 'withdrawn') {
        await withdrawn(run, `release-withdrawn-${round}`, 'release', cut.reasons);
        continue;
      }
      const { release } = cut;
      await run.mark(`released-${round}`, {
        data: { release, notice: null },
        progress: [
          {
            name: 'release',
            status: 'done',
            detail: release.tag,
            ...(release.url ? { link: release.url } : {}),
          },
        ],
        notice: { kind: 'released', release, ...(release.url ? { url: release.url } : {}) },
        audit: {
          actor: 'slipway',
          action: 'release.cut',
          result: 'done',
          detail: { tag: release.tag, commit: release.commit },
        },
      });
      return { kind: 'cut', plan: agreed.plan, release, request };
    } catch (error) {
      if (error instanceof Cancelled) return stopped(error, agreed.plan);
      if (!(error instanceof Refusal)) throw error;
      const closed = await refused(run, error, round);
      if (closed) return closed;
    }
  }
}

const MORE_APPROVALS = {
  kind: 'withdrawn',
  reasons: ['Approvals: one was taken back, or not everybody who approved may still approve.'],
} as const;

/**
 * Cuts the release. While the host is away it is tried again, each time only if what people approved still holds: a
 * lock, a freeze or an approval that ran out meanwhile is not overlooked. Throws Cancelled.
 */
function cutOrReconsider(
  run: PromotionRun,
  { plan }: Extract<Agreement, { kind: 'agreed' }>,
  request: PromotionRequest,
  round: number,
): Promise<
  | { readonly kind: 'cut'; readonly release: Release }
  | { readonly kind: 'withdrawn'; readonly reasons: readonly string[] }
> {
  const { ports, id } = run;
  return run.patiently(
    `release-${round}`,
    async (attempt) => {
      const good = attempt > 1 ? await stillGood(ports, id) : null;
      if (good?.kind === 'withdrawn') return good;
      return { kind: 'cut', release: await cutRelease(ports, plan, request, id) };
    },
    { cancellable: true },
  );
}

/** Somebody cancelled while the host was away: whether the release got there is not known. */
function stopped({ by, reason }: Cancelled, { version }: Plan): Closed {
  const note = `Should ${version.tag} be tagged already, it is complete, and the next promotion deploys it.`;
  return { kind: 'closed', state: 'cancelled', by, reason: `${reason} ${note}` };
}

async function cancelled({ inbox }: PromotionRun): Promise<Closed | null> {
  const message = await inbox.next(['cancel'], 0);
  return message && { kind: 'closed', state: 'cancelled', by: message.by, reason: message.reason };
}

/** The release was refused and nothing was pushed. A branch that moved is looked at again at once. */
async function refused(run: PromotionRun, refusal: Refusal, round: number): Promise<Closed | null> {
  const { text, hint } = explain(refusal);
  const reason = hint === undefined ? text : `${text} ${hint}`;
  await run.mark(`release-refused-${round}`, {
    to: 'blocked',
    digest: null,
    voidApprovals: true,
    data: { notice: { kind: 'problem', text: reason } },
    progress: [
      { name: 'approve', status: 'waiting' },
      { name: 'release', status: 'failed', detail: text },
    ],
    notice: { kind: 'voided', changes: [reason] },
    audit: { actor: 'slipway', action: 'release.refused', result: 'refused', detail: { code: refusal.code } },
  });
  if (refusal.code === 'branch-moved') return null;
  const { approvalsExpireMs } = run.ports.service.policy;
  const answer = await run.inbox.next(['recheck', 'cancel'], approvalsExpireMs);
  if (answer?.kind === 'recheck') return null;
  if (answer === null)
    return { kind: 'closed', state: 'expired', by: null, reason: `Nobody decided in time. ${text}` };
  return { kind: 'closed', state: 'cancelled', by: answer.by, reason: answer.reason };
}
