import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isPostgres, readPostmaster, stopPostmaster } from '../../src/engine/database/postmaster.ts';
import { Child, compileChildren } from '../engine/children.ts';

const CONFIG = `slack: { channel: "#ship" }
data: data
services:
  shop:
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
    checks: [{ use: http, url: "https://shop.example.com/health" }]
`;
const WAIT = { timeout: 20_000, interval: 5 };

/** Slack takes the connection and says nothing, so that the start never comes to its end. */
describe('SIGTERM while the bot starts', () => {
  let children: { readonly dir: string; remove(): void };
  let slack: Server;
  const alive: Child[] = [];
  const dirs: string[] = [];

  beforeAll(async () => {
    children = await compileChildren();
    slack = createServer();
    await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await Promise.all(alive.splice(0).map((child) => child.kill()));
    for (const dir of dirs.splice(0)) {
      await stopPostmaster(join(dir, 'data', 'postgres', 'data'));
      rmSync(dir, { recursive: true, force: true });
    }
  });
  afterAll(() => {
    slack.close();
    children.remove();
  });

  const folder = () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-stop-'));
    dirs.push(dir);
    // As root, the database has an account of its own, which must get to its files in here.
    chmodSync(dir, 0o711);
    writeFileSync(join(dir, 'slipway.yaml'), CONFIG);
    return { dir, home: join(dir, 'data', 'postgres'), data: join(dir, 'data', 'postgres', 'data') };
  };
  const start = (program: string, orders: object) => {
    const child = new Child(children.dir, program, orders);
    alive.push(child);
    return child;
  };
  const startBot = (dir: string) =>
    start('bot', {
      PATH: process.env['PATH'],
      SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      SLACK_API_URL: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/api/`,
    });
  const server = (data: string) => vi.waitUntil(() => readPostmaster(data), WAIT);

  it('stops the database that is just being made', async () => {
    const { dir, home, data } = folder();
    const bot = startBot(dir);
    await vi.waitUntil(() => existsSync(`${data}.new`), WAIT);
    bot.process.kill('SIGTERM');
    expect(await bot.exited).toBe(0);
    expect(bot.lines).toContain('ended');
    // It was made to the end, so that the next start finds it whole.
    expect(existsSync(join(home, 'access.json'))).toBe(true);
    expect(readPostmaster(data)).toBe(null);
  }, 60_000);

  it('stops the database while Slack does not answer', async () => {
    const { dir, data } = folder();
    const asked = new Promise<void>((resolve) => slack.once('connection', () => resolve()));
    const bot = startBot(dir);
    await asked;
    const { pid } = await server(data);
    expect(isPostgres(pid)).toBe(true);
    const began = Date.now();
    bot.process.kill('SIGTERM');
    expect(await bot.exited).toBe(0);
    expect(bot.lines.join('\n')).toContain('SIGTERM: stopping.');
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(isPostgres(pid)).toBe(false);
  }, 60_000);

  it('leaves the database to others who use it', async () => {
    const { dir, data } = folder();
    const other = start('database', { dataDir: join(dir, 'data') });
    await other.said('ready');
    const { pid } = await server(data);
    const asked = new Promise<void>((resolve) => slack.once('connection', () => resolve()));
    const bot = startBot(dir);
    await asked;
    bot.process.kill('SIGTERM');
    expect(await bot.exited).toBe(0);
    expect(isPostgres(pid)).toBe(true);
    await other.kill('SIGTERM');
    expect(isPostgres(pid)).toBe(false);
  }, 60_000);
});
