import type { RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Installation } from '../../adapters/slack/port.ts';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { sealed } from '../../blocks/kit/seal.ts';
import type { ServiceView } from '../../blocks/kit/views.ts';
import type { ListedPromotion } from '../../blocks/replies/listing.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Seal } from '../../domain/text/seal.ts';
import type { RequestContext } from '../../flows/requests/request.ts';
import type { Answer } from './answer-errors.ts';
import { threadLink } from './permalink.ts';

/** What every handler works with. */
export interface HandlerContext {
  readonly requests: RequestContext;
  /** Seals what it sends; Bolt's own client does not, so handlers use this one. */
  readonly client: WebClient;
  /** Opens what came back. */
  readonly seal: () => Promise<Seal>;
  readonly installation: () => Promise<Installation>;
  readonly log: Logger;
  readonly serviceView: (name: string) => ServiceView | undefined;
  readonly homes: Homes;
}

/** What lists with links to threads are made from. */
export type LinkContext = Pick<HandlerContext, 'requests' | 'installation' | 'log'>;

/** The Home tabs of people. */
export interface Homes {
  /** Shows a person their Home tab as things stand, and keeps it so while they may be looking. Never throws. */
  show(user: string): Promise<void>;
  /** Something that they say besides promotions has changed: those that are open are looked at soon. */
  stir(): void;
}

export interface Place {
  readonly user: string;
  /** Absent for the Home tab and global shortcuts: then the answer goes into the app's messages. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
}

/**
 * Answers that only this person sees, where they are: over the address that the payload brought along, which has
 * no limit of calls, and else with a call of its own.
 */
export function answerIn(context: HandlerContext, place: Place, respond?: RespondFn): Answer {
  const byCall = answerByCall(context, place);
  if (respond === undefined) return byCall;
  return async (message: Message) => {
    try {
      const { text, blocks } = sealed(message, await context.seal());
      await respond({
        response_type: 'ephemeral',
        replace_original: false,
        text,
        blocks,
        ...(place.thread ? { thread_ts: place.thread } : {}),
      });
    } catch (error) {
      context.log.debug({ err: error, user: place.user }, 'an answer goes another way');
      await byCall(message);
    }
  };
}

function answerByCall({ client, log }: HandlerContext, { user, channel, thread }: Place): Answer {
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

/** Web address of a promotion's thread; undefined until it is posted. */
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

/** Promotions with what lists show of them. */
export function entriesOf(
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
