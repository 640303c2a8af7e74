import type { Plan } from '../domain/plan.ts';
import type { PromotionRequest } from '../domain/promotion.ts';
import { Refusal } from '../domain/refusal.ts';
import { explain } from '../domain/refusals.ts';
import type { Release } from '../domain/release.ts';
import { type Agreement, agree, type Rounds } from './agree.ts';
import type { Chronicle } from './chronicle.ts';
import { cutRelease } from './cut-release.ts';

export type Cut =
  | {
      readonly kind: 'cut';
      readonly plan: Plan;
      readonly release: Release;
      readonly request: PromotionRequest;
    }
  | Extract<Agreement, { kind: 'closed' }>;

/** People agree, the release is cut. When the branch moved in between, people are asked again. */
export async function agreeAndCut(
  chronicle: Chronicle,
  asked: PromotionRequest,
  rounds: Rounds,
): Promise<Cut> {
  let request = asked;
  for (;;) {
    const agreed = await agree(chronicle, request, rounds);
    if (agreed.kind === 'closed') return agreed;
    request = agreed.request;
    const round = rounds.next;
    await chronicle.mark(`releasing-${round}`, {
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
      const release = await chronicle.patiently(`release-${round}`, () =>
        cutRelease(chronicle.ports, agreed.plan, request, chronicle.id),
      );
      await chronicle.mark(`released-${round}`, {
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
      if (!(error instanceof Refusal)) throw error;
      const closed = await refused(chronicle, error, round);
      if (closed) return closed;
    }
  }
}

/** The release was refused and nothing was pushed. A branch that moved is looked at again at once. */
async function refused(
  chronicle: Chronicle,
  refusal: Refusal,
  round: number,
): Promise<Extract<Agreement, { kind: 'closed' }> | null> {
  const { text, hint } = explain(refusal);
  const reason = hint === undefined ? text : `${text} ${hint}`;
  await chronicle.mark(`release-refused-${round}`, {
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
  const { approvalsExpireMs } = chronicle.ports.service.policy;
  const answer = await chronicle.inbox.next(['recheck', 'cancel'], approvalsExpireMs);
  if (answer?.kind === 'recheck') return null;
  if (answer === null)
    return { kind: 'closed', state: 'expired', by: null, reason: `Nobody decided in time. ${text}` };
  return { kind: 'closed', state: 'cancelled', by: answer.by, reason: answer.reason };
}
