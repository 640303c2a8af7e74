import { schedule } from 'node-cron';
import { withThread } from '../blocks/replies/open-thread.ts';
import { authorNews } from '../blocks/replies/subscriptions.ts';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { tellAuthors } from '../flows/jobs/tell-authors.ts';
import { said } from '../handlers/habits/said.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { threadUrl } from '../handlers/support/listed-promotions.ts';

const EVERY_TEN_SECONDS = '*/10 * * * * *';

/** Tells people who want to know that their commits are in production, or were rolled back. */
export function startTellingAuthors(
  context: Pick<HandlerContext, 'requests' | 'client' | 'installation' | 'log'>,
): { stop(): Promise<void> } {
  const { requests, client, log } = context;
  const look = async () => {
    try {
      await tellAuthors(requests, async (user, { kind, promotion, commits }) => {
        const news = authorNews(kind, promotion, commits);
        const { text, blocks } = withThread(news, await threadUrl(context, promotion.id));
        await said(log, () => client.chat.postMessage({ channel: user, text, blocks }));
      });
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, 'authors could not be told of a release');
    }
  };
  const task = schedule(EVERY_TEN_SECONDS, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}
