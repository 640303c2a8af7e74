import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/engine/migrations/migrate.ts';
import type { Migration } from '../../../src/engine/migrations/steps.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const step = (number: number, sql = `create table slipway.t${number} (n integer)`): Migration => ({
  number,
  name: `step ${number}`,
  sql,
});

describe('migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
    await database.pool.query('drop schema slipway cascade');
  });
  afterEach(() => database.close());

  const tables = async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'slipway' order by 1",
    );
    return rows.map((row) => row.name);
  };

  it('make the tables once, however many processes start', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => migrate(database.pool)));
    expect(answers.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
    expect(await tables()).toEqual(
      expect.arrayContaining(['promotions', 'approvals', 'events', 'locks', 'queue', 'cards', 'notices']),
    );
    expect(await migrate(database.pool)).toEqual({ applied: [] });
  });

  it('apply what is missing, in order', async () => {
    await migrate(database.pool, { migrations: [step(1)] });
    expect(await migrate(database.pool, { migrations: [step(1), step(2), step(3)] })).toEqual({
      applied: [2, 3],
    });
    expect(await tables()).toEqual(['migrations', 't1', 't2', 't3']);
  });

  it('leave nothing half done', async () => {
    await expect(migrate(database.pool, { migrations: [step(1), step(2, 'nonsense')] })).rejects.toThrow(
      'syntax error',
    );
    expect(await tables()).toEqual([]);
  });

  it('refuse a database of a newer version', async () => {
    await migrate(database.pool, { migrations: [step(1), step(2)] });
    await expect(migrate(database.pool, { migrations: [step(1)] })).rejects.toMatchObject({
      code: 'database-newer',
      facts: { found: 2, known: 1 },
    });
  });

  it('refuse a database from before the first one, and leave it as it is', async () => {
    await migrate(database.pool, { migrations: [step(1)] });
    await expect(migrate(database.pool, { migrations: [step(3), step(4)] })).rejects.toMatchObject({
      code: 'database-older',
      facts: { found: 1, first: 3 },
    });
    expect(await tables()).toEqual(['migrations', 't1']);
  });

  it('say so when the user may not make tables', async () => {
    const user = `u_${randomBytes(4).toString('hex')}`;
    await database.pool.query(`create role ${user} login password 'p'`);
    const url = Object.assign(new URL(database.url), { username: user, password: 'p' }).href;
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    await expect(migrate(pool)).rejects.toMatchObject({ code: 'database-permission' });
    await pool.end();
    await database.pool.query(`drop role ${user}`);
  });
});
