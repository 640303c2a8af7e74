import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { startWorkspace, type Workspace } from '../../demo/workspace/server/start.ts';
import { Child, compileChildren } from '../engine/children.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

const CONFIG = `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
    checks: [{ use: http, url: "https://shop.example.com/health" }]
`;
const WAIT = { timeout: 20_000, interval: 20 };

describe('slipway start', () => {
  let children: { readonly dir: string; remove(): void };
  let database: TestDatabase;
  let workspace: Workspace;
  const dir = mkdtempSync(join(tmpdir(), 'slipway-start-'));
  const alive: Child[] = [];

  beforeAll(async () => {
    writeFileSync(join(dir, 'slipway.yaml'), CONFIG);
    [children, database, workspace] = await Promise.all([
      compileChildren(),
      freshDatabase(),
      startWorkspace(),
    ]);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(alive.splice(0).map((child) => child.kill('SIGTERM')));
  });
  afterAll(async () => {
    await workspace?.close();
    await database?.close();
    children?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  const start = (more: Readonly<Record<string, string>>) => {
    const child = new Child(children.dir, 'bot', {
      PATH: process.env['PATH'],
      SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
      DATABASE_URL: database.url,
      SLACK_API_URL: workspace.apiUrl,
      SLACK_BOT_TOKEN: workspace.botToken,
      ...more,
    });
    alive.push(child);
    return child;
  };
  const overHttp = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return { SLACK_SIGNING_SECRET: workspace.signingSecret, PORT: String(port) };
  };
  const isReady = (bot: Child) =>
    vi.waitUntil(() => bot.lines.some((line) => line.includes('Slipway is ready')), WAIT);

  it.each(['Socket Mode', 'HTTP'])(
    'over %s ends with a sentence when Slack refuses the bot token',
    async (mode) => {
      const way = mode === 'HTTP' ? await overHttp() : { SLACK_APP_TOKEN: workspace.appToken };
      const bot = start({ ...way, SLACK_BOT_TOKEN: 'xoxb-wrong' });
      expect(await bot.exited).toBe(1);
      const said = bot.lines.join('\n');
      expect(said).toContain('Slack does not accept SLACK_BOT_TOKEN (invalid_auth).');
      expect(said).toContain('Copy the "Bot User OAuth Token"');
      expect(said).not.toContain('Slipway is ready');
      expect(said).not.toMatch(/^\s+at /m);
    },
    60_000,
  );

  it('names the app-level token when it is that which Slack refuses', async () => {
    const bot = start({ SLACK_APP_TOKEN: 'xapp-wrong' });
    expect(await bot.exited).toBe(1);
    expect(bot.lines.join('\n')).toContain('Slack does not accept SLACK_APP_TOKEN (invalid_auth).');
  }, 60_000);

  it('over HTTP is ready although Slack is away', async () => {
    const bot = start({ ...(await overHttp()), SLACK_API_URL: 'http://127.0.0.1:1/api/' });
    await isReady(bot);
  }, 60_000);

  it('over HTTP answers what Slack has signed, and nothing else', async () => {
    const way = await overHttp();
    const bot = start(way);
    await isReady(bot);
    const url = `http://127.0.0.1:${way.PORT}/slack/events`;
    workspace.control.setRequestUrl(url);
    await workspace.as('ada').command('/ship-prod help');
    const answer = await workspace.waitForEphemeral('ada', /gates, version, approvals/);
    expect(textOf(answer)).toContain('/ship-prod status');

    const body = 'command=%2Fship-prod&text=help';
    const post = (secret: string, ageS: number) => {
      const at = String(Math.floor(Date.now() / 1_000) - ageS);
      const digest = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': at,
        'x-slack-signature': `v0=${digest}`,
      };
      return fetch(url, { method: 'POST', body, headers }).then(({ status }) => status);
    };
    expect(await post('another-secret', 0)).toBe(401);
    expect(await post(workspace.signingSecret, 600)).toBe(401);
    expect(await fetch(url, { method: 'POST', body }).then(({ status }) => status)).toBe(401);
  }, 60_000);
});
