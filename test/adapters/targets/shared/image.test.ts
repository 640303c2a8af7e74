import { describe, expect, test } from 'vitest';
import { imageInWords, isImage, isPlaceholder } from '../../../../src/adapters/targets/shared/image.ts';
import { ReleaseNames } from '../../../../src/adapters/targets/shared/release-name.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image that was ordered', () => {
  const image = 'ghcr.io/acme/shop:v1.2.0';
  const other = `sha256:${'f'.repeat(64)}`;
  test.each([
    [image, image, true],
    [`${image}@${DIGEST}`, image, true],
    ['ghcr.io/acme/shop:v1.2.1', image, false],
    [`ghcr.io/acme/shop:v1.2.1@${DIGEST}`, image, false],
    [`ghcr.io/acme/shop@${DIGEST}`, image, false],
    [`${image}@${DIGEST}`, `${image}@${DIGEST}`, true],
    [`${image}@${other}`, `${image}@${DIGEST}`, false],
    [image, `${image}@${DIGEST}`, false],
    ['', '', true],
    [image, '', false],
  ])('%s for %s: %s', (found, ordered, is) => {
    expect(isImage(found, ordered)).toBe(is);
  });
});

describe('an image that runs', () => {
  const commit = 'a'.repeat(40);
  const refs = async () => ({ branches: {}, tags: [{ name: 'v1.2.0', commit, annotated: true }] });
  const names = new ReleaseNames('ghcr.io/acme/shop:{tag}', 'shop', { refs });

  test.each([
    ['ghcr.io/acme/shop:v1.2.0', { commit, version: '1.2.0' }],
    [`ghcr.io/acme/shop:v1.2.0@${DIGEST}`, { commit, version: '1.2.0' }],
    [`ghcr.io/acme/shop@${DIGEST}`, { commit: '', version: 'shop@0123456789ab' }],
    ['mirror:5000/shop:v1.2.0', { commit: '', version: 'shop:v1.2.0' }],
    ['mirror:5000/shop', { commit: '', version: 'shop' }],
    ['', null],
  ])('%s is a release of ours, else something by its name', async (image, live) => {
    expect(await names.liveImage(image)).toEqual(live);
  });

  test.each([
    'registry.k8s.io/pause:3.9',
    `registry.k8s.io/pause:3.9@${DIGEST}`,
    'pause',
    'gcr.io/cloudrun/placeholder',
    'gcr.io/cloudrun/hello',
    'us-docker.pkg.dev/cloudrun/container/hello:latest',
    'amazon/amazon-ecs-sample',
    'hello-world',
  ])('%s only holds the place', async (image) => {
    expect(isPlaceholder(image)).toBe(true);
    expect(await names.liveImage(image)).toBeNull();
  });

  test.each(['acme/hello:v1', 'acme/unpause:1', 'acme/pause/shop', 'placeholder:5000/shop'])(
    '%s does not',
    (image) => {
      expect(isPlaceholder(image)).toBe(false);
      expect(imageInWords(image)).not.toBe('');
    },
  );
});

test('a rollback does not wait for the host that knows the tags: what a name says is compared', async () => {
  const away = () => Promise.reject(new Unavailable('the git host', 'ETIMEDOUT'));
  const release = { version: '1.0.0', tag: 'v1.0.0', commit: 'a'.repeat(40) };
  const from = { version: '1.1.0', commit: 'b'.repeat(40) };
  const order = { kind: 'rollback', service: 'shop', release, from } as const;
  const named = (template: string) =>
    new ReleaseNames(`ghcr.io/acme/shop:${template}`, 'shop', { refs: away });
  const of = (template: string, tag: string) =>
    named(template).liveImage(`ghcr.io/acme/shop:${tag}`, { order });
  expect(await of('{tag}', 'v1.0.0')).toEqual({ version: '1.0.0', commit: release.commit });
  expect(await of('{tag}', 'v1.1.0')).toEqual({ version: '1.1.0', commit: '' });
  expect(await of('{version}', '1.1.0')).toEqual({ version: '1.1.0', commit: '' });
  expect(await of('{short}', 'bbbbbbb')).toEqual(from);
  expect(await of('{short}', 'ccccccc')).toEqual({ version: 'ccccccc', commit: '' });
  await expect(
    named('{tag}').liveImage('ghcr.io/acme/shop:v1.1.0', { order: { ...order, kind: 'deploy' } }),
  ).rejects.toThrow('ETIMEDOUT');
});
