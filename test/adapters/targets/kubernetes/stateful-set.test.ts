import { describe, expect, test as plainTest } from 'vitest';
import type { DeployHandle, DeployOrder, Target } from '../../../../src/adapters/targets/port.ts';
import { carryOut, end, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { image, type KubernetesWorld, kubernetesWorld } from './kubernetes-world.ts';

interface Scene {
  readonly shop: KubernetesWorld;
  readonly clock: { ms: number };
  readonly target: Target;
  readonly worker: KubernetesWorld['fake']['workloads'][number];
}

describe('a StatefulSet of kubernetes', () => {
  const test = plainTest.extend<{ scene: Scene }>({
    scene: async ({ task: _task }, use) => {
      const clock = { ms: 1_900_000_000_000 };
      const shop = await kubernetesWorld(() => clock.ms);
      const worker = shop.fake.add('worker', image('v1.0.0'), { kind: 'statefulset', replicas: 3 });
      worker.set.clock = () => clock.ms;
      const target = shop.open({ workloads: [{ kind: 'statefulset', name: 'worker', containers: ['web'] }] });
      await use({ shop, clock, target, worker });
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });

  const revisions = ({ worker }: Scene) => worker.set.pods.map((pod) => pod?.images['web']);

  /** Follows it for some looks, five seconds apart; what is said. */
  async function looks({ clock, target }: Scene, order: DeployOrder, handle: DeployHandle, most = 12) {
    const said = new Set<string>();
    for (let look = 0; look < most; look++) {
      clock.ms += 5_000;
      const status = await target.follow(order, handle);
      if (status.kind !== 'running') return { said: [...said], status };
      said.add(status.detail);
    }
    return { said: [...said], status: null };
  }

  /** The second release is ordered, and its first pod never gets ready. */
  async function broken(scene: Scene, waiting = 'CrashLoopBackOff'): Promise<DeployHandle> {
    const { shop, target } = scene;
    shop.fake.nextRollout = { waiting, message: 'back-off restarting' };
    const order = orderOf(shop.second, shop.first);
    const handle = await target.start(order, 'k1');
    expect((await looks(scene, order, handle)).status).toBeNull();
    expect(revisions(scene)).toEqual([image('v1.0.0'), image('v1.0.0'), image('v1.1.0')]);
    return handle;
  }

  test('is rolled out from its last pod on', async ({ scene }) => {
    const { shop, target } = scene;
    const order = orderOf(shop.second, shop.first);
    const { said, status } = await looks(scene, order, await target.start(order, 'k1'), 30);
    expect(said).toContain('1 of 3 replicas of statefulset worker are new');
    expect(status).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.deleted).toEqual([]);
  });

  test('a rollback has the pod deleted that never gets ready, once the controller has seen it', async ({
    scene,
  }) => {
    const { shop, target } = scene;
    await broken(scene);
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await target.live() };
    const handle = await target.start(back, 'k2');
    expect(shop.fake.deleted).toEqual([]);
    const { said, status } = await looks(scene, back, handle, 40);
    expect(said).toContainEqual(
      expect.stringMatching(
        /0 of 3 replicas of statefulset worker are new; pod worker-2: container web: CrashLoopBackOff.*it is of before, and made anew/,
      ),
    );
    expect(status).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.deleted).toEqual(['worker-2']);
    expect(revisions(scene)).toEqual([image('v1.0.0'), image('v1.0.0'), image('v1.0.0')]);
  });

  test('so has a retry, and a pod that only never says that it is ready counts after a minute', async ({
    scene,
  }) => {
    const { shop, clock, target } = scene;
    await broken(scene, '');
    const order = orderOf(shop.second, shop.first);
    const handle = await target.start(order, 'k2');
    clock.ms -= 40_000;
    const early = await looks(scene, order, handle, 4);
    expect(early.status).toBeNull();
    clock.ms += 60_000;
    expect((await looks(scene, order, handle, 40)).status).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.deleted).toEqual(['worker-2']);
    expect(revisions(scene)).toEqual([image('v1.1.0'), image('v1.1.0'), image('v1.1.0')]);
  });

  test('cancel has it deleted too: nobody follows what was taken back', async ({ scene }) => {
    const { shop, target, worker } = scene;
    const handle = await broken(scene);
    await target.cancel?.(handle);
    expect(shop.fake.deleted).toEqual(['worker-2']);
    await shop.another().cancel?.(handle);
    expect(shop.fake.deleted).toEqual(['worker-2']);
    for (let look = 0; look < 30; look++) await target.live();
    expect(worker.set.pods.every((pod) => pod?.isReady)).toBe(true);
    expect(revisions(scene)).toEqual([image('v1.0.0'), image('v1.0.0'), image('v1.0.0')]);
  });

  test('where it may not delete pods, the gate hints at it, and the pod is named with the command', async ({
    scene,
  }) => {
    const { shop, target } = scene;
    expect(await target.preflight()).toBe('statefulset worker of the namespace shop can be changed.');
    shop.fake.mayDelete = false;
    expect(await target.preflight()).toMatch(
      /A pod of statefulset worker that never gets ready .* grant it `delete`/,
    );
    expect(await shop.target.preflight()).not.toContain('delete');
    const handle = await broken(scene);
    const command = '`kubectl --namespace shop delete pod worker-2`';
    expect(await sentenceOf(target.cancel?.(handle))).toContain(command);
    expect(await target.live()).toMatchObject({ commit: shop.first.commit });
    expect(await target.follow(orderOf(shop.second, shop.first), handle)).toMatchObject({
      reason: expect.stringContaining('the order was taken back'),
    });
    const order = orderOf(shop.second, shop.first);
    const again = await target.start(order, 'k2');
    const { said } = await looks(scene, order, again, 5);
    expect(said.at(-1)).toContain(`no StatefulSet replaces such a pod by itself: ${command}`);
    scene.clock.ms += 16 * 60_000;
    expect(await target.follow(order, again)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(command),
    });
    // Somebody does it.
    scene.worker.set.delete('worker-2');
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await target.live() };
    expect(await carryOut(target, back, 'k3')).toMatchObject({ kind: 'succeeded' });
  });

  test('a pod that no order of ours made is named, and left alone', async ({ scene }) => {
    const { shop, target, worker } = scene;
    worker.images['web'] = image('hotfix');
    worker.set.breaks(worker);
    worker.set.settle(worker);
    for (const pod of worker.set.pods) if (pod?.name === 'worker-1') pod.isReady = false;
    shop.fake.setImage('shop', image('v1.0.0'));
    const order = { ...orderOf(shop.first, null), from: await target.live() };
    const { said, status } = await looks(scene, order, await target.start(order, 'k1'), 25);
    expect(status).toBeNull();
    expect(said.at(-1)).toContain('`kubectl --namespace shop delete pod worker-1`');
    expect(shop.fake.deleted).toEqual([]);
  });

  test('with the policy Parallel its controller needs no help', async ({ scene }) => {
    const { shop, target, worker } = scene;
    worker.set.policy = 'Parallel';
    shop.fake.mayDelete = false;
    expect(await target.preflight()).toBe('statefulset worker of the namespace shop can be changed.');
    await broken(scene);
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await target.live() };
    expect(await end(target, back, await target.start(back, 'k2'))).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.deleted).toEqual([]);
  });

  test('another pod of that name by then, and pods that cannot be read, are no failure', async ({
    scene,
  }) => {
    const { shop, target } = scene;
    await broken(scene);
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await target.live() };
    const handle = await target.start(back, 'k2');
    await looks(scene, back, handle, 2);
    shop.fake.inject({ status: 403 }, { method: 'GET', path: /pods$/ });
    shop.fake.inject({ status: 409 }, { method: 'DELETE' });
    expect(await failureOf(looks(scene, back, handle, 2))).toBeNull();
    expect((await looks(scene, back, handle, 40)).status).toMatchObject({ kind: 'succeeded' });
  });
});
