import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { runCli } from '../../../src/cli/run.ts';
import { type Stage, setStage } from '../stage.ts';

interface Written {
  slack: { admins?: string };
  services: { shop: { approvals: { required: number; users?: string[] }; monitor: object; from?: object } };
}

let stage: Stage;
const path = () => join(stage.dir, 'slipway.yaml');
const log = () => readFile(join(stage.dir, 'bot.log'), 'utf8');
/** Writes the file anew, and tells the bot, which sees it by itself too. */
async function configure(change: (config: Written) => void, isTold = true): Promise<void> {
  const config = parse(await readFile(path(), 'utf8')) as Written;
  change(config);
  await writeFile(path(), stringify(config));
  if (isTold) process.kill(stage.bot.pid, 'SIGHUP');
}
const changes = async () =>
  (
    await stage.query<{ entry: { action: string; result: string; detail: Record<string, unknown> } }>(
      "select entry from slipway.events where entry->>'action' = 'config.changed' order by seq",
    )
  ).map(({ entry }) => entry);
/** The newest change, once that is one that was not taken: the log says so before the audit does. */
const lastRefused = () =>
  vi.waitUntil(
    async () => {
      const last = (await changes()).at(-1);
      return last?.result === 'refused' ? last : null;
    },
    { timeout: 10_000, interval: 50 },
  );
const logSays = (test: RegExp) =>
  vi.waitFor(async () => expect(await log()).toMatch(test), { timeout: 20_000, interval: 100 });

beforeAll(async () => {
  stage = await setStage({ window: '6s', approvals: 1 });
});
afterAll(() => stage?.end());

test('a policy that changes while people are asked makes their approvals void, without a restart', async () => {
  const { pid } = stage.bot;
  await stage.asks();
  await configure(({ slack, services }) => {
    slack.admins = '#general';
    services.shop.approvals.required = 2;
  });
  await logSays(/the configuration has changed and is in force/);
  await stage.press('grace', 'approve');
  await stage.threadSays(/What would be shipped has changed/);
  await stage.cardShows(/2 missing/);
  expect(stage.bot.pid).toBe(pid);
  const [changed] = await changes();
  expect(changed).toMatchObject({
    result: 'done',
    detail: {
      files: { [path()]: [expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)] },
      settings: expect.arrayContaining(['services.shop.approvals.required: 1 → 2']),
    },
  });
});

test('a bad file keeps the old one, and says so with its line: in the log, the audit and to those who run Slipway', async () => {
  const good = await readFile(path(), 'utf8');
  await writeFile(path(), good.replace('required: 2', 'required: 0'));
  process.kill(stage.bot.pid, 'SIGHUP');
  await logSays(/The configuration is not taken: what held before stays in force/);
  const said = await stage.workspace.waitForMessage(
    (message) => /is not taken: what held before stays in force/.test(textOf(message)),
    20_000,
  );
  expect(textOf(said)).toMatch(/slipway\.yaml:\d+:\d+ services\.shop\.approvals\.required: 0 does not fit/);
  expect(stage.workspace.messages('#general').map(({ ts }) => ts)).toContain(said.ts);
  expect(await lastRefused()).toMatchObject({ detail: { code: 'config-invalid' } });
  await writeFile(path(), good);
  process.kill(stage.bot.pid, 'SIGHUP');
});

test('what is approved and deployed goes on with what it was approved with, over a file that says otherwise', async () => {
  await stage.press('grace', 'approve');
  await stage.threadSays(/approved/);
  await stage.press('linus', 'approve');
  await stage.cardShows(/Watching production/);
  await configure(({ services }) => {
    services.shop.monitor = { ...services.shop.monitor, window: '9m' };
    services.shop.approvals = { required: 1, users: ['U0ADA'] };
  });
  // The window of six seconds is the one that people approved.
  await stage.cardShows(/Shipped/);
  expect((await changes()).at(-1)).toMatchObject({
    detail: { settings: expect.arrayContaining(['services.shop.monitor.window: "6s" → "9m"']) },
  });
});

test('killed while it reads: the next start has the new one, and the audit has the change', async () => {
  const before = (await changes()).length;
  await stage.crash(async () => {
    const config = parse(await readFile(path(), 'utf8')) as Written;
    config.services.shop.approvals = { required: 2 };
    await writeFile(path(), stringify(config));
  });
  expect((await changes()).length).toBe(before + 1);
  for (let round = 0; round < 3; round += 1) {
    await configure(({ services }) => {
      services.shop.approvals = { required: 3 + round };
    });
    await new Promise((resolve) => setTimeout(resolve, round * 40));
    await stage.crash();
  }
  const settings = (await changes()).flatMap(({ detail }) => detail['settings'] as string[]);
  expect(settings.at(-1)).toBe('services.shop.approvals.required: 4 → 5');
  await stage.expectNothingAmiss();
});

test('a repository says more of its service: shown with its line, hostile words change nothing', async () => {
  await stage.remote.commit({
    message: 'docs: how we are shipped',
    files: { 'slipway.yaml': 'links: { dashboard: "http://127.0.0.1/board" }\n' },
  });
  await configure(({ services }) => {
    services.shop.from = { may: ['checks'] };
  }, false);
  await logSays(/services\.shop\.links\.dashboard: nothing → /);
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const env = { ...process.env, SLIPWAY_CONFIG: path() };
  expect(await runCli(['config', 'shop'], env, { result: say, message: say })).toBe(0);
  expect(said.join('')).toMatch(
    /links\.dashboard +"http:\/\/127\.0\.0\.1\/board" +shop@[0-9a-f]{7}\/slipway\.yaml:1/,
  );
  expect(said.join('')).toMatch(/approvals\.required +5 +\S*slipway\.yaml:\d+/);

  await stage.remote.commit({
    message: 'chore: mine now',
    files: { 'slipway.yaml': 'approvals: { required: 1, users: [U0MALLORY] }\n' },
  });
  process.kill(stage.bot.pid, 'SIGHUP');
  await logSays(/What the repository of shop says is not taken: what held before stays in force/);
  expect(await lastRefused()).toMatchObject({
    detail: {
      problem: expect.stringMatching(
        /shop@[0-9a-f]{7}\/slipway\.yaml:1:\d+ approvals\.users: who may approve/,
      ),
    },
  });
  await stage.expectNothingAmiss();
});
