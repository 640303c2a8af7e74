import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Entry } from '../blocks/lists.ts';
import type { Message } from '../blocks/rich.ts';
import type { ServiceView } from '../blocks/view.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { Office } from '../flows/requests/office.ts';
import type { Answer } from './guard.ts';

/** What every handler works with. */
export interface HandlerContext {
  readonly office: Office;
  readonly client: WebClient;
  readonly log: Logger;
  readonly serviceView: (name: string) => ServiceView | undefined;
}

export interface Place {
  readonly user: string;
  /** Absent for the Home tab and global shortcuts: then the answer goes into the app's messages. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
}

/** Answers that only this person sees, where they are. */
export function answerIn({ client, log }: HandlerContext, { user, channel, thread }: Place): Answer {
  return async ({ text, blocks }: Message) => {
    try {
      if (channel === undefined) await client.chat.postMessage({ channel: user, text, blocks });
      else
        await client.chat.postEphemeral({
          channel,
          user,
          text,
          blocks,
          ...(thread ? { thread_ts: thread } : {}),
        });
    } catch (error) {
      log.warn({ err: error, user, channel }, 'an answer could not be delivered');
    }
  };
}

/** Web address of a promotion's card; undefined until it is posted or when Slack does not say. */
export async function threadUrl(
  { office, client, log }: HandlerContext,
  promotionId: string,
): Promise<string | undefined> {
  try {
    const card = await office.threads.cardOf(promotionId);
    if (!card) return undefined;
    const { permalink } = await client.chat.getPermalink({ channel: card.channel, message_ts: card.ts });
    return permalink;
  } catch (error) {
    log.debug({ err: error, promotionId }, 'no permalink');
    return undefined;
  }
}

/** Promotions with what lists show of them. */
export function entriesOf(context: HandlerContext, promotions: readonly Promotion[]): Promise<Entry[]> {
  return Promise.all(
    promotions.map(async (promotion) => ({
      promotion,
      approvals: await context.office.ledger.approvals(promotion.id),
      threadUrl: await threadUrl(context, promotion.id),
    })),
  );
}
