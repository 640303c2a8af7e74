import { Refusal } from '../../domain/refusals/refusal.ts';
import type { LinkContext } from './context.ts';
import { threadUrl } from './links.ts';

/** Does it; a refusal because another promotion is under way gets the address of the thread of that one. */
export async function linkingOther<T>(context: LinkContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'other-under-way') throw error;
    const thread = await threadUrl(context, String(error.facts['promotion']));
    throw thread === undefined ? error : new Refusal('other-under-way', { ...error.facts, thread });
  }
}
