import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { serverAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { dropSocket, holdSocket } from './held-socket.ts';
import { serverHome } from './home.ts';
import { otherUsers } from './other-users.ts';
import { ownFolder } from './owner.ts';
import { endServer, isServerOf, readPostmaster, runningPostmaster, stopPostmaster } from './postmaster.ts';
import { putFile } from './put-file.ts';
import { launch, run, type Server, START_PATIENCE_MS } from './server-process.ts';
import { serverSettings } from './settings.ts';
import { withStartLock } from './start-lock.ts';
import { type BringTables, besideData, finishUpgrade, upgradeMajor } from './upgrade.ts';

const USER = 'slipway';
const BOT = 'slipway_bot';
/** How long connections of a process that has just ended may still be there. */
const PREDECESSOR_MS = 5_000;

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
  /** Leaves it running for the other processes that use it. */
  leave(): void;
}

const Access = z.object({
  port: z.int().min(1).max(65_535),
  password: z.string().min(1),
  /** Of the role that the bot works as; absent until it is made. */
  botPassword: z.string().min(1).optional(),
  /** Version of the package whose programs ran it last. */
  programs: z.string().optional(),
});
type Access = z.infer<typeof Access>;

/**
 * A PostgreSQL server of our own on 127.0.0.1, with its files under `dataDir`. It is a process apart, so it
 * outlives a bot that is killed; the next start finds it by its postmaster.pid and uses it again.
 */
export async function startEmbedded(options: {
  readonly dataDir: string;
  readonly log: Logger;
  /** With it a data folder of an older major version of PostgreSQL is copied into one of ours. */
  readonly tables?: BringTables | undefined;
  /** False trades safety against power loss for speed; tests only. */
  readonly durable?: boolean;
}): Promise<EmbeddedServer> {
  const account = serverAccount();
  const home = serverHome(options.dataDir, account, options.log);
  const server = { home, data: join(home, 'data'), account, durable: options.durable ?? true };
  let pid = 0;
  const owner = await ownFolder(home, { onLost: () => endServer(pid, server.data) });
  const start = (onPort: number | null) =>
    withStartLock(join(home, 'start.lock'), owner.space, async () => {
      owner.mustBeOurs();
      const access = await withBot(server, await ensureRunning(server, { ...options, onPort }));
      pid = readPostmaster(server.data)?.pid ?? 0;
      return access;
    });
  const { port, password, botPassword } = await start(null).catch((error: unknown) => {
    owner.leave();
    throw error;
  });
  const as = (user: string, secret: string) => `postgresql://${user}:${secret}@127.0.0.1:${port}/postgres`;
  return {
    url: as(USER, password),
    botUrl: as(BOT, botPassword),
    home,
    revive: async () => {
      const found = readPostmaster(server.data);
      if (found?.port === port && isServerOf(found.pid, server.data)) return;
      await start(port);
    },
    stop: async () => {
      await stopPostmaster(server.data);
      dropSocket(home);
      owner.release();
    },
    leave: owner.leave,
  };
}

interface Bringing {
  readonly log: Logger;
  readonly tables?: BringTables | null | undefined;
}

/** `onPort`: on no other one, as connections know it by that. */
async function ensureRunning(
  server: Server,
  options: Bringing & { readonly onPort: number | null },
): Promise<Access> {
  const { onPort } = options;
  // Of a copy that was broken off.
  await stopPostmaster(besideData(server));
  const running = await runningPostmaster(server.data, START_PATIENCE_MS);
  if (onPort !== null && running?.port !== onPort && !(await isFree(onPort)))
    throw new Refusal('embedded-database-port', { port: onPort });
  if (running) {
    const access = readAccess(server);
    const isWanted = onPort === null || running.port === onPort;
    if (isWanted && !(await isOfOlderMajor(server, { ...access, port: running.port }, options))) {
      if (access.port !== running.port) return writeAccess(server, { ...access, port: running.port });
      return access;
    }
    await stopPostmaster(server.data);
  }
  const binaries = findBinaries(server.home, server.account);
  finishUpgrade(server);
  if (existsSync(join(server.data, 'PG_VERSION'))) await bringToThisMajor(server, binaries, options);
  else await initialise(server, binaries.initdb);
  const known = { ...readAccess(server), programs: binaries.version };
  const port = onPort ?? ((await isFree(known.port)) ? known.port : await freePort());
  const access = writeAccess(server, { ...known, port });
  const socket = await holdSocket(server.home);
  try {
    const settings = serverSettings(access.port, server.durable);
    await launch(server, binaries.postgres, server.data, settings, socket);
  } finally {
    socket?.letGo();
  }
  return access;
}

/**
 * Whether what runs is the server of an older major version, left behind by a copy that was broken off, or by a bot of an
 * earlier version that was killed. Refusal `data-folder-in-use` when somebody uses it. Others than the bot take it as it is.
 */
async function isOfOlderMajor(server: Server, access: Access, { tables }: Bringing): Promise<boolean> {
  if (!tables) return false;
  const ours = Number.parseInt(findBinaries(server.home, server.account).version, 10);
  const found = Number(readFileSync(join(server.data, 'PG_VERSION'), 'utf8').trim());
  if (found === ours) return false;
  const client = asOwner(access);
  await client.connect();
  try {
    const [other] = await otherUsers(client, PREDECESSOR_MS);
    if (other !== undefined) throw new Refusal('data-folder-in-use', { process: other });
  } finally {
    await client.end().catch(() => undefined);
  }
  return true;
}

function asOwner({ port, password }: Access): pg.Client {
  const client = new pg.Client({ host: '127.0.0.1', port, user: USER, password, database: 'postgres' });
  client.on('error', () => undefined);
  return client;
}

/** Makes the role that the bot works as, once: it may log in, and nothing else until it is granted something. */
async function withBot(server: Server, access: Access): Promise<Access & { readonly botPassword: string }> {
  if (access.botPassword !== undefined) return { ...access, botPassword: access.botPassword };
  const botPassword = randomBytes(24).toString('base64url');
  const client = asOwner(access);
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
  const password = randomBytes(24).toString('base64url');
  await makeCluster(server, initdb, fresh, password);
  writeAccess(server, { port: await freePort(), password });
  renameSync(fresh, server.data);
}

/** The data folder of another major version: copied into one of this, or refused. */
async function bringToThisMajor(
  server: Server,
  binaries: Binaries,
  { log, tables = null }: Bringing,
): Promise<void> {
  const { password, botPassword, programs } = readAccess(server);
  await upgradeMajor(
    {
      server,
      binaries,
      superuser: { name: USER, password },
      bot: botPassword === undefined ? null : { name: BOT, password: botPassword },
      tables,
      lastPrograms: programs,
      makeCluster: (folder) => makeCluster(server, binaries.initdb, folder, password),
      freePort,
    },
    log,
  );
}

async function makeCluster(server: Server, initdb: string, fresh: string, password: string): Promise<void> {
  rmSync(fresh, { recursive: true, force: true });
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
  putFile(join(server.home, 'access.json'), JSON.stringify(access));
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
