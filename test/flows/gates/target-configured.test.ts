import { describe, expect, test } from 'vitest';
import { runGates } from '../../../src/flows/gates/run-gates.ts';
import { targetConfigured } from '../../../src/flows/gates/target-configured.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { House } from '../house.ts';

async function ask(house: House, forwardOnly = true) {
  Object.assign(house.target, { forwardOnly });
  const facts = new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
  const [gate] = await runGates([targetConfigured], facts);
  return gate;
}

describe('the target gate', () => {
  test('passes when the branch contains what is live, or nothing is live', async () => {
    const house = new House();
    expect(await ask(house)).toMatchObject({ verdict: 'passed', reason: 'Production answers.' });
    house.target.current = null;
    expect(await ask(house)).toMatchObject({ verdict: 'passed' });
  });

  test('fails when production holds a commit that would be undone', async () => {
    const house = new House();
    const commit = house.repository.push('production', 'fix: by hand', { 'src/hotfix.js': '\n' });
    house.target.current = { commit };
    expect(await ask(house)).toMatchObject({
      verdict: 'failed',
      reason: `Production (memory) holds ${commit.slice(0, 8)}, which main does not contain: shipping would undo it.`,
      remedy: expect.stringContaining('Merge it into main'),
    });
    expect(await ask(house, false)).toMatchObject({ verdict: 'passed' });
  });
});
