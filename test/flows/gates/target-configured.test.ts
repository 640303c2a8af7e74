import { describe, expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { runGates } from '../../../src/flows/gates/run-gates.ts';
import { targetConfigured } from '../../../src/flows/gates/target-configured.ts';
import { version } from '../../../src/flows/gates/version.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { House } from '../house.ts';

async function ask(house: House, forwardOnly = true) {
  Object.assign(house.target, { forwardOnly });
  const facts = new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
  const [gate] = await runGates([targetConfigured], facts);
  return gate;
}

describe('the target gate', () => {
  test('says before the approval that nothing will be checked', async () => {
    const house = new House();
    Object.assign(house.ports, { checks: [] });
    expect(await ask(house)).toMatchObject({
      verdict: 'passed',
      notable: true,
      reason: expect.stringContaining('This service has no checks'),
    });
    Object.assign(house.target, { verifies: true });
    expect(await ask(house)).toMatchObject({ verdict: 'passed', reason: 'Production answers.' });
  });

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
    const loose = await ask(house, false);
    expect(loose).toMatchObject({ verdict: 'passed', notable: true });
    expect(loose?.reason).toBe(
      `Production answers. Production runs ${commit.slice(0, 7)} with a commit that main lacks: “fix: by hand”. This release goes without.`,
    );
  });

  test('names what a release of another line has, but for what was picked and for release commits', async () => {
    const house = new House();
    const branch = (title: string) => house.repository.push('hotfix', title, { 'src/fix.js': title });
    house.repository.branches.set('hotfix', house.repository.branches.get('production') ?? '');
    for (const title of ['fix: escape names', 'fix: picked', 'fix: two', 'fix: three', 'fix: four'])
      branch(title);
    const commit = branch('chore(release): v1.2.1');
    house.repository.tag('v1.2.1', commit);
    house.target.current = { commit };
    house.repository.push('main', 'fix: picked', { 'src/fix.js': 'another way' });
    expect((await ask(house, false))?.reason).toContain(
      'Production runs 1.2.1 with 4 commits that main lacks: “fix: four”, “fix: three”, “fix: two” and 1 more. This release goes without.',
    );
  });

  test('says nothing when all of it was picked', async () => {
    const house = new House();
    house.repository.branches.set('hotfix', house.repository.branches.get('production') ?? '');
    const commit = house.repository.push('hotfix', 'fix: picked', { 'src/fix.js': 'a' });
    house.target.current = { commit };
    house.repository.push('main', 'fix: picked', { 'src/fix.js': 'b' });
    expect(await ask(house, false)).toMatchObject({ verdict: 'passed', reason: 'Production answers.' });
  });
});

describe('what production has and the branch lacks', () => {
  test.each([
    ['fix: picked (#12)', 'fix: picked (#12) (#15)'],
    ['fix: picked (#12) (#15)', 'fix: picked'],
  ])('is not %s where main has %s', async (live, own) => {
    const house = new House();
    house.repository.branches.set('hotfix', house.repository.branches.get('production') ?? '');
    const commit = house.repository.push('hotfix', live, {
      'src/fix.js': 'a',
    });
    house.target.current = { commit };
    house.repository.push('main', own, { 'src/fix.js': 'b' });
    expect(await ask(house, false)).toMatchObject({ verdict: 'passed', reason: 'Production answers.' });
  });

  test('is not a merge', async () => {
    const house = new House();
    house.repository.branches.set('hotfix', house.repository.branches.get('production') ?? '');
    const title = "Merge branch 'names' into hotfix";
    const commit = house.repository.push('hotfix', title, { 'src/fix.js': 'a' });
    house.target.current = { commit };
    const commits = house.repository.commits.bind(house.repository);
    house.repository.commits = async function* (after, until) {
      for await (const one of commits(after, until)) {
        yield one.sha === commit ? { ...one, parents: [...(one.parents ?? []), house.validated] } : one;
      }
    };
    expect(await ask(house, false)).toMatchObject({ verdict: 'passed', reason: 'Production answers.' });
  });

  test.each([
    new Refusal('target-live-not-understood', { target: 'memory', answer: 'x' } as never),
    new Unavailable('production', 'no answer'),
  ])('is not asked where what is live is not known: %s', async (error) => {
    const house = new House();
    house.target.live = () => Promise.reject(error);
    expect(await ask(house, false)).toMatchObject({ verdict: 'passed', reason: 'Production answers.' });
  });
});

describe('the version gate', () => {
  const askVersion = async (house: House) => {
    const facts = new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
    return (await runGates([version], facts))[0];
  };
  const liveElsewhere = (policy: ConstructorParameters<typeof House>[0] = {}) => {
    const house = new House(policy);
    house.repository.branches.set('next', house.repository.branches.get('production') ?? '');
    const commit = house.repository.push('next', 'feat: anew', { 'src/new.js': '' });
    house.repository.tag('v2.0.0', commit);
    house.target.current = { commit };
    return house;
  };

  test('fails when the next version is below the one that is live', async () => {
    const gate = await askVersion(liveElsewhere());
    expect(gate).toMatchObject({
      verdict: 'failed',
      reason: 'Production runs 2.0.0, which is above 1.3.0: it was released from another line than main.',
      remedy: 'Merge v2.0.0 into main, or choose a bump that goes above it, then re-check.',
    });
    expect(gate).not.toHaveProperty('barriers');
  });

  test('and those who may override can ship it all the same', async () => {
    const gate = await askVersion(liveElsewhere({ override: { users: ['U_ADA'], groups: [] } }));
    expect(gate).toMatchObject({ verdict: 'failed', barriers: ['version:below:2.0.0'] });
  });

  test('passes otherwise', async () => {
    expect(await askVersion(new House())).toMatchObject({ verdict: 'passed' });
  });
});
