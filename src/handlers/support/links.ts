import type { ListedPromotion } from '../../blocks/replies/listing.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { LinkContext } from './context.ts';

/** Web address of a message, as Slack's permalinks are. */
export function linkTo(workspaceUrl: string, channel: string, ts: string, root?: string): string {
  const thread = root === undefined || root === ts ? '' : inThread(channel, root);
  return `${workspaceUrl.replace(/\/$/, '')}/archives/${channel}/p${ts.replace('.', '')}${thread}`;
}

/** Web address of a thread: Slack opens it beside the message that heads it. */
function threadLink(workspaceUrl: string, channel: string, root: string): string {
  return linkTo(workspaceUrl, channel, root) + inThread(channel, root);
}

function inThread(channel: string, root: string): string {
  return `?thread_ts=${root}&cid=${channel}`;
}

/** Web address of a promotion's thread; undefined until its card is posted, and while Slack does not answer. */
export async function threadUrl(
  { requests, installation, log }: LinkContext,
  promotionId: string,
): Promise<string | undefined> {
  try {
    const card = await requests.threads.cardOf(promotionId);
    if (!card) return undefined;
    return threadLink((await installation()).url, card.channel, card.ts);
  } catch (error) {
    log.debug({ err: error, promotionId }, 'no permalink');
    return undefined;
  }
}

/** Promotions with their approvals and the address of their threads. */
export function listedPromotions(
  context: LinkContext,
  promotions: readonly Promotion[],
): Promise<ListedPromotion[]> {
  return Promise.all(
    promotions.map(async (promotion) => ({
      promotion,
      approvals: await context.requests.ledger.approvals(promotion.id),
      threadUrl: await threadUrl(context, promotion.id),
    })),
  );
}
