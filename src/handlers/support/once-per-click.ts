import { Refusal, Unavailable, UnavailableAfterwards } from '../../domain/refusals/refusal.ts';
import type { Caller, RequestContext } from '../../flows/requests/request.ts';
import { slackTrouble } from './slack-trouble.ts';

/** How a click or form that did not count is remembered. */
const ENDED = ['refused', 'failed'] as const;

/**
 * Does what a click or form asks for when it arrives for the first time. What came to nothing because something outside
 * did not answer has not arrived: when the same click comes again it is done then. Refusal `click-repeated`, with what
 * became of the first one.
 */
export async function oncePerClick<T>(
  { ledger }: RequestContext,
  { key }: Caller,
  work: () => Promise<T>,
): Promise<T> {
  if (!(await ledger.once(`click:${key}`))) {
    const ended = await Promise.all(ENDED.map((how) => ledger.wasSeen(`click-${how}:${key}`)));
    const became = ENDED.find((_how, index) => ended[index]);
    throw new Refusal('click-repeated', became === undefined ? {} : { became });
  }
  try {
    return await work();
  } catch (error) {
    // The first error is the one that is thrown, also when the database does not take what became of it.
    await remember(error).catch(() => undefined);
    throw error;
  }

  async function remember(error: unknown): Promise<void> {
    if (error instanceof UnavailableAfterwards) return;
    if (error instanceof Unavailable || slackTrouble(error) !== null) await ledger.forget(`click:${key}`);
    else await ledger.once(`click-${error instanceof Refusal ? 'refused' : 'failed'}:${key}`);
  }
}
