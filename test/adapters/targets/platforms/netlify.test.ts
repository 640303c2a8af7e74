import { describe, expect } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { NetlifySettings, openNetlify } from '../../../../src/adapters/targets/platforms/netlify.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { FakeNetlify } from '../../../fakes/platforms/netlify.ts';
import { platformContract } from './platform-faults.ts';
import {
  carryOut,
  type FaultyWorld,
  FIRST,
  failureOf,
  orderOf,
  SECOND,
  sentenceOf,
  testOn,
  worldOf,
} from './platform-world.ts';

function open(fake: FakeNetlify, settings: Record<string, unknown> = {}, branch = 'main'): Target {
  const parsed = NetlifySettings.parse({
    use: 'netlify',
    site: 'shop.netlify.app',
    token: { env: 'NETLIFY_TOKEN' },
    api: `${fake.url}/api/v1`,
    ...settings,
  });
  return openNetlify(parsed, adapterContext({ env: { NETLIFY_TOKEN: TOKEN } }), branch);
}

async function world(): Promise<FaultyWorld> {
  const fake = await new FakeNetlify().start();
  for (const { commit } of [FIRST, SECOND]) fake.add(commit);
  return worldOf(fake, (settings) => open(fake, settings), {
    intrude: () => fake.serve(fake.add('e'.repeat(40))),
  });
}

platformContract('netlify', world, [TOKEN]);

describe('netlify', () => {
  const test = testOn(() => new FakeNetlify());

  test('publishes the deploy that was validated and keeps the lock', async ({ fake }) => {
    await fake.serve(fake.add(FIRST.commit));
    const validated = fake.add('c'.repeat(40));
    fake.add('c'.repeat(40));
    fake.add(SECOND.commit);
    const to = { ...SECOND, build: { commit: 'c'.repeat(40), deploymentId: validated } };
    const target = open(fake);
    expect(await target.promotable?.(to.build)).toBe(`cccccccc is ready as ${validated}.`);
    expect(await carryOut(target, orderOf(to, FIRST), 'k')).toMatchObject({
      kind: 'succeeded',
      deployment: {
        id: validated,
        url: 'https://shop.example.com',
        logUrl: expect.stringContaining(validated),
      },
    });
    expect(fake.acts).toEqual([`restore ${validated}`]);
    expect(fake.deploys.find(({ id }) => id === validated)?.locked).toBe(true);
    expect(await target.live()).toEqual({ commit: 'c'.repeat(40), deploymentId: validated });
  });

  test('finds an old deploy behind many newer ones', async ({ fake }) => {
    const old = fake.add(FIRST.commit);
    for (let count = 0; count < 150; count++) fake.add('d'.repeat(40), { context: 'deploy-preview' });
    expect(await open(fake).deployable(FIRST)).toContain(old);
  });

  test('what was only built for a branch is not published', async ({ fake }) => {
    fake.add(SECOND.commit, { context: 'branch-deploy' });
    const build = { commit: SECOND.commit };
    expect(await sentenceOf(open(fake).promotable?.(build))).toMatch(
      /^Netlify built bbbbbbbb only as branch-deploy/,
    );
    fake.add(FIRST.commit, { state: 'building' });
    expect(await sentenceOf(open(fake).promotable?.({ commit: FIRST.commit }))).toMatch(
      /no build of aaaaaaaa.*which is building for production/,
    );
    expect(await failureOf(open(fake).deployable(SECOND))).toMatchObject({ code: 'release-not-deployable' });
  });

  test('says how publishing failed', async ({ fake }) => {
    fake.add(SECOND.commit);
    fake.nextPublish = 'error';
    expect(await carryOut(open(fake), orderOf(SECOND, null), 'k')).toMatchObject({
      kind: 'failed',
      reason: 'Post processing failed',
    });
  });

  test('the preflight names what is missing', async ({ fake }) => {
    const target = open(fake);
    expect(await target.preflight()).toContain('nothing is published there yet');
    await fake.serve(fake.add(FIRST.commit), false);
    expect(await sentenceOf(target.preflight())).toMatch(
      /every push to main into production by itself.*Lock to stop auto publishing/,
    );
    expect(await open(fake, {}, 'releases').preflight()).toContain('answers');
    fake.stopBuilds = true;
    expect(await target.preflight()).toContain('answers');
    expect(await sentenceOf(open(fake, { site: 'shoop.netlify.app' }).preflight())).toContain(
      'the site shoop.netlify.app',
    );
    fake.acceptsToken = false;
    expect(await sentenceOf(target.preflight())).toMatch(/does not accept the token .* into NETLIFY_TOKEN/);
  });

  test('production without a commit is no release', async ({ fake }) => {
    await fake.serve(fake.add(null));
    expect(await sentenceOf(open(fake).live())).toMatch(/deployed without saying from which commit/);
  });
});
