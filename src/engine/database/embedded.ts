import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Account } from './account.ts';
import { serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { serverHome } from './home.ts';
import { isPostgres, readPostmaster, runningPostmaster, stopPostmaster } from './postmaster.ts';
import { serverSettings } from './settings.ts';
import { withStartLock } from './start-lock.ts';

const START_PATIENCE_MS = 60_000;
const USER = 'slipway';
const BOT = 'slipway_bot';

export interface EmbeddedServer {
  /** As the superuser of the server, who makes the tables. */
  readonly url: string;
  /** As the role that the bot works as, which owns nothing but the journal. */
  readonly botUrl: string;
  /** Where its files are. */
  readonly home: string;
  /** Starts it again if it is gone (killed for memory, say). */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

const Access = z.object({
  port: z.int().min(1).max(65_535),
  password: z.string().min(1),
  /** Of the role that the bot works as; absent until it is made. */
  botPassword: z.string().min(1).optional(),
});
type Access = z.infer<typeof Access>;

/**
 * A PostgreSQL server of our own on 127.0.0.1, with its files under `dataDir`. It is a process apart, so it
 * outlives a bot that is killed; the next start finds it by its postmaster.pid and uses it again.
 */
export async function startEmbedded(options: {
  readonly dataDir: string;
  readonly log: Logger;
  /** False trades safety against power loss for speed; tests only. */
  readonly durable?: boolean;
}): Promise<EmbeddedServer> {
  const account = serverAccount();
  const home = serverHome(options.dataDir, account, options.log);
  const server = { home, data: join(home, 'data'), account, durable: options.durable ?? true };
  const revive = () =>
    withStartLock(join(home, 'start.lock'), async () => withBot(server, await ensureRunning(server)));
  const { port, password, botPassword } = await revive();
  const as = (user: string, secret: string) => `postgresql://${user}:${secret}@127.0.0.1:${port}/postgres`;
  return {
    url: as(USER, password),
    botUrl: as(BOT, botPassword),
    home,
    revive: async () => {
      const found = readPostmaster(server.data);
      if (!found || !isPostgres(found.pid)) await revive();
    },
    stop: () => stopPostmaster(server.data),
  };
}

interface Server {
  readonly home: string;
  readonly data: string;
  readonly account: Account | null;
  readonly durable: boolean;
}

async function ensureRunning(server: Server): Promise<Access> {
  const running = await runningPostmaster(server.data, START_PATIENCE_MS);
  if (running) {
    const access = readAccess(server);
    if (access.port !== running.port) return writeAccess(server, { ...access, port: running.port });
    return access;
  }
  const binaries = findBinaries(server.home, server.account);
  if (!existsSync(join(server.data, 'PG_VERSION'))) await initialise(server, binaries.initdb);
  const known = readAccess(server);
  const access = (await isFree(known.port))
    ? known
    : writeAccess(server, { ...known, port: await freePort() });
  await launch(server, binaries.postgres, access.port);
  return access;
}

/** Makes the role that the bot works as, once: it may log in, and nothing else until it is granted something. */
async function withBot(server: Server, access: Access): Promise<Access & { readonly botPassword: string }> {
  if (access.botPassword !== undefined) return { ...access, botPassword: access.botPassword };
  const botPassword = randomBytes(24).toString('base64url');
  const { port, password } = access;
  const client = new pg.Client({ host: '127.0.0.1', port, user: USER, password, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [BOT]);
    await client.query(
      `${rowCount === 0 ? 'create' : 'alter'} role ${BOT} login nosuperuser nocreatedb nocreaterole noreplication password '${botPassword}'`,
    );
  } finally {
    await client.end();
  }
  return { ...writeAccess(server, { ...access, botPassword }), botPassword };
}

async function initialise(server: Server, initdb: string): Promise<void> {
  const fresh = `${server.data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  const secret = join(server.home, 'initial-password');
  writeOwn(server, secret, `${password}\n`);
  try {
    await run(server, initdb, [
      `--pgdata=${fresh}`,
      `--username=${USER}`,
      `--pwfile=${secret}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      ...(server.durable ? [] : ['--no-sync']),
    ]);
  } finally {
    rmSync(secret, { force: true });
  }
  writeAccess(server, { port: await freePort(), password });
  renameSync(fresh, server.data);
}

async function launch(server: Server, postgres: string, port: number): Promise<void> {
  const child = start(server, postgres, ['-D', server.data, ...serverSettings(port, server.durable)]);
  let failed: string | null = null;
  child.once('error', (error) => {
    failed = error.message;
  });
  child.once('exit', () => {
    failed ??= 'it ended at once';
  });
  child.unref();
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const found = readPostmaster(server.data);
    if (found?.ready && found.pid === child.pid) return;
    if (failed !== null) throw startFailed(server, lastWords(server) ?? failed);
    if (performance.now() > deadline) throw startFailed(server, 'it was not ready after one minute');
    await pause(5);
  }
}

async function run(server: Server, program: string, args: readonly string[]): Promise<void> {
  const child = start(server, program, args);
  const code = await new Promise<number | string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', resolve);
  });
  if (code !== 0)
    throw startFailed(
      server,
      typeof code === 'string' ? code : (lastWords(server) ?? `it ended with ${code}`),
    );
}

/** In a session of its own, writing to its log file: neither Ctrl-C nor our end reaches it. */
function start(server: Server, program: string, args: readonly string[]) {
  const log = logFile(server);
  if (existsSync(log) && statSync(log).size > 1_000_000) renameSync(log, `${log}.old`);
  const { PATH, SYSTEMROOT } = process.env;
  const out = openSync(log, 'a', 0o600);
  try {
    return spawn(program, args, {
      cwd: process.platform === 'win32' ? server.home : '/',
      detached: true,
      stdio: ['ignore', out, out],
      env: { PATH, SYSTEMROOT, LC_ALL: 'C', TZ: 'UTC' },
      ...(server.account ? { uid: server.account.uid, gid: server.account.gid } : {}),
    });
  } finally {
    closeSync(out);
  }
}

function logFile(server: Server): string {
  return join(server.home, 'postgres.log');
}

/** The last error in its log, with the detail below it, without times and process ids. */
function lastWords(server: Server): string | null {
  try {
    const lines = readFileSync(logFile(server), 'utf8').trim().split('\n').slice(-20);
    const at = lines.findLastIndex((line) => /FATAL|PANIC|error/i.test(line));
    const telling = at < 0 ? lines.slice(-1) : lines.slice(at, at + 2);
    const words = telling
      .filter((line, index) => index === 0 || line.includes('DETAIL:'))
      .map((line) => line.replace(/^.*?(FATAL|PANIC|ERROR|DETAIL|LOG): +/, '').replace(/\.$/, ''));
    return words.join(': ').slice(0, 400) || null;
  } catch {
    return null;
  }
}

function startFailed(server: Server, reason: string): Refusal {
  return new Refusal('embedded-database-failed', { reason, log: logFile(server) });
}

function readAccess(server: Server): Access {
  const path = join(server.home, 'access.json');
  try {
    return Access.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Refusal('embedded-database-access', { file: path });
  }
}

function writeAccess(server: Server, access: Access): Access {
  const path = join(server.home, 'access.json');
  writeFileSync(`${path}.new`, JSON.stringify(access), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return access;
}

function writeOwn(server: Server, path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
  if (server.account) chownSync(path, server.account.uid, server.account.gid);
}

function freePort(): Promise<number> {
  return listenOn(0).then((port) => port ?? 0);
}

async function isFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== null;
}

function listenOn(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(null));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
