import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { type Binaries, findOlderPostgres, PACKAGE } from './binaries.ts';
import { copySchemas } from './copy-schemas.ts';
import { stopPostmaster } from './postmaster.ts';
import { launch, type Server } from './server-process.ts';
import { serverSettings } from './settings.ts';

interface Role {
  readonly name: string;
  readonly password: string;
}

/** How the tables of a database are brought to this version of the bot. */
export interface BringTables {
  readonly schemas: readonly string[];
  /** `worker`: as `bot` where there is that role, else as the owner. */
  bring(owner: pg.Pool, worker: pg.Pool, bot: string | null): Promise<void>;
}

interface Upgrade {
  /** Null where only the bot's own start is to copy anything. */
  readonly tables: BringTables | null;
  readonly server: Server;
  readonly binaries: Binaries;
  readonly superuser: Role;
  /** Null until it is made. */
  readonly bot: Role | null;
  /** Version of the package that ran the database last, where that is known. */
  readonly lastPrograms: string | undefined;
  makeCluster(folder: string): Promise<void>;
  freePort(): Promise<number>;
}

/**
 * Brings a data folder of an older major version to that of our programs: both servers run side by side, the tables of
 * both are brought to this version of Slipway, and everything is copied in one transaction. The old folder stays as
 * `data-15`. Killed at any moment it begins anew, or `finishUpgrade` ends it. Refusals: `embedded-database-older`,
 * `-newer-major`, `-copy`, `-waits`.
 */
export async function upgradeMajor(upgrade: Upgrade, log: Logger): Promise<void> {
  const { server, binaries, lastPrograms, tables } = upgrade;
  const { data, home, account } = server;
  const found = Number(readFileSync(join(data, 'PG_VERSION'), 'utf8').trim());
  const ours = Number.parseInt(binaries.version, 10);
  if (found === ours) return;
  if (!(found < ours)) throw new Refusal('embedded-database-newer-major', { found, ours, data });
  const older = findOlderPostgres(found, home, account);
  if (older === null) {
    const version = lastPrograms?.startsWith(`${found}.`)
      ? lastPrograms
      : `VERSION-THAT-BEGINS-WITH-${found}`;
    throw new Refusal('embedded-database-older', { found, ours, home, wanted: `${PACKAGE}@${version}` });
  }
  if (tables === null) throw new Refusal('embedded-database-waits', { found, ours });
  log.info({ from: found, to: ours }, 'The embedded database is copied to another major version.');
  const fresh = besideData(server);
  try {
    await upgrade.makeCluster(fresh);
    const rows = await copyAll(upgrade, tables, older, fresh);
    log.info({ from: found, to: ours, rows, kept: `${data}-${found}` }, 'The embedded database was copied.');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal('embedded-database-copy', { found, ours, reason });
  } finally {
    await stopPostmaster(data);
    await stopPostmaster(fresh);
  }
  renameSync(fresh, `${data}.upgraded`);
  rmSync(`${data}-${found}`, { recursive: true, force: true });
  renameSync(data, `${data}-${found}`);
  finishUpgrade(server);
}

/** Where the new folder is made. */
export function besideData({ data }: Pick<Server, 'data'>): string {
  return `${data}.upgrading`;
}

/** After a crash between the last two steps: the old folder is put aside, the new one is whole. */
export function finishUpgrade({ data }: Pick<Server, 'data'>): void {
  const whole = `${data}.upgraded`;
  if (!existsSync(data) && existsSync(whole)) renameSync(whole, data);
  rmSync(whole, { recursive: true, force: true });
}

/** How many rows there were. */
async function copyAll(upgrade: Upgrade, tables: BringTables, older: string, fresh: string): Promise<number> {
  const { server, binaries, bot, superuser } = upgrade;
  const from = await upgrade.freePort();
  const plain = { port: from, listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const settings = Object.entries(plain).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await launch(server, older, server.data, settings);
  const to = await upgrade.freePort();
  await launch(server, binaries.postgres, fresh, serverSettings(to, server.durable));
  const source = poolOf(superuser, from);
  const target = poolOf(superuser, to);
  try {
    if (bot) {
      const literal = pg.escapeLiteral(bot.password);
      await target.query(`create role ${pg.escapeIdentifier(bot.name)} login password ${literal}`);
    }
    await bring(upgrade, tables, source, from);
    await bring(upgrade, tables, target, to);
    return await copySchemas(source, target, tables.schemas);
  } finally {
    await source.end();
    await target.end();
  }
}

async function bring(
  { bot, superuser }: Upgrade,
  tables: BringTables,
  owner: pg.Pool,
  port: number,
): Promise<void> {
  const worker = poolOf(bot ?? superuser, port);
  try {
    await tables.bring(owner, worker, bot?.name ?? null);
  } finally {
    await worker.end();
  }
}

function poolOf({ name, password }: Role, port: number): pg.Pool {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: name, password, database: 'postgres', max: 2 });
  // A server that ends takes its idle connections with it; whoever uses one hears of it there.
  pool.on('error', () => undefined);
  return pool;
}
