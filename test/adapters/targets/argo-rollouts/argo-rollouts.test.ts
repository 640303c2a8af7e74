import { describe, expect, test as plainTest } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import {
  ArgoRolloutsSettings,
  openArgoRollouts,
} from '../../../../src/adapters/targets/argo-rollouts/argo-rollouts.ts';
import type { DeployOrder, DeployStatus, Target } from '../../../../src/adapters/targets/port.ts';
import { FakeArgoRollouts } from '../../../fakes/platforms/argo-rollouts.ts';
import { pinned } from '../../../fakes/platforms/pinned.ts';
import { gitReleases } from '../platforms/git-releases.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import {
  carryOut,
  end,
  type FaultyWorld,
  failureOf,
  orderOf,
  sentenceOf,
  worldOf,
} from '../platforms/platform-world.ts';

interface World extends FaultyWorld {
  readonly fake: FakeArgoRollouts;
  readonly open: (settings?: Record<string, unknown>) => Target;
}

const image = (tag: string) => `ghcr.io/acme/shop:${tag}`;
const STAGES = [{ setWeight: 5 }, { pause: {} }, { setWeight: 25 }, { pause: {} }];

async function world(now: () => number = () => Date.now()): Promise<World> {
  const releases = gitReleases();
  const { first, second } = releases;
  const fake = await new FakeArgoRollouts().start();
  fake.has('registry.k8s.io/pause:3.9');
  const open = ({ timeout = '15s', ...settings }: Record<string, unknown> = {}): Target => {
    const parsed = ArgoRolloutsSettings.parse({
      use: 'argo-rollouts',
      cluster: { api: fake.url, token: { env: 'KUBE_TOKEN' }, timeout },
      namespace: 'shop',
      rollout: 'shop',
      containers: ['web'],
      image: image('{tag}'),
      ...settings,
    });
    return openArgoRollouts(parsed, releases.contextOf({ KUBE_TOKEN: TOKEN }, now));
  };
  const base = worldOf(fake, open, { intrude: async () => fake.has(image('hotfix')) });
  return {
    ...base,
    fake,
    open,
    first,
    second,
    inject: (fault, match) => fake.inject(fault, { method: 'PATCH', ...match }),
    loseNextAnswer: () => fake.inject('reset-after', { method: 'PATCH' }),
    remove: async () => {
      await fake.close();
      releases.remove();
    },
  };
}

platformContract('argo rollouts', () => world(), [TOKEN], [409]);

describe('argo rollouts', () => {
  const test = plainTest.extend<{ shop: World; clock: { ms: number } }>({
    clock: async ({ task: _task }, use) => use({ ms: 1_900_000_000_000 }),
    shop: async ({ clock }, use) => {
      const shop = await world(() => clock.ms);
      shop.fake.has(image('v1.0.0'));
      shop.fake.steps = STAGES;
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });
  const share = (shop: World, percent?: number): DeployOrder => {
    const order = orderOf(shop.second, shop.first);
    return percent === undefined ? order : { ...order, percent };
  };
  /** Until it says something else than that it is under way; what it said. */
  const details = async (target: Target, order: DeployOrder, key: string, looks: number) => {
    const handle = await target.start(order, key);
    const seen: string[] = [];
    for (let nth = 0; nth < looks; nth++) {
      const status = await target.follow(order, handle);
      seen.push(status.kind === 'running' ? status.detail : status.kind);
    }
    return { seen: [...new Set(seen)], handle };
  };

  test('goes from stage to stage by ending the pause at which it waits, and no other one', async ({
    shop,
  }) => {
    const { fake, target } = shop;
    expect(await carryOut(target, share(shop, 5), 'k1')).toMatchObject({ kind: 'succeeded' });
    expect([fake.weight, fake.stable]).toEqual([5, image('v1.0.0')]);
    expect(await target.live()).toMatchObject({ commit: shop.first.commit });
    expect(await carryOut(target, share(shop, 25), 'k2')).toMatchObject({ kind: 'succeeded' });
    expect(fake.weight).toBe(25);
    expect(await target.live()).toMatchObject({ commit: shop.first.commit });
    expect(await carryOut(target, share(shop), 'k3')).toMatchObject({ kind: 'succeeded' });
    expect([fake.weight, fake.stable]).toEqual([100, image('v1.1.0')]);
    expect(await target.live()).toEqual({ commit: shop.second.commit, version: '1.1.0' });
    expect(fake.acts).toEqual([image('v1.1.0')]);
    expect(fake.told).toEqual(['pauseConditions', 'pauseConditions']);
  });

  test('killed at each request of a stage, it ends one pause', async ({ shop }) => {
    const { fake } = shop;
    await carryOut(shop.target, share(shop, 5), 'k1');
    for (const fault of ['reset-before', 'reset-after', 'reset-before', 'reset-after'] as const) {
      fake.inject(fault, { method: 'PATCH' });
      await shop
        .another()
        .start(share(shop, 25), 'k2')
        .catch(() => undefined);
    }
    const order = share(shop, 25);
    expect(await end(shop.target, order, await shop.another().start(order, 'k2'))).toMatchObject({
      kind: 'succeeded',
    });
    expect(fake.weight).toBe(25);
    // Whoever asks again after it went on ends no second pause.
    await shop.another().start(order, 'k2');
    await shop.target.follow(order, await shop.another().start(order, 'k2'));
    expect(fake.weight).toBe(25);
  });

  test('an image of another form is something that is live, and nothing goes over it unseen', async ({
    shop,
  }) => {
    shop.fake.has(`ghcr.io/acme/shop@sha256:${'0123456789abcdef'.repeat(4)}`);
    expect(await shop.target.live()).toMatchObject({ commit: '', version: 'shop@0123456789ab' });
    const error = await failureOf(shop.target.start(orderOf(shop.first, null), 'k1'));
    expect(error).toMatchObject({ code: 'target-diverged', facts: { expected: 'nothing' } });
  });

  test('a rollback from a stage has the stable pods at once, digest and all', async ({ shop }) => {
    const digest = `@sha256:${'a'.repeat(64)}`;
    shop.fake.has(`${image('v1.0.0')}${digest}`);
    await carryOut(shop.target, share(shop, 5), 'k1');
    shop.fake.slowness = 4;
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await shop.target.live() };
    const { seen, handle } = await details(shop.target, back, 'k2', 2);
    expect(seen).toContain('the controller has not seen the change of rollout shop yet');
    expect(await end(shop.target, back, handle)).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts).toEqual([image('v1.1.0'), `${image('v1.0.0')}${digest}`]);
    expect(shop.fake.told).toEqual([]);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('where a policy pins digests, what was ordered is there all the same', async ({ shop }) => {
    shop.fake.pins = true;
    shop.fake.has(pinned(image('v1.0.0')));
    expect(await carryOut(shop.target, share(shop, 5), 'k1')).toMatchObject({ kind: 'succeeded' });
    expect(await carryOut(shop.target, share(shop, 25), 'k2')).toMatchObject({ kind: 'succeeded' });
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await shop.target.live() };
    expect(await carryOut(shop.target, back, 'k3')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts).toEqual([pinned(image('v1.1.0')), pinned(image('v1.0.0'))]);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('a canary that does not get well is taken back, and the next release goes over it', async ({
    shop,
    clock,
  }) => {
    shop.fake.nextFailure = { aborts: false, message: 'no progress' };
    const handle = await shop.target.start(share(shop, 5), 'k1');
    clock.ms += 11_000;
    expect(await end(shop.target, share(shop, 5), handle)).toMatchObject({ kind: 'failed' });
    shop.fake.nextFailure = null;
    const from = await shop.target.live();
    expect(from).toMatchObject({ commit: shop.first.commit });
    const back = { ...orderOf(shop.first, null, 'rollback'), from };
    expect(await carryOut(shop.target, back, 'k2')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.stable).toBe(image('v1.0.0'));
  });

  test('ordered once more while it is Degraded, it is followed until its pods are well', async ({
    shop,
    clock,
  }) => {
    const { fake, target } = shop;
    fake.steps = [];
    fake.nextFailure = { aborts: false, message: 'no progress' };
    const order = share(shop);
    const first = await target.start(order, 'k1');
    clock.ms += 11_000;
    expect(await end(target, order, first)).toMatchObject({ kind: 'failed' });
    const { seen, handle } = await details(target, order, 'k2', 2);
    clock.ms += 11_000;
    expect(await target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringMatching(/no progress; pod shop-new: .*CrashLoopBackOff/),
    });
    expect(seen).toEqual(['rollout shop: ProgressDeadlineExceeded: no progress']);
    clock.ms += 3_600_000;
    expect(await target.follow(order, handle)).toMatchObject({ kind: 'failed', goesOn: true });
    clock.ms -= 3_600_000;
    // What fails anew after it went on is a failure.
    fake.status.phase = 'Progressing';
    fake.steps = [{ analysis: {} }, { pause: {} }];
    fake.status.controllerPause = true;
    fake.status.pauseConditions = [{ reason: 'CanaryPauseStep', startTime: '2030-01-01T00:00:00Z' }];
    expect(await target.follow(order, handle)).toMatchObject({ kind: 'running' });
    fake.status.controllerPause = false;
    expect(await end(target, order, handle)).toMatchObject({ kind: 'failed' });
    // Another reason does not pass by itself.
    fake.nextFailure = { aborts: false, reason: 'InvalidSpec', message: 'no such service' };
    await target.follow(order, handle);
    const third = await target.start(order, 'k4');
    clock.ms += 11_000;
    expect(await target.follow(order, third)).toMatchObject({ kind: 'failed' });
    fake.nextFailure = null;
    fake.steps = [];
    fake.status.phase = 'Progressing';
    expect(await end(target, order, await target.start(order, 'k3'))).toMatchObject({ kind: 'succeeded' });
  });

  test('of blue and green it says whether somebody has to promote it', async ({ shop }) => {
    const { fake, target } = shop;
    const order = share(shop);
    fake.steps = [{ pause: {} }];
    for (const [key, blueGreen, said] of [
      ['k1', { autoPromotionSeconds: 30 }, 'rollout shop waits 30s, and goes on by itself'],
      ['k2', { autoPromotionEnabled: false, autoPromotionSeconds: 30 }, 'until somebody promotes it'],
      ['k3', { autoPromotionEnabled: false }, 'until somebody promotes it'],
    ] as const) {
      fake.blueGreen = { activeService: 'shop', ...blueGreen };
      const handle = await target.start(order, key);
      let status = await target.follow(order, handle);
      for (let look = 0; look < 4; look++) {
        for (const pause of fake.status.pauseConditions) pause.reason = 'BlueGreenPause';
        status = await target.follow(order, handle);
      }
      expect(status).toMatchObject({ kind: 'running', detail: expect.stringContaining(said) });
    }
  });

  test('what aborts between two stages is told, and taken up again by whoever retries', async ({
    shop,
    clock,
  }) => {
    await carryOut(shop.target, share(shop, 5), 'k1');
    shop.fake.status.abort = true;
    const further = await shop.target.start(share(shop, 25), 'k2');
    clock.ms += 11_000;
    expect(await end(shop.target, share(shop, 25), further)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('rollout shop was aborted'),
    });
    expect(shop.fake.told).toEqual([]);
    // So the flow does not stop it before.
    expect(shop.target.resumes).toBe(true);
    expect(await carryOut(shop.target, share(shop, 25), 'k3')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.weight).toBe(25);
    expect(shop.fake.told).toEqual(['abort', 'pauseConditions']);
  });

  test('of its own steps, a retry after an abort ends the pauses that somebody had ended, and no other one', async ({
    shop,
  }) => {
    const { fake, target } = shop;
    const pause = { pause: {} };
    fake.steps = [{ setWeight: 50 }, pause, { setWeight: 75 }, pause, { pause: { duration: '10m' } }];
    const order = share(shop);
    const first = await details(target, order, 'k1', 8);
    expect(first.seen.at(-1)).toContain('waits at step 2 of 5 until somebody');
    fake.status.pauseConditions = [];
    for (let look = 0; look < 8; look++) await target.follow(order, first.handle);
    expect(fake.weight).toBe(75);
    fake.status.abort = true;
    expect(await end(target, order, first.handle)).toMatchObject({ kind: 'failed' });
    const { seen, handle } = await details(shop.another(), order, 'k2', 20);
    expect(seen).toContain('rollout shop goes through the steps that it had passed');
    expect(seen.at(-1)).toContain('waits at step 4 of 5 until somebody');
    expect(fake.told).toEqual(['abort', 'pauseConditions']);
    fake.status.pauseConditions = [];
    fake.isTimed = true;
    let timed: unknown;
    for (let look = 0; look < 8; look++) timed = await target.follow(order, handle);
    expect(timed).toMatchObject({
      detail: 'rollout shop waits 10m at step 5 of 5, and goes on by itself',
    });
    // An order that comes meanwhile does not end it either.
    const next = await shop.another().start(order, 'k3');
    expect(fake.status.pauseConditions).toHaveLength(1);
    fake.isTimed = false;
    expect(await end(target, order, next)).toMatchObject({ kind: 'succeeded' });
    expect(fake.told).toHaveLength(2);
  });

  test('a rollback from all of it does not wait at the steps', async ({ shop }) => {
    for (const [key, percent] of [['k1', 5], ['k2', 25], ['k3']] as const)
      await carryOut(shop.target, share(shop, percent), key);
    shop.fake.told.length = 0;
    const back = orderOf(shop.first, shop.second, 'rollback');
    expect(await carryOut(shop.target, back, 'k4')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.told).toEqual(['promoteFull']);
    expect(shop.fake.stable).toBe(image('v1.0.0'));
  });

  test('its own steps are followed; at one that waits for somebody it says who may go on', async ({
    shop,
    clock,
  }) => {
    shop.fake.steps = [{ setWeight: 50 }, { pause: {} }];
    const order = share(shop);
    const { seen, handle } = await details(shop.target, order, 'k1', 12);
    expect(seen.at(-1)).toBe(
      'rollout shop waits at step 2 of 2 until somebody promotes it: `kubectl argo rollouts promote shop --namespace shop`',
    );
    shop.fake.status.pauseConditions = [];
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'succeeded' });
    shop.fake.steps = STAGES;
    const next = { ...orderOf(shop.first, shop.second), percent: 5 };
    const again = await shop.target.start(next, 'k2');
    clock.ms += 61 * 60_000;
    expect(await shop.target.follow(next, again)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('has not come to an end within 1 h'),
    });
  });

  test.for([
    [
      true,
      /^The rollout failed: rollout shop was aborted, and has the pods of before: RolloutAborted: error rate/,
    ],
    [false, /^The rollout failed: rollout shop: ProgressDeadlineExceeded: error rate/],
  ] as const)(
    'a canary that fails (aborted: %s) is said, with its last lines',
    async ([aborts, reason], { shop, clock }) => {
      shop.fake.nextFailure = { aborts, message: 'error rate too high', log: `no database, ${TOKEN}\n` };
      const order = share(shop, 5);
      const handle = await shop.target.start(order, 'k1');
      clock.ms += 11_000;
      const status = (await end(shop.target, order, handle)) as Extract<DeployStatus, { kind: 'failed' }>;
      expect(status.reason).toMatch(reason);
      expect(status.reason).toContain('pod shop-new: container web: CrashLoopBackOff');
      expect(status.log).toEqual(['no database, …']);
      expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
      expect(status.goesOn).toBe(true);
      shop.fake.nextFailure = null;
      if (!aborts) return;
      // Retry, and the next release: neither is kept from by what was given up.
      expect(await carryOut(shop.target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
      expect(shop.fake.told).toEqual(['abort']);
    },
  );

  test('what was aborted does not keep the next release away; a canary of somebody else does', async ({
    shop,
    clock,
  }) => {
    shop.fake.nextFailure = { aborts: true, message: 'error rate too high' };
    const handle = await shop.target.start(share(shop, 5), 'k1');
    clock.ms += 11_000;
    await end(shop.target, share(shop, 5), handle);
    shop.fake.nextFailure = null;
    const same = orderOf(shop.first, shop.first);
    await shop.target.start(same, 'k2');
    shop.fake.setImage(image('hotfix'));
    await expect(shop.target.start(share(shop, 5), 'k3')).rejects.toThrow(/target-diverged/);
  });

  test('cancel gives the images back, once', async ({ shop }) => {
    const order = share(shop, 5);
    const handle = await shop.target.start(order, 'k1');
    await shop.target.follow(order, handle);
    await shop.target.cancel?.(JSON.parse(JSON.stringify(handle)));
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts).toEqual([image('v1.1.0'), image('v1.0.0')]);
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('somebody else has changed it'),
    });
  });

  test('cancel gives back what its stable pods run, and not a canary that was given up before', async ({
    shop,
  }) => {
    shop.fake.setImage(image('hotfix'));
    for (let look = 0; look < 4; look++) await shop.target.live();
    shop.fake.status.abort = true;
    await shop.target.live();
    const order = share(shop, 5);
    const handle = await shop.target.start(order, 'k1');
    await shop.target.follow(order, handle);
    await shop.target.cancel?.(handle);
    expect(shop.fake.acts).toEqual([image('v1.1.0'), image('v1.0.0')]);
  });

  test('cancel leaves what came live since', async ({ shop }) => {
    shop.fake.steps = [{ setWeight: 50 }];
    const order = share(shop);
    const handle = await shop.target.start(order, 'k1');
    await end(shop.target, order, handle);
    // Its pods are the stable ones, also while one of them is not well.
    shop.fake.status.phase = 'Progressing';
    expect(await failureOf(shop.target.cancel?.(handle))).toMatchObject({ code: 'already-live' });
    expect(shop.fake.acts).toEqual([image('v1.1.0')]);
  });

  test('cancel leaves an image that somebody has set since', async ({ shop }) => {
    const order = share(shop, 5);
    const handle = await shop.target.start(order, 'k1');
    await shop.target.follow(order, handle);
    for (const by of ['hotfix', 'v1.0.0']) {
      shop.fake.setImage(image(by));
      await shop.target.cancel?.(handle);
      for (let look = 0; look < 4; look++) await shop.target.live();
      await shop.target.cancel?.(handle);
      expect(shop.fake.acts).toEqual([image('v1.1.0')]);
    }
  });

  test('a note of a version before that did not say how far it was is gone on with to the share', async ({
    shop,
    clock,
  }) => {
    await carryOut(shop.target, share(shop, 5), 'k1');
    const [name = ''] = Object.keys(shop.fake.annotations ?? {}).filter((one) => one.startsWith('slipway/'));
    const { passed, ...before } = JSON.parse(shop.fake.annotations?.[name] ?? '');
    expect(passed).toBe(2);
    shop.fake.annotations = { ...shop.fake.annotations, [name]: JSON.stringify(before) };
    shop.fake.status.abort = true;
    const handle = await shop.target.start(share(shop, 25), 'k2');
    clock.ms += 11_000;
    await end(shop.target, share(shop, 25), handle);
    expect(await carryOut(shop.target, share(shop, 25), 'k3')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.weight).toBe(25);
  });

  test('cancelled in a later stage, it has what it had before the first one', async ({ shop }) => {
    await carryOut(shop.target, share(shop, 5), 'k1');
    const handle = await shop.target.start(share(shop, 25), 'k2');
    await shop.target.cancel?.(handle);
    expect(shop.fake.acts.at(-1)).toBe(image('v1.0.0'));
  });

  test('the gate tries what it would change, and changes nothing', async ({ shop }) => {
    const before = structuredClone([shop.fake.template, shop.fake.annotations, shop.fake.status]);
    await shop.target.preflight();
    await shop.target.deployable(shop.second);
    shop.fake.denied = image('v1.1.0');
    await shop.target.preflight();
    expect(await sentenceOf(shop.target.deployable(shop.second))).toContain('v1.1.0 has to be signed');
    shop.fake.denied = null;
    shop.fake.mirror = 'mirror.test';
    expect(await sentenceOf(shop.target.deployable(shop.second))).toContain(
      'the cluster makes mirror.test/acme/shop:v1.1.0 of the image ghcr.io/acme/shop:v1.1.0',
    );
    shop.fake.mirror = null;
    shop.fake.mayChangeStatus = false;
    for (const gate of [shop.target.preflight(), shop.target.deployable(shop.second)])
      expect(await sentenceOf(gate)).toMatch(/cannot patch resource.*patch on rollouts and rollouts\/status/);
    expect([shop.fake.template, shop.fake.annotations, shop.fake.status]).toEqual(before);
    expect([...shop.fake.acts, ...shop.fake.told]).toEqual([]);
  });

  test('says what would be in the way', async ({ shop }) => {
    expect(await shop.target.preflight()).toBe(
      'rollout shop of the namespace shop can be changed. It waits at 5 %, 25 %.',
    );
    expect(await sentenceOf(shop.target.start(share(shop, 10), 'k'))).toContain(
      'its steps do not wait at 10 % (a setWeight and a pause without a duration), only at: 5 %, 25 %',
    );
    await shop.target.mustSplit?.([5, 25]);
    expect(await sentenceOf(shop.target.mustSplit?.([5, 50]))).toContain('do not wait at 50 %');
    shop.fake.trafficRouting = { maxTrafficWeight: 1000, istio: {} };
    shop.fake.steps = [{ setWeight: 50 }, { pause: {} }];
    await shop.target.mustSplit?.([5]);
    shop.fake.trafficRouting = null;
    shop.fake.steps = STAGES;
    await shop.target.mustSplit?.([25]);
    expect(await sentenceOf(shop.target.mustSplit?.([5]))).toContain(
      'without trafficRouting 5 % of 4 pods is less than one pod',
    );
    shop.fake.trafficRouting = {};
    shop.fake.steps = [{ setWeight: 5 }, { pause: { duration: '1h' } }];
    expect(await sentenceOf(shop.target.start(share(shop, 5), 'k'))).toContain('only at: none');
    shop.fake.paused = true;
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'rollout shop is paused; set its spec.paused',
    );
    shop.fake.workloadRef = true;
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'rollout shop takes its pods from the Deployment shop',
    );
    shop.fake.workloadRef = false;
    expect(await sentenceOf(shop.open({ containers: ['app'] }).preflight())).toContain(
      'has no container app, only web, proxy',
    );
    expect(shop.fake.acts).toEqual([]);
    expect(shop.target.rollbackCommands?.(shop.first)).toEqual([
      'kubectl argo rollouts --namespace shop set image shop web=ghcr.io/acme/shop:v1.0.0',
      'kubectl argo rollouts --namespace shop promote shop --full',
    ]);
  });
});
