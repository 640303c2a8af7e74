import { describe, expect, test as plainTest } from 'vitest';
import type { DeployOrder } from '../../../../src/adapters/targets/port.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { CANARY, type FakeEcsCanary, STABLE } from '../../../fakes/platforms/ecs-canary.ts';
import { killedAtEachCall } from '../platforms/killed-at-each-call.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import { backTo, carryOut, end, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { canaryWorld, type EcsWorld, imageOf } from './ecs-world.ts';

platformContract('aws-ecs with a canary', () => canaryWorld(), ['secret-key-of-aws'], [401]);
killedAtEachCall('aws-ecs with a canary', () => canaryWorld());

type World = EcsWorld<FakeEcsCanary>;

const share = (order: DeployOrder, percent: number): DeployOrder => ({ ...order, percent });

async function shipped(shop: World): Promise<DeployOrder> {
  await carryOut(shop.target, orderOf(shop.first, null), 'k0');
  return orderOf(shop.second, shop.first);
}

describe('aws-ecs in stages', () => {
  const test = plainTest.extend<{ shop: World; clock: { ms: number } }>({
    clock: async ({ task: _task }, use) => use({ ms: 1_900_000_000_000 }),
    shop: async ({ clock }, use) => {
      const shop = await canaryWorld(() => clock.ms);
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });
  const [OLD, NEW] = ['v1.0.0', 'v1.1.0'].map(imageOf);

  test('the second service runs the release before it gets requests; with all of them it has none', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    expect(shop.target).toMatchObject({ splits: true, wholePercents: true });
    shop.fake.canary.slowness = 2;
    const handle = await shop.target.start(share(order, 5), 'k5');
    expect(await shop.target.follow(share(order, 5), handle)).toMatchObject({
      kind: 'running',
      detail: '0 of 1 tasks run',
    });
    expect(shop.fake.share).toBe(0);
    expect(await end(shop.target, share(order, 5), handle)).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'shop:3' },
    });
    expect(shop.fake.share).toBe(5);
    expect(await shop.target.live()).toEqual({
      commit: shop.first.commit,
      version: '1.0.0',
      deploymentId: 'shop:2 with 95 % of the requests, shop:3 with 5 %',
    });
    await carryOut(shop.another(), share(order, 60), 'k60');
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
    await carryOut(shop.another(), share(order, 60), 'k60 again');
    await carryOut(shop.target, order, 'k100');
    expect(await shop.target.live()).toEqual({
      commit: shop.second.commit,
      version: '1.1.0',
      deploymentId: 'shop:4',
    });
    expect(shop.fake.acts).toEqual([OLD, `canary ${NEW}`, '5 %', '60 %', NEW, '0 %']);
    expect(shop.fake.weights).toEqual([
      { TargetGroupArn: STABLE, Weight: 100 },
      { TargetGroupArn: CANARY, Weight: 0 },
    ]);
  });

  test('going back gives the requests back first; what was bad does not run on', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 50), 'k50');
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    const back = await backTo(shop.target, shop.first);
    const handle = await shop.another().start(back, 'r1');
    expect(shop.fake.share).toBe(0);
    // An answer of before, or somebody who is too late.
    shop.fake.weighByHand(50);
    expect(await end(shop.target, back, handle)).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts.slice(1)).toEqual([`canary ${NEW}`, '50 %', '0 %', '0 %', `canary ${OLD}`]);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit, deploymentId: 'shop:2' });
    // And from all requests.
    await carryOut(shop.target, share(order, 5), 'again 5');
    await carryOut(shop.target, order, 'again 100');
    shop.fake.acts.splice(0);
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r2');
    expect(shop.fake.acts).toEqual([OLD, `canary ${OLD}`]);
  });

  test('going back while the stable service gets the release', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 60), 'k60');
    shop.fake.shop.slowness = 9;
    await shop.target.start(order, 'k100');
    const back = await backTo(shop.target, shop.first);
    expect(back.from).toMatchObject({ commit: shop.second.commit });
    shop.fake.acts.splice(0);
    shop.fake.shop.slowness = 1;
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts).toEqual(['0 %', OLD, `canary ${OLD}`]);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('tasks that do not come up get no requests', async ({ shop }) => {
    const order = share(await shipped(shop), 5);
    shop.fake.canary.nextFailure = { stopped: 'OutOfMemoryError', breaker: 'goes back', log: ['no memory'] };
    const status = await carryOut(shop.target, order, 'k5');
    expect(status).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /^The deployment of shop:3 failed: .*OutOfMemoryError.*\. shop:2 serves\.$/,
      ),
      log: ['no memory'],
    });
    expect(shop.fake.share).toBe(0);
    // Also where nothing takes them back: they are no place to go back to.
    shop.fake.canary.nextFailure = { stopped: 'OutOfMemoryError', breaker: 'stops' };
    expect(await carryOut(shop.target, order, 'k5 again')).toMatchObject({ kind: 'failed' });
    const handle = await shop.target.start(order, 'k5 once more');
    await shop.target.cancel?.(handle);
    expect(shop.fake.acts.slice(-1)).toEqual(['canary public.ecr.aws/placeholder']);
    expect(await carryOut(shop.target, order, 'k5 at last')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.share).toBe(5);
  });

  test('a share whose answer was lost is not begun again where it was taken back meanwhile', async ({
    shop,
    clock,
  }) => {
    const order = share(await shipped(shop), 5);
    shop.fake.canary.nextFailure = { stopped: 'exit', breaker: 'goes back' };
    shop.loseNextAnswer?.();
    expect(await failureOf(shop.target.start(order, 'k5'))).toBeInstanceOf(Unavailable);
    for (let look = 0; look < 3; look++) await shop.target.live();
    const handle = await shop.another().start(order, 'k5');
    expect(shop.fake.acts.slice(1)).toEqual([`canary ${NEW}`]);
    clock.ms += 31_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('it was taken back'),
    });
  });

  test.each([
    ['DescribeRules', { status: 500 }, undefined],
    ['ModifyRule', { status: 503, headers: { 'retry-after': '7' } }, 7_000],
    ['ModifyRule', { status: 429 }, undefined],
    ['ModifyRule', 'timeout-before', undefined],
    ['ModifyRule', 'timeout-after', undefined],
    ['TagResource', 'timeout-after', undefined],
    ['TagResource', { status: 429 }, undefined],
  ] as const)('%s met by %j gives the share once, later', async (action, fault, retryAfterMs) => {
    const shop = await canaryWorld();
    const order = share(await shipped(shop), 5);
    const handle = await shop.target.start(order, 'k5');
    shop.fake.inject(fault, {
      method: action === 'DescribeRules' ? 'GET' : 'POST',
      path: new RegExp(action),
    });
    const error = await failureOf(end(shop.impatient, order, handle));
    expect(error).toBeInstanceOf(Unavailable);
    expect((error as Unavailable).retryAfterMs).toBe(retryAfterMs);
    expect(await end(shop.another(), order, handle)).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts.slice(1)).toEqual([`canary ${NEW}`, '5 %']);
    expect(shop.violations()).toEqual([]);
    await shop.remove();
  });

  test('cancel gives the requests back to who had them before the order', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.canary.slowness = 5;
    // Right after the order ECS may not show it yet.
    shop.fake.canary.lag = 1;
    const first = await shop.target.start(share(order, 5), 'k5');
    await shop.target.cancel?.(JSON.parse(JSON.stringify(first)));
    shop.fake.canary.lag = 0;
    await shop.another().cancel?.(first);
    expect(shop.fake.acts.slice(1)).toEqual([`canary ${NEW}`, 'canary public.ecr.aws/placeholder']);
    shop.fake.canary.slowness = 1;
    await carryOut(shop.target, share(order, 5), 'k5 again');
    const second = await shop.target.start(share(order, 50), 'k50');
    await end(shop.target, share(order, 50), second);
    await shop.target.cancel?.(second);
    expect(shop.fake.share).toBe(5);
    expect(await carryOut(shop.target, share(order, 50), 'k50 again')).toMatchObject({ kind: 'succeeded' });
    await shop.target.cancel?.(first);
    expect(shop.fake.share).toBe(50);
  });

  test('going back finds copies of what somebody has deregistered', async ({ shop }) => {
    const order = await shipped(shop);
    for (const { arn } of shop.fake.definitions) shop.fake.inactive.add(arn);
    shop.fake.canary.slowness = 5;
    await shop.target.cancel?.(await shop.target.start(share(order, 5), 'k5'));
    expect(shop.fake.acts.slice(1)).toEqual([`canary ${NEW}`, 'canary public.ecr.aws/placeholder']);
    shop.fake.canary.slowness = 1;
    await carryOut(shop.target, share(order, 50), 'k50');
    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts.slice(-2)).toEqual(['0 %', `canary ${OLD}`]);
  });

  test('weights that somebody else has set stay, unless people go back', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 5), 'k5');
    // Somebody stops it by hand.
    for (const by of [0, 30]) {
      shop.fake.weighByHand(by);
      const said = `Somebody else has changed the share of the requests that shop-canary gets: it is ${by} % instead of 5 %`;
      for (const percent of [50, undefined]) {
        const next = percent === undefined ? order : share(order, percent);
        expect(await sentenceOf(shop.target.start(next, `k ${by} ${percent}`))).toContain(said);
      }
      expect(await sentenceOf(shop.target.preflight())).toContain(said);
      expect(shop.fake.share).toBe(by);
    }
    shop.fake.weighByHand(5);
    const half = share(order, 50);
    const handle = await shop.target.start(half, 'k50');
    shop.fake.weighByHand(20);
    expect(await sentenceOf(shop.target.follow(half, handle))).toContain('it is 20 % instead of 5 %');
    await shop.target.cancel?.(handle);
    expect(shop.fake.share).toBe(20);
    expect(await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.fake.share).toBe(0);
  });

  test('weights that were changed while the stable service gets the release stay', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 5), 'k5');
    const handle = await shop.target.start(order, 'k100');
    shop.fake.weighByHand(40);
    expect(await sentenceOf(end(shop.target, order, handle))).toContain('it is 40 % instead of 5 %');
    shop.fake.weighByHand(5);
    expect(await end(shop.another(), order, handle)).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.share).toBe(0);
  });

  test('what somebody else runs in the second service with requests is not replaced', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.canary.put(shop.fake.registerByHand(imageOf('hotfix')));
    shop.fake.weighByHand(60);
    expect(await shop.target.live()).toMatchObject({ commit: '', version: 'hotfix' });
    for (const next of [share(order, 75), order])
      expect(await sentenceOf(shop.target.start(next, 'k'))).toContain('it is 60 % instead of 0 %');
    const back = orderOf(shop.first, shop.second, 'rollback');
    expect(await failureOf(shop.target.start(back, 'r'))).toMatchObject({
      code: 'target-diverged',
      facts: { found: 'hotfix' },
    });
    // Without requests it is nothing that is live.
    shop.fake.weighByHand(0);
    expect(await carryOut(shop.target, share(order, 5), 'k5')).toMatchObject({ kind: 'succeeded' });
  });

  test('going back leaves a group of somebody else its part of the requests', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 50), 'k50');
    shop.fake.weights.push({ TargetGroupArn: `${STABLE}x/y`, Weight: 20 });
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1');
    expect(shop.fake.weights.map(({ Weight }) => Weight)).toEqual([100, 0, 20]);
    shop.fake.weights = shop.fake.weights.map((one, at) => ({ ...one, Weight: [3, 3, 2][at] ?? 0 }));
    await carryOut(shop.target, orderOf(shop.first, shop.first, 'rollback'), 'r2');
    expect(shop.fake.weights.map(({ Weight }) => Weight)).toEqual([6, 0, 2]);
  });

  test('going back does not wait for the git host, also where nothing notes what is live', async ({
    shop,
  }) => {
    await shop.fake.deployByHand(imageOf('v1.0.0'));
    await carryOut(shop.target, share(orderOf(shop.second, shop.first), 50), 'k50');
    const back = await backTo(shop.target, shop.first);
    shop.hostIsAway();
    const handle = await shop.target.start(back, 'r1');
    expect(shop.fake.share).toBe(0);
    expect(await end(shop.target, back, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('going back takes the requests of the share away before it asks the git host for anything', async ({
    shop,
  }) => {
    await carryOut(shop.target, share(await shipped(shop), 50), 'k50');
    await shop.fake.deployByHand(imageOf('v0.9.0'));
    const back = orderOf(shop.first, shop.second, 'rollback');
    shop.hostIsAway();
    await expect(shop.target.start(back, 'r1')).rejects.toThrow();
    expect(shop.fake.share).toBe(0);
  });

  test('a rule that cannot be used keeps the stable service from nothing, and is said', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 5), 'k5');
    await carryOut(shop.target, order, 'k100');
    shop.fake.isThere = false;
    const back = orderOf(shop.first, shop.second, 'rollback');
    const handle = await shop.target.start(back, 'r1');
    expect(await sentenceOf(end(shop.target, back, handle))).toMatch(
      /Elastic Load Balancing knows nothing of the rule arn:.*elasticloadbalancing:DescribeRules/,
    );
    expect(shop.fake.acts.slice(-1)).toEqual([OLD]);
    shop.fake.isThere = true;
    expect(await end(shop.another(), back, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('what is missing is said before a release is cut', async ({ shop }) => {
    const ready = 'shop can be read; web would get the image. shop-canary can have a share of the requests.';
    const { fake } = shop;
    const cases: readonly (readonly [() => void, () => void, RegExp])[] = [
      [() => (fake.isThere = false), () => (fake.isThere = true), /knows nothing of the rule arn:/],
      [
        () => (fake.isDefault = true),
        () => (fake.isDefault = false),
        /make a rule of its own, with the path/,
      ],
      [() => (fake.isSticky = true), () => (fake.isSticky = false), /turn its group stickiness off/],
      [
        () => (fake.before = [{ Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: {} }]),
        () => (fake.before = []),
        /the rule does authenticate-oidc, forward; its weights/,
      ],
      [
        () => (fake.weights = [{ TargetGroupArn: STABLE, Weight: 1 }]),
        () => fake.weighByHand(0),
        /does not forward to the target group shop-canary of shop-canary: add it there, .* weight 0/,
      ],
      [
        () => fake.weights.push({ TargetGroupArn: `${STABLE}x/y`, Weight: 1 }),
        () => fake.weighByHand(0),
        /gives requests to the target group .* too/,
      ],
      [
        () => (fake.canary.groups = []),
        () => (fake.canary.groups = [CANARY]),
        /shop-canary is attached to no target group/,
      ],
      [
        () => (fake.canary.groups = [STABLE]),
        () => (fake.canary.groups = [CANARY]),
        /attached to the same target group/,
      ],
      [() => (fake.canary.wanted = 0), () => (fake.canary.wanted = 1), /shop-canary is to have no tasks/],
      [
        () => (fake.shop.strategy = 'BLUE_GREEN'),
        () => (fake.shop.strategy = 'ROLLING'),
        /shop is deployed by BLUE_GREEN, which sets the weights by itself/,
      ],
      [
        () => (fake.denied = 'DescribeRules'),
        () => (fake.denied = null),
        /does not let Slipway call DescribeRules.*permission elasticloadbalancing:DescribeRules/,
      ],
    ];
    for (const [breakIt, mend, says] of cases) {
      expect(await shop.target.preflight()).toBe(ready);
      breakIt();
      expect(await sentenceOf(shop.target.preflight())).toMatch(says);
      mend();
    }
    const order = share(await shipped(shop), 5);
    fake.denied = 'ModifyRule';
    expect(await sentenceOf(carryOut(shop.target, order, 'k5'))).toMatch(
      /does not let Slipway call ModifyRule.*permission elasticloadbalancing:ModifyRule/,
    );
    fake.denied = null;
    fake.controller = 'CODE_DEPLOY';
    expect(await sentenceOf(shop.target.preflight())).toContain('moves the requests at times of its own');
    const without = shop.open({ canary: undefined });
    expect(without).toMatchObject({ splits: false });
    fake.controller = 'ECS';
    expect(await sentenceOf(without.start(order, 'k'))).toContain('name them in `canary`');
    expect(() => shop.open({ codedeploy: { application: 'a', group: 'g' } })).toThrow(/waits for nobody/);
    expect(() => shop.open({ service: 'shop-canary' })).toThrow(/another service/);
  });
});

/** More calls than any order takes. */
const MOST_CALLS = 60;
const AT: readonly (readonly [string, readonly number[], number | 'back'])[] = [
  ['the first share', [], 5],
  ['a further share', [5], 50],
  ['all requests', [50], 100],
  ['going back from a share', [50], 'back'],
  ['going back from all', [50, 100], 'back'],
];

describe('aws-ecs in stages: killed at each call', () => {
  const orderFor = async (shop: World, percent: number | 'back'): Promise<DeployOrder> => {
    if (percent === 'back') return backTo(shop.target, shop.first);
    const order = orderOf(shop.second, shop.first);
    return percent === 100 ? order : share(order, percent);
  };
  /** Carries it out in a world of its own, with a death at that call; answers whether that came. */
  const died = async (
    before: readonly number[],
    percent: number | 'back',
    at: { readonly call: number; readonly when: 'before' | 'after' } | null,
  ) => {
    const shop = await canaryWorld();
    await shipped(shop);
    for (const one of before) await carryOut(shop.target, await orderFor(shop, one), `k${one}`);
    const order = await orderFor(shop, percent);
    shop.fake.acts.splice(0);
    if (at) shop.fake.breakAt(at.call, at.when);
    const isOver = (await failureOf(carryOut(shop.another(), order, 'k'))) === null;
    shop.fake.calm();
    expect(await carryOut(shop.another(), order, 'k')).toMatchObject({ kind: 'succeeded' });
    const { acts, share: has } = shop.fake;
    const live = await shop.another().live();
    expect(shop.violations()).toEqual([]);
    await shop.remove();
    return { isOver, acts, has, live };
  };

  plainTest.each(AT.flatMap((row) => (['before', 'after'] as const).map((when) => [...row, when] as const)))(
    '%s, after %j: %j, %s it was answered',
    async (_name, before, percent, when) => {
      const { isOver: _, ...whole } = await died(before, percent, null);
      let calls = 0;
      for (let isOver = false; !isOver; calls++) {
        expect(calls).toBeLessThan(MOST_CALLS);
        const { isOver: wasLast, ...found } = await died(before, percent, { call: calls, when });
        expect(found).toEqual(whole);
        isOver = wasLast;
      }
      expect(calls).toBeGreaterThan(6);
    },
  );
});
