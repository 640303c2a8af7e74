import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { tryLock } from '../../src/engine/database/place-lock.ts';
import { migrate } from '../../src/engine/migrations/migrate.ts';
import { MIGRATIONS } from '../../src/engine/migrations/steps.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

/** Commands of a new version beside a bot of the one before. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.pool.query('drop schema slipway cascade; drop schema slipway_dbos cascade');
});
const older = () => migrate(database.pool, { migrations: MIGRATIONS.slice(0, -1) });
const aBot = (beatAt: string) =>
  database.pool.query(
    `insert into slipway.replicas values ('pod#1', now() - $1::interval, now() - interval '1 day')`,
    [beatAt],
  );
afterEach(() => database.close());

const step = async () => {
  const { rows } = await database.pool.query('select max(number)::int as last from slipway.migrations');
  return rows[0]?.last;
};

async function run(...args: string[]) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const env = { ...process.env, DATABASE_URL: database.url, SLIPWAY_CONFIG: '/nowhere/slipway.yaml' };
  return { exit: await runCli(args, env, { result: say, message: say }), said: said.join('\n') };
}

const COMMANDS = [
  ['audit', 'verify'],
  ['audit', 'export'],
  ['audit', 'key'],
  ['audit', 'rotate'],
];

test.each(COMMANDS)(
  '%s %s leaves the tables of an older bot as they are, and says what to do',
  async (...words) => {
    await older();
    await aBot('1 second');
    const before = await step();
    const { exit, said } = await run(...words);
    expect(said).toContain('Start the bot of this version first');
    expect(exit).not.toBe(0);
    expect(await step()).toBe(before);
  },
);

test('a bot that was away for some minutes may come back', async () => {
  await older();
  await aBot('10 minutes');
  expect((await run('audit', 'verify')).said).toContain('Start the bot of this version first');
});

test('a database with nothing in it has an empty log', async () => {
  expect(await run('audit', 'verify')).toMatchObject({ exit: 0 });
  expect(await step()).toBe(MIGRATIONS.at(-1)?.number);
});

test('a bot that only holds its place is at work too', async () => {
  await older();
  await aBot('1 hour');
  const holder = await database.pool.connect();
  try {
    expect(await tryLock(holder as unknown as pg.Client, 'pod#1')).toBe(true);
    expect((await run('audit', 'verify')).said).toContain('Start the bot of this version first');
  } finally {
    holder.release(true);
  }
});

test.each(COMMANDS)(
  '%s %s brings the tables of a backup to this version while no bot is at work',
  async (...words) => {
    await older();
    await aBot('1 hour');
    const { said } = await run(...words);
    expect(said).not.toContain('Start the bot');
    expect(await step()).toBe(MIGRATIONS.at(-1)?.number);
  },
);
