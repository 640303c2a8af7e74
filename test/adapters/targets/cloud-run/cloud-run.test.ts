import { describe, expect, test as plainTest } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { CloudRunSettings, openCloudRun } from '../../../../src/adapters/targets/cloud-run/cloud-run.ts';
import { revisionName } from '../../../../src/adapters/targets/cloud-run/notes.ts';
import type { DeployOrder, Target } from '../../../../src/adapters/targets/port.ts';
import { FakeCloudRun } from '../../../fakes/platforms/cloud-run.ts';
import { gitReleases } from '../platforms/git-releases.ts';
import { killedAtEachCall } from '../platforms/killed-at-each-call.ts';
import { platformContract } from '../platforms/platform-faults.ts';
import {
  backTo,
  carryOut,
  end,
  type FaultyWorld,
  failureOf,
  orderOf,
  sentenceOf,
  worldOf,
} from '../platforms/platform-world.ts';

interface World extends FaultyWorld {
  readonly fake: FakeCloudRun;
  readonly open: (settings?: Record<string, unknown>) => Target;
}

const image = (tag: string) => `europe-west1-docker.pkg.dev/acme/shop/shop:${tag}`;

async function world(now: () => number = () => Date.now()): Promise<World> {
  const releases = gitReleases();
  const { first, second } = releases;
  const fake = await new FakeCloudRun().start();
  const key = JSON.stringify({
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 'secret-of-google',
    refresh_token: 'refresh-of-google',
    token_uri: `${fake.url}/token`,
  });
  const open = (settings: Record<string, unknown> = {}): Target => {
    const parsed = CloudRunSettings.parse({
      use: 'cloud-run',
      key: { env: 'GOOGLE_KEY' },
      project: 'acme-prod',
      region: 'europe-west1',
      service: 'shop',
      image: image('{tag}'),
      api: fake.url,
      logging: fake.url,
      ...settings,
    });
    return openCloudRun(parsed, releases.contextOf({ GOOGLE_KEY: key }, now));
  };
  const base = worldOf(fake, open, { intrude: async () => void (await fake.deployByHand(image('hotfix'))) });
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

// A 401 is asked once more with a new token, a 409 once more after a new look.
platformContract('cloud-run', () => world(), [TOKEN, 'refresh-of-google'], [401, 409]);
killedAtEachCall('cloud-run', () => world());

describe('cloud-run', () => {
  const test = plainTest.extend<{ shop: World; clock: { ms: number } }>({
    clock: async ({ task: _task }, use) => use({ ms: 1_900_000_000_000 }),
    shop: async ({ clock }, use) => {
      const shop = await world(() => clock.ms);
      await use(shop);
      expect(shop.violations()).toEqual([]);
      await shop.remove();
    },
  });
  const shipped = async (shop: World) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'k0');
    return orderOf(shop.second, shop.first);
  };
  const share = (order: DeployOrder, percent: number): DeployOrder => ({ ...order, percent });

  test('one patch makes a revision with the image, and nothing else of the template changes', async ({
    shop,
  }) => {
    const before = structuredClone(shop.fake.template);
    const order = orderOf(shop.first, null);
    const status = await carryOut(shop.target, order, 'k0');
    const name = revisionName('shop', '1.0.0', 'k0');
    expect(status).toMatchObject({
      kind: 'succeeded',
      deployment: { id: name, url: 'https://shop-abc-ew.a.run.app' },
    });
    const { annotations, revision, ...rest } = shop.fake.template;
    expect(revision).toBe(name);
    expect(JSON.parse(annotations?.['slipway/release'] ?? '')).toEqual({
      revision: name,
      commit: shop.first.commit,
      version: '1.0.0',
    });
    expect(rest).toEqual({ ...before, containers: [{ ...before.containers[0], image: image('v1.0.0') }] });
    expect(shop.fake.shares).toEqual({ [name]: 100 });
    expect(await shop.target.live()).toEqual({
      commit: shop.first.commit,
      version: '1.0.0',
      deploymentId: name,
    });
    expect(shop.target.rollbackCommands?.(shop.first)).toEqual([
      `gcloud run services update shop --project acme-prod --region europe-west1 --image ${image('v1.0.0')}`,
      'gcloud run services update-traffic shop --project acme-prod --region europe-west1 --to-latest',
    ]);
  });

  test('in stages: the same revision gets more, and going back makes none', async ({ shop }) => {
    const order = await shipped(shop);
    const [old, fresh] = [revisionName('shop', '1.0.0', 'k0'), revisionName('shop', '1.1.0', 'k5')];
    expect(await carryOut(shop.target, share(order, 5), 'k5')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.shares).toEqual({ [fresh]: 5, [old]: 95 });
    expect(await shop.target.live()).toEqual({
      commit: shop.first.commit,
      version: '1.0.0',
      deploymentId: `${old} (95 %), ${fresh} (5 %)`,
    });
    await carryOut(shop.another(), share(order, 60), 'k60');
    expect(shop.fake.shares).toEqual({ [fresh]: 60, [old]: 40 });
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
    await carryOut(shop.target, share(order, 60), 'k60 again');
    expect(shop.fake.acts).toHaveLength(3);
    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.shares).toEqual({ [old]: 100 });
    expect(shop.fake.revisions).toHaveLength(3);
    await carryOut(shop.target, order, 'k100');
    expect(shop.fake.shares).toEqual({ [revisionName('shop', '1.1.0', 'k100')]: 100 });
  });

  test('half and half is still the release before, and a third that serves stops a share', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    await carryOut(shop.target, share(order, 50), 'k50');
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    await shop.fake.deployByHand(image('hotfix'));
    const error = await failureOf(shop.target.start(share(order, 75), 'k75'));
    expect(error).toMatchObject({ code: 'target-diverged' });
    const alone = await world();
    const hole = share({ ...orderOf(alone.first, null) }, 10);
    await carryOut(alone.target, hole, 'k');
    // Nothing was live, so what serves the rest is not a release, and stays.
    expect(alone.fake.shares).toMatchObject({ 'shop-00001-abc': 90 });
    await alone.remove();
  });

  test('addresses of their own stay where they are', async ({ shop }) => {
    await shipped(shop);
    const [old] = shop.fake.traffic;
    shop.fake.traffic = [
      ...shop.fake.traffic,
      { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: old?.revision ?? '', tag: 'blue' },
    ];
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'k1');
    expect(shop.fake.traffic).toEqual([
      expect.objectContaining({ percent: 100 }),
      { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: old?.revision, tag: 'blue' },
    ]);
  });

  test('a revision that does not become ready says why, what it printed last, and who still serves', async ({
    shop,
    clock,
  }) => {
    const order = await shipped(shop);
    shop.fake.nextFailure =
      'The user-provided container failed to start and listen on the port defined by the PORT=8080 environment variable.';
    shop.fake.log = ['listening', `no database at ${TOKEN}`, 'exit 1'];
    const handle = await shop.target.start(order, 'k1');
    await shop.target.follow(order, handle);
    // The failure is one of a generation that the service does not name yet.
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'running' });
    clock.ms += 11_000;
    const old = revisionName('shop', '1.0.0', 'k0');
    const status = await shop.target.follow(order, handle);
    expect(status).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        new RegExp(
          `^shop-1-1-0-\\w+ did not become ready: The user-provided container failed to start.*\\. ${old} serves\\.$`,
        ),
      ),
      log: ['listening', 'no database at …', 'exit 1'],
      logUrl: expect.stringContaining('console.cloud.google.com'),
    });
    expect(JSON.stringify(status)).not.toContain(TOKEN);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });

    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.shares).toEqual({ [old]: 100 });
    expect(await carryOut(shop.target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
  });

  test('requests move between revisions that are ready, although the newest has failed', async ({
    shop,
    clock,
  }) => {
    const order = await shipped(shop);
    const [old, fresh] = [revisionName('shop', '1.0.0', 'k0'), revisionName('shop', '1.1.0', 'k5')];
    await carryOut(shop.target, share(order, 5), 'k5');
    // Somebody tries a revision that gets no requests.
    shop.fake.nextFailure = 'The container failed to start.';
    shop.fake.tryByHand(image('trial'));
    for (const percent of [50, 100]) {
      shop.fake.slowness = 2;
      const from = await shop.target.live();
      const further = { ...share(order, percent), from };
      const handle = await shop.target.start(further, `k${percent}`);
      // As it was before this change.
      clock.ms += 11_000;
      expect(await shop.target.follow(further, handle)).toMatchObject({ kind: 'running' });
      expect(await end(shop.another(), further, handle)).toMatchObject({ kind: 'succeeded' });
      expect(shop.fake.shares[fresh]).toBe(percent);
    }
    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.shares).toEqual({ [old]: 100 });
  });

  test('an image of another form is something that is live, and nothing goes over it unseen', async ({
    shop,
  }) => {
    await shop.fake.deployByHand(`${image('x').slice(0, -2)}@sha256:${'0123456789abcdef'.repeat(4)}`);
    const from = await shop.target.live();
    expect(from).toMatchObject({ commit: '', version: 'shop@0123456789ab' });
    const error = await failureOf(shop.target.start(orderOf(shop.first, null), 'k0'));
    expect(error).toMatchObject({ code: 'target-diverged', facts: { expected: 'nothing' } });
    const back = await backTo(shop.target, shop.first);
    expect(await carryOut(shop.target, back, 'r1')).toMatchObject({ kind: 'succeeded' });
  });

  test('credentials that end while it is followed are said; with new ones it is followed on', async ({
    shop,
    clock,
  }) => {
    const order = await shipped(shop);
    const handle = await shop.target.start(order, 'k1');
    shop.fake.keyIsOver = true;
    shop.fake.revoked = true;
    const follow = () => sentenceOf(shop.target.follow(order, handle));
    expect(await follow()).toMatch(/no credentials for Google Cloud: it gave no token \(400 Bad Request\)/);
    shop.fake.keyIsOver = false;
    shop.fake.acceptsToken = false;
    expect(await follow()).toContain('does not accept the token');
    shop.fake.acceptsToken = true;
    clock.ms += 60_000;
    expect(await end(shop.another(), order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('what came live between the order of a rollback and its start is taken back too', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.slowness = 1;
    await shop.target.start(order, 'k1');
    const back = await backTo(shop.target, shop.first);
    expect(back.from).toMatchObject({ commit: shop.first.commit });
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
    expect(await carryOut(shop.another(), back, 'r1')).toMatchObject({ kind: 'succeeded' });
    expect(shop.fake.shares).toEqual({ [revisionName('shop', '1.0.0', 'k0')]: 100 });
    await carryOut(shop.target, order, 'k2');
    await shop.fake.deployByHand(image('hotfix'));
    expect(await failureOf(shop.target.start(back, 'r2'))).toMatchObject({ code: 'target-diverged' });
  });

  test('what takes too long fails at the deadline', async ({ shop, clock }) => {
    const order = await shipped(shop);
    shop.fake.slowness = 50;
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 16 * 60_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      goesOn: true,
      reason: expect.stringContaining('has 0 % of the requests and is to have 100 %'),
    });
    await shop.target.cancel?.(handle);
    expect(await shop.target.follow(order, handle)).not.toHaveProperty('goesOn');
  });

  test('a conflict is read again and overcome; a name that is taken is not', async ({ shop }) => {
    const order = await shipped(shop);
    shop.fake.conflicts = 2;
    expect(await carryOut(shop.target, order, 'k1')).toMatchObject({ kind: 'succeeded' });
    shop.fake.conflicts = 99;
    const back = await backTo(shop.target, shop.first);
    await expect(shop.target.start(back, 'k2')).rejects.toThrow(
      /others change the service shop all the time/,
    );
    shop.fake.conflicts = 0;
    shop.fake.annotations = {};
    await shop.fake.deployByHand(image('v1.0.0'));
    expect(await sentenceOf(shop.target.start(order, 'k1'))).toMatch(/409.*already exists/);
  });

  test('cancel gives the requests back, once', async ({ shop }) => {
    const order = await shipped(shop);
    const old = revisionName('shop', '1.0.0', 'k0');
    shop.fake.slowness = 3;
    const handle = await shop.target.start(order, 'k1');
    await shop.target.cancel?.(JSON.parse(JSON.stringify(handle)));
    await shop.another().cancel?.(handle);
    expect(shop.fake.acts).toHaveLength(3);
    expect(shop.fake.traffic).toEqual([
      { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: old, percent: 100 },
    ]);
    expect(await end(shop.target, order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('Somebody else has changed shop'),
    });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('cancel leaves what came live since; a share it takes back', async ({ shop }) => {
    const order = await shipped(shop);
    const handle = await shop.target.start(order, 'k1');
    await end(shop.target, order, handle);
    expect(await failureOf(shop.target.cancel?.(handle))).toMatchObject({ code: 'already-live' });
    expect(shop.fake.acts).toHaveLength(2);
    const next = share(orderOf(shop.first, shop.second), 5);
    const part = await shop.target.start(next, 'k5');
    await end(shop.target, next, part);
    await shop.target.cancel?.(part);
    expect(shop.fake.traffic).toMatchObject([
      { revision: revisionName('shop', '1.1.0', 'k1'), percent: 100 },
    ]);
  });

  test('cancel after a failure takes back what the service still asks for', async ({ shop, clock }) => {
    const order = await shipped(shop);
    shop.fake.nextFailure = 'The user-provided container failed to start.';
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 11_000;
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'failed', goesOn: true });
    await shop.target.cancel?.(handle);
    expect(shop.fake.traffic).toMatchObject([
      { revision: revisionName('shop', '1.0.0', 'k0'), percent: 100 },
    ]);
    expect(await carryOut(shop.target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
  });

  test('cancel leaves the requests where somebody has sent them since', async ({ shop, clock }) => {
    const order = await shipped(shop);
    shop.fake.nextFailure = 'The user-provided container failed to start.';
    const handle = await shop.target.start(order, 'k1');
    clock.ms += 11_000;
    expect(await end(shop.target, order, handle)).toMatchObject({ kind: 'failed', goesOn: true });
    const name = await shop.fake.deployByHand(image('hotfix'));
    const latest = [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST' as const, percent: 100 }];
    for (const traffic of [shop.fake.traffic, latest]) {
      shop.fake.traffic = traffic;
      const acts = shop.fake.acts.length;
      await shop.target.cancel?.(handle);
      expect(shop.fake.acts).toHaveLength(acts);
      expect([shop.fake.shares, shop.fake.traffic]).toEqual([{ [name]: 100 }, traffic]);
    }
  });

  test('a rollback finds revisions that were made by hand; where none is left it makes one', async ({
    shop,
  }) => {
    const name = await shop.fake.deployByHand(image('v1.0.0'));
    expect(await shop.target.live()).toEqual({
      commit: shop.first.commit,
      version: '1.0.0',
      deploymentId: name,
    });
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'k1');
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1');
    expect(shop.fake.shares).toEqual({ [name]: 100 });
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'k2');
    for (const one of shop.fake.revisions) if (one.name === name) one.ready = false;
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r2');
    expect(shop.fake.shares).toEqual({ [revisionName('shop', '1.0.0', 'r2')]: 100 });
  });

  test('a rollback goes to the revision that served, not to a newer one with its image that never did', async ({
    shop,
  }) => {
    const order = await shipped(shop);
    // As `gcloud run services update --update-env-vars` does it.
    const tried = () => {
      shop.fake.tryByHand(image('v1.0.0'));
      const last = shop.fake.revisions.at(-1);
      if (last) last.ready = true;
    };
    tried();
    await carryOut(shop.target, order, 'k1');
    tried();
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r1');
    expect(shop.fake.shares).toEqual({ [revisionName('shop', '1.0.0', 'k0')]: 100 });
    // Of what served before somebody else's there is no note: then what was made for the release.
    await shop.fake.deployByHand(image('hotfix'));
    await carryOut(shop.target, await backTo(shop.target, shop.first), 'r2');
    expect(shop.fake.shares).toEqual({ [revisionName('shop', '1.0.0', 'k0')]: 100 });
  });

  test('a revision made by hand from the template of a release is not taken for it', async ({ shop }) => {
    await shipped(shop);
    await shop.fake.deployByHand(image('hotfix'));
    expect(await shop.target.live()).toMatchObject({ commit: '', version: 'hotfix' });
  });

  test('a revision that is not visible yet is waited for, a token that was revoked is replaced', async ({
    shop,
  }) => {
    shop.fake.hides = 1;
    await shipped(shop);
    await expect(shop.target.live()).rejects.toThrow(/does not show the revision shop-1-0-0-\w+ yet/);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    shop.fake.revoked = true;
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('the preflight asks whether it may change the service, and changes nothing', async ({ shop }) => {
    expect(await shop.target.preflight()).toBe(
      'shop in europe-west1 can be changed; shop-1 would get the image.',
    );
    expect([shop.fake.generation, shop.fake.acts]).toEqual([1, []]);
    shop.fake.mayChange = false;
    expect(await sentenceOf(shop.target.preflight())).toMatch(
      /does not let Slipway change the service shop.*run\.services\.update.*GOOGLE_KEY needs the role roles\/run\.developer, .*roles\/artifactregistry\.reader on the repository of the image/,
    );
    shop.fake.mayChange = true;
    const wrong = shop.open({ containers: ['web'] });
    expect(await sentenceOf(wrong.preflight())).toContain('shop has no container web, only shop-1');
    expect(await sentenceOf(shop.open({ image: 'shop {tag}' }).deployable(shop.first))).toContain(
      'is no name of an image',
    );
    shop.fake.acceptsToken = false;
    expect(await sentenceOf(shop.target.preflight())).toMatch(/does not accept the token .* into GOOGLE_KEY/);
  });

  test('names of revisions fit whatever the names and versions', () => {
    for (const [service, version] of [
      ['shop', '1.3.0-rc.1+Build_7'],
      ['s'.repeat(49), '2026.11.29'],
      ['a', '-'],
    ] as const) {
      expect(revisionName(service, version, 'k')).toMatch(/^(?=.{1,63}$)[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]$/);
    }
    expect(revisionName('shop', '1.0.0', 'a')).not.toBe(revisionName('shop', '1.0.0', 'b'));
  });
});
