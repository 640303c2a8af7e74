import { describe, expect, test as plainTest } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import { targetContract } from '../../../contracts/target.ts';
import { backTo, carryOut, end, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { argoSettings, FILE, type GitopsWorld, gitopsWorld, kustomization } from './gitops-world.ts';

targetContract({ name: 'gitops', make: () => gitopsWorld('none') });
targetContract({ name: 'gitops with Argo CD', make: () => gitopsWorld('argo') });

describe('gitops', () => {
  const test = plainTest.extend<{ shop: GitopsWorld }>({
    shop: async ({ task: _task }, use) => {
      const shop = await gitopsWorld('argo');
      await use(shop);
      expect(shop.argo.violations).toEqual([]);
      await shop.remove();
    },
  });

  const fileNow = ({ deploy }: GitopsWorld) => deploy.git('show', `main:${FILE}`);

  test('changes the one value, and leaves the rest of the file and what others change as it is', async ({
    shop,
  }) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'p1');
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'p2');
    expect(`${fileNow(shop)}\n`).toBe(kustomization('v1.1.0'));
    expect(shop.deploy.git('show', '-s', '--format=%B', 'main')).toMatch(
      /^deploy\(shop\): v1\.1\.0\n[\s\S]*Slipway-Record: p2$/,
    );
    const theirs = kustomization('v1.1.0').replace('"1.30"', '"1.31"').replace('# The shop', '# Our shop');
    shop.deploy.push('main', 'feat: a newer envoy', { [FILE]: theirs, other: 'thing' });
    const status = await carryOut(shop.target, orderOf(shop.first, shop.second, 'rollback'), 'p2:rollback');
    expect(status).toMatchObject({ kind: 'succeeded' });
    expect(`${fileNow(shop)}\n`).toBe(theirs.replace('v1.1.0', 'v1.0.0'));
    expect(shop.deploy.git('show', '--format=', '--name-only', 'main')).toBe(FILE);
  });

  test('a file with an empty value, or where the release would not be found again, is refused before anything is written', async ({
    shop,
  }) => {
    shop.deploy.push('main', 'chore: begin', {
      'values.yaml': 'image:\n  tag: # none yet\n',
      env: 'TAG=7\n',
    });
    const empty = shop.open({ kustomize: undefined, file: 'values.yaml', value: 'image.tag' });
    expect(await sentenceOf(empty.preflight())).toContain(
      'image.tag is empty; write a value there once by hand',
    );
    const before = shop.deploy.tip('main');
    expect(await sentenceOf(empty.start(orderOf(shop.first, null), 'k'))).toContain('image.tag is empty');
    const pattern = shop.open({ kustomize: undefined, file: 'env', pattern: '^TAG=(\\d+)$' });
    expect(await pattern.preflight()).toContain('env says 7');
    const refused = 'v1.0.0 in the place of 7 would not be found there again';
    expect(await sentenceOf(pattern.deployable(shop.first))).toContain(refused);
    expect(await sentenceOf(pattern.start(orderOf(shop.first, null), 'k'))).toContain(refused);
    expect(shop.deploy.tip('main')).toBe(before);
  });

  test('Synced and Healthy at the commit before, or with the health of before the sync, is no success', async ({
    shop,
  }) => {
    shop.argo.staleness = 3;
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    const seen: string[] = [];
    let status = await shop.target.follow(order, handle);
    for (; status.kind === 'running'; status = await shop.target.follow(order, handle))
      seen.push(status.detail);
    expect([...new Set(seen)]).toEqual([
      'Argo CD has not seen the commit yet',
      'Argo CD was asked to sync',
      'Argo CD syncs: successfully synced',
      'Argo CD has not looked at its health since the sync',
      'it is Progressing',
    ]);
    expect(status).toMatchObject({
      kind: 'succeeded',
      deployment: { logUrl: `${shop.argo.url}/applications/argocd/shop` },
    });
    expect(shop.argo.acts).toEqual([shop.deploy.tip('main')]);
  });

  test('what Argo CD has deployed is live, not what the file says', async ({ shop }) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'p1');
    await shop.target.start(orderOf(shop.second, shop.first), 'p2');
    expect(await shop.target.live()).toEqual({ commit: shop.first.commit, version: '1.0.0' });
  });

  test('a commit of somebody else on top is a commit that has ours', async ({ shop }) => {
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.deploy.push('main', 'docs: hello', { README: 'hello again' });
    expect(await carryOut(shop.another(), order, 'k')).toMatchObject({ kind: 'succeeded' });
    expect(shop.deployments?.()).toBe(1);
    shop.deploy.push('main', 'fix: by hand', { [FILE]: kustomization('hotfix-7') });
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: `${FILE} says hotfix-7 now, not v1.0.0: somebody else has changed it.`,
    });
  });

  test('a host that shows the branch as it was before our commit is asked again for a minute', async ({
    shop,
  }) => {
    const before = shop.deploy.tip('main') ?? '';
    const order = orderOf(shop.first, null);
    const shows = (commit: string | null) => shop.deploy.git('update-ref', 'refs/heads/main', commit ?? '');
    for (const key of ['k1', 'k2']) {
      // The second order finds it written.
      const handle = await shop.target.start(order, key);
      const after = shop.deploy.tip('main');
      const look = () => shop.target.follow(order, JSON.parse(JSON.stringify(handle)));
      shows(before);
      expect(await look()).toMatchObject({
        kind: 'running',
        detail: 'main is not shown with the commit yet',
      });
      shop.clock.ms += 60_000;
      expect(await look()).toMatchObject({
        kind: 'failed',
        reason: `${FILE} says unreleased now, not v1.0.0: somebody else has changed it.`,
      });
      shows(after);
      expect(await look()).toMatchObject({ kind: 'running' });
      shop.clock.ms += 1_000;
    }
    shop.deploy.push('main', 'fix: by hand', { [FILE]: kustomization('unreleased') });
    const again = await shop.target.start(orderOf(shop.first, null), 'k3');
    shop.deploy.push('main', 'fix: by hand', { [FILE]: kustomization('unreleased') });
    expect(await shop.target.follow(order, again)).toMatchObject({ kind: 'failed' });
  });

  test('that minute begins after the push', async ({ shop }) => {
    const before = shop.deploy.tip('main') ?? '';
    const order = orderOf(shop.first, null);
    const { ms } = shop.clock;
    let isPushed = false;
    let passed = 0;
    Object.defineProperty(shop.clock, 'ms', {
      get: () => {
        isPushed ||= shop.deploy.tip('main') !== before;
        return ms + passed + (isPushed ? 120_000 : 0);
      },
    });
    const handle = await shop.target.start(order, 'k1');
    expect(handle.startedAt).toBe(ms);
    shop.deploy.git('update-ref', 'refs/heads/main', before);
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'running' });
    const { writtenAt: _none, ...state } = handle.state;
    expect(await shop.target.follow(order, { ...handle, state })).toMatchObject({ kind: 'failed' });
    passed = 60_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'failed' });
  });

  test('a sync that fails names what failed; health that is lost names what is degraded', async ({
    shop,
  }) => {
    shop.argo.nextSync = 'Failed';
    expect(await carryOut(shop.target, orderOf(shop.first, null), 'k1')).toMatchObject({
      kind: 'failed',
      reason: `Argo CD application shop: the sync failed: one or more objects failed to apply; Service shop: port is taken. ${FILE} still says v1.0.0, which goes live as soon as it can.`,
      goesOn: true,
    });
    expect(await carryOut(shop.target, orderOf(shop.first, null), 'k1b')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.deployments?.()).toBe(1);
    shop.argo.nextSync = 'Degraded';
    shop.clock.ms += 60_000;
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k2');
    for (let look = 0; look < 8; look++)
      expect((await shop.target.follow(order, handle)).kind).toBe('running');
    shop.clock.ms += 31_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(
        'Deployment shop is Degraded (Deployment "shop" exceeded its progress deadline)',
      ),
    });
  });

  test('after a sync that failed it can be gone back, or forward; not over what somebody else wrote', async ({
    shop,
  }) => {
    const [third, fourth] = ['1.2.0', '1.3.0'].map((version) => {
      const commit = shop.service.push('main', `chore(release): v${version}`, { VERSION: version });
      shop.service.tag(`v${version}`, commit);
      return { version, tag: `v${version}`, commit };
    }) as [Release, Release];
    await carryOut(shop.target, orderOf(shop.first, null), 'p1');
    const fails = async (release: Release, key: string) => {
      shop.argo.nextSync = 'Failed';
      const order = { ...orderOf(release, null), from: await shop.target.live() };
      expect(await carryOut(shop.target, order, key)).toMatchObject({ kind: 'failed' });
    };
    await fails(shop.second, 'p2');
    expect(await carryOut(shop.target, await backTo(shop.target, shop.first), 'p2:rollback')).toMatchObject({
      kind: 'succeeded',
    });
    await fails(shop.second, 'p3');
    shop.deploy.push('main', 'docs: hello', { README: 'hello again' });
    await fails(third, 'p4');
    const forward = { ...orderOf(fourth, null), from: await shop.target.live() };
    expect(forward.from).toMatchObject({ commit: shop.first.commit });
    shop.deploy.push('main', 'fix: by hand\n\nSlipway-Record: p5', { [FILE]: kustomization('v1.1.0') });
    expect(await sentenceOf(shop.target.start(forward, 'p5'))).toContain('Somebody else has deployed');
    shop.deploy.git('update-ref', 'refs/heads/main', 'main~1');
    expect(await carryOut(shop.target, forward, 'p5')).toMatchObject({ kind: 'succeeded' });
  });

  test('an order for what was live before another order of ours went well is refused', async ({ shop }) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'p1');
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'p2');
    const commit = shop.service.push('main', 'chore(release): v1.2.0', { VERSION: '1.2.0' });
    shop.service.tag('v1.2.0', commit);
    const stale = orderOf({ version: '1.2.0', tag: 'v1.2.0', commit }, shop.first);
    expect(await sentenceOf(shop.target.start(stale, 'p3'))).toContain('Somebody else has deployed');
  });

  test('trying again without the policy for a sync says which one is missing', async ({ shop }) => {
    shop.argo.nextSync = 'Failed';
    const order = orderOf(shop.first, null);
    await carryOut(shop.target, order, 'k1');
    shop.argo.maySync = false;
    expect(await sentenceOf(shop.target.start(order, 'k2'))).toContain('`applications, sync`');
  });

  test('what does not render fails once that lasts', async ({ shop }) => {
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.argo.condition = {
      type: 'ComparisonError',
      message: 'kustomize build failed',
      lastTransitionTime: new Date(shop.clock.ms).toISOString().replace('.000Z', 'Z'),
    };
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('kustomize build failed'),
    });
    shop.clock.ms += 121_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'failed' });
  });

  test('an application that does not sync by itself is refused, or synced', async ({ shop }) => {
    shop.argo.automated = null;
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'turn auto-sync on, or set `argo.sync: true`',
    );
    const argo = { ...argoSettings(shop.argo), sync: true };
    const target = shop.open({ argo });
    expect(await target.preflight()).toMatch(
      /says unreleased and can be changed\. Argo CD application shop is Synced/,
    );
    expect(await carryOut(target, orderOf(shop.first, null), 'k')).toMatchObject({ kind: 'succeeded' });
    expect(shop.argo.acts).toHaveLength(1);
    shop.argo.followed = 'release';
    expect(await sentenceOf(target.preflight())).toContain('it follows release, and not the branch main');
    // HEAD is the default branch, whichever that is.
    for (const head of ['HEAD', '']) {
      shop.argo.followed = head;
      shop.deploy.git('symbolic-ref', 'HEAD', 'refs/heads/main');
      expect(await target.preflight()).toContain('is Synced');
      shop.deploy.push('trunk', 'chore: begin', { README: 'hello' });
      shop.deploy.git('symbolic-ref', 'HEAD', 'refs/heads/trunk');
      expect(await sentenceOf(target.preflight())).toContain(
        'it follows HEAD (trunk), and not the branch main',
      );
    }
  });

  test('what stays OutOfSync is synced once, and said', async ({ shop }) => {
    shop.argo.automated = null;
    shop.argo.nextSync = 'OutOfSync';
    const target = shop.open({ argo: { ...argoSettings(shop.argo), sync: true } });
    const order = orderOf(shop.first, null);
    const handle = await target.start(order, 'k');
    let said: unknown;
    for (let look = 0; look < 9; look++) said = await target.follow(order, handle);
    expect(said).toMatchObject({
      kind: 'running',
      detail: 'Argo CD has synced the commit, and is still OutOfSync; ConfigMap shop is OutOfSync',
    });
    expect(shop.argo.acts).toHaveLength(1);
    // Whoever presses Retry means it.
    expect(await carryOut(target, order, 'k2')).toMatchObject({ kind: 'succeeded' });
    expect(shop.argo.acts).toHaveLength(2);
  });

  test.for([{ dryRun: true }, { resources: [{ kind: 'ConfigMap', name: 'shop' }] }])(
    'what somebody has synced of it by hand (%j) is not the sync',
    async (part, { shop }) => {
      shop.argo.automated = null;
      const target = shop.open({ argo: { ...argoSettings(shop.argo), sync: true } });
      const order = orderOf(shop.first, null);
      const handle = await target.start(order, 'k');
      shop.argo.syncPartly(part);
      expect(await end(target, order, handle)).toMatchObject({ kind: 'succeeded' });
      expect(shop.argo.acts).toHaveLength(1);
    },
  );

  test('of several sources one has to follow the branch', async ({ shop }) => {
    shop.argo.sources = ['1.7.2', 'release'];
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'it follows 1.7.2 and release, and not the branch main',
    );
    shop.argo.sources = ['1.7.2', 'main'];
    expect(await shop.target.preflight()).toContain('is Synced');
  });

  test('outages are waited for, refusals say what to do, and no token is repeated', async ({ shop }) => {
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.argo.inject({ status: 429, headers: { 'retry-after': '9' } }, { method: 'GET' });
    await expect(shop.target.follow(order, handle)).rejects.toMatchObject({ retryAfterMs: 9_000 });
    shop.argo.acceptsToken = false;
    const said = await sentenceOf(shop.target.follow(order, handle));
    expect(said).toMatch(/Argo CD does not accept the token of Slipway.*AGENT_TOKEN/);
    expect(said).not.toContain(TOKEN);
    shop.argo.acceptsToken = true;
    const elsewhere = shop.open({ argo: { ...argoSettings(shop.argo), application: 'shoop' } });
    expect(await sentenceOf(elsewhere.preflight())).toMatch(/applications, get.*also of what is not there/);
    expect(await carryOut(shop.target, order, 'k')).toMatchObject({ kind: 'succeeded' });
  });
});
