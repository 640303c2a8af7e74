import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, vi } from 'vitest';
import { waitForCustomers } from '../../demo/shop/customers.ts';
import { controls, type SeenMessage, textOf } from '../../demo/workspace/server/control/reading.ts';
import type { View } from '../../demo/workspace/server/state/model.ts';
import type { WorldOptions } from '../../demo/world.ts';
import { startWorld, type World } from '../../demo/world.ts';
import { runCli } from '../../src/cli/run.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

const run = promisify(execFile);
const PATIENCE_MS = 60_000;

/** A world with its own database, and the words to tell a story in. */
export interface Stage extends World {
  /** The newest card of the shop. */
  card(): SeenMessage;
  cards(): readonly SeenMessage[];
  /** Waits until the card says that. */
  cardShows(test: RegExp, timeoutMs?: number): Promise<SeenMessage>;
  /** Waits until the card has the button. */
  cardWith(action: string, timeoutMs?: number): Promise<SeenMessage>;
  /** Waits for something in the thread of the card. */
  threadSays(test: RegExp, timeoutMs?: number): Promise<SeenMessage>;
  /** The replies, oldest first. */
  thread(): readonly SeenMessage[];
  /** Ada asks for it; the card, once people can approve it. */
  asks(line?: string): Promise<SeenMessage>;
  /** Uses a button of the card as it is now; nobody approves before there is something to compare with. */
  press(user: string, action: string): Promise<void>;
  /** Waits until production has answered so many customers; not for ever, it may be down. */
  customers(atLeast: number): Promise<void>;
  /** What only this user is told from now on. */
  told(user: string, test: RegExp): Promise<SeenMessage>;
  git(...args: string[]): Promise<string>;
  readonly databaseUrl: string;
  /** Every branch and tag of the remote and where it stands. */
  refs(): Promise<string>;
  /** `kill -9`, and a new start; what happens while nobody is there. */
  crash(meanwhile?: () => unknown): Promise<void>;
  /** Rows of the bot's own tables. */
  query<T extends object>(sql: string): Promise<readonly T[]>;
  /** `actor action result` of each entry of the audit with this action, oldest first. */
  audited(action: string): Promise<readonly string[]>;
  /** What must hold at the end of every story. */
  expectNothingAmiss(): Promise<void>;
  end(): Promise<void>;
}

/** `dir` is for those who must know the folder in advance; `emptyDatabase` for those whose bot makes its own tables. */
export async function setStage(
  options: Partial<WorldOptions> & { readonly emptyDatabase?: boolean } = {},
): Promise<Stage> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'slipway-story-')));
  const own = options.databaseUrl === undefined ? await databaseFor(options.emptyDatabase) : null;
  const databaseUrl = own?.url ?? options.databaseUrl ?? '';
  let world: World;
  try {
    world = await startWorld({ window: '3s', ...options, dir, databaseUrl });
  } catch (error) {
    await own?.close();
    const log = await readFile(join(dir, 'bot.log'), 'utf8').catch(() => 'no log');
    await rm(dir, { recursive: true, force: true });
    throw new Error(log, { cause: error });
  }
  const { workspace } = world;
  const heard = new Set<string>();
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
  const git: Stage['git'] = async (...args) =>
    (await run('git', ['--git-dir', world.remote.path, ...args])).stdout.trim();
  const query = async <T extends object>(sql: string) => {
    if (own === null) throw new Error('the stage has no database of its own');
    return (await own.pool.query<T>(sql)).rows;
  };
  const customers = (atLeast: number) =>
    waitForCustomers(world.shop.url, atLeast, 6_000).catch(() => undefined);
  const words: Omit<Stage, keyof World> & Pick<Stage, 'end'> = {
    card,
    cards,
    cardShows: (test, timeoutMs = PATIENCE_MS) =>
      waitForCard((message) => test.test(textOf(message)), timeoutMs),
    cardWith: (action, timeoutMs = PATIENCE_MS) =>
      waitForCard((message) => offers(message, action), timeoutMs),
    threadSays: async (test, timeoutMs = PATIENCE_MS) =>
      workspace.waitForMessage(
        (message) =>
          message.thread_ts === card().ts && message.ts !== card().ts && test.test(textOf(message)),
        timeoutMs,
      ),
    thread: () => workspace.thread('#ship', card().ts).slice(1),
    asks: async (line = '/ship-prod shop') => {
      const before = cards().length;
      await workspace.as('ada').command(line);
      return waitForCard((message) => cards().length > before && offers(message, 'approve'), PATIENCE_MS);
    },
    press: async (user, action) => {
      if (action === 'approve') await customers(30);
      await workspace.as(user).click(card(), action);
    },
    customers,
    told: async (user, test) => {
      const message = await workspace.waitForEphemeral(
        user,
        (one) => !heard.has(one.ts) && test.test(textOf(one)),
        PATIENCE_MS,
      );
      heard.add(message.ts);
      return message;
    },
    git,
    databaseUrl,
    refs: () => git('for-each-ref', '--format=%(refname) %(objectname)'),
    crash: async (meanwhile) => {
      await world.bot.kill();
      await vi.waitUntil(() => workspace.control.connections() === 0, { interval: 10, timeout: 5_000 });
      await meanwhile?.();
      await world.startBot();
    },
    query,
    audited: async (action) => {
      const events = await query<{ entry: { actor: string; action: string; result: string } }>(
        'select entry from slipway.events order by seq',
      );
      return events
        .filter(({ entry }) => entry.action === action)
        .map(({ entry: { actor, result } }) => `${actor} ${result}`);
    },
    expectNothingAmiss: async () => {
      await workspace.quiet(300, PATIENCE_MS);
      expect(workspace.control.violations()).toEqual([]);
      expect(workspace.control.activations().filter(isForeign)).toEqual([]);
      expect(
        saidTwice(workspace.messages('#ship').flatMap(({ ts }) => workspace.thread('#ship', ts))),
      ).toEqual([]);
      expect(await git('fsck', '--strict', '--no-dangling')).toBe('');
      const said: string[] = [];
      const say = (text: string) => void said.push(text);
      const env = { ...process.env, DATABASE_URL: databaseUrl, SLIPWAY_CONFIG: join(dir, 'slipway.yaml') };
      const exit = await runCli(['audit', 'verify'], env, { result: say, message: say });
      expect({ exit, said: said.join('\n') }).toEqual({
        exit: 0,
        said: expect.stringMatching(/The audit log is whole.* They are signed.*It holds the/s),
      });
    },
    end: async () => {
      await world.close();
      await own?.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return Object.assign(Object.create(world) as World, words);
}

function databaseFor(isEmpty = false): Promise<TestDatabase> {
  return isEmpty ? freshDatabase(undefined, 'template0') : freshDatabase();
}

/** Cards are the bot's messages in the channel that carry its metadata or its Details button. */
function isCard(message: SeenMessage): boolean {
  return message.metadata?.event_type === 'slipway_card';
}

export function offers(source: SeenMessage | View, action: string): boolean {
  return controls(source).some(({ actionId }) => actionId === action || actionId.startsWith(`${action}:`));
}

/** Links lead to this machine, to where the sample's state file says that staging is, or where a platform deploys. */
const OWN_HOSTS = ['127.0.0.1', 'staging.shop.example', 'cd.example.com', 'shop.example.com'];

/** Nobody is called but people by name, and no link leads out. */
function isForeign(active: ReturnType<World['workspace']['control']['activations']>[number]): boolean {
  if (active.kind === 'link') return !OWN_HOSTS.includes(new URL(active.url).hostname);
  return active.kind !== 'user' && active.kind !== 'date';
}

/** Metadata and names of files of which there is more than one, which a crash must never lead to. */
function saidTwice(messages: readonly SeenMessage[]): readonly string[] {
  const byTs = new Map(messages.map((message) => [message.ts, message]));
  const marks = [...byTs.values()].flatMap((message) => [
    ...(message.metadata ? [JSON.stringify(message.metadata)] : []),
    ...(message.files ?? []).map((file) => file.name),
  ]);
  return marks.filter((mark, index) => marks.indexOf(mark) !== index);
}

/** What every shipped story must leave behind in the remote. */
export async function releaseFacts(stage: Pick<Stage, 'git'>, tag = 'v1.3.0') {
  const commits = (await stage.git('log', '--format=%s', 'v1.2.0..main')).split('\n');
  return {
    releases: commits.filter((subject) => subject.startsWith('chore(release)')).length,
    reports: commits.filter((subject) => subject.startsWith('docs(ship): report')).length,
    results: commits.filter((subject) => subject.startsWith('docs(ship): how the watch')).length,
    tags: (await stage.git('tag', '--list')).split('\n').filter((name) => name === tag).length,
    tagKind: await stage.git('cat-file', '-t', tag),
    production: await stage.git('rev-parse', 'production'),
    tagged: await stage.git('rev-parse', `${tag}^{commit}`),
    fsck: await stage.git('fsck', '--strict', '--no-dangling'),
  };
}

/** How often a ref was moved, by whomever: the lines of its log, which the remote keeps where it is told to. */
export async function movesOf({ remote }: Pick<Stage, 'remote'>, ref: string): Promise<number> {
  const log = await readFile(join(remote.path, 'logs', ref), 'utf8');
  return log.split('\n').filter(Boolean).length;
}
