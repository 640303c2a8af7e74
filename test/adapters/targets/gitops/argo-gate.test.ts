import { describe, expect, test as plainTest } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { ArgoAgent, ArgoSettings } from '../../../../src/adapters/targets/gitops/argo-agent.ts';
import { runsInstead } from '../../../../src/adapters/targets/gitops/argo-status.ts';
import { type ArgoSource, overriddenBy } from '../../../../src/adapters/targets/gitops/overrides.ts';
import type { DeployStatus, Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { FakeArgo } from '../../../fakes/platforms/argo.ts';
import { carryOut, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { argoSettings, FILE, type GitopsWorld, gitopsWorld } from './gitops-world.ts';

const test = plainTest.extend<{ shop: GitopsWorld }>({
  shop: async ({ task: _task }, use) => {
    const shop = await gitopsWorld('argo');
    await use(shop);
    expect(shop.argo.violations).toEqual([]);
    await shop.remove();
  },
});

const SYNCS = (shop: GitopsWorld) => ({ argo: { ...argoSettings(shop.argo), sync: true } });
const follows = async (shop: GitopsWorld, target: Target) => {
  const order = orderOf(shop.first, null);
  const handle = await target.start(order, 'k');
  return () => target.follow(order, handle);
};
const lastOf = async (look: () => Promise<DeployStatus>, looks = 9) => {
  let status = await look();
  for (let times = 1; times < looks && status.kind === 'running'; times++) status = await look();
  return status;
};

describe('sync windows', () => {
  const allow = { kind: 'allow', schedule: '0 22 * * *', duration: '1h', manualSync: true };
  const deny = { ...allow, kind: 'deny' };

  test.for([
    [{ canSync: true, activeWindows: [deny], assignedWindows: [deny] }, 'deny at `0 22 * * *` for 1h'],
    [{ canSync: true, activeWindows: [allow, deny], assignedWindows: [allow, deny] }, 'deny at'],
    [{ canSync: true, assignedWindows: [allow] }, 'allow at'],
    [{ canSync: false, activeWindows: [allow], assignedWindows: [allow, deny] }, null],
    [{ canSync: false, assignedWindows: [deny] }, null],
    [null, null],
  ] as const)('%j of one that syncs by itself: %s', async ([windows, said], { shop }) => {
    shop.argo.windows = windows;
    if (said === null) expect(await shop.target.preflight()).toContain('is Synced');
    else expect(await sentenceOf(shop.target.preflight())).toContain(said);
  });

  test('count for one that is synced by hand as Argo CD says; one that comes later is waited for', async ({
    shop,
  }) => {
    shop.argo.automated = null;
    const target = shop.open(SYNCS(shop));
    shop.argo.windows = { canSync: true, assignedWindows: [allow] };
    expect(await target.preflight()).toContain('is Synced');
    const look = await follows(shop, target);
    shop.argo.windows = { canSync: false, assignedWindows: [allow] };
    expect(await sentenceOf(target.preflight())).toContain(
      'a sync window keeps it from syncing now (allow at',
    );
    expect(await lastOf(look)).toMatchObject({ kind: 'running', detail: 'it waits for its sync window' });
    shop.argo.windows = { canSync: true };
    expect(await lastOf(look)).toMatchObject({ kind: 'succeeded' });
  });
});

test('another operation is waited for', async ({ shop }) => {
  shop.argo.automated = null;
  const look = await follows(shop, shop.open(SYNCS(shop)));
  shop.argo.isBusyElsewhere = true;
  expect(await lastOf(look)).toMatchObject({ kind: 'running', detail: 'Argo CD is at another operation' });
  shop.argo.isBusyElsewhere = false;
  expect(await lastOf(look)).toMatchObject({ kind: 'succeeded' });
  shop.argo.nextSync = 'Failed';
  const second = orderOf(shop.second, shop.first);
  expect(await carryOut(shop.open(SYNCS(shop)), second, 'k2')).toMatchObject({ kind: 'failed' });
  shop.argo.isBusyElsewhere = true;
  await shop.open(SYNCS(shop)).start(second, 'k3');
});

test('one whose commits a hydrator makes is refused', async ({ shop }) => {
  shop.argo.spec = {
    sourceHydrator: {
      drySource: { repoURL: 'https://git.test/deploy.git', path: 'shop', targetRevision: 'main' },
      syncSource: { path: 'shop', targetBranch: 'env/prod' },
    },
  };
  expect(await sentenceOf(shop.target.preflight())).toContain(
    'its `sourceHydrator` deploys commits of its own',
  );
});

test('the link has the path below which Argo CD is, and the namespace of the Application', async ({
  shop,
}) => {
  const link = async (key: string) => {
    const status = await carryOut(shop.target, orderOf(shop.first, null), key);
    return status.kind === 'succeeded' && status.deployment.logUrl;
  };
  shop.argo.namespace = 'team-a';
  expect(await link('k')).toBe(`${shop.argo.url}/applications/team-a/shop`);
  const context = adapterContext({ env: { AGENT_TOKEN: TOKEN } });
  const written = { file: FILE, place: { kind: 'kustomize', image: 'shop' } } as const;
  const of = (url: string) =>
    new ArgoAgent(ArgoSettings.parse({ ...argoSettings(shop.argo), url }), written, context).url;
  expect(of('https://ops.test/argocd/')).toBe('https://ops.test/argocd/applications/argocd/shop');
  expect(of('https://ops.test')).toBe('https://ops.test/applications/argocd/shop');
});

test('Degraded that begins late counts after half a minute, too', async ({ shop }) => {
  shop.argo.nextSync = 'Degraded';
  const look = await follows(shop, shop.target);
  shop.argo.healthSince = new Date(shop.clock.ms + 600_000).toISOString().replace('.000Z', 'Z');
  await lastOf(look);
  shop.clock.ms += 601_000;
  expect(await look()).toMatchObject({ kind: 'running', detail: expect.stringContaining('it is Degraded') });
  shop.clock.ms += 30_000;
  expect(await look()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('it is Degraded') });
});

describe('what stays as it is', () => {
  const left = { kind: 'ConfigMap', name: 'shop-7h2', status: 'OutOfSync', requiresPruning: true };

  test('is not waited for where it is only to be deleted', async ({ shop }) => {
    shop.argo.others = [left];
    expect(await shop.target.preflight()).not.toContain('no deployment succeeds');
    expect(await carryOut(shop.target, orderOf(shop.first, null), 'k')).toMatchObject({ kind: 'succeeded' });
  });

  test('is said in the gate', async ({ shop }) => {
    shop.argo.others = [left, { kind: 'Secret', name: 'shop', status: 'OutOfSync' }];
    expect(await shop.target.preflight()).toMatch(
      /is OutOfSync and Healthy\. It is OutOfSync right after its sync: .*Secret shop is OutOfSync\. While that lasts no deployment succeeds\.$/,
    );
    const look = await follows(shop, shop.target);
    expect(await lastOf(look)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('Secret shop is OutOfSync'),
    });
    shop.argo.others = [
      { kind: 'CronJob', name: 'night', status: 'Synced', health: { status: 'Suspended' } },
    ];
    expect(await shop.target.preflight()).toContain(
      'It is Suspended: CronJob night is Suspended. While that lasts no deployment succeeds.',
    );
    expect(await lastOf(look)).toMatchObject({ detail: 'it is Suspended; CronJob night is Suspended' });
  });
});

test('what another repository has deployed is said in the gate', async ({ shop }) => {
  expect(await shop.target.preflight()).not.toContain('another one');
  const elsewhere = new FakeArgo(() => 'e'.repeat(40));
  await elsewhere.start();
  elsewhere.clock = () => shop.clock.ms;
  expect(await shop.open({ argo: argoSettings(elsewhere) }).preflight()).toMatch(
    /It has deployed eeeeeeee, where apps\/shop\/kustomization\.yaml is not to be found in this repository: does it read another one\?$/,
  );
  await elsewhere.close();
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

  test.for(['CronJob', 'Job', 'ScaledJob', 'CronWorkflow'])(
    'is done where pods that have ended may be of a %s',
    async (kind, { shop }) => {
      shop.argo.others = [{ kind, name: 'worker', status: 'Synced' }];
      shop.argo.images = ['redis:7', `${image}:v0.9.0`];
      expect(await carryOut(shop.target, orderOf(shop.first, null), 'k')).toMatchObject({
        kind: 'succeeded',
      });
    },
  );

  plainTest('cannot be told by the pods of what has none, or of what ends', () => {
    const of = (kinds: readonly string[], images: readonly string[]) =>
      runsInstead(
        { status: { resources: kinds.map((kind) => ({ kind })), summary: { images: [...images] } } },
        'worker',
        '1.3.0',
      );
    expect(of(['Deployment', 'Service'], ['redis:7', 'worker:1.2.0'])).toBe('worker:1.2.0');
    expect(of(['Deployment', 'CronJob'], ['redis:7', 'worker:1.2.0'])).toBeNull();
    // Scaled to zero.
    expect(of(['Deployment'], [])).toBeNull();
    expect(of(['Deployment', 'ScaledObject', 'CronJob'], ['worker:1.2.0'])).toBeNull();
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

  const web = { kind: 'kustomize', image: 'reg:5000/web' } as const;
  plainTest.for<[entry: string, inBase: boolean, inItself: boolean]>([
    ['reg:5000/web=mirror:5000/web', false, true],
    ['reg:5000/web=mirror:5000/web@*', false, true],
    ['reg:5000/web=mirror/web:*', false, false],
    ['reg:5000/web=mirror:5000/web:v1', true, true],
    ['reg:5000/web:v1', true, true],
    [`reg:5000/web=mirror/web@sha256:${'0'.repeat(64)}`, true, true],
    [`reg:5000/web@sha256:${'0'.repeat(64)}`, true, true],
    ['reg:5000/website:v1', false, false],
  ])('%s: said of the file of a base: %s, of its own: %s', ([entry, inBase, inItself]) => {
    const found = (path: string | undefined, file: string) =>
      overriddenBy([{ path, kustomize: { images: [entry] } }], { file, place: web }) !== null;
    const file = 'apps/web/base/kustomization.yaml';
    for (const path of ['apps/web/overlays/prod', 'apps/web', '.', undefined])
      expect(found(path, file), path).toBe(inBase);
    for (const path of ['apps/web/base', './apps/web/base/']) expect(found(path, file), path).toBe(inItself);
    for (const path of ['.', '', undefined]) expect(found(path, 'kustomization.yaml'), path).toBe(inItself);
  });

  plainTest('of several sources those count that have the file', () => {
    const helm = { parameters: [{ name: 'image.tag' }] };
    const redis = { path: 'charts/redis', helm };
    const said = 'sets image.tag by a parameter of Helm';
    expect(overriddenBy([redis, { path: 'apps' }], tag)).toBeNull();
    for (const path of ['apps', './apps/', 'apps/shop', '.'])
      expect(overriddenBy([redis, { path, helm }], tag), path).toBe(said);
    for (const path of ['app', '']) expect(overriddenBy([redis, { path, helm }], tag), path).toBeNull();
    for (const file of ['$values/apps/shop/values.yaml', '../shop/values.yaml'])
      expect(overriddenBy([redis, { helm: { ...helm, valueFiles: [file] } }], tag)).toBe(said);
  });
});
