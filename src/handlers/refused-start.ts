import type { RequestedPromotion } from '../blocks/kit/button-value.ts';
import type { Message } from '../blocks/kit/rich-text.ts';
import { busy, held } from '../blocks/replies/refusal.ts';
import type { RefusalCode } from '../domain/refusals/catalogue.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { mayOverride } from '../flows/requests/break-glass.ts';
import type { Caller } from '../flows/requests/request.ts';
import type { HandlerContext } from './support/context.ts';
import { threadUrl } from './support/links.ts';

/** Refusals of a start that people can wait out or override. */
const HELD: readonly RefusalCode[] = ['stopped', 'locked', 'frozen'];

/** How long an answer waits for the card's address, in ms. */
const CARD_PATIENCE_MS = 1_500;

/**
 * Answers a start of a busy, locked or frozen service with the ways on; whatever else was refused is thrown on. `isWhole`:
 * breaking the glass for this request would start all of what was asked for.
 */
export async function refusedStart(
  context: HandlerContext,
  { user }: Caller,
  request: RequestedPromotion,
  error: unknown,
  isWhole = true,
): Promise<Message> {
  if (!(error instanceof Refusal)) throw error;
  if (HELD.includes(error.code)) {
    const canOverride = isWhole && (await mayOverride(context.requests, user, request.service));
    return held(explain(error), error.facts, request, canOverride);
  }
  if (error.code !== 'promotion-open') throw error;
  const open = await context.requests.ledger.openFor(request.service);
  const url = open ? await cardUrl(context, open.id) : undefined;
  return busy(explain(error), error.facts, request, url);
}

/** The address of a card that may be about to be posted. */
export async function cardUrl(
  context: Parameters<typeof threadUrl>[0],
  promotionId: string,
): Promise<string | undefined> {
  const deadline = performance.now() + CARD_PATIENCE_MS;
  for (;;) {
    const url = await threadUrl(context, promotionId);
    if (url !== undefined || performance.now() > deadline) return url;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
