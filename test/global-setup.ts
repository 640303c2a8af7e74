import { randomBytes, randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../src/engine/database/embedded.ts';
import { stopPostmaster } from '../src/engine/database/postmaster.ts';
import { migrate } from '../src/engine/migrations/migrate.ts';
import { createEngine } from '../src/engine/runs/engine.ts';
import { openRunFolder, orphanedRunFolders } from './support/run-folder.ts';
import type { Sampling } from './support/whole.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL server for the tests; its user may make databases. */
    serverUrl: string;
    /** A migrated database to copy; nobody may connect to it. */
    templateDatabase: string;
  }
}

/**
 * One PostgreSQL server for the whole run, and in it a database with all tables, to be copied by each test file.
 * TEST_DATABASE_URL names another server to use, as a user that may make databases and roles.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('sampling', readSampling());
  await removeOrphans();
  const folder = openRunFolder();
  const server = await openServer(folder);
  const template = `slipway_template_${randomBytes(4).toString('hex')}`;
  const close = async () => {
    await onServer(server.url, `drop database if exists ${template}`);
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await onServer(server.url, `create database ${template}`);
    await makeTables(Object.assign(new URL(server.url), { pathname: `/${template}` }).href);
  } catch (error) {
    await close();
    throw error;
  }
  project.provide('serverUrl', server.url);
  project.provide('templateDatabase', template);
  return close;
}

function readSampling(): Sampling {
  const { SLIPWAY_WHOLE, SLIPWAY_SEED } = process.env;
  const whole = SLIPWAY_WHOLE === '1';
  const seed = SLIPWAY_SEED === undefined ? randomInt(2 ** 31) : Number(SLIPWAY_SEED);
  if (!whole)
    process.stdout.write(
      `Long tables and properties are sampled: SLIPWAY_SEED=${seed} draws the same, SLIPWAY_WHOLE=1 runs all.\n`,
    );
  return { whole, seed };
}

async function openServer(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { TEST_DATABASE_URL: url } = process.env;
  if (url) return { url, stop: async () => undefined };
  const server = await startEmbedded({ dataDir: folder, log: pino({ level: 'silent' }), durable: false });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      rmSync(server.home, { recursive: true, force: true });
    },
  };
}

/** A run that was killed could not stop its server. */
async function removeOrphans(): Promise<void> {
  for (const folder of orphanedRunFolders()) {
    await stopPostmaster(join(folder, 'postgres', 'data'));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Our tables and those of the journal, so that no bot or engine of a test makes them again. */
async function makeTables(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  await migrate(pool);
  const engine = createEngine({
    database: { kind: 'server', url, pool },
    log: pino({ level: 'silent' }),
    now: Date.now,
    flows: { promote: async () => undefined, rollback: async () => undefined },
    onCrash: async () => undefined,
  });
  await engine.launch();
  await engine.shutdown();
  await pool.query('delete from slipway.replicas');
  await pool.end();
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
