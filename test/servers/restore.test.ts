import { execFile, execFileSync } from 'node:child_process';
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { runCli } from '../../src/cli/run.ts';
import { serverAccount } from '../../src/engine/database/account.ts';
import { serverHome } from '../../src/engine/database/home.ts';
import { openDatabase } from '../../src/engine/database/open.ts';
import { prepareTables } from '../../src/engine/migrations/prepare.ts';
import { releaseFacts, type Stage, setStage } from '../stories/stage.ts';
import { DEBIAN_PROGRAMS, startDebianPostgres } from './debian-postgres.ts';
import { describeWith } from './program.ts';

/** A bot whose database can be put back to an earlier time. */
interface Kept {
  readonly stage: Stage;
  readonly databaseUrl: string;
  /** The bot runs before and after it. */
  backUp(): Promise<void>;
  /** The bot is stopped. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** With the two roles of docs/operating.md, and its commands. */
async function onServer(): Promise<Kept> {
  const server = await startDebianPostgres();
  for (const statement of [
    "create role slipway_owner login password 'p'",
    "create role slipway_bot login password 'p'",
    'grant slipway_bot to slipway_owner',
    'create database ships',
    'grant create on database ships to slipway_owner',
  ])
    await server.query(statement);
  const as = (username: string) => Object.assign(new URL(server.url), { username, pathname: '/ships' }).href;
  const [databaseUrl, ownerUrl] = [as('slipway_bot'), as('slipway_owner')];
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ url: databaseUrl, ownerUrl, dataDir: '/nowhere', log });
  await prepareTables(database, log);
  await database.close();
  const stage = await setStage({ databaseUrl });
  const file = join(stage.dir, 'backup.sql');
  const run = async (program: string, ...args: string[]) =>
    (await promisify(execFile)(join(DEBIAN_PROGRAMS, program), args, { maxBuffer: 2 ** 26 })).stdout;
  return {
    stage,
    databaseUrl,
    backUp: async () =>
      writeFile(file, await run('pg_dump', '--schema=slipway', '--schema=slipway_dbos', databaseUrl)),
    restore: async () => {
      const sql = 'drop schema slipway cascade; drop schema slipway_dbos cascade';
      await run('psql', ownerUrl, '-c', sql);
      await run('psql', ownerUrl, '--quiet', '--single-transaction', '-v', 'ON_ERROR_STOP=1', '-f', file);
    },
    close: async () => {
      await stage.end();
      await server.close();
    },
  };
}

async function embedded(): Promise<Kept> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-restore-'));
  await chmod(dir, 0o711);
  const stage = await setStage({ dir, databaseUrl: '' });
  const home = serverHome(join(dir, 'data'), serverAccount(), pino({ level: 'silent' }));
  const copy = join(dir, 'backup');
  return {
    stage,
    databaseUrl: '',
    backUp: async () => {
      await stage.bot.stop();
      await cp(home, copy, { recursive: true, verbatimSymlinks: true });
      await stage.startBot();
    },
    restore: async () => {
      await rm(join(home, 'data'), { recursive: true });
      await cp(join(copy, 'data'), join(home, 'data'), { recursive: true });
      await owned(join(home, 'data'));
    },
    close: () => stage.end(),
  };
}

async function owned(path: string): Promise<void> {
  const account = serverAccount();
  if (!account) return;
  execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, path]);
  await chmod(path, 0o700);
}

async function cli({ stage, databaseUrl }: Kept, ...args: string[]) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const env = { ...process.env, DATABASE_URL: databaseUrl, SLIPWAY_CONFIG: join(stage.dir, 'slipway.yaml') };
  return { exit: await runCli(args, env, { result: say, message: say }), said: said.join('\n') };
}

async function shipsNothingTwice(kept: Kept): Promise<void> {
  const { stage } = kept;
  try {
    await stage.asks();
    await kept.backUp();
    await stage.press('grace', 'approve');
    await stage.cardShows(/Shipped/);
    await stage.threadSays(/report/i);
    const before = await stage.refs();
    await stage.bot.stop();
    await kept.restore();

    await expect(stage.startBot()).rejects.toThrow(/audit rotate --lost/);
    expect(await cli(kept, 'audit', 'rotate', '--lost')).toMatchObject({ exit: 0 });
    await stage.startBot();
    await stage.cardShows(/Cancelled/);
    const said = await stage.threadSays(/restored from an older backup/);
    expect(textOf(said)).toMatch(
      /v1\.3\.0 was already released for this promotion.*Production has 1\.3\.0\./s,
    );
    expect(textOf(stage.card())).not.toMatch(/Shipped/);
    expect(stage.cards()).toHaveLength(1);

    expect(await stage.refs()).toBe(before);
    expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, tags: 1 });
    expect(stage.shop.control.state().live?.version).toBe('1.3.0');
    await stage.workspace.as('grace').command('/ship-prod adopt shop 1.3.0');
    await stage.workspace.quiet(300, 10_000);
  } finally {
    await kept.close();
  }
}

describeWith(
  'pg_dump',
  'postgresql',
  DEBIAN_PROGRAMS,
)('with pg_dump and psql', () => {
  test(
    'an older backup of a server: nothing is shipped twice, and people are told',
    async () => shipsNothingTwice(await onServer()),
    120_000,
  );
});

describe('with a copy of the folder', () => {
  test(
    'an older backup of the embedded database: the same',
    async () => shipsNothingTwice(await embedded()),
    120_000,
  );
});
