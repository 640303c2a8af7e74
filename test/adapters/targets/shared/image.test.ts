import { describe, expect, test } from 'vitest';
import type { TargetContext } from '../../../../src/adapters/targets/context.ts';
import {
  imageInWords,
  isImage,
  isImageName,
  isPlaceholder,
} from '../../../../src/adapters/targets/shared/image.ts';
import { ReleaseNames } from '../../../../src/adapters/targets/shared/release-name.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const HOME = { service: 'shop', tags: { tagPrefix: 'v' } };

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

describe('the name of an image', () => {
  const long = (length: number) => `${'a'.repeat(length)}:v1`;
  test.each([
    'shop:v1',
    'acme/shop:v1',
    'ghcr.io/acme/shop:v1.2.3',
    'GHCR.io/acme/shop:V1',
    'localhost/shop:v1',
    'localhost:5000/shop:v1',
    'Mirror:5000/a/b/c_d__e-f--g.h:1_2-3.4',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:v1',
    `ghcr.io/acme/shop:v1@${DIGEST}`,
    `shop:${'a'.repeat(128)}`,
    long(255),
  ])('%s is one', (image) => {
    expect(isImageName(image)).toBe(true);
  });

  test.each([
    'shop',
    'shop:',
    ':v1',
    '/shop:v1',
    'shop/:v1',
    'shop::v1',
    'ghcr.io//shop:v1',
    'ghcr.io/acme/Shop:v1',
    'Acme/shop:v1',
    'ghcr.io:port/shop:v1',
    'acme/-shop:v1',
    'acme/shop_:v1',
    'acme/shop..x:v1',
    'shop:api/v1.2.3',
    'shop:-v1',
    'shop:v1+5',
    `ghcr.io/acme/shop@${DIGEST}`,
    `shop:${'a'.repeat(129)}`,
    long(256),
  ])('%s is none', (image) => {
    expect(isImageName(image)).toBe(false);
  });
});

describe('an image that runs', () => {
  const commit = 'a'.repeat(40);
  const refs = async () => ({ branches: {}, tags: [{ name: 'v1.2.0', commit, annotated: true }] });
  const names = new ReleaseNames('ghcr.io/acme/shop:{tag}', HOME, { refs });

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

describe('a version among the tags of several services', () => {
  const commitOf = (names: readonly string[], home: TargetContext['tags'] & { readonly service: string }) => {
    const tags = names.map((name, nr) => ({ name, commit: `${nr}`.repeat(40), annotated: true }));
    const { service, ...form } = home;
    const refs = async () => ({ branches: {}, tags });
    return async (template: string, text: string) => {
      const live = await new ReleaseNames(template, { service, tags: form }, { refs }).live(text);
      return live && { ...live, commit: tags.find(({ commit }) => commit === live.commit)?.name ?? '' };
    };
  };
  const all = ['api-gateway/v1.2.3', 'api/v1.2.3', 'frontend/v1.2.3', 'v1.2.3', 'web2/v1.2.3-prod'];

  test.each([
    ['api', { tagPrefix: 'api/v' }, 'api/v1.2.3'],
    ['api-gateway', { tagPrefix: 'api-gateway/v' }, 'api-gateway/v1.2.3'],
    ['web', { tagPrefix: 'frontend/v' }, 'frontend/v1.2.3'],
    ['web', { tagPrefix: 'v' }, 'v1.2.3'],
    ['web2', { tagPrefix: 'web2/v', tagSuffix: '-prod' }, 'web2/v1.2.3-prod'],
  ])('is that of the service %s with tags like %j', async (service, form, tag) => {
    const read = commitOf(all, { service, ...form });
    expect(await read('shop:{version}', 'shop:1.2.3')).toEqual({ commit: tag, version: '1.2.3' });
    expect(await read('{tag}', tag)).toEqual({ commit: tag, version: '1.2.3' });
  });

  test.each([
    ['api', all, 'api/v1.2.3'],
    ['web', all, 'v1.2.3'],
    ['web', ['release-1.2.3'], 'release-1.2.3'],
    ['api', ['api-gateway/v1.2.3', 'frontend/v1.2.3'], ''],
  ])('is guessed for %s where tags had another form', async (service, names, tag) => {
    const read = commitOf(names, { service, tagPrefix: 'now/v' });
    expect(await read('{version}', '1.2.3')).toEqual({ commit: tag, version: '1.2.3' });
  });
});

test('a rollback does not wait for the host that knows the tags: what a name says is compared', async () => {
  const away = () => Promise.reject(new Unavailable('the git host', 'ETIMEDOUT'));
  const release = { version: '1.0.0', tag: 'v1.0.0', commit: 'a'.repeat(40) };
  const from = { version: '1.1.0', commit: 'b'.repeat(40) };
  const order = { kind: 'rollback', service: 'shop', release, from } as const;
  const named = (template: string) => new ReleaseNames(`ghcr.io/acme/shop:${template}`, HOME, { refs: away });
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
