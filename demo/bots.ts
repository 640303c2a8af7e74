import { readFile } from 'node:fs/promises';
import { type Bot, startBot } from './bot.ts';

interface Bots {
  /** The bot that runs now. */
  readonly current: Bot;
  /** Starts a bot in the place of the current one, which has ended, and waits until it is connected. */
  start(): Promise<Bot>;
  /** Another bot beside it. */
  startReplica(): Bot;
  /** Stops all of them. */
  stop(): Promise<unknown>;
}

/** The bot of a world and its replicas. `connection` resolves once a bot is connected. */
export function createBots(options: Parameters<typeof startBot>[0], connection: () => Promise<void>): Bots {
  const replicas: Bot[] = [];
  let current: Bot | undefined;
  return {
    get current() {
      if (current === undefined) throw new Error('no bot was started yet');
      return current;
    },
    async start() {
      const bot = startBot(options);
      current = bot;
      const died = bot.ended.then((how) => notConnected(how, options.logFile));
      died.catch(() => undefined);
      await Promise.race([connection(), died]);
      return bot;
    },
    startReplica() {
      const replica = startBot(options);
      replicas.push(replica);
      return replica;
    },
    stop: () => Promise.all([...(current ? [current] : []), ...replicas].map((bot) => bot.stop())),
  };
}

async function notConnected(how: number | NodeJS.Signals, logFile: string): Promise<never> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const last = log.trimEnd().split('\n').slice(-5);
  throw new Error(`The bot ended (${how}) before it was connected. Its last words:\n${last.join('\n')}`);
}
