import { describe, expect, test as plainTest } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import type { FakeKubernetes } from '../../../fakes/platforms/kubernetes.ts';
import { pinned } from '../../../fakes/platforms/pinned.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import { carryOut, end, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { image, type KubernetesWorld, kubernetesWorld } from './kubernetes-world.ts';

platformContract('kubernetes', () => kubernetesWorld(), [TOKEN], [409]);

describe('kubernetes', () => {
  const test = plainTest.extend<{ shop: KubernetesWorld; clock: { ms: number } }>({
    clock: async ({ task: _task }, use) => use({ ms: 1_900_000_000_000 }),
    shop: async ({ clock }, use) => {
      const shop = await kubernetesWorld(() => clock.ms);
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });

  test('an image of another form is something that is live, and nothing goes over it unseen', async ({
    shop,
  }) => {
    shop.fake.setImage('shop', `ghcr.io/acme/shop@sha256:${'0123456789abcdef'.repeat(4)}`);
    expect(await shop.target.live()).toMatchObject({ commit: '', version: 'shop@0123456789ab' });
    const error = await failureOf(shop.target.start(orderOf(shop.first, null), 'k1'));
    expect(error).toMatchObject({ code: 'target-diverged', facts: { expected: 'nothing' } });
  });

  test('sets the named containers only, and notes the order, the release and what was there before', async ({
    shop,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    expect(await shop.target.live()).toEqual({ commit: shop.first.commit, version: '1.0.0' });
    expect(await carryOut(shop.target, orderOf(shop.second, shop.first), 'k1')).toMatchObject({
      kind: 'succeeded',
    });
    const [{ images, annotations, podNotes }] = shop.fake.workloads as [FakeKubernetes['workloads'][number]];
    expect(images).toEqual({ web: image('v1.1.0'), proxy: 'envoy:1' });
    expect(annotations['slipway/order']).toBe('k1');
    expect(JSON.parse(annotations['slipway/before'] ?? '')).toEqual({ web: image('v1.0.0') });
    expect(podNotes).toEqual({ 'slipway/order': 'k1' });
    expect(shop.target.rollbackCommands?.(shop.first)).toEqual([
      'kubectl --namespace shop set image deployment/shop web=ghcr.io/acme/shop:v1.0.0',
    ]);
  });

  test('numbers of the generation before are no success', async ({ shop }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.slowness = 3;
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k');
    const seen = new Set<string>();
    let status = await shop.target.follow(order, handle);
    for (; status.kind === 'running'; status = await shop.target.follow(order, handle))
      seen.add(status.detail);
    expect([...seen]).toEqual([
      'the controller has not seen the change of deployment shop yet',
      '0 of 2 replicas of deployment shop are new',
    ]);
    expect(status.kind).toBe('succeeded');
  });

  test('a conflict is read again and overcome; one with somebody else’s image is not', async ({ shop }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.conflicts = 2;
    expect(await carryOut(shop.target, orderOf(shop.second, shop.first), 'k')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.fake.acts).toHaveLength(1);
    shop.fake.conflicts = 99;
    await expect(shop.target.start(orderOf(shop.first, shop.second, 'rollback'), 'k2')).rejects.toThrow(
      /others change the deployment shop all the time/,
    );
  });

  test('a rollout that fails names the pods, their warnings and their last lines, and Retry makes pods anew', async ({
    shop,
    clock,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.nextRollout = {
      waiting: 'CrashLoopBackOff',
      message: `back-off restarting, ${TOKEN}`,
      log: `cannot reach db with ${TOKEN}\nexit 1\n`,
    };
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 11_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('pod shop-new: container web: CrashLoopBackOff'),
    });
    let status = await shop.target.follow(order, handle);
    while (status.kind === 'running') status = await shop.target.follow(order, handle);
    expect(status).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /^The rollout failed: deployment shop made no progress within its deadline; pod shop-new: container web: CrashLoopBackOff .*; Failed: back-off restarting, ….$/,
      ),
      log: ['cannot reach db with …', 'exit 1'],
    });
    expect(JSON.stringify(status)).not.toContain(TOKEN);
    expect(await carryOut(shop.target, orderOf(shop.second, shop.first), 'k2')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.fake.acts).toHaveLength(2);
  });

  test('pods that run and never get ready are named, with their probe and log, also after many others', async ({
    shop,
    clock,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.otherPods = 150;
    const message = 'Readiness probe failed: HTTP probe failed with statuscode: 503';
    shop.fake.nextRollout = { waiting: null, message, log: 'cannot reach db\n' };
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 11_000;
    expect(await end(shop.target, order, handle)).toMatchObject({
      reason: `The rollout failed: deployment shop made no progress within its deadline; pod shop-new: container web: does not get ready; Unhealthy: ${message}.`,
      log: ['cannot reach db'],
    });
  });

  test('says why no pods can be made at all', async ({ shop }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k1');
    Object.assign(shop.fake.workloads[0] ?? {}, { quota: 'pods "shop-7d" is forbidden: exceeded quota' });
    await shop.target.follow(order, handle);
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('are new; pods "shop-7d" is forbidden: exceeded quota'),
    });
  });

  test('what cannot get better fails at once; what takes too long fails at the deadline', async ({
    shop,
    clock,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.slowness = 50;
    shop.fake.nextRollout = { waiting: 'InvalidImageName', message: 'invalid reference format' };
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 11_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      goesOn: true,
      reason: expect.stringContaining('InvalidImageName (invalid reference format)'),
    });
    shop.fake.nextRollout = { waiting: 'ImagePullBackOff', message: 'manifest unknown' };
    const again = await shop.target.start(order, 'k2');
    clock.ms += 16 * 60_000;
    expect(await shop.target.follow(order, again)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/it took too long.*ImagePullBackOff \(manifest unknown\)/),
    });
  });

  test('cancel gives the containers their images back, once', async ({ shop }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k1');
    await shop.target.cancel?.(JSON.parse(JSON.stringify(handle)));
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts).toEqual([`shop ${image('v1.1.0')}`, `shop ${image('v1.0.0')}`]);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: `deployment shop has ${image('v1.0.0')} again: the order was taken back.`,
    });
  });

  test('cancel leaves what came live since its deadline', async ({ shop, clock }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 16 * 60_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'failed', goesOn: true });
    await end(shop.target, order, handle);
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'succeeded' });
    expect(await failureOf(shop.target.cancel?.(handle))).toMatchObject({ code: 'already-live' });
    expect(shop.fake.acts).toEqual([`shop ${image('v1.1.0')}`]);
  });

  test('cancel leaves an image that somebody has set since', async ({ shop, clock }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    const order = orderOf(shop.second, shop.first);
    for (const by of ['v1.0.0', 'hotfix']) {
      const handle = await shop.target.start(order, `k-${by}`);
      clock.ms += 16 * 60_000;
      expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'failed', goesOn: true });
      shop.fake.setImage('shop', image(by));
      const acts = shop.fake.acts.length;
      await shop.target.cancel?.(handle);
      expect(shop.fake.acts).toHaveLength(acts);
      expect(shop.fake.workloads[0]?.images['web']).toBe(image(by));
    }
  });

  test('cancel after a rollout that failed gives back what was there before the first try', async ({
    shop,
    clock,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    const order = orderOf(shop.second, shop.first);
    expect(shop.target.resumes).toBe(true);
    for (const key of ['k1', 'k2', 'k3']) {
      shop.fake.nextRollout = { waiting: 'ImagePullBackOff', message: 'manifest unknown' };
      const handle = await shop.target.start(order, key);
      clock.ms += 11_000;
      expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'failed', goesOn: true });
      if (key === 'k3') await shop.target.cancel?.(handle);
    }
    expect(shop.fake.workloads[0]?.images).toEqual({ web: image('v1.0.0'), proxy: 'envoy:1' });
    // What was cancelled and is ordered once more begins anew.
    const again = await shop.target.start(order, 'k4');
    await shop.target.cancel?.(again);
    expect(shop.fake.workloads[0]?.images['web']).toBe(image('v1.0.0'));
  });

  test('where a policy pins digests, what was ordered is there all the same, and is tried again and given back', async ({
    shop,
    clock,
  }) => {
    shop.fake.pins = true;
    shop.fake.setImage('shop', pinned(image('v1.0.0')));
    expect(await carryOut(shop.target, orderOf(shop.second, shop.first), 'k1')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.fake.workloads[0]?.images['web']).toMatch(/^ghcr\.io\/acme\/shop:v1\.1\.0@sha256:/);
    expect(await shop.target.live()).toEqual({ commit: shop.second.commit, version: '1.1.0' });
    expect(await carryOut(shop.target, orderOf(shop.second, shop.first), 'k2')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.fake.acts).toHaveLength(1);
    const back = orderOf(shop.first, shop.second, 'rollback');
    for (const key of ['k3', 'k4']) {
      shop.fake.nextRollout = { waiting: 'ImagePullBackOff', message: 'manifest unknown' };
      const handle = await shop.target.start(back, key);
      clock.ms += 11_000;
      expect(await end(shop.target, back, handle)).toMatchObject({ kind: 'failed', goesOn: true });
      if (key === 'k4') await shop.target.cancel?.(handle);
    }
    expect(shop.fake.workloads[0]?.images['web']).toBe(pinned(image('v1.1.0')));
  });

  test('an image of which a policy makes another one is refused before anything is changed', async ({
    shop,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.mirror = 'mirror.test';
    expect(await shop.target.preflight()).toContain('can be changed');
    expect(await sentenceOf(shop.target.deployable(shop.second))).toContain(
      'the cluster makes mirror.test/acme/shop:v1.1.0 of the image ghcr.io/acme/shop:v1.1.0; write `image` as it is there',
    );
    const mirrored = shop.open({ image: 'mirror.test/acme/shop:{tag}' });
    expect(await mirrored.deployable(shop.second)).toContain('is to be mirror.test');
    const order = orderOf(shop.second, shop.first);
    expect(await shop.target.follow(order, await shop.target.start(order, 'k1'))).toMatchObject({
      kind: 'failed',
      reason: 'deployment shop has mirror.test/acme/shop:v1.1.0 now: somebody else has changed it.',
      goesOn: true,
    });
  });

  test('the preflight says what would keep pods on the old image', async ({ shop }) => {
    const [deployment] = shop.fake.workloads as [FakeKubernetes['workloads'][number]];
    deployment.paused = true;
    expect(await sentenceOf(shop.target.preflight())).toContain('deployment shop is paused');
    shop.fake.add('db', image('v1.0.0'), { kind: 'statefulset', strategy: { type: 'OnDelete' } });
    const database = shop.open({ workloads: [{ kind: 'statefulset', name: 'db', containers: ['web'] }] });
    expect(await sentenceOf(database.preflight())).toContain('OnDelete, which replaces no pod by itself');
    Object.assign(shop.fake.workloads[1] ?? {}, {
      strategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    });
    expect(await sentenceOf(database.preflight())).toContain('a partition of 2');
    const wrong = shop.open({ workloads: [{ name: 'shop', containers: ['app'] }] });
    expect(await sentenceOf(wrong.preflight())).toContain(
      'deployment shop has no container app, only web, proxy',
    );
    shop.fake.acceptsToken = false;
    expect(await sentenceOf(shop.target.preflight())).toMatch(/does not accept the token .* into KUBE_TOKEN/);
  });
});
