import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** How long the process may take to end by itself once the bot has stopped, ms. */
const LINGER_MS = 1_000;
/** How long a stop may take, ms: those who stop a bot kill it after thirty seconds at most, and what is left is no worse then. */
const STOP_MS = 25_000;

/** Runs the bot until a signal stops it. */
export async function start({ env, output }: Invocation): Promise<number> {
  // Signals are taken before anything is loaded, so that a start that is broken off leaves no database server behind.
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    const end = (signal: NodeJS.Signals) => {
      output.message(`${signal}: stopping. Promotions go on at the next start.`);
      stop.abort();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(signal));
    process.on('SIGHUP', () => {
      // Whoever closes the terminal wants no bot that goes on unseen.
      if (process.stdout.isTTY) end('SIGHUP');
      else reload();
    });
  });
  let reload = () => {};
  const { startApp } = await import('../../app.ts');
  // A bot waits most of the time: from here on the heap stays close to what is in use instead of growing for speed,
  // which makes the process a third smaller after a promotion. Loading the modules would only be slower with it.
  setFlagsFromString('--optimize-for-size');
  try {
    const app = await startApp(env, stop.signal);
    reload = () => {
      app.reload().catch((error: unknown) => output.message(`The configuration was not read: ${error}`));
    };
    await stopped;
    await app.finishDeployments();
    await Promise.race([app.stop(), pause(STOP_MS, undefined, { ref: false })]);
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
  }
  // Requests may still wait for an answer, of a Slack that is silent for example; nobody needs it any more.
  setTimeout(() => process.exit(), LINGER_MS).unref();
  return EXIT.done;
}
