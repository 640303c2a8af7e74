import { beforeEach, describe, expect, test } from 'vitest';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { liveRelease } from '../../../src/flows/plan/known-releases.ts';
import { promote } from '../../../src/flows/promote.ts';
import { adoptRelease, mayAdopt } from '../../../src/flows/requests/adopt.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { mayRollBack, requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const by = (user: string): Caller => ({ user, via: 'command', key: `${user} ${Math.random()}` });

/** Ways to get something into production that nobody approved, by what a rollback is pointed at. */
describe('a rollback to what nobody approved', () => {
  let house: House;
  let requests: RequestContext;
  let shipped: Promotion;

  beforeEach(async () => {
    house = new House();
    requests = house.requests({
      newId: () => 'shop-0002',
    });
    await house.open();
    const script = async () => ((await house.approveOnce(ID)) ? ({ kind: 'vote' } as const) : null);
    await drive(new MemoryRun({ id: ID, clock: house.clock, script }), (r) => promote(r, house.ports, ID));
    shipped = await house.ledger.get(ID);
    expect(shipped.state).toBe('shipped');
  });

  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    );
  const deployments = () => house.target.started.length;
  const evil = () => {
    house.repository.branches.set('hidden', shipped.data.release?.commit ?? '');
    const commit = house.repository.push('hidden', 'feat: read all cards', { 'src/server.js': 'evil\n' });
    house.repository.branches.delete('hidden');
    return commit;
  };

  test.each(['9.9.9', '1.2.1', '0.0.1'])('a tag v%s on a commit of no branch is refused', async (version) => {
    house.repository.tag(`v${version}`, evil());
    const before = deployments();
    const asked = requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked', to: version });
    expect(await refusal(asked)).toBe('release-never-shipped');
    expect(await house.state(ID)).toBe('shipped');
    expect(deployments()).toBe(before);
    // Nor can it be vouched for by whoever may approve.
    expect(await refusal(mayAdopt(requests, by('U_GRACE'), 'shop', version))).toBe('release-not-adoptable');
  });

  test('a tag that was moved before it is asked for is refused', async () => {
    house.repository.tag('v1.2.0', evil());
    expect(await refusal(mayRollBack(requests, by('U_GRACE'), shipped, { to: '1.2.0' }))).toBe(
      'release-moved',
    );
  });

  test('a tag that moves between question and click is refused, also to another shipped commit', async () => {
    const release = await mayRollBack(requests, by('U_GRACE'), shipped, { to: '1.2.0' });
    expect(release?.version).toBe('1.2.0');
    for (const moved of [evil(), shipped.data.release?.commit ?? '']) {
      house.repository.tag('v1.2.0', moved);
      const clicked = requestRollback(requests, by('U_GRACE'), ID, {
        reason: 'asked',
        to: '1.2.0',
        ...(release ? { commit: release.commit } : {}),
      });
      expect(await refusal(clicked)).toBe('release-moved');
    }
    expect(await house.state(ID)).toBe('shipped');
  });

  test.each(['1.2.0', undefined])(
    'a tag that moves between click and deploy deploys nothing (%s)',
    async (to) => {
      await requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked', ...(to ? { to } : {}) });
      const before = deployments();
      house.repository.tag('v1.2.0', evil());
      const { rollbackOrder: order, run: id = '' } = (await house.ledger.get(ID)).data;
      if (!order) throw new Error('nothing was asked');
      const run = new MemoryRun({ id, clock: house.clock, script: () => null });
      await drive(run, (r) => rollback(r, house.ports, ID, order));
      expect(deployments()).toBe(before);
      expect(await house.state(ID)).toBe('failed');
      expect(house.target.current?.version).toBe('1.3.0');
    },
  );

  test('what is newer than what is live goes through approvals, though it was shipped once', async () => {
    await requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked' });
    const { rollbackOrder: order, run: id = '' } = (await house.ledger.get(ID)).data;
    if (!order) throw new Error('nothing was asked');
    const run = new MemoryRun({ id, clock: house.clock, script: () => null });
    await drive(run, (r) => rollback(r, house.ports, ID, order));
    expect(await house.state(ID)).toBe('rolled-back');
    const forward = requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked', to: '1.3.0' });
    expect(await refusal(forward)).toBe('release-newer');
  });

  test('what was there before Slipway is adopted once, by its commit, and can be gone back to', async () => {
    const old = house.repository.branches.get('production') ?? '';
    house.repository.tag('v1.1.0', old);
    const wish = { reason: 'asked', to: '1.1.0' };
    expect(await refusal(requestRollback(requests, by('U_GRACE'), ID, wish))).toBe('release-never-shipped');
    const { commit } = await mayAdopt(requests, by('U_GRACE'), 'shop', '1.1.0');
    house.repository.tag('v1.1.0', house.validated);
    const other = { service: 'shop', version: '1.1.0', commit };
    expect(await refusal(adoptRelease(requests, by('U_GRACE'), other))).toBe('release-moved');
    house.repository.tag('v1.1.0', old);
    await adoptRelease(requests, by('U_GRACE'), other);
    expect(await refusal(adoptRelease(requests, by('U_GRACE'), other))).toBe('release-known');
    const [row] = await house.ledger
      .auditTrail({ limit: 99 })
      .then((rows) => rows.filter(({ action, result }) => action === 'release.adopted' && result === 'done'));
    expect(row).toMatchObject({
      actor: 'U_GRACE',
      service: 'shop',
      detail: { version: '1.1.0', commit: old },
    });
    // Adopted is that commit and no other.
    house.repository.tag('v1.1.0', evil());
    expect(await refusal(requestRollback(requests, by('U_GRACE'), ID, wish))).toBe('release-moved');
    house.repository.tag('v1.1.0', old);
    expect(await refusal(requestRollback(requests, by('U_GRACE'), ID, wish))).toBe('done');
  });

  test('a production that only knows its version had the commit that was shipped, wherever the tag is now', async () => {
    const { commit = '' } = shipped.data.release ?? {};
    house.target.current = { commit: '', version: '1.3.0' };
    house.repository.tag('v1.3.0', evil());
    const live = await liveRelease(house.ports, await house.repository.refs(), house.target.current);
    expect(live).toMatchObject({ version: '1.3.0', commit });
  });

  test('a tag of no version on what is live does not make every release older', async () => {
    await requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked' });
    const { rollbackOrder: order, run: id = '' } = (await house.ledger.get(ID)).data;
    if (!order) throw new Error('nothing was asked');
    const run = new MemoryRun({ id, clock: house.clock, script: () => null });
    await drive(run, (r) => rollback(r, house.ports, ID, order));
    house.target.current = { commit: house.target.current?.commit ?? '' };
    for (const name of ['v0', 'v', 'vx.y']) house.repository.tag(name, house.target.current.commit);
    const forward = requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked', to: '1.3.0' });
    expect(await refusal(forward)).toBe('release-newer');
  });

  test('while another release is deployed, what was live before it still is', async () => {
    await requestRollback(requests, by('U_GRACE'), ID, { reason: 'asked' });
    const { rollbackOrder: order, run: id = '', plan } = (await house.ledger.get(ID)).data;
    if (!order || !plan) throw new Error('nothing was asked');
    const run = new MemoryRun({ id, clock: house.clock, script: () => null });
    await drive(run, (r) => rollback(r, house.ports, ID, order));
    const next = 'shop-0009';
    await house.ledger.open({
      id: next,
      request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
      channel: 'C',
    });
    const version = { ...plan.version, next: '1.4.0', tag: 'v1.4.0' };
    await house.ledger.change(next, { to: 'deploying', digest: 'd', data: { plan: { ...plan, version } } });
    const forward = requestRollback(requests, by('U_GRACE'), next, { reason: 'asked', to: '1.3.0' });
    expect(await refusal(forward)).toBe('release-newer');
  });
});
