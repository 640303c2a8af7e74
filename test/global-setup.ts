import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../src/engine/database/embedded.ts';
import { migrate } from '../src/engine/migrations/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL server for the tests; its user may make databases. */
    serverUrl: string;
    /** A migrated database to copy; nobody may connect to it. */
    templateDatabase: string;
  }
}

const TEMPLATE = 'slipway_template';

/** One PostgreSQL server for the whole run, and in it a database with all tables, to be copied by each test file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  const server = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), durable: false });
  const stop = async () => {
    await server.stop();
    rmSync(server.home, { recursive: true, force: true });
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await makeTemplate(server.url);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('serverUrl', server.url);
  project.provide('templateDatabase', TEMPLATE);
  return stop;
}

async function makeTemplate(server: string): Promise<void> {
  await inDatabase(server, (client) => client.query(`create database ${TEMPLATE}`));
  const url = Object.assign(new URL(server), { pathname: `/${TEMPLATE}` }).href;
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await migrate(pool);
  await pool.end();
}

async function inDatabase(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client);
  await client.end();
}
