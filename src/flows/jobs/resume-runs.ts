import {
  isOpen,
  OPEN_STATES,
  type Promotion,
  type PromotionData,
  type PromotionState,
  runOf,
} from '../../domain/promotion/promotion.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import type { RequestContext } from '../requests/request.ts';
import type { Ports } from '../run/ports.ts';

const MOST = 1_000;
/**
 * What this process has not seen change for so long, in ms by its own clock, may have no run: whoever stored it may have
 * died before it was started. When that was is not asked: another replica's clock says what it wants. Shorter than from
 * one look to the next, so that whatever is seen twice is late, also when a look comes a little early.
 */
const LATE_MS = 8_000;

/** For the start of the bot: gives every open promotion its run, and shows the cards as they are stored. */
export async function resumeAll(requests: RequestContext): Promise<void> {
  for (const promotion of await openOnes(requests)) {
    await startRun(requests, promotion);
    await requests.services.get(promotion.service)?.slack.refresh(promotion.id);
  }
}

/**
 * The same while the bot runs. An open promotion whose run was never started is given it; one whose run is over without
 * having closed it is closed, as failed.
 */
export function mendingRuns(
  requests: RequestContext,
  log: Parameters<typeof crashed>[3],
  elapsed: () => number = () => performance.now(),
): () => Promise<void> {
  let seen: ReadonlyMap<string, Seen> = new Map();
  return async () => {
    const now = elapsed();
    const open = await openOnes(requests);
    const seenNow = new Map(
      open.map(({ id, revision }) => {
        const before = seen.get(id);
        return [id, before?.revision === revision ? before : { revision, since: now }];
      }),
    );
    seen = seenNow;
    const late = open.filter(({ id }) => now - (seenNow.get(id)?.since ?? now) >= LATE_MS);
    await mend(requests, late, log);
  };
}

/** A promotion as it was seen since that moment. */
interface Seen {
  readonly revision: number;
  readonly since: number;
}

async function mend(
  requests: RequestContext,
  late: readonly Promotion[],
  log: Parameters<typeof crashed>[3],
): Promise<void> {
  if (late.length === 0) return;
  const standing = await requests.runs.standing(late.map(runOf));
  for (const promotion of late) {
    const run = runOf(promotion);
    const how = standing.get(run);
    if (how === 'not-started') await startRun(requests, promotion);
    // The last thing that a run does is to close its promotion: one that still is as it was is left behind.
    if (how === 'over' && (await requests.ledger.get(promotion.id)).revision === promotion.revision)
      await crashed(requests, run, new Error('its run ended and left it open'), log);
  }
}

async function openOnes({ ledger, services }: RequestContext): Promise<readonly Promotion[]> {
  const open = await ledger.recent({ states: OPEN_STATES, limit: MOST });
  return open.filter(({ service }) => services.has(service));
}

async function startRun({ runs }: RequestContext, { id, data }: Promotion): Promise<void> {
  const { run, rollbackOrder } = data;
  if (run !== undefined && rollbackOrder) {
    await runs.start('rollback', run, { promotionId: id, ...rollbackOrder });
  } else {
    await runs.start('promote', id, { promotionId: id });
  }
}

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
  const { release, deployment, rollback, stage, decision, retrying } = data;
  if (rollback) {
    const to = rollback.to.tag || rollback.to.version;
    if (rollback.finishedAt !== undefined) return `It was rolled back: ${to} is live again.`;
    if (rollback.deployment) return `Its rollback deployed ${to}, which was not proven healthy.`;
    return `Its rollback to ${to} had begun; look at what is live.`;
  }
  if (!release) return 'Nothing was released.';
  const begun = state === 'deploying' && decision !== 'retry-deploy' && !retrying;
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
