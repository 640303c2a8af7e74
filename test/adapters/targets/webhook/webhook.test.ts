import { createHmac } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { Reply } from '../../../../demo/platform/fake-platform.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { orderBody, signed, signedRequest } from '../../../../src/adapters/targets/webhook/protocol.ts';
import { openWebhook, WebhookSettings } from '../../../../src/adapters/targets/webhook/webhook.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { FakeReceiver } from '../../../fakes/platforms/receiver.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import {
  carryOut,
  end,
  type FaultyWorld,
  FIRST,
  failureOf,
  orderOf,
  SECOND,
  sentenceOf,
  testOn,
  worldOf,
} from '../platforms/platform-world.ts';

const SECRET = new FakeReceiver().secret;

function open(fake: FakeReceiver, settings: Record<string, unknown> = {}, secret = fake.secret): Target {
  const parsed = WebhookSettings.parse({
    use: 'webhook',
    url: `${fake.url}/orders`,
    live: `${fake.url}/live`,
    check: `${fake.url}/check`,
    secret: { env: 'WEBHOOK_SECRET' },
    ...settings,
  });
  return openWebhook(parsed, adapterContext({ env: { WEBHOOK_SECRET: secret } }));
}

async function world(): Promise<FaultyWorld> {
  const fake = await new FakeReceiver().start();
  for (const { commit } of [FIRST, SECOND]) fake.known.add(commit);
  return worldOf(fake, (settings) => open(fake, settings), {
    intrude: async () => {
      fake.live = { commit: 'e'.repeat(40), id: 'by-hand' };
    },
  });
}

platformContract('webhook', world, [SECRET]);

describe('webhook', () => {
  const test = testOn(() => new FakeReceiver());

  test('signs timestamp and body', () => {
    const headers = signed('it is a secret', '{"a":1}', 1_700_000_000_999);
    const hmac = createHmac('sha256', 'it is a secret').update('1700000000.{"a":1}').digest('hex');
    expect(headers).toEqual({ 'slipway-timestamp': '1700000000', 'slipway-signature': `v1=${hmac}` });
    expect(hmac).toMatchInlineSnapshot(`"e13ca661150ed628f4ae657a91356a99ce1d89519ed99c20a90f567c6f061275"`);
  });

  test('signs method, path and query in a header of its own', () => {
    const request = { method: 'POST', url: 'https://cd.example.com/orders', body: '{"a":1}' };
    const headers = (change = {}) =>
      signedRequest('it is a secret', { ...request, ...change }, 1_700_000_000_000);
    const { 'slipway-request-signature': signature, ...first } = headers();
    expect(first).toEqual(signed('it is a secret', '{"a":1}', 1_700_000_000_000));
    expect(signature).toBe('v2=37a60b13c2d0fde8215a633ff074748af05eeb08d30938856f85400ae2c6dfc1');
    for (const change of [
      { method: 'DELETE' },
      { url: 'https://cd.example.com/status' },
      { url: 'https://cd.example.com/orders?dry' },
      { body: '' },
    ])
      expect(headers(change)['slipway-request-signature']).not.toBe(signature);
  });

  test('says a share of the requests only where it is not all of them', () => {
    const { percent, ...rest } = orderBody({ ...orderOf(SECOND, null), percent: 25 }, 'k');
    expect(percent).toBe(25);
    expect(orderBody(orderOf(SECOND, null), 'k')).toEqual(rest);
  });

  test('splits requests only where its settings say that the receiver does', ({ fake }) => {
    expect(open(fake).splits).toBe(false);
    expect(open(fake, { percent: true }).splits).toBe(true);
  });

  test('is followed at its status address and shows what the receiver says', async ({ fake }) => {
    fake.slowness = 3;
    fake.goingOn = { 'retry-after': '7' };
    const target = open(fake);
    const handle = await target.start(orderOf(SECOND, null), 'k');
    expect(handle.id).toBe('run-1');
    expect(await target.follow(orderOf(SECOND, null), handle)).toEqual({
      kind: 'running',
      detail: 'two of three pods',
      askAgainMs: 7_000,
      logUrl: 'https://cd.example.com/runs/run-1',
    });
    expect(await carryOut(target, orderOf(SECOND, null), 'k')).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'run-1', url: 'https://shop.example.com', logUrl: expect.stringContaining('run-1') },
    });
    expect(fake.acts).toEqual(['deploy 1.1.0']);
  });

  test('may be done with the first answer', async ({ fake }) => {
    fake.slowness = 0;
    const target = open(fake);
    expect(await carryOut(target, orderOf(SECOND, null), 'k')).toMatchObject({ kind: 'succeeded' });
    fake.nextFailure = 'no space left on the node';
    expect(await carryOut(target, orderOf(FIRST, SECOND, 'rollback'), 'k2')).toMatchObject({
      kind: 'failed',
      reason: 'no space left on the node',
      log: ['pulling the image', 'no space left on the node'],
    });
    expect(await carryOut(target, orderOf(FIRST, SECOND, 'rollback'), 'k3')).toMatchObject({
      kind: 'succeeded',
    });
    expect(fake.acts).toEqual(['deploy 1.1.0', 'rollback 1.0.0', 'rollback 1.0.0']);
  });

  test('gives up what takes longer than its deadline', async ({ fake }) => {
    fake.slowness = 1_000;
    const target = open(fake, { deadline: '1m' });
    const handle = await target.start(orderOf(SECOND, null), 'k');
    const old = { ...handle, startedAt: handle.startedAt - 61_000 };
    expect(await target.follow(orderOf(SECOND, null), old)).toMatchObject({
      kind: 'failed',
      reason: 'It has not come to an end within 1 min: two of three pods.',
    });
  });

  test('is given the build where it promotes, and proves that first', async ({ fake }) => {
    const build = { commit: 'c'.repeat(40), deploymentId: 'stg-7' };
    const target = open(fake, { promotes: true });
    expect(target.promotes).toBe(true);
    expect(await sentenceOf(target.promotable?.(build))).toMatch(
      /no build of cccccccc that could be promoted: no image/,
    );
    fake.known.add(build.commit);
    expect(await target.promotable?.(build)).toBe('The receiver says: An image of cccccccc is there.');
    await carryOut(target, orderOf({ ...SECOND, build }, null), 'k');
    expect(await target.live()).toEqual({ commit: build.commit, deploymentId: 'run-1' });
  });

  test('can be cancelled where the receiver can', async ({ fake }) => {
    expect(open(fake).cancel).toBeUndefined();
    fake.slowness = 1_000;
    const target = open(fake, { cancel: true });
    const handle = await target.start(orderOf(SECOND, null), 'k');
    await target.cancel?.(handle);
    expect(await target.follow(orderOf(SECOND, null), handle)).toMatchObject({
      kind: 'failed',
      reason: 'stopped',
    });
  });

  test.for<[Reply]>([
    [{ status: 201, headers: { location: '/status/run-1' } }],
    [{ status: 200, headers: { location: '/status/run-1' }, body: { status: 'running' } }],
    [{ status: 202, headers: { location: '/status/run-1' }, body: { status: null, statusUrl: '' } }],
    [{ status: 200, body: { statusUrl: 'status/run-1' } }],
    [{ status: 206, body: { id: 7, statusUrl: '/status/run-1' } }],
  ])('what %j names is followed to its end', async ([answer], { fake }) => {
    fake.orderAnswer = answer;
    const order = orderOf(SECOND, null);
    const handle = await open(fake).start(order, 'k');
    expect(await open(fake).follow(order, handle)).toMatchObject({ kind: 'running' });
    expect(await end(open(fake), order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test.for<[Reply, RegExp]>([
    [{ status: 202 }, /no statusUrl/],
    [{ status: 202, body: { statusUrl: null } }, /no statusUrl/],
    [{ status: 200, body: { status: 'running' } }, /no statusUrl/],
    [{ status: 200, body: { status: 'done' } }, /status: /],
    [{ status: 202, body: { statusUrl: 7 } }, /statusUrl: /],
    [{ status: 202, body: ['taken'] }, /expected object/],
    [{ status: 202, body: { statusUrl: 'https://elsewhere.example.com/s' } }, /leads to another host/],
    [{ status: 201, headers: { location: 'http://[not an address' } }, /leads to another host/],
  ])('%j is no refusal: the order was taken, and may go live', async ([answer, reason], { fake }) => {
    fake.orderAnswer = answer;
    const order = orderOf(SECOND, null);
    const target = open(fake, { cancel: true });
    const handle = await target.start(order, 'k');
    for (const asked of [target.follow(order, handle), target.cancel?.(handle)])
      expect(await sentenceOf(asked)).toMatch(reason);
    expect(fake.acts).toEqual(['deploy 1.1.0']);
  });

  test.for<[Reply]>([
    [{ status: 200 }],
    [{ status: 201 }],
    [{ status: 201, body: { statusUrl: '' } }],
    [{ status: 204 }],
    [{ status: 200, headers: { location: '/shop/1.1.0.html' } }],
  ])('%j has ended', async ([answer], { fake }) => {
    fake.orderAnswer = answer;
    const order = orderOf(SECOND, null);
    const target = open(fake);
    const handle = await target.start(order, 'k');
    expect(await target.follow(order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test.for<[Reply]>([[{ status: 502 }], [{ status: 200, text: '<html>' }]])(
    'a status address that answers %j is asked until the deadline',
    async ([answer], { fake }) => {
      const order = orderOf(SECOND, null);
      const handle = await open(fake).start(order, 'k');
      fake.statusAnswer = answer;
      await expect(open(fake).follow(order, handle)).rejects.toBeInstanceOf(Unavailable);
      const old = { ...handle, startedAt: handle.startedAt - 31 * 60_000 };
      expect(await open(fake).follow(order, old)).toMatchObject({
        kind: 'failed',
        goesOn: true,
        reason: expect.stringMatching(/^It has not come to an end within 30 min: .*(502|not JSON)\.$/),
      });
    },
  );

  test('what is not understood is stopped where its address is', async ({ fake }) => {
    fake.orderAnswer = { status: 202, body: { status: 'queued', statusUrl: '/status/run-1' } };
    const target = open(fake, { cancel: true });
    await target.cancel?.(await target.start(orderOf(SECOND, null), 'k'));
    expect(fake.requests.at(-1)).toBe('DELETE /status/run-1');
  });

  test('what is only shown fails nothing', async ({ fake }) => {
    const nothing = { id: '', detail: null, url: 'shop.example.com', logUrl: 'javascript:alert(1)', log: 7 };
    const target = open(fake, { production: 'https://shop.example.com' });
    fake.orderAnswer = { status: 200, body: { status: 'succeeded', statusUrl: null, ...nothing } };
    const { deployment } = (await carryOut(target, orderOf(SECOND, null), 'k')) as { deployment: unknown };
    const startedAt = expect.any(Number);
    expect(deployment).toEqual({
      id: 'k',
      url: 'https://shop.example.com',
      startedAt,
      finishedAt: startedAt,
    });
  });

  test.for<[unknown, RegExp]>([
    [{ commit: 'abc1234' }, /commit: a whole commit id/],
    [{ id: 7 }, /a commit or a version/],
    [{ commit: null, version: '' }, /a commit or a version/],
    [[], /expected object/],
    ['shop', /expected object/],
  ])('does not take %j for what is live', async ([answer, reason], { fake }) => {
    fake.liveAnswer = answer;
    expect(await sentenceOf(open(fake).live())).toMatch(reason);
  });

  test('a receiver may know only versions, or nothing yet', async ({ fake }) => {
    fake.liveAnswer = {};
    expect(await open(fake).live()).toBeNull();
    fake.liveAnswer = null;
    expect(await open(fake).preflight()).toContain('nothing is live yet');
    fake.liveAnswer = { version: '1.0.0', id: 12 };
    const live = await open(fake).live();
    expect(live).toEqual({ commit: '', version: '1.0.0', deploymentId: '12' });
    fake.liveAnswer = { commit: '', version: '1.0.0', id: null };
    expect(await open(fake).live()).toEqual({ commit: '', version: '1.0.0' });
    fake.liveAnswer = { commit: FIRST.commit, version: null, id: '' };
    expect(await open(fake).live()).toEqual({ commit: FIRST.commit });
    fake.liveAnswer = { version: '1.0.0', id: 12 };
    await open(fake).start({ kind: 'deploy', service: 'shop', release: SECOND, from: live }, 'k');
    // A rollback knows the commit of what it leaves.
    const from = { commit: 'f'.repeat(40), version: '1.0.0' };
    await open(fake).start({ kind: 'rollback', service: 'shop', release: SECOND, from }, 'k3');
    expect(
      await failureOf(
        open(fake).start({ kind: 'deploy', service: 'shop', release: SECOND, from: null }, 'k2'),
      ),
    ).toMatchObject({ code: 'target-diverged', facts: { found: '1.0.0' } });
  });

  test.for([[['a page']], [{ commit: 'abc1234' }]])(
    'rolls back a production that says %j of what is live, and deploys nothing over it',
    async ([answer], { fake }) => {
      fake.known.add(FIRST.commit);
      fake.known.add(SECOND.commit);
      fake.liveAnswer = answer;
      const target = open(fake);
      const order = (kind: 'deploy' | 'rollback') =>
        ({ kind, service: 'shop', release: FIRST, from: { commit: SECOND.commit } }) as const;
      await failureOf(target.start(order('deploy'), 'k'));
      expect(fake.live).toBeNull();
      await carryOut(target, order('rollback'), 'k2');
      expect(fake.live).toMatchObject({ commit: FIRST.commit });
    },
  );

  test('the preflight says whether the signature is accepted', async ({ fake }) => {
    fake.live = { commit: FIRST.commit, version: '1.0.0' };
    expect(await open(fake).preflight()).toMatch(
      /answers to the signature, and says that 1\.0\.0 is live\.$/,
    );
    const other = open(fake, {}, 'another secret, that is wrong');
    expect(await sentenceOf(other.preflight())).toMatch(
      /^The receiver at .* does not accept the signature of Slipway.*here in WEBHOOK_SECRET, and their clocks/,
    );
    expect(() => open(fake, {}, 'short')).toThrow(/target-misconfigured.*shorter than 16/);
  });

  test('without a check address it says that it does not know', async ({ fake }) => {
    expect(await open(fake, { check: undefined }).deployable(FIRST)).toMatch(/the same request as every/);
  });
});
