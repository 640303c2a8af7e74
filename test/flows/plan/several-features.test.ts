import { describe, expect, test, vi } from 'vitest';
import { offerReady } from '../../../src/flows/jobs/offer-ready.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { promote } from '../../../src/flows/promote.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, stateFile } from '../house.ts';

const REQUEST = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;

async function ship(house: House): Promise<void> {
  const id = await house.open();
  const script = async () => ((await house.approveOnce(id)) ? ({ kind: 'vote' } as const) : null);
  await drive(new MemoryRun({ id, clock: house.clock, script }), (r) => promote(r, house.ports, id));
  expect(await house.state(id)).toBe('shipped');
}

/** 014 and 015 are on the branch, and staging has both. */
function withBoth(gates: { staging?: string } = {}): House {
  const house = new House();
  const both = house.repository.push('main', 'feat: sizes', { 'src/sizes.js': 'new\n' });
  house.repository.push('main', 'docs: state', {
    'specs/015-sizes/state.yaml': stateFile(both, gates),
    'specs/014-coupons/state.yaml': stateFile(gates.staging ? both : house.validated),
  });
  return house;
}

describe('a feature that went to production with another one', () => {
  test('is not chosen again, and not offered', async () => {
    const house = withBoth();
    await ship(house);
    await expect(new Facts(house.ports, REQUEST).feature()).rejects.toMatchObject({ code: 'feature-none' });
    await offerReady({ ledger: house.ledger }, house.ports);
    expect(await house.ledger.openPrompts()).toEqual([]);
    // It can be named all the same.
    const named = await new Facts(house.ports, { ...REQUEST, feature: '014' }).feature();
    expect(named.folder.slug).toBe('014-coupons');
  });

  test.each([7, 40])('is found by %i digits without a walk for each of them', async (digits) => {
    const house = withBoth();
    await ship(house);
    house.repository.push('main', 'docs: state', {
      'specs/014-coupons/state.yaml': stateFile(house.validated.slice(0, digits)),
      'specs/013-gifts/state.yaml': stateFile(house.validated.slice(0, digits)),
    });
    const walked = vi.spyOn(house.repository, 'commits');
    await expect(new Facts(house.ports, REQUEST).feature()).rejects.toMatchObject({ code: 'feature-none' });
    const released = (await house.ledger.releases('shop'))[0]?.commit;
    expect(walked.mock.calls).toEqual(digits === 40 ? [] : [[null, released]]);
  });

  test('makes room for the next one', async () => {
    const house = withBoth();
    await ship(house);
    const next = house.repository.push('main', 'feat: gifts', { 'src/gifts.js': 'new\n' });
    house.repository.push('main', 'docs: state', { 'specs/013-gifts/state.yaml': stateFile(next) });
    expect((await new Facts(house.ports, REQUEST).feature()).folder.slug).toBe('013-gifts');
  });
});

describe('a feature in the release that nobody approved', () => {
  const gateOf = async (house: House) =>
    (await inspect(house.ports, REQUEST)).gates.find(({ id }) => id === 'staging-validation');

  test.each(['rejected', 'pending'])('is named with what its file says: %s', async (staging) => {
    expect(await gateOf(withBoth({ staging }))).toMatchObject({
      verdict: 'passed',
      notable: true,
      reason: expect.stringContaining(
        `Also in this release, and not approved: 015-sizes: manual_gates.staging_validation.status: ${staging} (specs/015-sizes/state.yaml:5).`,
      ),
    });
  });

  test('is no news where it is approved, or not part of it', async () => {
    expect(await gateOf(withBoth())).not.toHaveProperty('notable');
    const house = new House();
    house.repository.push('main', 'docs: state', {
      'specs/015-sizes/state.yaml': stateFile('a'.repeat(40), { staging: 'pending' }),
    });
    expect(await gateOf(house)).not.toHaveProperty('notable');
  });
});
