import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import type { DeployHandle, DeployStatus, Target } from '../../../../src/adapters/targets/port.ts';
import { type TargetWorld, targetContract } from '../../../contracts/target.ts';
import { startHttpServer } from '../../../fakes/http-server.ts';
import { FakeKubernetes } from '../../../fakes/platforms/kubernetes.ts';
import { targets } from '../../../support/all-adapters.ts';
import { gitReleases } from '../platforms/git-releases.ts';
import { carryOut, end, failureOf, orderOf, sentenceOf } from '../platforms/platform-world.ts';

const image = (tag: string) => `ghcr.io/acme/shop:${tag}`;
const REGIONS = ['eu', 'us', 'ap'] as const;
type Region = (typeof REGIONS)[number];

interface World extends TargetWorld {
  readonly clusters: Readonly<Record<Region, FakeKubernetes>>;
  /** What production answers there. */
  readonly health: Record<Region, number>;
  readonly open: () => Target;
}

/** Three clusters, each with an address at which its shop says how it is. */
async function world(now: () => number = () => Date.now()): Promise<World> {
  const releases = gitReleases();
  const { first, second } = releases;
  const health: Record<Region, number> = { eu: 200, us: 200, ap: 200 };
  const shop = await startHttpServer((request, response) => {
    response.writeHead(health[(request.url ?? '').slice(1) as Region]).end('ok');
  });
  const clusters = {
    eu: await new FakeKubernetes().start(),
    us: await new FakeKubernetes().start(),
    ap: await new FakeKubernetes().start(),
  };
  for (const cluster of Object.values(clusters)) cluster.add('shop', 'registry.k8s.io/pause:3.9');
  const open = () => {
    const parsed = targets.settings.parse({
      use: 'waves',
      waves: REGIONS.map((name) => ({
        name,
        target: {
          use: 'kubernetes',
          cluster: { api: clusters[name].url, token: { env: 'KUBE_TOKEN' } },
          namespace: 'shop',
          workloads: [{ name: 'shop', containers: ['web'] }],
          image: image('{tag}'),
        },
        checks: [{ use: 'http', url: `${shop.url}/${name}` }],
      })),
    });
    return targets.open(parsed, releases.contextOf({ KUBE_TOKEN: TOKEN }, now));
  };
  return {
    target: open(),
    another: open,
    open,
    first,
    second,
    unknown: { version: '9.0.0', tag: 'v9.0.0', commit: 'f'.repeat(40) },
    deployments: () => clusters.eu.acts.length,
    loseNextAnswer: () => clusters.eu.inject('reset-after', { method: 'PATCH' }),
    intrude: async () => clusters.ap.setImage('shop', image('hotfix')),
    clusters,
    health,
    remove: async () => {
      for (const cluster of Object.values(clusters)) {
        await cluster.close();
        expect(cluster.violations).toEqual([]);
      }
      await shop.close();
      releases.remove();
    },
  };
}

targetContract({ name: 'waves', make: () => world() });

describe('waves', () => {
  let shop: World;
  let ms = 1_900_000_000_000;
  const acts = () => REGIONS.map((name) => shop.clusters[name].acts.map((one) => one.split(':').at(-1)));
  const next = () => orderOf(shop.second, shop.first);

  beforeEach(async () => {
    shop = await world(() => ms);
    for (const cluster of Object.values(shop.clusters)) cluster.setImage('shop', image('v1.0.0'));
  });
  afterEach(() => shop.remove());

  test('a release reaches one after the other, each when the checks of the one before it pass', async () => {
    expect(shop.target.verifies).toBe(true);
    shop.health.us = 503;
    const handle = await shop.target.start(next(), 'k1');
    const seen: string[] = [];
    let status: DeployStatus = await shop.target.follow(next(), handle);
    for (let look = 0; look < 40 && status.kind === 'running'; look++) {
      if (seen.at(-1) !== status.detail) seen.push(status.detail);
      if (/does not pass/.test(status.detail)) {
        expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], []]);
        expect(await shop.target.live()).toMatchObject({ commit: '', version: '1.1.0 and 1.0.0' });
        shop.health.us = 200;
      }
      status = await shop.target.follow(next(), handle);
    }
    expect(status.kind).toBe('succeeded');
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], ['v1.1.0']]);
    expect(seen.filter((one) => one.includes('(us)')).at(-1)).toMatch(
      /^Wave 2 of 3 \(us\): .*us.* does not pass there \(.*503.*\)$/,
    );
  });

  test('checks that do not pass in time end it where it is, and the others keep what they have', async () => {
    shop.health.us = 500;
    const handle = await shop.target.start(next(), 'k1');
    for (let look = 0; look < 10; look++) await shop.target.follow(next(), handle);
    ms += 121_000;
    expect(await shop.target.follow(next(), handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /^Wave 2 of 3 \(us\): It has the release, and is not well after 2 min: .*500.*\. ap: not begun\.$/,
      ),
    });
    expect(acts()[2]).toEqual([]);
    expect(shop.target.resumes).toBe(true);
    // Again: the first is there already, and no second time deployed.
    shop.health.us = 200;
    expect(await carryOut(shop.open(), next(), 'k2')).toMatchObject({ kind: 'succeeded' });
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], ['v1.1.0']]);
  });

  test('another process after each look deploys nothing twice', async () => {
    let handle: DeployHandle = await shop.open().start(next(), 'k1');
    for (let look = 0; look < 60; look++) {
      handle = JSON.parse(JSON.stringify(handle));
      const status = await shop.open().follow(next(), handle);
      if (status.kind === 'running') continue;
      expect(status.kind).toBe('succeeded');
      break;
    }
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], ['v1.1.0']]);
  });

  /** Half of it: eu has the release, us has it and is not well. */
  const half = async () => {
    shop.health.us = 500;
    const handle = await shop.target.start(next(), 'k1');
    for (let look = 0; look < 10; look++) await shop.target.follow(next(), handle);
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], []]);
  };

  test('a rollback goes to all at once, verified or not, and takes nothing back that was not changed', async () => {
    await half();
    const live = await shop.target.live();
    expect(live).toMatchObject({ commit: '', version: '1.1.0 and 1.0.0' });
    const back = { ...orderOf(shop.first, null, 'rollback'), from: live };
    const other = await shop.open().start(back, 'k2');
    expect(acts()).toEqual([['v1.1.0', 'v1.0.0'], ['v1.1.0', 'v1.0.0'], []]);
    expect(await end(shop.open(), back, other)).toMatchObject({ kind: 'succeeded' });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('Retry and the next release go on from half of it; what somebody else has deployed does not', async () => {
    await half();
    shop.health.us = 200;
    const from = await shop.target.live();
    shop.clusters.ap.setImage('shop', image('v1.1.0'));
    shop.clusters.ap.setImage('shop', image('hotfix'));
    await expect(shop.open().start({ ...next(), from }, 'k2')).rejects.toThrow(/target-diverged/);
    shop.clusters.ap.setImage('shop', image('v1.0.0'));
    expect(await carryOut(shop.open(), { ...next(), from }, 'k3')).toMatchObject({ kind: 'succeeded' });
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], ['v1.1.0']]);
  });

  test('a region that does not answer keeps no other one from going back', async () => {
    await half();
    const back = { ...orderOf(shop.first, null, 'rollback'), from: await shop.target.live() };
    const target = shop.open();
    for (let nth = 0; nth < 4; nth++) shop.clusters.us.inject({ status: 503 }, { method: 'PATCH' });
    const handle = await target.start(back, 'k2');
    expect(acts()[0]).toEqual(['v1.1.0', 'v1.0.0']);
    let status = await target.follow(back, handle);
    for (let look = 0; look < 10 && !/503/.test(JSON.stringify(status)); look++)
      status = await target.follow(back, handle);
    expect(status).toMatchObject({
      kind: 'running',
      detail: expect.stringMatching(/^Wave 2 of 3 \(us\): .*503/),
    });
    expect(await end(target, back, handle)).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('a wave that somebody has taken back meanwhile is not deployed again by the next process', async () => {
    const handle = await shop.target.start(next(), 'k1');
    for (let look = 0; look < 12; look++) await shop.target.follow(next(), handle);
    shop.clusters.eu.setImage('shop', image('v1.0.0'));
    expect(await shop.open().follow(next(), handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^Wave 1 of 3 \(eu\): .*somebody else has changed it/),
    });
    expect(acts()[0]).toEqual(['v1.1.0']);
  });

  test('cancel stops the one under way, also by another process', async () => {
    const handle = await shop.target.start(next(), 'k1');
    const isIn = (status: DeployStatus, name: string) =>
      status.kind === 'running' && status.detail.includes(`(${name})`);
    shop.clusters.us.slowness = 20;
    for (let look = 0; look < 40; look++) if (isIn(await shop.target.follow(next(), handle), 'us')) break;
    await shop.open().cancel?.(JSON.parse(JSON.stringify(handle)));
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0', 'v1.0.0'], []]);
  });

  test('a cancel that comes when a wave has just ended begins no other one', async () => {
    const handle = await shop.target.start(next(), 'k1');
    shop.health.eu = 500;
    for (let look = 0; look < 10; look++) await shop.target.follow(next(), handle);
    shop.health.eu = 200;
    await shop.target.cancel?.(handle);
    expect(acts()).toEqual([['v1.1.0'], [], []]);
  });

  test('a cancel that comes when all of them have ended takes nothing back, and says so', async () => {
    const handle = await shop.target.start(next(), 'k1');
    expect(await end(shop.target, next(), handle)).toMatchObject({ kind: 'succeeded' });
    expect(await failureOf(shop.target.cancel?.(handle))).toMatchObject({ code: 'already-live' });
    expect(acts()).toEqual([['v1.1.0'], ['v1.1.0'], ['v1.1.0']]);
  });

  test('nor does one of another process', async () => {
    const handle = await shop.target.start(next(), 'k1');
    shop.health.eu = 500;
    for (let look = 0; look < 10; look++) await shop.target.follow(next(), handle);
    shop.health.eu = 200;
    await shop.open().cancel?.(JSON.parse(JSON.stringify(handle)));
    expect(acts()).toEqual([['v1.1.0'], [], []]);
  });

  test('a wave that was waited for long enough is stopped by whoever gives up', async () => {
    shop.clusters.eu.slowness = 50;
    const handle = await shop.target.start(next(), 'k1');
    ms += 61 * 60_000;
    expect(await shop.target.follow(next(), handle)).toMatchObject({ kind: 'failed', goesOn: true });
    await shop.target.cancel?.(handle);
    expect(acts()).toEqual([['v1.1.0', 'v1.0.0'], [], []]);
  });

  test('nothing begins while one of them has what nobody expects', async () => {
    shop.clusters.ap.setImage('shop', image('hotfix'));
    await expect(shop.target.start(next(), 'k1')).rejects.toThrow(/target-diverged/);
    expect(acts()).toEqual([[], [], []]);
    expect(await sentenceOf(shop.target.start(next(), 'k1'))).toContain('ap: Kubernetes deployment');
  });

  test('a command in each that says nothing of what is live: each has what it was given itself', async () => {
    const releases = gitReleases();
    const context = releases.contextOf({}, Date.now);
    const target = targets.open(
      targets.settings.parse({
        use: 'waves',
        waves: ['west', 'us-west', 'ap'].map((name) => ({
          name,
          target: {
            use: 'command',
            deploy: [
              process.execPath,
              '-e',
              `process.exit('{version}'==='1.1.0'&&${name === 'us-west'}?1:0)`,
            ],
          },
        })),
      }),
      context,
    );
    const { first, second } = releases;
    const carriedOut = async (order: ReturnType<typeof orderOf>, key: string) => {
      const handle = await target.start(order, key);
      for (;;) {
        const status = await target.follow(order, handle);
        if (status.kind !== 'running') return status.kind;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    try {
      expect(await target.live()).toBeNull();
      expect(await carriedOut(orderOf(first, null), 'p1-deploy-1')).toBe('succeeded');
      expect(await target.live()).toMatchObject({ commit: first.commit });
      expect(await carriedOut(orderOf(second, first), 'p2-deploy-1')).toBe('failed');
      expect(await target.live()).toMatchObject({ commit: '', version: '1.1.0 and 1.0.0' });
      const back = { ...orderOf(first, null, 'rollback'), from: await target.live() };
      expect(await carriedOut(back, 'p2-rollback-1')).toBe('succeeded');
      expect(await target.live()).toMatchObject({ commit: first.commit });
    } finally {
      releases.remove();
    }
  });

  test('is made of at least two, with names of their own', () => {
    const wave = { name: 'eu', target: { use: 'git-branch', branch: 'production' } };
    for (const waves of [[wave], [wave, wave]])
      expect(() => targets.settings.parse({ use: 'waves', waves })).toThrow();
  });
});
