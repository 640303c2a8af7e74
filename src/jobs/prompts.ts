import { schedule } from 'node-cron';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_FIVE_SECONDS = '*/5 * * * * *';

/** Posts what asks people something outside of threads, and says in its place what became of it. */
export function startPrompts({ prompts }: Pick<HandlerContext, 'prompts'>): { stop(): Promise<void> } {
  const task = schedule(EVERY_FIVE_SECONDS, () => prompts.look(), { noOverlap: true });
  void prompts.look();
  return {
    stop: async () => {
      await task.stop();
      await prompts.idle();
    },
  };
}
