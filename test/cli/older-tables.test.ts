import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { migrate } from '../../src/engine/migrations/migrate.ts';
import { MIGRATIONS } from '../../src/engine/migrations/steps.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

/** Commands of a new version beside a bot of the one before. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.pool.query('drop schema slipway cascade; drop schema slipway_dbos cascade');
});
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

test.each([
  ['audit', 'verify'],
  ['audit', 'export'],
  ['audit', 'key'],
])('%s %s leaves tables of an older version as they are, and says what to do', async (...words) => {
  await migrate(database.pool, { migrations: MIGRATIONS.slice(0, -1) });
  const before = await step();
  const { exit, said } = await run(...words);
  expect(said).toContain('Start the bot of this version first');
  expect(exit).not.toBe(0);
  expect(await step()).toBe(before);
});

test('a database with nothing in it has an empty log', async () => {
  expect(await run('audit', 'verify')).toMatchObject({ exit: 0 });
  expect(await step()).toBe(MIGRATIONS.at(-1)?.number);
});
