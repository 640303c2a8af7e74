import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Posts what asks people something outside of threads, and says in its place what became of it. */
export function startPrompts({ prompts, log }: Pick<HandlerContext, 'prompts' | 'log'>): Repeated {
  const job = repeat(EVERY.fiveSeconds, () => prompts.look(), {
    log,
    trouble: 'messages outside of threads could not be looked after',
  });
  return {
    stop: async () => {
      await job.stop();
      await prompts.idle();
    },
  };
}
