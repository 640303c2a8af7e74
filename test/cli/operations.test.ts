import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startWorkspace, type Workspace } from '../../demo/workspace/server/start.ts';
import { Child, compileChildren } from '../engine/children.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';
import { Relay } from '../fakes/network/relay.ts';

const CONFIG = `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
    checks: [{ use: http, url: "https://shop.example.com/health" }]
`;
const WAIT = { timeout: 20_000, interval: 50 };

let children: { readonly dir: string; remove(): void };
let database: TestDatabase;
let workspace: Workspace;
let relay: Relay;
const dir = mkdtempSync(join(tmpdir(), 'slipway-operations-'));
const alive: Child[] = [];

beforeAll(async () => {
  writeFileSync(join(dir, 'slipway.yaml'), CONFIG);
  [children, database, workspace] = await Promise.all([compileChildren(), freshDatabase(), startWorkspace()]);
  const { hostname, port } = new URL(database.url);
  relay = new Relay({ host: hostname, port: Number(port || 5432) });
  await relay.mend();
}, 60_000);
afterAll(async () => {
  await Promise.all(alive.map((child) => child.kill()));
  await relay?.cut();
  await workspace?.close();
  await database?.close();
  children?.remove();
  rmSync(dir, { recursive: true, force: true });
});

function start(metricsPort: string): Child {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${relay.port}`;
  const child = new Child(children.dir, 'bot', {
    PATH: process.env['PATH'],
    SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
    DATABASE_URL: url.href,
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    METRICS_PORT: metricsPort,
  });
  alive.push(child);
  return child;
}

it('tells whether the bot lives, whether it is ready and why not, and its figures', async () => {
  await relay.cut();
  const bot = start('0');
  const line = await vi.waitUntil(() => bot.lines.find((one) => one.includes('answering /healthz')), WAIT);
  const address = `http://127.0.0.1:${JSON.parse(line).port}`;
  const ask = async (path: string) => {
    const response = await fetch(address + path);
    return { status: response.status, text: await response.text() };
  };
  const ready = async () => {
    const { status, text } = await ask('/readyz');
    return { status, ...JSON.parse(text) };
  };

  expect(await ask('/healthz')).toEqual({ status: 200, text: '{"alive":true}\n' });
  expect(await ready()).toMatchObject({ status: 503, ready: false });
  expect((await ready()).database).toContain('no database yet');
  expect((await ask('/metrics')).text).toContain('slipway_ready{part="database"} 0\n');

  await relay.mend();
  await vi.waitUntil(async () => (await ready()).ready === true, WAIT);
  expect(await ready()).toEqual({
    status: 200,
    ready: true,
    database: 'ok',
    slack: 'ok',
    place: 'ok',
    outbox: 'ok',
  });
  const { text } = await ask('/metrics');
  expect(text).toContain('slipway_ready{part="slack"} 1\n');
  expect(text).toContain('slipway_promotions{service="shop",state="monitoring"} 0\n');
  expect(text).toContain('slipway_outbox_waiting 0\n');
  expect(text).toMatch(/slipway_slack_calls_total\{method="auth.test",outcome="done"\} [1-9]/);
  expect(text).toContain('process_resident_memory_bytes');
  for (const secret of [workspace.botToken, workspace.appToken]) expect(text).not.toContain(secret);

  expect((await fetch(`${address}/metrics`, { method: 'POST' })).status).toBe(405);
  expect((await ask('/')).status).toBe(404);

  await relay.cut();
  // The place among the replicas may be lost a moment before.
  await vi.waitUntil(async () => (await ready()).database === 'it does not answer', WAIT);
  expect((await ready()).status).toBe(503);
  expect((await ask('/healthz')).status).toBe(200);
  const away = (await ask('/metrics')).text;
  expect(away).toContain('slipway_ready{part="database"} 0\n');
  expect(away).not.toMatch(/^slipway_promotions\{/m);

  await relay.mend();
  await vi.waitUntil(async () => (await ready()).status === 200, WAIT);
  await bot.kill('SIGTERM');
  await expect(ask('/healthz')).rejects.toThrow();
}, 90_000);

it('ends with a sentence when the port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await vi.waitUntil(() => other.listening);
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const bot = start(String(port));
  expect(await bot.exited).toBe(1);
  other.close();
  const said = bot.lines.join('\n');
  expect(said).toContain(`Something else on this machine listens on port ${port} already`);
  expect(said).toContain('Set METRICS_PORT');
}, 60_000);
