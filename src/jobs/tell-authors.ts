import { withThread } from '../blocks/replies/answer.ts';
import { authorNews } from '../blocks/replies/subscriptions.ts';
import { tellAuthors } from '../flows/jobs/tell-authors.ts';
import { said } from '../handlers/habits/said.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { threadUrl } from '../handlers/support/listed-promotions.ts';

/** Tells people who want to know that their commits are in production, or were rolled back. */
export function tellAllAuthors(
  context: Pick<HandlerContext, 'requests' | 'client' | 'installation' | 'log'>,
): Promise<void> {
  const { requests, client, log } = context;
  return tellAuthors(requests, async (user, { kind, promotion, commits }) => {
    const news = authorNews(kind, promotion, commits);
    const { text, blocks } = withThread(news, await threadUrl(context, promotion.id));
    await said(log, () => client.chat.postMessage({ channel: user, text, blocks }));
  });
}
