import { describe, expect, test as plainTest } from 'vitest';
import { FakeCodeDeploy } from '../../../fakes/platforms/code-deploy.ts';
import { killedAtEachCall } from '../platforms/killed-at-each-call.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import { backTo, carryOut, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { type EcsWorld, ecsWorld, imageOf } from './ecs-world.ts';

const world = (now?: () => number) =>
  ecsWorld(new FakeCodeDeploy(), {
    act: /CreateDeployment/,
    now,
    more: (endpoint) => ({
      codedeploy: {
        application: 'shop-app',
        group: 'shop-group',
        hooks: { AfterInstall: 'smoke' },
        endpoint,
      },
    }),
  });

platformContract('aws-ecs by CodeDeploy', () => world(), ['secret-key-of-aws'], [401]);
killedAtEachCall('aws-ecs by CodeDeploy', () => world());

describe('aws-ecs by CodeDeploy', () => {
  const test = plainTest.extend<{ shop: EcsWorld<FakeCodeDeploy>; clock: { ms: number } }>({
    clock: async ({ task: _task }, use) => use({ ms: 1_900_000_000_000 }),
    shop: async ({ clock }, use) => {
      const shop = await world(() => clock.ms);
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });
  const shipped = async (shop: EcsWorld<FakeCodeDeploy>) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'k0');
    return orderOf(shop.second, shop.first);
  };

  test('begins a deployment of the group that is known by its order, and ends when the requests have moved', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    expect(shop.fake.moves[0]).toMatchObject({
      description: expect.stringMatching(/^slipway [0-9a-f]{32}$/),
      hooks: [{ AfterInstall: 'smoke' }],
    });
    shop.fake.waits = true;
    shop.fake.pace = 2;
    const handle = await shop.target.start(order, 'k1');
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: 'CodeDeploy d-AAAAAAAA2 is InProgress',
    });
    expect(await carryOut(shop.another(), order, 'k1')).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'shop:3' },
    });
    expect(shop.fake.moves[1]?.status).toBe('InProgress');
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit, deploymentId: 'shop:3' });
  });

  test('the new tasks run where the old ones did', async ({ shop }) => {
    const place = {
      platformVersion: '1.4.0',
      capacityProviderStrategy: [
        { capacityProvider: 'FARGATE', weight: 1, base: 1 },
        { capacityProvider: 'FARGATE_SPOT', weight: 4, base: 0 },
      ],
    };
    shop.fake.place = place;
    const order = await shipped(shop);
    expect(shop.fake.place).toEqual(place);
    shop.fake.place = {};
    await carryOut(shop.target, order, 'k1');
    expect(shop.fake.place).toEqual({});
  });

  test('a rollback does not wait for the old tasks to end; a deployment does', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.waits = true;
    await carryOut(shop.target, order, 'k1');
    const back = await backTo(shop.target, shop.first);
    expect(String(await failureOf(shop.target.start({ ...back, kind: 'deploy' }, 'k2')))).toContain(
      'the deployment d-AAAAAAAA2 is still under way',
    );
    expect(shop.fake.moves[1]?.status).toBe('InProgress');
    expect(String(await failureOf(shop.target.start(back, 'r1')))).toContain('is still under way');
    expect(shop.fake.acts.slice(-1)).toEqual(['stop']);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('a rollback stops a deployment that is still on its way, and is over when nothing moves any more', async ({
    shop,
    clock,
  }) => {
    const order = await shipped(shop);
    shop.fake.pace = 4;
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 21 * 60_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'failed' });
    const from = await shop.target.live();
    expect(from).toMatchObject({ commit: shop.first.commit });
    const back = await backTo(shop.target, shop.first);
    const waits = [];
    for (let tries = 0; tries < 9; tries++) {
      const error = await failureOf(shop.another().start(back, 'r1'));
      if (error === null) break;
      waits.push(String(error));
    }
    expect(waits[0]).toContain('the deployment d-AAAAAAAA2 is still under way');
    expect(waits[1]).toContain('the deployment d-AAAAAAAA3 is still under way');
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts.slice(2)).toEqual(['stop and go back']);
    expect(shop.fake.moves.map(({ status }) => status)).toEqual(['Succeeded', 'Stopped', 'Succeeded']);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('what moved between the order of a rollback and its start is taken back too', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.pace = 1;
    await shop.target.start(order, 'k1');
    const back = await backTo(shop.target, shop.first);
    expect(back.from).toMatchObject({ commit: shop.first.commit });
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
    expect(await carryOut(shop.another(), back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    // Not what was ordered from there since.
    await carryOut(shop.target, order, 'k2');
    const late = { ...back, from: { commit: shop.second.commit }, release: shop.first };
    await shop.fake.deployByHand(imageOf('hotfix'));
    for (const one of [back, late])
      expect(await failureOf(shop.target.start(one, 'r2'))).toMatchObject({ code: 'target-diverged' });
  });

  test('a rollback waits for a deployment of somebody else', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.pace = 9;
    await shop.target.start(order, 'k1');
    const [, move] = shop.fake.moves;
    Object.assign(move ?? {}, { description: 'by hand' });
    const back = await backTo(shop.target, shop.first);
    expect(String(await failureOf(shop.target.start(back, 'r1')))).toContain('is still under way');
    expect(move?.status).toBe('InProgress');
  });

  test('what builds register in the same family does not hide the definition of an order', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    shop.fake.inject('reset-after', { method: 'POST', path: /CreateDeployment/ });
    expect(await failureOf(shop.target.start(order, 'k1'))).not.toBeNull();
    for (const tag of ['b1', 'b2']) shop.fake.registerByHand(imageOf(tag));
    expect(await carryOut(shop.another(), order, 'k1')).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'shop:3' },
    });
    expect(shop.fake.definitions).toHaveLength(5);
  });

  test('a failure is said in the words of CodeDeploy, with who serves', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.nextError = { code: 'ALARM_ACTIVE', message: 'One or more alarms have been activated' };
    expect(await carryOut(shop.target, order, 'k1')).toMatchObject({
      kind: 'failed',
      reason:
        'The deployment of shop:3 failed: CodeDeploy d-AAAAAAAA2 failed: ALARM_ACTIVE: One or more alarms have been activated. shop:2 serves.',
    });
    expect(await carryOut(shop.target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
  });

  test('cancel stops it and has the requests go back, once', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.pace = 9;
    const handle = await shop.target.start(order, 'k1');
    await shop.target.cancel?.(JSON.parse(JSON.stringify(handle)));
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts).toEqual([imageOf('v1.0.0'), imageOf('v1.1.0'), 'stop and go back']);
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('MANUAL_STOP'),
    });
  });

  test('the preflight looks at the group, and at who deploys the service', async ({ shop }) => {
    expect(await shop.target.preflight()).toContain('web would get the image');
    shop.fake.serviceOfGroup = 'other';
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'shop-group of CodeDeploy is not one of shop in main',
    );
    expect(await sentenceOf(shop.open({ codedeploy: undefined }).preflight())).toContain(
      'CodeDeploy deploys it, so name the application and group',
    );
    shop.fake.controller = 'ECS';
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'ECS deploys it by itself, so leave `codedeploy` out',
    );
  });
});
