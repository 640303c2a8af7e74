import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { vi } from 'vitest';
import { serverAccount } from '../../src/engine/database/account.ts';
import { freePort } from './program.ts';

const run = promisify(execFile);
const INSTALLED = '/usr/lib/postgresql';

/** Where Debian's newest PostgreSQL has its programs; '' without one. */
export const DEBIAN_PROGRAMS = programsOfDebian();

function programsOfDebian(): string {
  const majors = existsSync(INSTALLED) ? readdirSync(INSTALLED).map(Number).filter(Boolean) : [];
  return majors.length === 0 ? '' : join(INSTALLED, String(Math.max(...majors)), 'bin');
}

export interface DebianPostgres {
  readonly url: string;
  /** Runs one of its programs, with the database as its last argument. */
  run(program: string, ...args: string[]): Promise<string>;
  query(sql: string): Promise<void>;
  close(): Promise<void>;
}

const ACCOUNT = serverAccount();
const AS = ACCOUNT ? { uid: ACCOUNT.uid, gid: ACCOUNT.gid } : {};

/** A new folder that the server's account owns, where it can get to. */
async function folderOfAccount(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-debian-'));
  if (ACCOUNT) await chown(dir, ACCOUNT.uid, ACCOUNT.gid);
  await chmod(dir, 0o700);
  return dir;
}

/** A data folder of it, whose superuser is `slipway`. */
export async function initDebianPostgres(data: string, ...auth: string[]): Promise<void> {
  const init = ['-D', data, '-U', 'slipway', '--encoding=UTF8', '--locale=C', '--no-sync', ...auth];
  await run(join(DEBIAN_PROGRAMS, 'initdb'), init, { cwd: '/', ...AS });
}

/** Runs it on a data folder until `close`. */
export async function runDebianPostgres(data: string, password = 'any'): Promise<DebianPostgres> {
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const server = spawn(join(DEBIAN_PROGRAMS, 'postgres'), [...args, '-c', 'unix_socket_directories='], {
    cwd: '/',
    stdio: 'ignore',
    ...AS,
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const url = `postgresql://slipway:${password}@127.0.0.1:${port}/postgres`;
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await vi.waitFor(() => query('select 1'), { timeout: 20_000, interval: 100 });
  return {
    url,
    query,
    run: async (program, ...rest) =>
      (await run(join(DEBIAN_PROGRAMS, program), [...rest, url], { maxBuffer: 2 ** 26 })).stdout,
    close: async () => {
      server.kill('SIGINT');
      await ended;
    },
  };
}

/** A server of Debian's PostgreSQL with nothing in it. */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  const dir = await folderOfAccount();
  const data = join(dir, 'data');
  await initDebianPostgres(data, '--auth=trust');
  const server = await runDebianPostgres(data);
  return {
    ...server,
    close: async () => {
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
