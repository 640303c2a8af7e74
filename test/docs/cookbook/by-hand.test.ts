import { describe, expect, test } from 'vitest';
import { back, machine, NEW, OLD, openPage, order, type Page } from './page.ts';

type Changed = (page: Page) => void;

/** What people do by hand, and how `live` names it. */
const BY_HAND: Readonly<Record<string, readonly (readonly [name: string, changed: Changed])[]>> = {
  'app-service.md': [
    ['acme.azurecr.io/shop:main', container('DOCKER|acme.azurecr.io/shop:main')],
    ['acme.azurecr.io/other:v9.0.0', container('DOCKER|acme.azurecr.io/other:v9.0.0')],
    ['no container', container('')],
  ],
  'cloudflare.md': [
    [
      'id-9',
      ({ change }) =>
        change((state) => {
          state['versions'] = [{ id: 'id-9', number: 9, annotations: { 'workers/triggered_by': 'secret' } }];
          state['live'] = 'id-9';
        }),
    ],
  ],
  'fly.md': [
    ['registry.fly.io/shop:deployment-01K', machines('registry.fly.io/shop:deployment-01K')],
    ['registry.fly.io/other:v9.0.0', machines('registry.fly.io/other:v9.0.0')],
  ],
  'lambda.md': [
    ['version 2', published('')],
    ['fix the header', published('fix the header of 1.2.0')],
  ],
  'render.md': [
    ['ghcr.io/acme/shop:main', ({ render }) => render.byHand('ghcr.io/acme/shop:main')],
    ['ghcr.io/acme/other:v9.0.0', ({ render }) => render.byHand('ghcr.io/acme/other:v9.0.0')],
    ['no image', ({ render }) => render.byHand(undefined)],
  ],
  'swarm.md': [
    [
      'registry.example.com/shop:main',
      ({ change }) => change({ image: 'registry.example.com/shop:main@sha256:1' }),
    ],
    [
      'registry.example.com/other:v9.0.0',
      ({ change }) => change({ image: 'registry.example.com/other:v9.0.0@sha256:1' }),
    ],
  ],
};

function published(description: string): Changed {
  return ({ change }) =>
    change((state) => {
      (state['versions'] as object[]).push({ number: '2', description, code: 'y=' });
      state['alias'] = { ...(state['alias'] as object), number: '2' };
    });
}

function machines(image: string): Changed {
  return ({ change }) => change({ machines: [machine(image), machine(image)] });
}

function container(image: string): Changed {
  return ({ change }) =>
    change((state) => {
      state['slots'] = { ...(state['slots'] as object), production: image };
    });
}

describe.each(Object.entries(BY_HAND))('%s, after a deployment by hand', (file, cases) => {
  test.each(cases)('says that %s is live, and promotes nothing over it', async (name, changed) => {
    const page = await openPage(file);
    changed(page);
    const said = { code: 'target-live-not-understood', facts: { said: expect.stringContaining(name) } };
    await expect(page.target.live()).rejects.toMatchObject(said);
    await expect(page.target.start(order, 'p-1/deploy-1')).rejects.toMatchObject(said);
    expect(await page.deploy(back, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
    expect(await page.target.live()).toMatchObject({ version: OLD.version });
  });
});

test('cloudflare.md deploys the version of a release with the secrets that it was given last', async () => {
  const page = await openPage('cloudflare.md');
  await page.deploy(order, 'p-1/deploy-1');
  page.change((state) => {
    const versions = state['versions'] as object[];
    state['versions'] = [
      ...versions,
      { id: 'with-secret', number: 9, annotations: { 'workers/tag': NEW.version } },
    ];
  });
  await page.deploy(order, 'p-1/deploy-2');
  expect(page.state()).toMatchObject({ live: 'with-secret' });
});

test('render.md says that nothing is live where no deploy ever was', async () => {
  const page = await openPage('render.md');
  page.render.forget();
  expect(await page.target.live()).toBeNull();
});
