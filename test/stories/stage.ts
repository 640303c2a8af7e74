import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { View } from '../../demo/workspace/server/model.ts';
import { controls, type SeenMessage, textOf } from '../../demo/workspace/server/reading.ts';
import type { WorldOptions } from '../../demo/world.ts';
import { startWorld, type World } from '../../demo/world.ts';
import { freshDatabase } from '../engine/database.ts';

const run = promisify(execFile);
const PATIENCE_MS = 30_000;

/** A world with its own database, and the words to tell a story in. */
export interface Stage extends World {
  /** The newest card of the shop. */
  card(): SeenMessage;
  /** Waits until the card says that. */
  cardShows(test: RegExp, timeoutMs?: number): Promise<SeenMessage>;
  /** Waits until the card has the button. */
  cardWith(action: string, timeoutMs?: number): Promise<SeenMessage>;
  /** Waits for something in the thread of the card. */
  threadSays(test: RegExp, timeoutMs?: number): Promise<SeenMessage>;
  thread(): readonly SeenMessage[];
  git(...args: string[]): Promise<string>;
  /** `audit`: rows of the bot's own tables. */
  query<T extends object>(sql: string): Promise<readonly T[]>;
  end(): Promise<void>;
}

export async function setStage(options: Omit<WorldOptions, 'dir'> = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-story-'));
  const database = await freshDatabase();
  let world: World;
  try {
    world = await startWorld({ window: '3s', ...options, dir, databaseUrl: database.url });
  } catch (error) {
    console.error(await readFile(join(dir, 'bot.log'), 'utf8').catch(() => 'no log'));
    await database.close();
    throw error;
  }
  const { workspace } = world;
  const cards = () => workspace.messages('#ship').filter(isCard);
  const card = () => {
    const found = cards().at(-1);
    if (!found) throw new Error('there is no card yet');
    return found;
  };
  const waitForCard = (test: (message: SeenMessage) => boolean, timeoutMs: number) =>
    workspace.waitForMessage(
      (message) => isCard(message) && message.ts === cards().at(-1)?.ts && test(message),
      timeoutMs,
    );
  return Object.assign(Object.create(world) as World, {
    card,
    cardShows: (test: RegExp, timeoutMs = PATIENCE_MS) =>
      waitForCard((message) => test.test(textOf(message)), timeoutMs),
    cardWith: (action: string, timeoutMs = PATIENCE_MS) =>
      waitForCard((message) => offers(message, action), timeoutMs),
    threadSays: async (test: RegExp, timeoutMs = PATIENCE_MS) =>
      workspace.waitForMessage(
        (message) => message.thread_ts === card().ts && message.ts !== card().ts && test.test(textOf(message)),
        timeoutMs,
      ),
    thread: () => workspace.thread('#ship', card().ts).slice(1),
    git: async (...args: string[]) =>
      (await run('git', ['--git-dir', world.remote.path, ...args])).stdout.trim(),
    query: async <T extends object>(sql: string) => (await database.pool.query<T>(sql)).rows,
    end: async () => {
      await world.close();
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  });
}

/** Cards are the bot's messages in the channel that carry its metadata or its Details button. */
function isCard(message: SeenMessage): boolean {
  return message.metadata?.event_type === 'slipway_card';
}

export function offers(source: SeenMessage | View, action: string): boolean {
  return controls(source).some(({ actionId }) => actionId === action || actionId.startsWith(`${action}:`));
}

/** What every shipped story must leave behind in the remote. */
export async function releaseFacts(stage: Stage, tag = 'v1.3.0') {
  const commits = (await stage.git('log', '--format=%s', 'v1.2.0..main')).split('\n');
  return {
    releases: commits.filter((subject) => subject.startsWith('chore(release)')).length,
    reports: commits.filter((subject) => subject.startsWith('docs(ship): report')).length,
    results: commits.filter((subject) => subject.startsWith('docs(ship): how the watch')).length,
    tags: (await stage.git('tag', '--list')).split('\n').filter((name) => name === tag).length,
    tagKind: await stage.git('cat-file', '-t', tag),
    production: await stage.git('rev-parse', 'production'),
    tagged: await stage.git('rev-parse', `${tag}^{commit}`),
    fsck: await stage.git('fsck', '--strict'),
  };
}
