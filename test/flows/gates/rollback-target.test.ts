import { describe, expect, test } from 'vitest';
import { notableGates } from '../../../src/blocks/card/gates.ts';
import { rollbackTarget } from '../../../src/flows/gates/rollback-target.ts';
import { runGates } from '../../../src/flows/gates/run-gates.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { House } from '../house.ts';

const ON_TRUST =
  /^A rollback returns to v1\.2\.0, taken on trust: production only tells its version, and nothing here has shipped it, so its tag says which commit that is \(\w{7}\)\. /;

async function ask(house: House) {
  const [gate] = await runGates(
    [rollbackTarget],
    new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' }),
  );
  return gate;
}

describe('the rollback target', () => {
  test('says in one line when only the tag of a version says what is live', async () => {
    const house = new House();
    house.target.current = { commit: '', version: '1.2.0' };
    const gate = await ask(house);
    expect(gate).toMatchObject({ verdict: 'passed', notable: true, reason: expect.stringMatching(ON_TRUST) });
    // Notable: it stands on the card although it passed.
    if (!gate) throw new Error('no answer');
    expect(JSON.stringify(notableGates([gate], 250))).toContain(
      'taken on trust: production only tells its version',
    );
    expect(gate.reason.split('\n')).toHaveLength(1);
  });

  test('not where production tells its commit, or the version was shipped or vouched for here', async () => {
    const house = new House();
    expect((await ask(house))?.reason).not.toMatch(/trust/);
    const commit = house.target.current?.commit ?? '';
    house.target.current = { commit: '', version: '1.2.0' };
    const release = { version: '1.2.0', tag: 'v1.2.0', commit };
    await house.ledger.adopt({ service: 'shop', release, by: 'U_GRACE' });
    expect((await ask(house))?.reason).not.toMatch(/trust/);
  });

  test('not where there is no tag of it, or nothing is live', async () => {
    const house = new House();
    house.target.current = { commit: '', version: '0.9.0' };
    expect((await ask(house))?.reason).not.toMatch(/trust/);
    house.target.current = null;
    expect((await ask(house))?.reason).not.toMatch(/trust/);
  });

  test('is unknown where there are releases and nobody tells what is live', async () => {
    const house = new House();
    house.target.current = null;
    expect(await ask(house)).toMatchObject({
      verdict: 'passed',
      reason: expect.stringMatching(/^Nothing is live yet/),
    });
    Object.assign(house.target, { livesByRecord: true });
    expect(await ask(house)).toMatchObject({
      verdict: 'unknown',
      remedy: expect.stringMatching(/^Set target\.live of shop/),
    });
  });

  test('is what the version check tells, where the target knows only its own deployments', async () => {
    for (const told of ['1.2.0', 'v1.2.0']) {
      const house = new House();
      house.target.current = null;
      Object.assign(house.target, { livesByRecord: true });
      Object.assign(house.ports.checks[0] ?? {}, { told: async () => told });
      expect(await ask(house)).toMatchObject({ verdict: 'passed', reason: expect.stringMatching(ON_TRUST) });
    }
  });

  test('is on trust also where the version check tells a commit', async () => {
    const house = new House();
    const commit = house.target.current?.commit ?? '';
    house.target.current = null;
    Object.assign(house.target, { livesByRecord: true });
    Object.assign(house.ports.checks[0] ?? {}, { told: async () => commit });
    const reason = async () => (await ask(house))?.reason;
    expect(await reason()).toMatch(
      /^A rollback returns to v1\.2\.0, taken on trust: only a version check tells that production runs it, /,
    );
    const release = { version: '1.2.0', tag: 'v1.2.0', commit };
    await house.ledger.adopt({ service: 'shop', release, by: 'U_GRACE' });
    expect(await reason()).not.toMatch(/trust/);
  });
});
