import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isPostgres } from '../../src/engine/database/postmaster.ts';

const MAIN = join(import.meta.dirname, '../../dist/demo/main.js');
const PATIENCE_MS = 60_000;

let folder: string;
let demo: ChildProcess | undefined;
let said: string;
let blocker: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-main-'));
  // As root, the database has an account of its own, which must get through here.
  await chmod(folder, 0o711);
  said = '';
});

afterEach(async () => {
  if (demo && demo.exitCode === null && demo.signalCode === null) {
    demo.kill('SIGTERM');
    await once(demo, 'exit');
  }
  blocker?.close();
  blocker = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** The demo in a process of its own; what it keeps for a while is in `folder`. */
function start(...args: string[]): ChildProcess {
  demo = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [demo.stdout, demo.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return demo;
}

async function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

/** Takes the port of the demo, unless somebody has it already. */
async function take(port: number): Promise<number> {
  const server = createServer();
  blocker = server;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(port) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

/** Databases that run on files in the folder. */
async function databases(): Promise<number[]> {
  const files = await readdir(folder, { recursive: true });
  const pids = await Promise.all(
    files
      .filter((file) => file.endsWith('postmaster.pid'))
      .map(async (file) => Number((await readFile(join(folder, file), 'utf8')).split('\n')[0])),
  );
  return pids.filter(isPostgres);
}

test(
  'with its port taken it takes another; a closed terminal ends the bot and its database, and the folder goes',
  async () => {
    await take(4455);
    const child = start();
    await expect.poll(() => said, { timeout: PATIENCE_MS }).toContain('Stop with Ctrl+C');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
    expect(new URL(url).port).not.toBe('4455');
    expect((await fetch(url)).status).toBe(200);
    const running = await databases();
    expect(running).toHaveLength(1);

    // Nobody reads any more, as when the window is gone.
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill('SIGHUP');
    expect(await ended(child)).toBe(0);
    expect(running.filter(isPostgres)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  },
  2 * PATIENCE_MS,
);

test(
  'told to stop while the bot starts, it leaves nothing behind either',
  async () => {
    const child = start('--port', '0');
    await expect.poll(databases, { timeout: PATIENCE_MS, interval: 5 }).toHaveLength(1);
    const running = await databases();
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(running.filter(isPostgres)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  },
  2 * PATIENCE_MS,
);

test('a port that was named and is taken is said in one sentence, and nothing is left behind', async () => {
  const port = await take(0);
  const dir = join(folder, 'kept');
  for (const args of [[], ['--dir', dir]]) {
    said = '';
    const child = start('--port', String(port), ...args);
    expect(await ended(child)).toBe(1);
    expect(said).toContain(`Port ${port} is taken. Name another with --port`);
    expect(said).not.toContain('node:');
    expect(await readdir(folder)).toEqual([]);
  }
});

test('the repository is chosen with --forge: git, github or gitlab, and nothing else', async () => {
  expect(await ended(start('--forge', 'github', '--help'))).toBe(0);
  expect(await ended(start('--forge', 'gitlab', '--help'))).toBe(0);
  expect(await ended(start('--forge', 'nowhere'))).toBe(1);
  expect(said).toContain('--forge is git, github or gitlab, not nowhere');
});
