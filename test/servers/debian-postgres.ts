import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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

/** A server of Debian's PostgreSQL with nothing in it. */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  const account = serverAccount();
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  const dir = await mkdtemp(join(tmpdir(), 'slipway-debian-'));
  if (account) await chown(dir, account.uid, account.gid);
  await chmod(dir, 0o700);
  const data = join(dir, 'data');
  const init = ['-D', data, '-U', 'slipway', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(join(DEBIAN_PROGRAMS, 'initdb'), init, { cwd: '/', ...as });
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const server = spawn(join(DEBIAN_PROGRAMS, 'postgres'), [...args, '-c', 'unix_socket_directories='], {
    cwd: '/',
    stdio: 'ignore',
    ...as,
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const url = `postgresql://slipway:${randomBytes(4).toString('hex')}@127.0.0.1:${port}/postgres`;
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
      await rm(dir, { recursive: true, force: true });
    },
  };
}
