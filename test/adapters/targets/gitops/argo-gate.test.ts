import { describe, expect, test as plainTest } from 'vitest';
import { type ArgoSource, overriddenBy } from '../../../../src/adapters/targets/gitops/overrides.ts';
import { carryOut, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { type GitopsWorld, gitopsWorld } from './gitops-world.ts';

const test = plainTest.extend<{ shop: GitopsWorld }>({
  shop: async ({ task: _task }, use) => {
    const shop = await gitopsWorld('argo');
    await use(shop);
    expect(shop.argo.violations).toEqual([]);
    await shop.remove();
  },
});

describe('an Application that says itself what is written', () => {
  const image = 'ghcr.io/acme/shop';

  test('is refused, and fails where that comes later', async ({ shop }) => {
    shop.argo.source = { kustomize: { images: ['envoy:1.31', 'ghcr.io/acme/shop-web:v1', `${image}:*`] } };
    expect(await shop.target.preflight()).toContain('is Synced');
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.argo.source = { kustomize: { images: [`${image}=${image}:v0.9.0`] } };
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'it has ghcr.io/acme/shop=ghcr.io/acme/shop:v0.9.0 in `kustomize.images`, so what apps/shop/kustomization.yaml says is not deployed',
    );
    let status = await shop.target.follow(order, handle);
    while (status.kind === 'running') status = await shop.target.follow(order, handle);
    expect(status).toMatchObject({ kind: 'failed', reason: expect.stringContaining('`kustomize.images`') });
  });

  test('is not done while its pods have another tag', async ({ shop }) => {
    shop.argo.images = ['envoy:1.30', `${image}:v0.9.0`];
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    let said: unknown;
    for (let look = 0; look < 9; look++) said = await shop.target.follow(order, handle);
    expect(said).toMatchObject({
      kind: 'running',
      detail: 'it is Synced and Healthy, but its pods have ghcr.io/acme/shop:v0.9.0',
    });
    shop.argo.images = [`${image}:v0.9.0`, `${image}:v1.0.0@sha256:${'0'.repeat(64)}`];
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('may name the image of its pods in another way', async ({ shop }) => {
    for (const [key, name] of ['mirror/acme/shop:v0.9.0', `${image}@sha256:${'0'.repeat(64)}`].entries()) {
      shop.argo.images = [name];
      const order = orderOf(key ? shop.second : shop.first, key ? shop.first : null);
      expect(await carryOut(shop.target, order, `k${key}`)).toMatchObject({ kind: 'succeeded' });
    }
  });

  const tag = { file: 'apps/shop/values.yaml', place: { kind: 'value', path: ['image', 'tag'] } } as const;
  plainTest.for<[ArgoSource, string | null]>([
    [{ helm: { parameters: [{ name: 'image.tag' }] } }, 'sets image.tag by a parameter of Helm'],
    [{ helm: { fileParameters: [{ name: 'image' }] } }, 'sets image.tag by a parameter of Helm'],
    [{ helm: { parameters: [{ name: 'image.tags' }, { name: 'tag' }] } }, null],
    [{ helm: { values: 'image:\n  tag: v1\n' } }, 'sets image.tag in `helm.values`'],
    [{ helm: { values: 'image: {}\nother: [1]\n' } }, null],
    [{ helm: { values: 'image: [' } }, null],
    [{ helm: { valuesObject: { image: null } } }, 'sets image.tag in `helm.valuesObject`'],
    [{ helm: { valuesObject: {}, values: 'image: { tag: v1 }' } }, null],
    [{ kustomize: { images: ['image.tag=v1'] } }, null],
  ])('%j: %s', ([source, said]) => {
    expect(overriddenBy([source], tag)).toBe(said);
  });

  plainTest('of several sources those count that have the file', () => {
    const helm = { parameters: [{ name: 'image.tag' }] };
    const redis = { path: 'charts/redis', helm };
    const said = 'sets image.tag by a parameter of Helm';
    expect(overriddenBy([redis, { path: 'apps' }], tag)).toBeNull();
    expect(overriddenBy([redis, { path: 'apps', helm }], tag)).toBe(said);
    for (const file of ['$values/apps/shop/values.yaml', '../shop/values.yaml'])
      expect(overriddenBy([redis, { helm: { ...helm, valueFiles: [file] } }], tag)).toBe(said);
  });
});
