import { describe, expect, test as plainTest } from 'vitest';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { FakeEcs } from '../../../fakes/platforms/ecs.ts';
import { killedAtEachCall } from '../platforms/killed-at-each-call.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import { backTo, carryOut, end, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { type EcsWorld, ecsWorld, imageOf } from './ecs-world.ts';

const world = (now?: () => number) => ecsWorld(new FakeEcs(), { act: /UpdateService/, now });

// AWS answers 401 to nobody: what it says of keys is tested below.
platformContract('aws-ecs', () => world(), ['secret-key-of-aws'], [401]);
killedAtEachCall('aws-ecs', () => world());

describe('aws-ecs', () => {
  const test = plainTest.extend<{ shop: EcsWorld; clock: { ms: number } }>({
    clock: async ({ task: _task }, use) => use({ ms: 1_900_000_000_000 }),
    shop: async ({ clock }, use) => {
      const shop = await world(() => clock.ms);
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });
  const shipped = async (shop: EcsWorld) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'k0');
    return orderOf(shop.second, shop.first);
  };

  test('registers the definition with the image of the named containers, and notes the order in its tags', async ({
    shop,
  }) => {
    expect(await carryOut(shop.target, orderOf(shop.first, null), 'k0')).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'shop:2' },
    });
    const [was, is] = shop.fake.definitions;
    const { tags, containerDefinitions, ...rest } = is ?? {};
    const again = { tags: undefined, containerDefinitions: undefined, arn: is?.arn, revision: 2 };
    expect({ ...again, ...rest }).toEqual({ ...was, ...again });
    expect(containerDefinitions).toEqual([
      { ...was?.containerDefinitions[0], image: imageOf('v1.0.0') },
      was?.containerDefinitions[1],
    ]);
    expect(Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value]))).toEqual({
      team: 'shop',
      'slipway:order': expect.stringMatching(/^[0-9a-f]{32}$/),
      'slipway:commit': shop.first.commit,
      'slipway:version': '1.0.0',
      'slipway:image': imageOf('v1.0.0'),
      'slipway:before': was?.arn,
    });
    expect(await shop.target.live()).toEqual({
      commit: shop.first.commit,
      version: '1.0.0',
      deploymentId: 'shop:2',
    });
  });

  test('a rollback registers the definition before again, with what else was in it', async ({ shop }) => {
    await shipped(shop);
    Object.assign(shop.fake.definitions[1] ?? {}, { cpu: '1024' });
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'k1');
    const newest = shop.fake.definitions[2];
    expect(newest?.cpu).toBe('1024');
    Object.assign(newest ?? {}, { cpu: '2048' });
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1');
    expect(shop.fake.definitions[3]).toMatchObject({
      cpu: '1024',
      containerDefinitions: [{ image: imageOf('v1.0.0') }, {}],
    });
    // By hand there is no note of what was before: the newest that has it.
    await shop.fake.deployByHand(imageOf('v1.1.0'));
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r2');
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit, deploymentId: 'shop:6' });
  });

  test('a rollback copies what was registered for the release, not a newer one of a build with its image', async ({
    shop,
  }) => {
    await shipped(shop);
    Object.assign(shop.fake.definitions[1] ?? {}, { cpu: '1024' });
    shop.fake.registerByHand(imageOf('v1.0.0'));
    Object.assign(shop.fake.definitions[2] ?? {}, { cpu: '2048' });
    await shop.fake.deployByHand(imageOf('v1.1.0'));
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1');
    expect(shop.fake.definitions.at(-1)).toMatchObject({ cpu: '1024' });
  });

  test('while it is rolled out what runs most is live, and both are named', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.shop.slowness = 5;
    const handle = await shop.target.start(order, 'k1');
    const [newest] = shop.fake.shop.deployments;
    Object.assign(newest ?? {}, { runningCount: 1 });
    expect(await shop.target.live()).toEqual({
      commit: shop.first.commit,
      version: '1.0.0',
      deploymentId: 'shop:2 (2 tasks), shop:3 (1 tasks)',
    });
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: '1 of 2 tasks run',
    });
  });

  test('a circuit breaker that went back by itself is no success', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.shop.nextFailure = {
      stopped: 'OutOfMemoryError: Container killed',
      breaker: 'goes back',
      log: ['connecting', 'secret-key-of-aws is wrong', ' '],
    };
    const status = await carryOut(shop.target, order, 'k1');
    expect(status).toMatchObject({
      kind: 'failed',
      reason:
        'The deployment of shop:3 failed: it was taken back: (service shop) rolling back to deployment ecs-svc/2; task 1f0987aa: Essential container in task exited; container web exited with 1 (OutOfMemoryError: Container killed). shop:2 serves.',
      log: ['connecting', expect.any(String)],
    });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    // Going back to what is live already does nothing; trying again registers a new definition.
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1');
    expect(shop.fake.acts).toHaveLength(2);
    expect(await carryOut(shop.target, order, 'k2')).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'shop:4' },
    });
  });

  test('a circuit breaker that only stops, and none at all', async ({ shop, clock }) => {
    const order = await shipped(shop);
    shop.fake.shop.nextFailure = { stopped: 'CannotPullContainerError: not found', breaker: 'stops' };
    // Larger services stop many tasks an hour.
    shop.fake.otherStopped = 130;
    const stopped = await shop.target.start(order, 'k1');
    expect(await end(shop.target, order, stopped)).toMatchObject({
      kind: 'failed',
      goesOn: true,
      reason: expect.stringMatching(
        /failed: ECS deployment circuit breaker: tasks failed to start; task 1f0987aa: .*CannotPullContainerError: not found\). shop:2 serves\.$/,
      ),
    });
    await shop.target.cancel?.(stopped);
    expect(shop.fake.acts.slice(-1)).toEqual([imageOf('v1.0.0')]);
    shop.fake.shop.nextFailure = { stopped: 'exit' };
    const handle = await shop.target.start(order, 'k2');
    for (let look = 0; look < 3; look++) await shop.target.follow(order, handle);
    clock.ms += 11_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringMatching(/^0 of 2 tasks run, \d have failed; task 1f0987aa: /),
    });
    clock.ms += 21 * 60_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      goesOn: true,
      reason: expect.stringContaining('it took too long: 0 of 2 tasks run'),
    });
    await shop.target.cancel?.(JSON.parse(JSON.stringify(handle)));
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts.slice(-1)).toEqual([imageOf('v1.0.0')]);
  });

  test.each(['stuck', 'in its bake time'])(
    'a deployment that is %s is taken back, and superseded',
    async (how) => {
      for (const kind of ['rollback', 'deploy'] as const) {
        const shop = await world(() => 1_900_000_000_000);
        const order = await shipped(shop);
        if (how === 'stuck') shop.fake.shop.nextFailure = { stopped: 'exit' };
        else shop.fake.shop.bakes = true;
        const handle = await shop.target.start(order, 'k1');
        for (let look = 0; look < 3; look++) await shop.target.follow(order, handle);
        const from = await shop.target.live();
        expect(from).toMatchObject({ commit: shop.first.commit });
        const release = kind === 'rollback' ? shop.first : shop.second;
        const next = { ...order, kind, release, from };
        const begun = await shop.another().start(next, 'k2');
        shop.fake.shop.bakes = false;
        expect(await end(shop.target, next, begun)).toMatchObject({ kind: 'succeeded' });
        expect(await shop.target.live()).toMatchObject({
          commit: release.commit,
          deploymentId: 'shop:4',
        });
        expect(shop.fake.definitions[3]?.tags).toContainEqual({
          key: 'slipway:before',
          value: shop.fake.definitions[1]?.arn,
        });
        await shop.remove();
      }
    },
  );

  test('what came live between the order of a rollback and its start is taken back too', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.shop.slowness = 1;
    await shop.target.start(order, 'k1');
    const back = await backTo(shop.target, shop.first);
    expect(back.from).toMatchObject({ commit: shop.first.commit });
    expect(await carryOut(shop.another(), back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit, deploymentId: 'shop:4' });
  });

  test('what somebody else rolls out is not superseded, whoever serves', async ({ shop }) => {
    const order = await shipped(shop);
    const [served] = shop.fake.shop.deployments;
    await shop.fake.deployByHand(imageOf('hotfix'));
    const [theirs] = shop.fake.shop.deployments;
    if (!served || !theirs) throw new Error('nothing is deployed');
    Object.assign(served, { status: 'ACTIVE' });
    Object.assign(theirs, { rolloutState: 'IN_PROGRESS', runningCount: 0 });
    shop.fake.shop.slowness = 99;
    shop.fake.shop.deployments = [theirs, served];
    const from = await shop.target.live();
    expect(from).toMatchObject({ commit: shop.first.commit });
    for (const kind of ['deploy', 'rollback'] as const) {
      const error = await failureOf(shop.target.start({ ...order, kind, from }, kind));
      expect(error).toMatchObject({ code: 'target-diverged', facts: { found: 'hotfix' } });
    }
  });

  test.each([
    [`${imageOf('x').slice(0, -2)}@sha256:${'0123456789ab'.repeat(6).slice(0, 64)}`, 'shop@0123456789ab'],
    [`ghcr.io/acme/other:v7@sha256:${'a'.repeat(64)}`, 'other:v7'],
  ])('an image of another form is something that is live: %s', async (image, version) => {
    const shop = await world();
    await shop.fake.deployByHand(image);
    expect(await shop.target.live()).toEqual({ commit: '', version, deploymentId: 'shop:2' });
    // As the gate asks whether a rollback could return to it.
    expect(await sentenceOf(shop.target.deployable({ version, tag: '', commit: '' }))).toContain(
      `${version} cannot be deployed: it is no release of the repository`,
    );
    for (const kind of ['deploy', 'rollback'] as const) {
      const blind = orderOf(shop.first, null, kind);
      expect(await failureOf(shop.target.start(blind, kind))).toMatchObject({ code: 'target-diverged' });
    }
    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    await shop.remove();
  });

  test('where ECS does not tell the state of a rollout, as many tasks as are wanted are the end', async ({
    shop,
  }) => {
    shop.fake.shop.isClassic = true;
    const order = await shipped(shop);
    shop.fake.shop.slowness = 2;
    const handle = await shop.target.start(order, 'k1');
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: '0 of 2 tasks run',
    });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'succeeded' });
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
  });

  test('credentials that end while it is followed are said; with new ones it is followed on', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    const handle = await shop.target.start(order, 'k1');
    shop.fake.keysAreOver = true;
    expect(await sentenceOf(shop.target.follow(order, handle))).toMatch(
      /no credentials for AWS: Amazon ECS does not take them \(400 ExpiredTokenException: The security token/,
    );
    expect(await sentenceOf(shop.target.start(order, 'k2'))).toContain('no credentials for AWS');
    shop.fake.keysAreOver = false;
    expect(await end(shop.another(), order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('cancel has the service run what it ran before, once', async ({ shop, clock }) => {
    const order = await shipped(shop);
    shop.fake.shop.slowness = 3;
    const handle = await shop.target.start(order, 'k1');
    // Whoever finds the order again knows what to go back to as well, also when its tasks run already.
    Object.assign(shop.fake.shop.deployments[0] ?? {}, { runningCount: 2 });
    const { definition, before } = handle.state;
    expect((await shop.another().start(order, 'k1')).state).toMatchObject({ definition, before });
    Object.assign(shop.fake.shop.deployments[0] ?? {}, { rolloutState: 'COMPLETED' });
    expect((await shop.another().start(order, 'k1')).state).toMatchObject({ definition, before });
    Object.assign(shop.fake.shop.deployments[0] ?? {}, { rolloutState: 'IN_PROGRESS', runningCount: 0 });
    await shop.target.cancel?.(JSON.parse(JSON.stringify(handle)));
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0', 'v1.0.0'].map(imageOf));
    clock.ms += 31_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('the service has the task definition of before again'),
    });
  });

  test('cancel goes back to a copy of what ran before where somebody has deregistered that', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    shop.fake.shop.slowness = 3;
    const handle = await shop.target.start(order, 'k1');
    const [, before] = shop.fake.definitions;
    shop.fake.inactive.add(before?.arn ?? '');
    await shop.target.cancel?.(handle);
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0', 'v1.0.0'].map(imageOf));
    const copy = shop.fake.definitions.at(-1);
    expect(copy).toEqual({ ...before, arn: copy?.arn, revision: 4 });
    for (let look = 0; look < 4; look++) await shop.target.live();
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit, deploymentId: 'shop:4' });
  });

  test('cancel stops the deployment of a strategy with steps, and begins no other one', async ({
    shop,
    clock,
  }) => {
    shop.fake.shop.strategy = 'BLUE_GREEN';
    const order = await shipped(shop);
    shop.fake.shop.slowness = 9;
    const handle = await shop.target.start(order, 'k1');
    await shop.target.cancel?.(handle);
    await shop.another().cancel?.(handle);
    expect(shop.fake.shop.stops).toBe(1);
    clock.ms += 31_000;
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'failed' });
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0'].map(imageOf));
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit, deploymentId: 'shop:2' });
  });

  test.each(['ListServiceDeployments', 'StopServiceDeployment'])(
    'without the permission %s cancel updates the service',
    async (denied) => {
      const shop = await world();
      shop.fake.shop.strategy = 'CANARY';
      const order = await shipped(shop);
      shop.fake.shop.slowness = 9;
      const handle = await shop.target.start(order, 'k1');
      shop.fake.denied = denied;
      await shop.target.cancel?.(handle);
      expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0', 'v1.0.0'].map(imageOf));
      const said = await shop.target.preflight();
      expect(said.includes('grant it ecs:ListServiceDeployments')).toBe(denied.startsWith('List'));
      await shop.remove();
    },
  );

  test.each([
    ['StopServiceDeployment', 'ConflictException'],
    ['StopServiceDeployment', 'ServiceDeploymentNotFoundException'],
    ['ListServiceDeployments', 'UnsupportedFeatureException'],
  ])('cancel updates the service where %s is refused with %s', async (action, type) => {
    const shop = await world();
    shop.fake.shop.strategy = 'CANARY';
    const order = await shipped(shop);
    shop.fake.shop.slowness = 9;
    const handle = await shop.target.start(order, 'k1');
    shop.fake.refuses.set(action, type);
    await shop.target.cancel?.(handle);
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0', 'v1.0.0'].map(imageOf));
    expect(await shop.target.preflight()).not.toContain('ecs:ListServiceDeployments');
    await shop.remove();
  });

  test('cancel is not content with an older deployment that goes back', async ({ shop }) => {
    shop.fake.shop.strategy = 'LINEAR';
    const order = await shipped(shop);
    shop.fake.shop.slowness = 9;
    const handle = await shop.target.start(order, 'k1');
    shop.fake.shop.showsOlder = true;
    await shop.target.cancel?.(handle);
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0', 'v1.0.0'].map(imageOf));
  });

  test('cancel leaves what came live since', async ({ shop }) => {
    const order = await shipped(shop);
    const handle = await shop.target.start(order, 'k1');
    await end(shop.target, order, handle);
    expect(await failureOf(shop.target.cancel?.(handle))).toMatchObject({ code: 'already-live' });
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0'].map(imageOf));
  });

  test('an answer that lags behind is no sign of somebody else; somebody else is', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.shop.lag = 2;
    const handle = await shop.target.start(order, 'k1');
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: 'ECS does not show the deployment yet',
    });
    expect((await shop.another().start(order, 'k1')).state['definition']).toBe(handle.state['definition']);
    expect(shop.fake.acts).toHaveLength(2);
    await shop.fake.deployByHand(imageOf('hotfix'));
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: 'shop:3 is not deployed any more: somebody else has updated the service.',
    });
  });

  test('what went back before is no sign that this order did', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.shop.nextFailure = { stopped: 'exit', breaker: 'goes back' };
    expect(await carryOut(shop.target, order, 'k1')).toMatchObject({ kind: 'failed' });
    shop.fake.shop.lag = 2;
    const handle = await shop.target.start(order, 'k2');
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: 'ECS does not show the deployment yet',
    });
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('a registration whose answer was lost is found', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.inject('reset-after', { method: 'POST', path: /RegisterTaskDefinition/ });
    expect(await failureOf(shop.target.start(order, 'k1'))).not.toBeNull();
    await carryOut(shop.another(), order, 'k1');
    expect(shop.fake.definitions).toHaveLength(3);
  });

  test('an order whose answer was lost is not deployed again where it was taken back meanwhile', async ({
    shop,
    clock,
  }) => {
    const order = await shipped(shop);
    shop.fake.shop.nextFailure = { stopped: 'exit', breaker: 'goes back' };
    shop.loseNextAnswer?.();
    expect(await failureOf(shop.target.start(order, 'k1'))).toBeInstanceOf(Unavailable);
    for (let look = 0; look < 3; look++) await shop.target.live();
    const handle = await shop.another().start(order, 'k1');
    expect(shop.fake.acts).toEqual(['v1.0.0', 'v1.1.0'].map(imageOf));
    clock.ms += 31_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('it was taken back'),
    });
    expect(await carryOut(shop.target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
  });

  test('two registrations at a time are a moment that passes', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.isConcurrent = true;
    expect(await failureOf(shop.target.start(order, 'k1'))).toBeInstanceOf(Unavailable);
    shop.fake.isConcurrent = false;
    expect(await carryOut(shop.target, order, 'k1')).toMatchObject({ kind: 'succeeded' });
  });

  test('a definition that somebody has deleted does not keep a rollback away', async ({ shop }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, order, 'k1');
    shop.fake.deleted.add(shop.fake.definitions[1]?.arn ?? '');
    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('a rollback from what somebody deployed by hand does not wait for the git host', async ({ shop }) => {
    await shipped(shop);
    await shop.fake.deployByHand(imageOf('v1.1.0'));
    const back = await backTo(shop.target, shop.first);
    shop.hostIsAway();
    const ahead = { ...back, kind: 'deploy' as const };
    expect(await failureOf(shop.target.start(ahead, 'k1'))).toBeInstanceOf(Error);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    await shop.fake.deployByHand(imageOf('hotfix'));
    expect(await failureOf(shop.target.start(back, 'r2'))).toMatchObject({ code: 'target-diverged' });
  });

  test('the preflight names what is missing', async ({ shop }) => {
    expect(await shop.target.preflight()).toBe('shop can be read; web would get the image.');
    expect(await sentenceOf(shop.open({ containers: ['app'] }).preflight())).toContain(
      'shop:1 has no container app, only web, proxy',
    );
    expect(await sentenceOf(shop.open({ service: 'shoop' }).preflight())).toMatch(
      /knows nothing of the service shoop in the cluster main.*another region/,
    );
    shop.fake.controller = 'EXTERNAL';
    expect(await sentenceOf(shop.target.preflight())).toContain('its deployment controller is EXTERNAL');
    shop.fake.controller = 'ECS';
    shop.fake.denied = 'DescribeServices';
    expect(await sentenceOf(shop.target.preflight())).toMatch(
      /does not let Slipway call DescribeServices.*is not authorized to perform.*needs the permission ecs:DescribeServices/,
    );
    shop.fake.denied = null;
    shop.fake.expired = true;
    expect(await sentenceOf(shop.target.preflight())).toMatch(
      /no credentials for AWS: Amazon ECS does not take them \(401 UnrecognizedClientException/,
    );
  });
});
