import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { voteCount, voteCountInDoubt } from '../../../src/domain/policy/quorum.ts';
import type { Requirement } from '../../../src/domain/policy/service.ts';
import { POLICY } from '../../flows/house.ts';

const needs = (group: string, count = 1): Requirement => ({
  name: group,
  who: { users: [], groups: [group] },
  count,
});
const voter = (user: string, ...groups: string[]) => ({ user, groups });
const policy = (approvals: number, ...requirements: Requirement[]) => ({
  ...POLICY,
  approvals,
  requirements,
});

describe('counting approvals', () => {
  test('N different people; the same person twice counts once', () => {
    expect(voteCount(policy(2), [voter('ada'), voter('ada')])).toEqual({ missing: 1, wanted: [] });
    expect(voteCount(policy(2), [voter('ada'), voter('bob')]).missing).toBe(0);
    expect(voteCount(policy(0), []).missing).toBe(0);
  });

  test('one of the managers and one of the owners takes two people', () => {
    const both = policy(1, needs('managers'), needs('owners'));
    expect(voteCount(both, [voter('ada', 'managers', 'owners')])).toMatchObject({ missing: 1 });
    expect(voteCount(both, [voter('ada', 'managers', 'owners'), voter('bob', 'managers')]).missing).toBe(0);
    expect(voteCount(both, [voter('ada', 'managers'), voter('bob', 'managers')])).toEqual({
      missing: 1,
      wanted: [needs('owners')],
    });
  });

  test('the total still holds when the requirements are met by fewer', () => {
    expect(voteCount(policy(3, needs('managers')), [voter('ada', 'managers'), voter('bob')]).missing).toBe(1);
  });

  test('one of those in doubt may be the author: whichever it is, the others have to be enough', () => {
    const inDoubt =
      (...users: string[]) =>
      ({ user }: { user: string }) =>
        users.includes(user);
    const one = policy(1);
    expect(voteCountInDoubt(one, [], [inDoubt('ada')]).missing).toBe(1);
    expect(voteCountInDoubt(one, [voter('ada')], [inDoubt('ada')]).missing).toBe(1);
    expect(voteCountInDoubt(one, [voter('ada'), voter('ada')], [inDoubt('ada')]).missing).toBe(1);
    expect(voteCountInDoubt(one, [voter('ada'), voter('bob')], [inDoubt('ada', 'bob')]).missing).toBe(0);
    expect(voteCountInDoubt(one, [voter('bob')], [inDoubt('ada')]).missing).toBe(0);
    const owners = policy(1, needs('owners'));
    const both = [voter('ada', 'owners'), voter('bob')];
    expect(voteCountInDoubt(owners, both, [inDoubt('ada', 'bob')])).toMatchObject({
      missing: 1,
      wanted: [needs('owners')],
    });
  });

  test('two authors whom nobody knows may be two of those who approve', () => {
    const anybody = () => true;
    const isAda = ({ user }: { user: string }) => user === 'ada';
    const people = ['ada', 'bob', 'cy'].map((user) => voter(user));
    expect(voteCountInDoubt(policy(1), people.slice(0, 2), [anybody]).missing).toBe(0);
    expect(voteCountInDoubt(policy(1), people.slice(0, 2), [anybody, anybody]).missing).toBe(1);
    expect(voteCountInDoubt(policy(1), people, [anybody, anybody]).missing).toBe(0);
    // Both may be Ada and nobody else: that is one person.
    expect(voteCountInDoubt(policy(1), people.slice(0, 2), [isAda, isAda]).missing).toBe(0);
    expect(voteCountInDoubt(policy(1), people.slice(0, 2), [isAda, anybody]).missing).toBe(1);
    const owners = policy(1, needs('owners'));
    const two = [voter('ada', 'owners'), voter('bob', 'owners'), voter('cy'), voter('di')];
    expect(voteCountInDoubt(owners, two, [anybody]).missing).toBe(0);
    expect(voteCountInDoubt(owners, two, [anybody, anybody])).toEqual({
      missing: 1,
      wanted: [needs('owners')],
    });
  });

  test('whoever the unknown authors are, those who are left are enough: as trying all of them says', () => {
    const users = ['a', 'b', 'c', 'd', 'e'];
    const people = fc.uniqueArray(
      fc.record({ user: fc.constantFrom(...users), groups: fc.subarray(['x', 'y', 'z']) }),
      { selector: ({ user }) => user },
    );
    const requirement = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 1, max: 2 }));
    const rules = fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.array(requirement, { maxLength: 3 }))
      .map(([n, wanted]) => policy(n, ...wanted.map(([group, count]) => needs(group, count))));
    const authors = fc.array(fc.subarray(users), { maxLength: 3 });
    fc.assert(
      fc.property(rules, people, authors, (rule, voters, unknown) => {
        const worst = (left: typeof voters, [one, ...others]: string[][]): number =>
          one === undefined
            ? voteCount(rule, left).missing
            : Math.max(
                worst(left, others),
                ...one.map((user) =>
                  worst(
                    left.filter((voter) => voter.user !== user),
                    others,
                  ),
                ),
              );
        const mayBe = unknown.map(
          (those) =>
            ({ user }: { user: string }) =>
              those.includes(user),
        );
        expect(voteCountInDoubt(rule, voters, mayBe).missing).toBe(worst(voters, unknown));
      }),
    );
  });

  test('more approvals never make more missing, and the order of people does not matter', () => {
    const people = fc.uniqueArray(
      fc.record({
        user: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        groups: fc.subarray(['x', 'y', 'z']),
      }),
      { selector: ({ user }) => user },
    );
    const requirement = fc.record({
      group: fc.constantFrom('x', 'y', 'z'),
      count: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        people,
        fc.array(requirement, { maxLength: 3 }),
        fc.integer({ min: 0, max: 4 }),
        (voters, wanted, n) => {
          const rules = policy(n, ...wanted.map(({ group, count }) => needs(group, count)));
          const all = voteCount(rules, voters).missing;
          expect(voteCount(rules, voters.toReversed()).missing).toBe(all);
          expect(voteCount(rules, voters.slice(1)).missing).toBeGreaterThanOrEqual(all);
          const seats = wanted.reduce((sum, { count }) => sum + count, 0);
          if (all === 0) expect(voters.length).toBeGreaterThanOrEqual(Math.max(n, seats));
        },
      ),
    );
  });
});
