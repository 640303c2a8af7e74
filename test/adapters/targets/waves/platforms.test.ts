import { expect, test } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { FakeHeroku } from '../../../fakes/platforms/heroku.ts';
import { targets } from '../../../support/all-adapters.ts';
import { gitReleases } from '../platforms/git-releases.ts';
import { orderOf, sentenceOf } from '../platforms/platform-world.ts';

const REGIONS = ['eu', 'us'] as const;

/** Waves of a platform that promotes what was built, and that takes no keys. */
async function world() {
  const releases = gitReleases();
  const { first, second } = releases;
  const regions = { eu: await new FakeHeroku().start(), us: await new FakeHeroku().start() };
  for (const region of Object.values(regions)) {
    await region.add('shop-production', first.commit);
    await region.add('shop-staging', second.commit);
  }
  const app = (region: FakeHeroku) => ({
    use: 'heroku',
    app: 'shop-production',
    staging: 'shop-staging',
    token: { env: 'HEROKU_TOKEN' },
    api: region.url,
  });
  const parsed = targets.settings.parse({
    use: 'waves',
    waves: REGIONS.map((name) => ({ name, target: app(regions[name]) })),
  });
  const context = releases.contextOf({ HEROKU_TOKEN: TOKEN }, () => Date.now());
  return {
    first,
    second,
    regions,
    open: () => targets.open(parsed, context),
    end: async () => {
      for (const region of Object.values(regions)) await region.close();
      releases.remove();
    },
  };
}

test('that a build is there to be promoted is proved for all waves before a release is cut', async () => {
  const shop = await world();
  await shop.regions.eu.add('shop-staging', 'c'.repeat(40));
  const { promotable } = shop.open();
  expect(await promotable?.({ commit: shop.second.commit })).toMatch(
    /v1 of shop-staging.+v1 of shop-staging/,
  );
  expect(await sentenceOf(Promise.resolve(promotable?.({ commit: 'c'.repeat(40) })))).toContain('cccccccc');
  await shop.end();
});

test('a wave that somebody took back by hand meanwhile is not ordered again after a restart', async () => {
  const shop = await world();
  const order = orderOf(shop.second, shop.first);
  const handle = await shop.open().start(order, 'k');
  const { eu } = shop.regions;
  await expect.poll(async () => (await shop.open().live())?.commit ?? eu.acts).toBeDefined();
  const before = [...eu.acts];
  expect(before).toEqual(['promote v1']);
  await eu.add('shop-production', shop.first.commit);
  for (let look = 0; look < 3; look++)
    await shop
      .open()
      .follow(order, handle)
      .catch(() => null);
  expect(eu.acts).toEqual(before);
  await shop.end();
});
