import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { runCli } from '../../../src/cli/run.ts';
import { startReceiver, type WebhookReceiver } from '../../fakes/network/webhook-receiver.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const SECRETS = {
  CI_TOKEN: 'pipeline-0123456789-0123456789',
  ADA_TOKEN: 'person-0123456789-0123456789',
  WEBHOOK_SECRET,
};
const TOKENS = [
  { name: 'ci', token: { env: 'CI_TOKEN' }, scopes: ['ship'], 'acts-for': 'pipeline', services: ['shop'] },
  { name: 'terminal', token: { env: 'ADA_TOKEN' }, scopes: ['ship'], 'acts-for': 'U0ADA' },
];
let stage: Stage;
let url: string;
let receiver: WebhookReceiver;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  receiver = await startReceiver(WEBHOOK_SECRET);
  stage = await setStage({ env: SECRETS });
  await stage.crash(async () => {
    const file = join(stage.dir, 'slipway.yaml');
    const config = parse(await readFile(file, 'utf8'));
    const operations = { port, api: { tokens: TOKENS } };
    const webhooks = [{ name: 'events', url: receiver.url, secret: { env: 'WEBHOOK_SECRET' } }];
    await writeFile(file, stringify({ ...config, operations, webhooks }));
  });
});
afterAll(async () => {
  await stage?.end();
  await receiver?.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `slipway ship …` as a pipeline runs it. */
async function slipwayShip(token: string, ...words: string[]) {
  const said = { lines: '', messages: '' };
  const env = { ...process.env, SLIPWAY_URL: url, SLIPWAY_TOKEN: token };
  const exit = await runCli(['ship', ...words], env, {
    result: (text) => {
      said.lines += text;
    },
    message: (text) => {
      said.messages += `${text}\n`;
    },
  });
  return { exit, ...said };
}

test('nobody ships with a token that nobody gave out', async () => {
  const { exit, lines, messages } = await slipwayShip('forged-0123456789-0123456789', 'shop');
  expect({ exit, lines }).toEqual({ exit: 1, lines: '' });
  expect(messages).toMatch(/nobody knows it.*\(no-token\)/);
  expect(stage.cards()).toEqual([]);
});

test('a person who asks with a token may not approve it, and a cancelled one is no success', async () => {
  const done = slipwayShip(SECRETS.ADA_TOKEN, 'shop', '--bump', 'minor', '--until', 'approved');
  const card = await stage.cardWith('approve');
  expect(textOf(card)).toMatch(/Asked by <@U0ADA> with the token terminal/);
  await stage.press('ada', 'approve');
  await stage.told('ada', /asked for this/i);
  const again = await slipwayShip(SECRETS.CI_TOKEN, 'shop');
  expect(again).toMatchObject({
    exit: 1,
    messages: expect.stringMatching(/under way[\s\S]*\(promotion-open\)/),
  });
  await stage.press('ada', 'cancel');
  const { exit, lines } = await done;
  expect(exit).toBe(1);
  expect(lines).toMatch(/: checking\n(.*\n)*.*: cancelled/);
});

test('a pipeline ships, over a kill -9 between taking the request and starting it', async () => {
  const done = slipwayShip(SECRETS.CI_TOKEN, 'shop', '--wait', '--key', 'run-4711-1');
  await vi.waitUntil(
    async () => {
      const rows = await stage.query(
        "select id from slipway.promotions where request->>'by' = 'pipeline ci'",
      );
      return rows.length === 1;
    },
    { interval: 1, timeout: 10_000 },
  );
  await stage.crash();
  await stage.cardShows(/Asked by pipeline ci/);
  // The job was started again.
  const again = slipwayShip(SECRETS.CI_TOKEN, 'shop', '--until', 'deployed', '--key', 'run-4711-1');
  await stage.cardWith('approve');
  await stage.press('grace', 'approve');
  // Grace may have run the pipeline.
  await stage.cardShows(/1 approval missing/);
  await stage.press('linus', 'approve');
  const [first, second] = await Promise.all([done, again]);
  expect(first).toMatchObject({
    exit: 0,
    // What it heard first depends on when the kill came.
    lines: expect.stringMatching(/^shop-\w+: [\s\S]*: shipped 1\.3\.0\n$/),
  });
  expect(second.exit).toBe(0);
  const [id] = /shop-\w+/.exec(first.lines) ?? [];
  expect(second.lines).toContain(`${id}: `);
  expect(stage.cards()).toHaveLength(2);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, tags: 1, reports: 1 });
  expect(await stage.audited('promotion.opened')).toEqual([
    'U0ADA done',
    'pipeline ci refused',
    'pipeline ci done',
  ]);
  expect(await stage.git('grep', '-h', 'Requested by', 'main', '--', '*production-ship-report.md')).toContain(
    'pipeline ci',
  );
  await stage.workspace.as('linus').command('/ship-prod history shop');
  await stage.told('linus', /asked by pipeline ci[\s\S]*asked by .*with the token terminal/);
  await stage.expectNothingAmiss();
});

test('all of it was sent to the webhook, in order and signed, over the kill -9', {
  timeout: 90_000,
}, async () => {
  const entries = await stage.query<{ seq: string; action: string }>(
    "select seq, entry->>'action' as action from slipway.events order by seq",
  );
  const first = Number(receiver.events[0]?.id.split('-')[0]);
  const wanted = entries.filter(({ seq }) => Number(seq) >= first).map(({ action }) => `slipway.${action}`);
  expect(wanted).toEqual(expect.arrayContaining(['slipway.promotion.opened', 'slipway.promotion.shipped']));
  await vi.waitUntil(() => receiver.types().length >= wanted.length, { interval: 100, timeout: 70_000 });
  expect(receiver.types()).toEqual(wanted);
  expect(receiver.violations).toEqual([]);
});
