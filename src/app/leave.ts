import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { commandsOver } from '../adapters/targets/command/leaving.ts';
import type { Repeated } from '../jobs/repeat.ts';
import type { BotParts } from './bot.ts';
import type { RunParts } from './runs.ts';

/** How long one part may take to stop, in ms. */
const STOP_WITHIN_MS = 5_000;

interface Parts {
  readonly runs: {
    readonly engine: Pick<RunParts['engine'], 'beginNothing' | 'shutdown'>;
    readonly live: Pick<RunParts['live'], 'close'>;
  };
  readonly bot: {
    readonly bolt: Pick<BotParts['bolt'], 'stop'>;
    readonly outboxWorker: Pick<BotParts['outboxWorker'], 'stop'>;
    readonly homeTabs: Pick<BotParts['homeTabs'], 'stop'>;
  };
  readonly jobs: readonly Repeated[];
}

/**
 * Promotions begin no further step from the first moment on. Finishes what people asked for, what jobs do and the steps at
 * work, all at the same time; then stops what sends, then what they were done with.
 */
export async function leave({ runs, bot, jobs }: Parts): Promise<void> {
  runs.engine.beginNothing();
  await Promise.all([bot.bolt.stop(), ...jobs.map((job) => inTime(job.stop()))]);
  await runs.engine.shutdown();
  await Promise.all([bot.outboxWorker.stop(), bot.homeTabs.stop(), runs.live.close()].map(inTime));
}

/** Waits for deployments by command that would end with this process, so long at most; 0: they outlive it. */
export async function finishDeployments(limitMs: number, log: Logger): Promise<void> {
  if (limitMs === 0) return;
  const left = await commandsOver(limitMs, (running) =>
    log.info({ running, limitMs }, 'the stop waits for deployments by command'),
  );
  if (left > 0) log.warn({ running: left }, 'deployments by command may end with this process');
}

/** What does not stop by itself is left behind after a while: whoever stopped the bot ends it then by force. */
async function inTime(stopping: Promise<unknown>): Promise<void> {
  await Promise.race([stopping, pause(STOP_WITHIN_MS, undefined, { ref: false })]);
}
