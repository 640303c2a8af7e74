import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DeployHandle, DeployOrder, Target } from '../../../../src/adapters/targets/port.ts';
import { signed, signedRequest } from '../../../../src/adapters/targets/webhook/protocol.ts';
import { openWebhook, WebhookSettings } from '../../../../src/adapters/targets/webhook/webhook.ts';
import { type TargetWorld, targetContract } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { carryOut, orderOf, sentenceOf } from '../platforms/platform-world.ts';

const RECEIVER = fileURLToPath(new URL('../../../../examples/webhook-receiver.mjs', import.meta.url));
const SECRET = 'a secret of at least sixteen characters';

/** Deploying is a line in a file; commits of f's have no image, and those of e's are slow, in a process of their own. */
const COMMAND = `
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
const [kind, commit, version] = process.argv.slice(2);
if (commit.startsWith('f')) {
  console.error('no image of ' + commit.slice(0, 8));
  process.exit(1);
}
if (commit.startsWith('e')) {
  appendFileSync('begun.txt', version + '\\n');
  spawnSync(process.execPath, ['-e', 'setTimeout(() => undefined, 1500)']);
}
if (kind !== 'check') appendFileSync('deployments.txt', kind + ' ' + version + '\\n');
console.log('it is there');
`;

interface Running extends TargetWorld {
  readonly url: string;
  /** As it was carried out, a line each; and what of the slow ones has begun. */
  lines(): string;
  begun(): string;
  /** `kill -9`, and a new start with the same file. */
  restart(): Promise<void>;
}

async function world(): Promise<Running> {
  const dir = await mkdtemp(join(tmpdir(), 'webhook-receiver-'));
  await writeFile(join(dir, 'command.mjs'), COMMAND);
  let child: ChildProcess;
  let url = '';
  const start = async (port: string) => {
    child = spawn(process.execPath, [RECEIVER, process.execPath, 'command.mjs'], {
      cwd: dir,
      env: { SLIPWAY_WEBHOOK_SECRET: SECRET, PORT: port },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout?.setEncoding('utf8') ?? child, 'data')) as [string];
    url = /http:\S+/.exec(line)?.[0] ?? '';
  };
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start('0');
  const open = (): Target => {
    const [use, secret] = ['webhook', { env: 'SECRET' }];
    const addresses = { url: `${url}/orders`, live: `${url}/live`, check: `${url}/check` };
    const settings = WebhookSettings.parse({ use, secret, cancel: true, ...addresses });
    return openWebhook(settings, adapterContext({ env: { SECRET } }));
  };
  const release = (version: string, digit: string) => ({
    version,
    tag: `v${version}`,
    commit: digit.repeat(40),
  });
  const read = (file: string) =>
    existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'utf8').trim() : '';
  const lines = () => read('deployments.txt');
  return {
    target: open(),
    another: open,
    first: release('1.2.0', 'a'),
    second: release('1.3.0', 'b'),
    unknown: release('9.9.9', 'f'),
    deployments: () => lines().split('\n').filter(Boolean).length,
    lines,
    begun: () => read('begun.txt'),
    remove: async () => {
      await kill();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
    url,
    restart: async () => {
      await kill();
      await start(new URL(url).port);
    },
  };
}

targetContract({ name: 'webhook with the example receiver', make: world });

describe('the example receiver', () => {
  let running: Running;
  afterEach(() => running.remove());

  test('turns away what is not signed, is too old, or was changed on the way', async () => {
    running = await world();
    const live = `${running.url}/live`;
    const ask = async (headers: Record<string, string>, { method = 'GET', url = live, body = '' } = {}) => {
      const asked = await fetch(url, { method, headers, ...(body ? { body } : {}) });
      return asked.status;
    };
    const get = { method: 'GET', url: live, body: '' };
    const signs = (change: object, secret = SECRET, ageMs = 0) =>
      signedRequest(secret, { ...get, ...change }, Date.now() - ageMs);
    expect(await ask(signs({}))).toBe(200);
    expect(await ask({})).toBe(401);
    expect(await ask(signed(SECRET, '', Date.now()))).toBe(401);
    expect(await ask(signs({}, `${SECRET}.`))).toBe(401);
    expect(await ask(signs({}, SECRET, 301_000))).toBe(401);
    expect(await ask(signs({}, SECRET, -301_000))).toBe(401);
    const post = { method: 'POST', url: `${running.url}/check` };
    expect(
      await ask(signs({ ...post, body: '{"kind":"check"}' }), { ...post, body: '{"kind":"deploy"}' }),
    ).toBe(401);
    // What was recorded of one request is good for no other.
    expect(await ask(signs({}), { method: 'DELETE' })).toBe(401);
    expect(await ask(signs({}), { url: `${running.url}/status/k` })).toBe(401);
  });

  test('refuses to give a release only a part of the requests', async () => {
    running = await world();
    const order = { ...orderOf(running.first, null), percent: 5 };
    expect(await sentenceOf(running.target.start(order, 'k'))).toContain(
      'cannot give a release 5 % of the requests',
    );
    expect(running.deployments?.()).toBe(0);
  });

  const slow = (version: string) => ({ version, tag: `v${version}`, commit: 'e'.repeat(40) });
  const ended = (order: DeployOrder, handle: DeployHandle) =>
    vi.waitUntil(
      async () => {
        const status = await running.target.follow(order, handle);
        return status.kind === 'running' ? null : status;
      },
      { interval: 50, timeout: 15_000 },
    );

  test('stops a deployment that is under way before it rolls back, and drops those that wait', async () => {
    running = await world();
    const deploy = orderOf(slow('1.3.0'), null);
    const handle = await running.target.start(deploy, 'd');
    const waiting = await running.target.start(orderOf(running.second, null), 'w');
    await vi.waitUntil(() => running.begun() !== '', { interval: 20, timeout: 10_000 });
    expect(running.begun()).toBe('1.3.0');
    const rollback = orderOf(running.first, null, 'rollback');
    const back = await running.target.start(rollback, 'r');
    expect(await ended(rollback, back)).toMatchObject({ kind: 'succeeded' });
    expect(await ended(deploy, handle)).toMatchObject({
      kind: 'failed',
      reason: 'the deploy of 1.3.0 was stopped',
    });
    expect(await ended(deploy, waiting)).toMatchObject({ kind: 'failed' });
    // Longer than the deployment would have taken.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(running.lines()).toBe('rollback 1.2.0');
    expect(await running.target.live()).toMatchObject({ version: '1.2.0' });
  });

  test('carries out the orders of a service one after the other, and those of another beside them', async () => {
    running = await world();
    const first = await running.target.start(orderOf(slow('1.3.0'), null), '1');
    const order = orderOf(running.second, null);
    const second = await running.target.start(order, '2');
    expect(await running.target.follow(order, second)).toMatchObject({
      kind: 'running',
      detail: 'deploy of 1.3.0: waits for the order before it',
    });
    const other = { ...orderOf(running.first, null), service: 'site' };
    expect(await ended(other, await running.target.start(other, '3'))).toMatchObject({ kind: 'succeeded' });
    for (const handle of [first, second])
      expect(await ended(order, handle)).toMatchObject({ kind: 'succeeded' });
    expect(running.lines().split('\n')).toEqual(['deploy 1.2.0', 'deploy 1.3.0', 'deploy 1.3.0']);
    expect(await running.target.live()).toMatchObject({ deploymentId: '2' });
  });

  test('stops a deployment that is cancelled', async () => {
    running = await world();
    const order = orderOf(slow('1.3.0'), null);
    const handle = await running.target.start(order, 'd');
    await vi.waitUntil(() => running.begun() !== '', { interval: 20, timeout: 10_000 });
    await running.target.cancel?.(handle);
    expect(await ended(order, handle)).toMatchObject({ kind: 'failed' });
    expect(running.lines()).toBe('');
    await running.target.cancel?.(handle);
  });

  test('knows its keys and what is live after kill -9', async () => {
    running = await world();
    const order = orderOf(running.first, null);
    await carryOut(running.target, order, 'k');
    await running.restart();
    expect(await running.target.live()).toEqual({
      commit: running.first.commit,
      version: '1.2.0',
      deploymentId: 'k',
    });
    expect(await carryOut(running.target, order, 'k')).toMatchObject({ kind: 'succeeded' });
    expect(running.deployments?.()).toBe(1);
  });
});
