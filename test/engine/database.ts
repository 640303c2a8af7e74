import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { inject } from 'vitest';
import { openPool, poolConfig } from '../../src/engine/database/connection.ts';

export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  /** Ends the pool and drops the database, whoever is still connected to it. */
  close(): Promise<void>;
}

/**
 * A database of one's own with all tables, or another template's, on the server of the test run; its pool is made of
 * `Client`.
 */
export async function freshDatabase(
  Client: new () => pg.Client = pg.Client,
  template = inject('templateDatabase'),
): Promise<TestDatabase> {
  const server = inject('serverUrl');
  const name = `t_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template ${template}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const pool = openPool({ ...poolConfig(url), max: 10, Client }, pino({ level: 'silent' }));
  return {
    url,
    pool,
    close: async () => {
      await pool.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
