import { describe, expect, test as plainTest } from 'vitest';
import { carryOut, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { image, type KubernetesWorld, kubernetesWorld } from './kubernetes-world.ts';

describe('several workloads of kubernetes', () => {
  const test = plainTest.extend<{ shop: KubernetesWorld }>({
    shop: async ({ task: _task }, use) => {
      const shop = await kubernetesWorld();
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });

  test('killed between two workloads, it does not go over what somebody else has set since', async ({
    shop,
  }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.add('worker', image('v1.0.0'), { kind: 'statefulset' });
    const workloads = [
      { name: 'shop', containers: ['web'] },
      { kind: 'statefulset', name: 'worker', containers: ['web'] },
    ];
    shop.fake.inject({ status: 503 }, { method: 'PATCH', path: /statefulsets/ });
    const order = orderOf(shop.second, shop.first);
    await expect(shop.open({ workloads }).start(order, 'k1')).rejects.toThrow(/503/);
    shop.fake.setImage('worker', image('hotfix'));
    expect(await failureOf(shop.open({ workloads }).start(order, 'k1'))).toMatchObject({
      code: 'target-diverged',
    });
    expect(shop.fake.workloads.map(({ images }) => images['web'])).toEqual([
      image('v1.0.0'),
      image('hotfix'),
    ]);
  });

  describe('where the second workload may not be changed', () => {
    const workloads = [
      { name: 'shop', containers: ['web'] },
      { kind: 'statefulset', name: 'worker', containers: ['web'] },
    ];
    const forbidden = {
      status: 403,
      message:
        'statefulsets.apps "worker" is forbidden: User "system:serviceaccount:slipway" cannot patch resource',
    };
    const policy = {
      status: 400,
      message: 'admission webhook "validate.kyverno.svc-fail" denied the request: images have to be signed',
    };

    test('the gate says it before anything is changed', async ({ shop }) => {
      shop.fake.setImage('shop', image('v1.0.0'));
      shop.fake.add('worker', image('v1.0.0'), { kind: 'statefulset' });
      const target = shop.open({ workloads });
      expect(await target.preflight()).toBe(
        'deployment shop and statefulset worker of the namespace shop can be changed.',
      );
      await target.deployable(shop.first);
      expect(shop.fake.tried).toEqual([
        'shop as it is',
        'worker as it is',
        `shop ${image('v1.0.0')}`,
        `worker ${image('v1.0.0')}`,
      ]);
      shop.fake.denies = (name) => (name === 'worker' ? forbidden : null);
      for (const gate of [target.preflight(), target.deployable(shop.first)])
        expect(await sentenceOf(gate)).toMatch(/cannot patch resource.*get and patch on deployments/);
      shop.fake.denies = (_name, { web }) => (web === image('v1.1.0') ? policy : null);
      await target.preflight();
      expect(await sentenceOf(target.deployable(shop.second))).toContain('images have to be signed');
      expect(shop.fake.acts).toEqual([]);
      // What cannot be tried is no reason to stop.
      shop.fake.webhookActs = true;
      shop.fake.denies = () => null;
      await target.preflight();
      await target.deployable(shop.second);
    });

    test('the first has what it had before again, and that is said', async ({ shop }) => {
      shop.fake.setImage('shop', image('v1.0.0'));
      shop.fake.add('worker', image('v1.0.0'), { kind: 'statefulset' });
      const target = shop.open({ workloads });
      shop.fake.denies = (name) => (name === 'worker' ? forbidden : null);
      const order = orderOf(shop.second, shop.first);
      expect(await sentenceOf(target.start(order, 'k1'))).toMatch(
        /cannot patch resource.* Changed before that, and given back what it had: deployment shop\./,
      );
      expect(shop.fake.acts).toEqual([`shop ${image('v1.1.0')}`, `shop ${image('v1.0.0')}`]);
      expect(await target.live()).toMatchObject({ commit: shop.first.commit });
      // The same order once more, as after a crash before its refusal was noted.
      expect(await sentenceOf(target.start(order, 'k1'))).toContain('deployment shop');
      expect(await target.live()).toMatchObject({ commit: shop.first.commit });
      shop.fake.denies = () => null;
      expect(await carryOut(target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
    });

    test('what cannot be given back either is said', async ({ shop }) => {
      shop.fake.setImage('shop', image('v1.0.0'));
      shop.fake.add('worker', image('v1.0.0'), { kind: 'statefulset' });
      shop.fake.denies = (name, { web }) => (name === 'worker' || web === image('v1.0.0') ? policy : null);
      const error = await sentenceOf(shop.open({ workloads }).start(orderOf(shop.second, shop.first), 'k1'));
      expect(error).toMatch(
        /set the image of the statefulset worker.*not to be given back: deployment shop\. /,
      );
    });
  });

  test('killed between two workloads, the same order changes the other one only', async ({ shop }) => {
    shop.fake.setImage('shop', image('v1.0.0'));
    shop.fake.add('worker', image('v1.0.0'), { kind: 'statefulset' });
    const workloads = [
      { name: 'shop', containers: ['web'] },
      { kind: 'statefulset', name: 'worker', containers: ['web'] },
    ];
    const target = shop.open({ workloads });
    shop.fake.inject({ status: 503 }, { method: 'PATCH', path: /statefulsets/ });
    const order = orderOf(shop.second, shop.first);
    await expect(target.start(order, 'k1')).rejects.toThrow(/503/);
    expect(await target.live()).toMatchObject({ commit: '', version: '1.1.0 and 1.0.0' });
    expect(await carryOut(shop.open({ workloads }), order, 'k1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.acts).toEqual([`shop ${image('v1.1.0')}`, `worker ${image('v1.1.0')}`]);
  });
});
