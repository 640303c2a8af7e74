import { describe, expect, test } from 'vitest';
import { promote } from '../../../src/flows/promote.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

const look = (house: House, feature?: string) =>
  inspect(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA', ...(feature ? { feature } : {}) });
const candidate = async (house: House, feature?: string) =>
  (await look(house, feature)).gates.find(({ id }) => id === 'candidate-validated');
const PACKAGE = (version: string, more = '') => `{\n  "name": "shop",\n  "version": "${version}"${more}\n}\n`;

async function ship(house: House): Promise<void> {
  const id = await house.open();
  const script = async () => ((await house.approveOnce(id)) ? ({ kind: 'vote' } as const) : null);
  await drive(new MemoryRun({ id, clock: house.clock, script }), (r) => promote(r, house.ports, id));
  expect(await house.state(id)).toBe('shipped');
}

describe('a commit that says it is of Slipway', () => {
  test('counts for the version and the changelog like any other', async () => {
    const house = new House();
    house.repository.push('main', 'feat!: no more carts\n\nSlipway-Promotion: shop-0001');
    const { plan } = await look(house);
    expect(plan?.version).toMatchObject({ next: '2.0.0', bump: 'major' });
    expect(plan?.changelog).toContain('no more carts');
  });

  test.each(['Slipway-Promotion', 'Slipway-Record'])(
    '%s: changes after staging are seen',
    async (trailer) => {
      const house = new House();
      house.repository.push('main', `chore(release): v1.2.0\n\n${trailer}: shop-0001`, {
        'package.json': PACKAGE('1.2.0', ',\n  "main": "evil.js"'),
      });
      expect(await candidate(house)).toMatchObject({ verdict: 'failed' });
    },
  );

  test('a version number alone is not believed either: the ledger does not know the commit', async () => {
    const house = new House();
    house.repository.push('main', 'chore(release): v1.2.0\n\nSlipway-Promotion: shop-0001', {
      'package.json': PACKAGE('1.1.0'),
    });
    house.repository.tag('v1.1.0', house.validated);
    expect(await candidate(house)).toMatchObject({ verdict: 'failed' });
  });

  test('after a real release only the places of the version may differ, and only by its number', async () => {
    const house = new House();
    await ship(house);
    // Another feature was validated before the release, and is shipped after it.
    house.repository.push('main', 'docs: state', {
      'specs/015-cards/state.yaml': stateFile(house.validated),
    });
    expect(await candidate(house, '015-cards')).toMatchObject({ verdict: 'passed' });
    // The number of a release of ours, at a place that is no version of ours.
    house.repository.push('main', 'fix: lib', {
      'package.json': PACKAGE('1.3.0', ',\n  "dependencies": { "lib": "1.3.0" }'),
    });
    expect(await candidate(house, '015-cards')).toMatchObject({ verdict: 'failed' });
    house.repository.push('main', 'fix: lib', { 'package.json': PACKAGE('1.2.9') });
    expect(await candidate(house, '015-cards')).toMatchObject({ verdict: 'failed' });
    expect(STATE).not.toBe('');
  });
});
