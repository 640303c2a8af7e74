import { rename } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from '../stories/stage.ts';
import { drawFrom } from './drawn.ts';

/** What happens to the bot, or to something that it needs, and how long after what happened before, ms. */
export interface Fault {
  readonly kind: keyof typeof KINDS;
  readonly afterMs: number;
  /** How long it is away, ms. */
  readonly forMs: number;
}

/** Each lasts about as long as it is told to, and is over when it resolves. */
const KINDS = {
  kill: async (stage: Stage, forMs: number) => {
    await stage.bot.kill();
    await pause(forMs);
    await stage.startBot();
  },
  stop: async (stage: Stage, forMs: number) => {
    await stage.bot.stop();
    await pause(forMs);
    await stage.startBot();
  },
  /** Longer than any lease of its, at times. */
  freeze: async ({ bot }: Stage, forMs: number) => {
    process.kill(bot.pid, 'SIGSTOP');
    await pause(forMs * 4);
    process.kill(bot.pid, 'SIGCONT');
  },
  'database cut': async (stage: Stage) => {
    await stage.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'slipway%' and pid <> pg_backend_pid()`,
    );
  },
  'Slack down': async ({ workspace }: Stage, forMs: number) => {
    workspace.control.goDown(forMs);
    await pause(forMs);
  },
  'Slack limited': async ({ workspace }: Stage) => workspace.control.rateLimit('*', 5, 1),
  'Slack deaf': async ({ workspace }: Stage, forMs: number) => {
    workspace.control.failHttp('*', 3, 503);
    workspace.control.delayApi(forMs);
    await pause(forMs);
    workspace.control.delayApi(0);
  },
  'events twice': async ({ workspace }: Stage) => {
    workspace.control.repeatEvents(2);
    workspace.control.repeatInteractions(2);
  },
  'remote away': async ({ remote }: Stage, forMs: number) => {
    await rename(remote.path, `${remote.path}.away`);
    await pause(forMs);
    await rename(`${remote.path}.away`, remote.path);
  },
} as const;

/** Half of all faults are of the bot itself. */
const DRAWN: readonly Fault['kind'][] = [
  'kill',
  'kill',
  'stop',
  'stop',
  'freeze',
  'freeze',
  ...(Object.keys(KINDS) as Fault['kind'][]).slice(3),
];

/** Three to eight faults of one promotion. */
export function faultsFor(seed: number): readonly Fault[] {
  const draw = drawFrom(seed);
  return Array.from({ length: 3 + draw(6) }, () => {
    const kind = DRAWN[draw(DRAWN.length)] ?? 'kill';
    return { kind, afterMs: draw(2_500), forMs: draw(2_000) };
  });
}

/** Does it, and resolves when it is over. */
export function strike(stage: Stage, { kind, forMs }: Fault): Promise<void> {
  return KINDS[kind](stage, forMs);
}
