import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { promote } from '../../../src/flows/promote.ts';
import { vote } from '../../../src/flows/requests/vote.ts';
import { MemoryRuns } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const person = (id: string, email: string) => ({
  id,
  name: id,
  email,
  deleted: false,
  bot: false,
  restricted: false,
});

/** A promotion that Ada asks for, of a commit by `email` with this message, whose authors may not approve. */
async function opened({
  email,
  account,
  message = 'docs: notes',
  openedBy,
  policy = {},
}: {
  readonly email: string;
  /** That the host has for the address. */
  readonly account?: string;
  readonly message?: string;
  /** Accounts that opened the pull requests of the last commit and of those before; absent: plain git. */
  readonly openedBy?: { readonly last: readonly string[]; readonly others: readonly string[] };
  readonly policy?: Partial<Policy>;
}) {
  const house = new House({ approvals: 1, excludeAuthors: true, ...policy }, 60_000);
  for (const [id, address] of [
    ['U_DEV', 'dev@shop.test'],
    ['U_MALLORY', 'mallory@shop.test'],
    ['U_LINUS', 'linus@shop.test'],
    ['U_GRACE', 'grace@shop.test'],
    ['U_KAY', 'kay@shop.test'],
  ] as const) {
    house.people.profiles.set(id, person(id, address));
  }
  const file = { 'specs/014-coupons/notes.md': 'notes' };
  const last = house.repository.push('main', message, file, { name: 'Somebody', email, account });
  if (openedBy) {
    const all = new Map<string, readonly string[]>();
    for await (const { sha } of house.repository.commits(null, last)) all.set(sha, openedBy.others);
    house.repository.openedBy = all.set(last, openedBy.last);
  }
  const flow = (run: Parameters<typeof promote>[0]) => promote(run, house.ports, ID);
  const runs = new MemoryRuns({ clock: house.clock, flows: { promote: flow, rollback: flow } });
  const requests = house.requests({
    runs,
    newId: () => ID,
  });
  await house.open();
  await runs.start('promote', ID, { promotionId: ID });
  await runs.idle(ID);
  return {
    unknown: async () => (await house.ledger.get(ID)).data.voteCount?.unknown,
    approve: async (user: string) => {
      const { digest } = await house.ledger.get(ID);
      const caller = { user, via: 'button', key: user };
      await vote(requests, caller, ID, { decision: 'approve', digest: digest ?? '' });
      await runs.idle(ID);
    },
    isReleased: () => house.repository.tags.has('v1.3.0'),
  };
}
const refused = { code: 'author-approval' };

describe('with plain git, which tells only what is written into commits', () => {
  test.each([
    ['author', { email: 'Mallory@shop.test' }],
    [
      'co-author',
      { email: 'dev@shop.test', message: 'docs: notes\n\nCo-Authored-By: M <Mallory@shop.test>' },
    ],
    [
      'one who signed it off',
      { email: 'dev@shop.test', message: 'docs: notes\n\nSigned-off-by: M <mallory@shop.test>\n\nmore' },
    ],
  ])('the %s may not approve', async (_who, commit) => {
    const { approve, isReleased } = await opened(commit);
    await expect(approve('U_MALLORY')).rejects.toMatchObject(refused);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('whoever makes an address up does not ship by their own approval alone', async () => {
    const { approve, isReleased, unknown } = await opened({ email: 'nobody@nowhere.test' });
    expect(await unknown()).toEqual(['nobody@nowhere.test']);
    await approve('U_MALLORY');
    expect(isReleased()).toBe(false);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('nor does a co-author whom nobody knows', async () => {
    const message = 'docs: notes\n\nCo-authored-by: M <m@nowhere.test>';
    const { approve, isReleased } = await opened({ email: 'dev@shop.test', message });
    await approve('U_MALLORY');
    expect(isReleased()).toBe(false);
  });

  test('two authors whom nobody knows may be the two who approve', async () => {
    const message = 'docs: notes\n\nCo-authored-by: M <m@nowhere.test>';
    const { approve, isReleased } = await opened({ email: 'nobody@nowhere.test', message });
    for (const user of ['U_MALLORY', 'U_KAY']) await approve(user);
    expect(isReleased()).toBe(false);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('an unknown author may not be the one whom a requirement asks for either', async () => {
    const owners = { name: 'owners', who: { users: ['U_MALLORY', 'U_GRACE'], groups: [] }, count: 1 };
    const { approve, isReleased } = await opened({
      email: 'nobody@nowhere.test',
      policy: { requirements: [owners] },
    });
    await approve('U_MALLORY');
    await approve('U_LINUS');
    expect(isReleased()).toBe(false);
    await approve('U_GRACE');
    expect(isReleased()).toBe(true);
  });

  test('one whom the config knows is known: as this person, or as none of the workspace', async () => {
    const people = { 'nobody@nowhere.test': 'U_MALLORY' };
    const known = await opened({ email: 'nobody@nowhere.test', policy: { people } });
    expect(await known.unknown()).toBeUndefined();
    await expect(known.approve('U_MALLORY')).rejects.toMatchObject(refused);
    await known.approve('U_LINUS');
    expect(known.isReleased()).toBe(true);

    const outside = { 'nobody@nowhere.test': 'outside' };
    const { approve, isReleased } = await opened({
      email: 'nobody@nowhere.test',
      policy: { people: outside },
    });
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('where authors may approve, nobody is asked who they are', async () => {
    const { approve, isReleased } = await opened({
      email: 'nobody@nowhere.test',
      policy: { excludeAuthors: false },
    });
    await approve('U_MALLORY');
    expect(isReleased()).toBe(true);
  });
});

describe('on a host that tells who opened the pull request', () => {
  const people = { dev: 'U_DEV', 'dev@shop.test': 'U_DEV', mallory: 'U_MALLORY', linus: 'U_LINUS' };

  test('whoever commits with the address of somebody else is found by the account', async () => {
    const { approve, isReleased } = await opened({
      email: 'grace@shop.test',
      openedBy: { last: ['Mallory'], others: ['dev'] },
      policy: { people },
    });
    await expect(approve('U_MALLORY')).rejects.toMatchObject(refused);
    await expect(approve('U_GRACE')).rejects.toMatchObject(refused);
    await approve('U_LINUS');
    // Nothing says that it was not Linus who wrote it.
    expect(isReleased()).toBe(false);
    await approve('U_KAY');
    expect(isReleased()).toBe(true);
  });

  test.each([
    ['a colleague', 'grace@shop.test', 'grace', 'linus'],
    ['nobody whom the host knows', 'grace@shop.test', undefined, 'linus'],
    ['a bot that opened it', 'bot@shop.test', 'dependabot[bot]', 'dependabot[bot]'],
    ['somebody outside who opened it', 'out@shop.test', 'outsider', 'outsider'],
  ])(
    'whoever pushes to the pull request of another in the name of %s does not ship it alone',
    async (_, email, account, by) => {
      const outside = { 'dependabot[bot]': 'outside', outsider: 'outside' };
      const { approve, isReleased, unknown } = await opened({
        email,
        ...(account === undefined ? {} : { account }),
        openedBy: { last: [by], others: ['dev'] },
        policy: { people: { ...people, ...outside } },
      });
      expect(await unknown()).toEqual([
        `${account === undefined ? email : `@${account}`} (no verified signature, somebody else’s pull request)`,
      ]);
      await approve('U_MALLORY');
      expect(isReleased()).toBe(false);
      await expect(approve('U_DEV')).rejects.toMatchObject(refused);
      expect(isReleased()).toBe(false);
      await approve('U_KAY');
      expect(isReleased()).toBe(true);
    },
  );

  test('a pull request that its author opened ships with one approval', async () => {
    const { approve, isReleased, unknown } = await opened({
      email: 'mallory@shop.test',
      account: 'Mallory',
      openedBy: { last: ['mallory'], others: ['dev'] },
      policy: { people },
    });
    expect(await unknown()).toBeUndefined();
    await expect(approve('U_MALLORY')).rejects.toMatchObject(refused);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('a commit that came without a pull request and unsigned clears nobody, whatever address is in it', async () => {
    const { approve, isReleased, unknown } = await opened({
      email: 'grace@shop.test',
      openedBy: { last: [], others: ['dev'] },
      policy: { people },
    });
    expect(await unknown()).toEqual(['grace@shop.test (no pull request, no verified signature)']);
    await approve('U_MALLORY');
    expect(isReleased()).toBe(false);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('a contributor from outside ships with one approver whose own account is known', async () => {
    const commit = {
      email: 'octo@home.test',
      account: 'octocat',
      openedBy: { last: ['octocat'], others: ['dev'] },
      policy: { people },
    };
    const { approve, isReleased, unknown } = await opened(commit);
    expect(await unknown()).toEqual(['@octocat']);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });

  test('but not with one who may be behind that account', async () => {
    const { approve, isReleased } = await opened({
      email: 'octo@home.test',
      account: 'octocat',
      openedBy: { last: ['octocat'], others: ['dev'] },
      policy: { people },
    });
    await approve('U_GRACE');
    expect(isReleased()).toBe(false);
    await approve('U_LINUS');
    expect(isReleased()).toBe(true);
  });
});
