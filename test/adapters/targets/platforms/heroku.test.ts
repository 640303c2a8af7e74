import { describe, expect } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { HerokuSettings, openHeroku } from '../../../../src/adapters/targets/platforms/heroku.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { FakeHeroku } from '../../../fakes/platforms/heroku.ts';
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

function open(fake: FakeHeroku, settings: Record<string, unknown> = {}): Target {
  const parsed = HerokuSettings.parse({
    use: 'heroku',
    app: 'shop-production',
    staging: 'shop-staging',
    token: { env: 'HEROKU_TOKEN' },
    api: fake.url,
    ...settings,
  });
  return openHeroku(parsed, adapterContext({ env: { HEROKU_TOKEN: TOKEN } }), 5);
}

async function world(): Promise<FaultyWorld> {
  const fake = await new FakeHeroku().start();
  for (const { commit } of [FIRST, SECOND]) await fake.add('shop-staging', commit);
  return worldOf(fake, (settings) => open(fake, settings), {
    intrude: async () => {
      await fake.add('shop-production', 'e'.repeat(40));
    },
  });
}

platformContract('heroku', world, [TOKEN]);

describe('heroku', () => {
  const test = testOn(() => new FakeHeroku());

  test('promotes the release of staging that was validated, also when staging has moved on', async ({
    fake,
  }) => {
    await fake.add('shop-production', FIRST.commit);
    await fake.add('shop-staging', 'c'.repeat(40));
    await fake.add('shop-staging', 'd'.repeat(40));
    const to = { ...SECOND, build: { commit: 'c'.repeat(40) } };
    const target = open(fake);
    expect(await target.promotable?.(to.build)).toBe('cccccccc is v1 of shop-staging.');
    expect(await carryOut(target, orderOf(to, FIRST), 'k')).toMatchObject({
      kind: 'succeeded',
      deployment: {
        id: 'v2',
        url: 'https://shop-production.herokuapp.com/',
        logUrl: expect.stringMatching(/dashboard\.heroku\.com.*shop-production-release-2$/),
      },
    });
    expect(fake.acts).toEqual(['promote v1']);
    expect(await target.live()).toEqual({ commit: 'c'.repeat(40), deploymentId: 'v2' });
  });

  test('follows the release phase, and shows what it printed when it fails', async ({ fake }) => {
    await fake.add('shop-production', FIRST.commit);
    await fake.add('shop-staging', SECOND.commit);
    fake.slowness = 3;
    fake.nextPhase = 'rake db:migrate\nPG::UndefinedColumn: no such column\n';
    const target = open(fake);
    const order = orderOf(SECOND, FIRST);
    const handle = await target.start(order, 'k');
    const seen = new Set<string>();
    let status = await target.follow(order, handle);
    for (; status.kind === 'running'; status = await target.follow(order, handle)) seen.add(status.detail);
    expect([...seen]).toEqual([
      'Heroku makes the release',
      'the release phase of v2 of shop-production is running',
    ]);
    expect(status).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('release phase of v2 of shop-production failed; production still runs'),
      log: ['rake db:migrate', 'PG::UndefinedColumn: no such column'],
    });
    expect(await target.live()).toMatchObject({ commit: FIRST.commit });
    expect(await carryOut(target, order, 'k2')).toMatchObject({
      kind: 'succeeded',
      deployment: { id: 'v3' },
    });
  });

  test('apps of the newer generation run images', async ({ fake }) => {
    fake.stack = 'cnb';
    await fake.add('shop-production', FIRST.commit);
    await fake.add('shop-staging', SECOND.commit);
    const target = open(fake);
    expect(await target.live()).toMatchObject({ commit: FIRST.commit });
    expect(await carryOut(target, orderOf(SECOND, FIRST), 'k')).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ commit: SECOND.commit });
  });

  test('with preboot it is deployed when the new dynos answer', async ({ fake }) => {
    await fake.add('shop-staging', SECOND.commit);
    fake.preboot = true;
    fake.changedAt = new Date().toISOString();
    const target = open(fake);
    const order = orderOf(SECOND, null);
    const handle = await target.start(order, 'k');
    await expect
      .poll(() => target.follow(order, handle))
      .toMatchObject({ kind: 'running', detail: expect.stringContaining('(preboot)') });
    fake.changedAt = new Date(Date.now() - 180_000).toISOString();
    expect(await target.follow(order, handle)).toMatchObject({ kind: 'succeeded' });
  });

  test('a promotion that makes no release says why', async ({ fake }) => {
    await fake.add('shop-staging', SECOND.commit);
    fake.nextPromotion = 'User does not have access to that app';
    expect(await carryOut(open(fake), orderOf(SECOND, null), 'k')).toMatchObject({
      kind: 'failed',
      reason: 'The promotion failed: User does not have access to that app.',
    });
  });

  test('goes back to a release; a change of config vars in between is no other deployment', async ({
    fake,
  }) => {
    await fake.add('shop-production', FIRST.commit);
    await fake.add('shop-production', SECOND.commit);
    const target = open(fake);
    const order = orderOf(FIRST, SECOND, 'rollback');
    await fake.configure();
    expect(await target.live()).toEqual({ commit: SECOND.commit, deploymentId: 'v3' });
    expect(await target.deployable(FIRST)).toBe(
      'shop-production still has it as v1, and can go back to that.',
    );
    expect(await carryOut(target, order, 'k')).toMatchObject({ kind: 'succeeded', deployment: { id: 'v4' } });
    expect(fake.acts).toEqual(['rollback v1']);
  });

  test('goes back through staging when Heroku cannot go back to the release any more', async ({ fake }) => {
    await fake.add('shop-staging', FIRST.commit);
    await fake.add('shop-production', FIRST.commit);
    await fake.add('shop-production', SECOND.commit);
    for (const one of fake.releases) one.eligible = false;
    const target = open(fake);
    expect(await target.deployable(FIRST)).toContain('shop-staging still has it as v1');
    await carryOut(target, orderOf(FIRST, SECOND, 'rollback'), 'k');
    expect(fake.acts).toEqual(['promote v1']);
    for (const one of fake.releases) one.status = 'expired';
    expect(await failureOf(target.deployable(FIRST))).toMatchObject({ code: 'release-not-deployable' });
  });

  test('the preflight says that apps of containers cannot be promoted', async ({ fake }) => {
    fake.stack = 'container';
    expect(await failureOf(open(fake).preflight())).toMatchObject({
      code: 'target-misconfigured',
      facts: { reason: expect.stringContaining('shop-production is on the stack container') },
    });
  });

  test('a status that nobody knows is named, and neither a success nor a failure', async ({ fake }) => {
    await fake.add('shop-staging', FIRST.commit);
    const target = open(fake);
    const handle = await target.start(orderOf(FIRST, null), 'k');
    await carryOut(target, orderOf(FIRST, null), 'k');
    for (const one of fake.releases) if (one.app === 'shop-production') one.status = 'paused';
    expect(await target.follow(orderOf(FIRST, null), handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('“paused”'),
    });
  });

  test('waits for the release phase of somebody else', async ({ fake }) => {
    await fake.add('shop-staging', FIRST.commit);
    await fake.add('shop-staging', SECOND.commit);
    fake.slowness = 5;
    const handle = await open(fake).start(orderOf(FIRST, null), 'k1');
    let detail = '';
    while (!detail.includes('release phase of v1')) {
      const status = await open(fake).follow(orderOf(FIRST, null), handle);
      detail = status.kind === 'running' ? status.detail : 'release phase of v1 is over';
    }
    expect(detail).toContain('is running');
    expect(await failureOf(open(fake).start(orderOf(SECOND, null), 'k2'))).toMatchObject({
      message: expect.stringContaining('the release phase of v1 of shop-production is still running'),
    });
    expect(fake.acts).toEqual(['promote v1']);
  });

  test('the preflight names what is missing', async ({ fake }) => {
    expect(await open(fake).preflight()).toBe(
      'shop-production answers, and shop-staging can be promoted to it.',
    );
    fake.scopes = 'identity, read';
    expect(await sentenceOf(open(fake).preflight())).toMatch(
      /does not let Slipway deploy to shop-production.*the scope write-protected \(it has identity, read\)/,
    );
    fake.scopes = 'write-protected';
    expect(await open(fake).preflight()).toContain('answers');
    fake.stagingPipeline = null;
    expect(await sentenceOf(open(fake).preflight())).toContain(
      'shop-staging is not in the pipeline of shop-production',
    );
    fake.stagingPipeline = '01234567-89ab-cdef-0123-456789abcdef';
    fake.stage = 'review';
    expect(await sentenceOf(open(fake).preflight())).toContain('stands at the stage review');
    expect(await sentenceOf(open(fake, { app: 'shoop' }).preflight())).toContain('the app shoop');
    fake.acceptsToken = false;
    expect(await sentenceOf(open(fake).preflight())).toMatch(
      /does not accept the token .* into HEROKU_TOKEN/,
    );
  });

  test('production without a commit is no release, an app without a slug has nothing live', async ({
    fake,
  }) => {
    await fake.configure();
    expect(await open(fake).live()).toBeNull();
    await fake.add('shop-production', null);
    expect(await sentenceOf(open(fake).live())).toMatch(/v2, which was deployed without saying from which/);
  });

  test('a commit that staging never had is not promoted', async ({ fake }) => {
    expect(await sentenceOf(open(fake).promotable?.({ commit: SECOND.commit }))).toMatch(
      /Heroku has no build of bbbbbbbb that could be promoted: no release of shop-staging runs it/,
    );
  });
});
