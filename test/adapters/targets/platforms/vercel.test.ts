import { describe, expect } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { openVercel, VercelSettings } from '../../../../src/adapters/targets/platforms/vercel.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { FakeVercel } from '../../../fakes/platforms/vercel.ts';
import { faultTable, platformContract } from './platform-faults.ts';
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

function open(fake: FakeVercel, settings: Record<string, unknown> = {}, branch = 'main'): Target {
  const parsed = VercelSettings.parse({
    use: 'vercel',
    project: 'shop',
    team: 'acme',
    domain: fake.domain,
    token: { env: 'VERCEL_TOKEN' },
    api: fake.url,
    ...settings,
  });
  return openVercel(parsed, adapterContext({ env: { VERCEL_TOKEN: TOKEN } }), branch);
}

async function world(deploy: 'promote' | 'build'): Promise<FaultyWorld> {
  const fake = await new FakeVercel().start();
  if (deploy === 'promote') for (const { commit } of [FIRST, SECOND]) fake.add(commit);
  return worldOf(fake, (settings) => open(fake, { deploy, ...settings }), {
    intrude: () => fake.serve(fake.add('e'.repeat(40))),
    acts: () => fake.acts.filter((act) => deploy === 'promote' || !act.startsWith('promote')),
  });
}

platformContract('vercel', () => world('promote'), [TOKEN]);
faultTable('vercel that builds', () => world('build'), [TOKEN]);

describe('vercel', () => {
  const test = testOn(() => new FakeVercel());

  test('promotes the build that was validated, not one of the release commit', async ({ fake }) => {
    fake.add(SECOND.commit);
    const older = fake.add('c'.repeat(40));
    fake.add('c'.repeat(40));
    const to = { ...SECOND, build: { commit: 'c'.repeat(40), deploymentId: older } };
    const target = open(fake);
    expect(target.promotes).toBe(true);
    expect(await target.promotable?.(to.build)).toBe(`cccccccc is ready as ${older}.`);
    const status = await carryOut(target, orderOf(to, null), 'k');
    expect(status).toMatchObject({
      kind: 'succeeded',
      deployment: {
        id: older,
        url: 'https://shop.example.com',
        logUrl: `https://vercel.com/acme/shop/${older}`,
      },
    });
    expect(fake.acts).toEqual([`promote ${older}`]);
    expect(await target.live()).toEqual({ commit: 'c'.repeat(40), deploymentId: older });
  });

  test('goes back at once to what served production before', async ({ fake }) => {
    const [one, two] = [fake.add(FIRST.commit), fake.add(SECOND.commit)];
    await fake.serve(one);
    await fake.serve(two);
    const target = open(fake);
    expect(await target.deployable(FIRST)).toContain(`${one}, and can go back to that at once.`);
    await carryOut(target, orderOf(FIRST, SECOND, 'rollback'), 'k');
    expect(fake.acts).toEqual([`rollback ${one}`]);
    expect(target.notUndone).toContain('environment variables');
  });

  test('pushes wait for a promotion afterwards, too, as far as the token may set that', async ({ fake }) => {
    for (const { commit } of [FIRST, SECOND]) fake.add(commit);
    const target = open(fake);
    await carryOut(target, orderOf(FIRST, null), 'k');
    expect(fake.autoAssignCustomDomains).toBe(false);
    await target.preflight();
    fake.mayChange = false;
    expect(await carryOut(target, orderOf(SECOND, FIRST), 'l')).toMatchObject({ kind: 'succeeded' });
    expect(await sentenceOf(target.preflight())).toContain('Auto-assign Custom Production Domains');
    const other = open(fake, {}, 'release');
    expect(await carryOut(other, orderOf(FIRST, SECOND, 'rollback'), 'm')).toMatchObject({
      kind: 'succeeded',
    });
  });

  test('a move that failed leaves no pushes going live either', async ({ fake }) => {
    fake.add(FIRST.commit);
    fake.nextJob = 'failed';
    expect(await carryOut(open(fake), orderOf(FIRST, null), 'k')).toMatchObject({ kind: 'failed' });
    expect(fake.autoAssignCustomDomains).toBe(false);
  });

  test('a move that was found under way and fails has failed', async ({ fake }) => {
    fake.add(FIRST.commit);
    fake.askedBeforeMs = 90_000;
    fake.slowness = 5;
    fake.nextJob = 'failed';
    await open(fake).start(orderOf(FIRST, null), 'k');
    expect(await carryOut(open(fake), orderOf(FIRST, null), 'l')).toMatchObject({ kind: 'failed' });
    expect(fake.acts).toHaveLength(1);
  });

  test('what was only built for a preview is not promoted', async ({ fake }) => {
    fake.add(SECOND.commit, { target: null });
    const build = { commit: SECOND.commit };
    expect(await sentenceOf(open(fake).promotable?.(build))).toMatch(
      /^Vercel built bbbbbbbb only as preview: .* `target.deploy: build`/,
    );
    expect(await failureOf(open(fake).deployable(SECOND))).toMatchObject({
      code: 'release-not-deployable',
    });
    fake.add(FIRST.commit, { readyState: 'ERROR' });
    expect(await sentenceOf(open(fake).promotable?.({ commit: FIRST.commit }))).toMatch(
      /no build of aaaaaaaa.*which is error for production/,
    );
  });

  test('says when the platform could not move the domains, and another try works', async ({ fake }) => {
    const id = fake.add(SECOND.commit);
    fake.nextJob = 'failed';
    const target = open(fake);
    expect(await carryOut(target, orderOf(SECOND, null), 'k')).toMatchObject({
      kind: 'failed',
      reason: `Vercel could not point all production domains at ${id}.`,
      logUrl: `https://vercel.com/acme/shop/${id}`,
    });
    expect(await carryOut(target, orderOf(SECOND, null), 'k2')).toMatchObject({ kind: 'succeeded' });
  });

  test('waits while the domains are still being moved somewhere else', async ({ fake }) => {
    fake.add(FIRST.commit);
    fake.add(SECOND.commit);
    fake.slowness = 1_000;
    await open(fake).start(orderOf(FIRST, null), 'k1');
    expect(await failureOf(open(fake).start(orderOf(SECOND, null), 'k2'))).toMatchObject({
      what: 'Vercel',
      message: expect.stringContaining('still moving the domains'),
    });
    expect(fake.acts).toHaveLength(1);
  });

  test('builds the release commit for production, follows the build and moves the domains', async ({
    fake,
  }) => {
    const target = open(fake, { deploy: 'build' });
    expect(target.promotes).toBeUndefined();
    fake.slowness = 3;
    const handle = await target.start(orderOf(SECOND, null), 'k');
    expect(await target.follow(orderOf(SECOND, null), handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('building'),
      logUrl: expect.stringContaining(handle.id),
    });
    expect(await carryOut(target, orderOf(SECOND, null), 'k')).toMatchObject({ kind: 'succeeded' });
    expect(fake.acts).toEqual([`build ${handle.id}`, `promote ${handle.id}`]);
  });

  test('a build that fails says so, can be retried, and a running one cancelled', async ({ fake }) => {
    const target = open(fake, { deploy: 'build' });
    fake.nextBuild = 'Command "npm run build" exited with 1';
    expect(await carryOut(target, orderOf(SECOND, null), 'k')).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('"npm run build" exited with 1'),
    });
    fake.slowness = 50;
    const handle = await target.start(orderOf(SECOND, null), 'k2');
    await target.cancel?.(handle);
    expect(await target.follow(orderOf(SECOND, null), handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('cancelled'),
    });
    fake.slowness = 1;
    expect(await carryOut(target, orderOf(SECOND, null), 'k3')).toMatchObject({ kind: 'succeeded' });
  });

  test('the preflight names what is missing', async ({ fake }) => {
    const target = open(fake);
    expect(await target.preflight()).toContain('nothing is deployed there yet');
    await fake.serve(fake.add(FIRST.commit));
    expect(await target.preflight()).toContain('points at dpl_1');

    fake.permissions = { deploymentPromote: [], deploymentRollback: ['create'] };
    expect(await sentenceOf(target.preflight())).toMatch(
      /does not let Slipway promote deployments of shop\. The token in VERCEL_TOKEN needs the right to deploy/,
    );
    fake.permissions = undefined;
    fake.autoAssignCustomDomains = true;
    expect(await sentenceOf(target.preflight())).toMatch(
      /every push to main into production by itself.*Turn off/,
    );
    expect(await open(fake, {}, 'releases').preflight()).toContain('answers');
    fake.connected = false;
    expect(await target.preflight()).toContain('answers');
    fake.rollingRelease = { target: 'production' };
    expect(await sentenceOf(target.preflight())).toContain('rolling releases');
    fake.acceptsToken = false;
    expect(await sentenceOf(target.preflight())).toMatch(
      /does not accept the token .* put it into VERCEL_TOKEN/,
    );
  });

  test('a project or domain that is not there is named', async ({ fake }) => {
    expect(await sentenceOf(open(fake, { project: 'shoop' }).preflight())).toContain(
      'the project shoop of the team acme',
    );
    expect(await sentenceOf(open(fake, { domain: 'www.example.com' }).preflight())).toContain(
      'www.example.com',
    );
  });

  test('production without a commit is no release', async ({ fake }) => {
    await fake.serve(fake.add(null));
    expect(await sentenceOf(open(fake).live())).toMatch(
      /dpl_1, which was deployed without saying from which commit/,
    );
  });

  test('settings: a domain is a domain, and the token comes from the environment', () => {
    const good = { use: 'vercel', project: 'shop', domain: 'shop.example.com', token: { env: 'T' } };
    expect(VercelSettings.safeParse(good).success).toBe(true);
    expect(VercelSettings.safeParse({ ...good, domain: 'https://shop.example.com' }).success).toBe(false);
    expect(VercelSettings.safeParse({ ...good, token: 'abc' }).success).toBe(false);
  });
});
