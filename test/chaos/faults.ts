import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from '../stories/stage.ts';
import { drawFrom } from './drawn.ts';
import { fill, hasSmallDisks } from './small-disk.ts';

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
  /** Nothing that anybody can connect to, as while a server starts or fails over. */
  'database away': async (stage: Stage, forMs: number) => {
    const until = Date.now() + forMs;
    while (Date.now() < until) {
      await KINDS['database cut'](stage);
      await pause(20);
    }
  },
  /** It takes what is asked and says nothing, at times for longer than is waited for an answer. */
  'database frozen': async (stage: Stage, forMs: number) => {
    const pids = await connectionsOf(stage);
    const signal = (name: NodeJS.Signals) => {
      for (const pid of pids) if (isThere(pid)) process.kill(pid, name);
    };
    signal('SIGSTOP');
    await pause(forMs * 8);
    signal('SIGCONT');
  },
  /** Set forward, or back again. */
  'clock set': async ({ bot }: Stage) => {
    process.kill(bot.pid, 'SIGUSR2');
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
  'names away': async ({ dir }: Stage, forMs: number) => {
    await writeFile(namesAway(dir), '');
    await pause(forMs * 2);
    await rm(namesAway(dir));
  },
  /** Its own folder, where the clones and what commands say are kept; a disk of its own, see `hasSmallDisks`. */
  'disk full': async ({ dir }: Stage, forMs: number) => {
    const empty = fill(join(dir, 'data'));
    await pause(forMs * 2);
    empty();
  },
} as const;

const namesAway = (dir: string) => join(dir, 'names-away');

/** Processes of the server that serve the bots of this stage. */
async function connectionsOf(stage: Stage): Promise<readonly number[]> {
  const rows = await stage.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = current_database() and application_name like 'slipway%' and pid <> pg_backend_pid()`,
  );
  return rows.map(({ pid }) => pid);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A server of somebody else may be on another machine, where these numbers are other processes. */
const HERE = process.env['TEST_DATABASE_URL'] === undefined;
/** Faults that not every machine can have. */
const CANNOT: readonly Fault['kind'][] = [
  ...(HERE ? [] : (['database frozen'] as const)),
  ...(hasSmallDisks ? [] : (['disk full'] as const)),
];
/** About half of all faults are of the bot itself. */
const DRAWN: readonly Fault['kind'][] = [
  ...(['kill', 'stop', 'freeze'] as const).flatMap((kind) => [kind, kind, kind]),
  ...(Object.keys(KINDS) as Fault['kind'][]).slice(3).filter((kind) => !CANNOT.includes(kind)),
];

/** With which a stage in this folder has to be set for these faults. */
export const envIn = (dir: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: ['jumping-clock.mjs', 'names-away.mjs']
    .map((file) => `--import ${new URL(file, import.meta.url)}`)
    .join(' '),
  CLOCK_JUMP_MS: '20000',
  NAMES_AWAY: namesAway(dir),
});

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
