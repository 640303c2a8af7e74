import { isOpen, type PromotionData, type PromotionState } from '../../domain/promotion/promotion.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import type { RequestContext } from '../requests/request.ts';
import type { Ports } from '../run/ports.ts';

/**
 * Closes the promotion of a run that ended in an unforeseen error, as failed and with a reference for the log. What was
 * already done outside stays as it is.
 */
export async function crashed(
  requests: RequestContext,
  runId: string,
  error: unknown,
  log: { error(facts: object, text: string): void },
): Promise<void> {
  const promotionId = runId.replace(/-rollback-\d+$/, '');
  const promotion = await requests.ledger.get(promotionId);
  log.error({ err: error, reference: runId }, 'a promotion failed unexpectedly');
  if (!isOpen(promotion.state)) return;
  const ports = requests.services.get(promotion.service);
  const { release, rollback } = promotion.data;
  const isDoubtful = release !== undefined && rollback?.finishedAt === undefined;
  const live = isDoubtful ? await liveInWords(ports) : '';
  const reason = `Something went wrong that Slipway did not foresee. ${whatWasDone(promotion)} ${live}The log has the details under ${runId}.`;
  await requests.ledger.change(promotionId, {
    key: `${runId}:crashed`,
    to: 'failed',
    data: { notice: { kind: 'problem', text: reason }, closedAt: requests.now(), decision: null },
    audit: { actor: 'slipway', action: 'promotion.failed', result: 'done', detail: { reference: runId } },
    told: { key: `${runId}:crashed`, notice: { kind: 'closed', state: 'failed', by: null, reason } },
  });
}

/** `Production says that 1.2.0 is live. `; empty where it does not say. */
async function liveInWords(ports: Ports | undefined): Promise<string> {
  try {
    const live = await ports?.target.live();
    const what = live?.version ?? live?.commit.slice(0, 7);
    return what ? `Production says that ${what} is live. ` : '';
  } catch {
    return '';
  }
}

interface Left {
  readonly state: PromotionState;
  readonly data: PromotionData;
}

function whatWasDone({ state, data }: Left): string {
  const { release, deployment, rollback, stage, decision } = data;
  if (rollback) {
    const to = rollback.to.tag || rollback.to.version;
    if (rollback.finishedAt !== undefined) return `It was rolled back: ${to} is live again.`;
    if (rollback.deployment) return `Its rollback deployed ${to}, which was not proven healthy.`;
    return `Its rollback to ${to} had begun; look at what is live.`;
  }
  if (!release) return 'Nothing was released.';
  const begun = state === 'deploying' && decision !== 'retry-deploy';
  if (stage) {
    const has = `${release.tag} has ${shareInWords(stage.share)} of the requests, the rest goes to the release before`;
    return begun ? `${has}; the deployment of more had begun and may still go on.` : `${has}.`;
  }
  if (deployment) return 'It was deployed.';
  if (begun) return `The deployment of ${release.tag} had begun and may still go live.`;
  return state === 'deploying'
    ? `${release.tag} was released, and its deployment failed.`
    : `${release.tag} was released and not deployed.`;
}
