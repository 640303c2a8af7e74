import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { SlackPeople } from '../../../src/adapters/slack/people.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { askedOnce, isFullMember, membershipsOf } from '../../../src/flows/run/memberships.ts';

const TEAM = 'T0OURS';
/** A full member, as `users.info` describes one. */
const MEMBER = {
  id: 'U0ADA',
  team_id: TEAM,
  name: 'ada',
  deleted: false,
  is_bot: false,
  is_restricted: false,
  is_ultra_restricted: false,
};

interface Group {
  readonly id: string;
  readonly handle: string;
  readonly date_delete: number;
  readonly users: readonly string[];
}

function peopleOf(user: object, groups: () => readonly Group[] = () => []): SlackPeople {
  const client = {
    users: { info: async () => ({ ok: true, user }) },
    usergroups: { list: async () => ({ ok: true, usergroups: groups() }) },
  };
  return new SlackPeople(
    client as unknown as WebClient,
    async () => ({ team: TEAM }),
    () => 0,
  );
}

const mayAct = async (user: object) => isFullMember(await peopleOf(user).profile('U0ADA'));
const without = (...keys: readonly string[]) =>
  Object.fromEntries(Object.entries(MEMBER).filter(([key]) => !keys.includes(key)));

describe('who may act', () => {
  test.each<[string, object]>([
    ['a full member', MEMBER],
    ['of whom Slack does not say that they were not deactivated', without('deleted')],
    [
      'of several workspaces of an organisation, ours among them',
      { ...MEMBER, team_id: 'T0OTHER', enterprise_user: { teams: ['T0OTHER', TEAM] } },
    ],
  ])('%s', async (_who, user) => {
    expect(await mayAct(user)).toBe(true);
  });

  test.each<[string, object]>([
    ['whose profile carries no team', without('team_id')],
    ['of another workspace', { ...MEMBER, team_id: 'T0OTHER' }],
    [
      'of another organisation',
      { ...MEMBER, team_id: 'T0OTHER', enterprise_user: { enterprise_id: 'E0OTHER', teams: ['T0OTHER'] } },
    ],
    [
      'of our organisation, but not of this workspace',
      { ...MEMBER, enterprise_user: { teams: ['T0OTHER'] } },
    ],
    ['a stranger in a shared channel', { ...MEMBER, is_stranger: true }],
    ['deactivated', { ...MEMBER, deleted: true }],
    ['a guest', { ...MEMBER, is_restricted: true }],
    ['a guest of one channel', { ...MEMBER, is_ultra_restricted: true }],
    ['of whom Slack does not say that they are no guest', without('is_restricted')],
    ['of whom Slack does not say that they are no guest of one channel', without('is_ultra_restricted')],
    ['a bot', { ...MEMBER, is_bot: true }],
    ['of whom Slack does not say that they are no bot', without('is_bot')],
    ['a workflow', { ...MEMBER, is_workflow_bot: true }],
    ['Slackbot, which Slack calls no bot', { ...MEMBER, id: 'USLACKBOT' }],
  ])('nobody %s', async (_who, user) => {
    expect(await mayAct(user)).toBe(false);
  });
});

describe('a user group', () => {
  const releasers = { id: 'S0RELEASERS', handle: 'releasers', date_delete: 0, users: ['U0ADA'] };
  const groupOf = (...groups: readonly Group[]) => peopleOf(MEMBER, () => groups);

  test('stays the same when it is renamed and another one is made with its handle', async () => {
    const mallorys = { id: 'S0MALLORY', handle: 'releasers', date_delete: 0, users: ['U0MALLORY'] };
    const people = groupOf({ ...releasers, handle: 'releasers-old' }, mallorys);
    expect(await people.members('S0RELEASERS')).toEqual(['U0ADA']);
    await expect(people.members('releasers')).rejects.toEqual(
      new Refusal('group-unknown', { group: 'releasers' }),
    );
  });

  test('that was disabled has nobody', async () => {
    const people = groupOf({ ...releasers, date_delete: 1_700_000_000 });
    await expect(people.members('S0RELEASERS')).rejects.toBeInstanceOf(Refusal);
  });

  test('whose members Slack does not tell has nobody', async () => {
    const { users: _users, ...silent } = releasers;
    expect(await groupOf(silent as Group).members('S0RELEASERS')).toEqual([]);
  });

  test('is asked for its members at every call', async () => {
    let users = ['U0ADA', 'U0LINUS'];
    const people = peopleOf(MEMBER, () => [{ ...releasers, users }]);
    expect(await people.members('S0RELEASERS')).toContain('U0LINUS');
    users = ['U0ADA'];
    expect(await people.members('S0RELEASERS')).toEqual(['U0ADA']);
  });
});

describe('many questions about groups, of which Slack answers twenty a minute', () => {
  const limited = new WebAPIRateLimitedError(30);
  const place = () => {
    const state = { lists: 0, users: ['U0ADA'], isLimited: false, now: 0 };
    const list = async () => {
      state.lists += 1;
      if (state.isLimited) throw limited;
      const group = (id: string) => ({ id, date_delete: 0, users: state.users });
      return { ok: true, usergroups: [group('S0ONE'), group('S0TWO')] };
    };
    const client = { users: { info: async () => ({ ok: true, user: MEMBER }) }, usergroups: { list } };
    const people = new SlackPeople(
      client as unknown as WebClient,
      async () => ({ team: TEAM }),
      () => state.now,
    );
    return { state, people };
  };

  test('one list serves all groups of a decision', async () => {
    const { state, people } = place();
    const asking = { service: { channel: '#ship' } as never, people: askedOnce(people) };
    expect(await membershipsOf(asking, 'U0ADA', ['S0ONE', 'S0TWO'])).toEqual(['S0ONE', 'S0TWO']);
    expect(state.lists).toBe(1);
  });

  test('clicks take the list of the last minute from about ten a minute on, counts ask anew', async () => {
    const { state, people } = place();
    for (let nth = 0; nth < 30; nth++) await people.forClicks.members('S0ONE');
    expect(state.lists).toBeLessThanOrEqual(11);
    state.users = ['U0LINUS'];
    expect(await people.forClicks.members('S0ONE')).toEqual(['U0ADA']);
    expect(await people.members('S0ONE')).toEqual(['U0LINUS']);
    state.now = 61_000;
    expect(await people.forClicks.members('S0ONE')).toEqual(['U0LINUS']);
  });

  test('where Slack limits them, a click takes the list of the last minute and a count waits', async () => {
    const { state, people } = place();
    await people.forClicks.members('S0ONE');
    state.isLimited = true;
    expect(await people.forClicks.members('S0ONE')).toEqual(['U0ADA']);
    await expect(people.members('S0ONE')).rejects.toMatchObject({ retryAfterMs: 30_000 });
    state.now = 61_000;
    await expect(people.forClicks.members('S0ONE')).rejects.toBeInstanceOf(Unavailable);
    // What is only shown may be older then.
    expect(await people.forDisplay.members('S0ONE')).toEqual(['U0ADA']);
    state.now = 700_000;
    await expect(people.forDisplay.members('S0ONE')).rejects.toBeInstanceOf(Unavailable);
  });
});

describe('an answer that lets in a click while Slack limits the question', () => {
  const crowd = () => {
    const state = { now: 0, isLimited: false };
    const list = async () => {
      if (state.isLimited) throw new WebAPIRateLimitedError(30);
      return { ok: true, usergroups: [{ id: 'S0ONE', date_delete: 0, users: ['U0ADA'] }] };
    };
    const people = new SlackPeople(
      { usergroups: { list } } as unknown as WebClient,
      async () => ({ team: TEAM }),
      () => state.now,
    );
    return { state, people };
  };
  const clicks = (people: SlackPeople, count: number) =>
    Promise.allSettled(Array.from({ length: count }, () => people.forClicks.members('S0ONE')));

  test('gets no younger when several ask at once', async () => {
    const { state, people } = crowd();
    await people.forClicks.members('S0ONE');
    state.isLimited = true;
    state.now = 50_000;
    for (const { status } of await clicks(people, 2)) expect(status).toBe('fulfilled');
    state.now = 100_000;
    for (const one of await clicks(people, 2)) expect(one).toMatchObject({ reason: expect.any(Unavailable) });
  });

  test('is of the last minute, however many click and whatever was shown meanwhile', async () => {
    const { state, people } = crowd();
    await people.forClicks.members('S0ONE');
    state.isLimited = true;
    state.now = 119_000;
    expect(await people.forDisplay.members('S0ONE')).toEqual(['U0ADA']);
    state.now = 120_000;
    for (let nth = 0; nth < 12; nth++)
      await expect(people.forClicks.members('S0ONE')).rejects.toBeInstanceOf(Unavailable);
    for (const one of await clicks(people, 12))
      expect(one).toMatchObject({ reason: expect.any(Unavailable) });
  });

  test('is not the failure of another one', async () => {
    const { state, people } = crowd();
    state.isLimited = true;
    for (const { status } of await clicks(people, 2)) expect(status).toBe('rejected');
    state.isLimited = false;
    expect(await people.forDisplay.members('S0ONE')).toEqual(['U0ADA']);
  });
});

describe('who is in which channel, for what is shown', () => {
  const channelOf = (index: number) => `C0${String(index).padStart(3, '0')}`;
  const place = (inside: (user: string) => readonly string[], enterprise?: string) => {
    const calls: string[] = [];
    const page = (channels: readonly string[]) => ({
      ok: true,
      channels: channels.map((id) => ({ id, name: id.toLowerCase() })),
    });
    const client = {
      auth: {
        test: async () => ({ team_id: TEAM, url: 'https://one.slack.com/', user_id: 'U0BOT' }),
      },
      users: {
        conversations: async ({ user }: { user?: string }) => {
          calls.push(`users.conversations ${user ?? ''}`.trim());
          return page(
            user === undefined ? Array.from({ length: 120 }, (_, at) => channelOf(at)) : inside(user),
          );
        },
      },
      conversations: {
        members: async ({ channel }: { channel: string }) => {
          calls.push(`conversations.members ${channel}`);
          return { ok: true, members: ['U0ADA'].filter((user) => inside(user).includes(channel)) };
        },
      },
    };
    const people = new SlackPeople(
      client as unknown as WebClient,
      async () => ({ team: TEAM, ...(enterprise === undefined ? {} : { enterprise }) }),
      () => 0,
    );
    return { calls, people };
  };

  test('is one question a person, where many channels are asked about, by id or by name', async () => {
    const { calls, people } = place((user) => (user === 'U0ADA' ? [channelOf(7)] : []));
    const all = Array.from({ length: 120 }, (_, at) => at);
    for (const user of ['U0ADA', 'U0EVE'])
      for (const name of [channelOf, (at: number) => `#c0${String(at).padStart(3, '0')}`]) {
        const found = await Promise.all(all.map((at) => people.forDisplay.isInChannel(user, name(at))));
        expect(all.filter((at) => found[at])).toEqual(user === 'U0ADA' ? [7] : []);
      }
    expect(calls.sort()).toEqual([
      'users.conversations',
      'users.conversations U0ADA',
      'users.conversations U0EVE',
    ]);
  });

  test('is asked of each channel, once for all people, while there are few', async () => {
    const { calls, people } = place((user) => (user === 'U0ADA' ? [channelOf(7)] : []));
    const crowd = ['U0ADA', ...Array.from({ length: 60 }, (_, at) => `U0${at}`)];
    for (const user of crowd)
      for (const at of [7, 8])
        expect(await people.forDisplay.isInChannel(user, channelOf(at))).toBe(user === 'U0ADA' && at === 7);
    expect(calls).toEqual([7, 8].map((at) => `conversations.members ${channelOf(at)}`));
  });

  test('is asked of the channel, once for all people, in an organisation and for a click', async () => {
    const { calls, people } = place(() => [channelOf(7)], 'E0ORG');
    for (const user of ['U0ADA', 'U0EVE'])
      expect(await people.forDisplay.isInChannel(user, channelOf(7))).toBe(user === 'U0ADA');
    expect(calls).toEqual([`conversations.members ${channelOf(7)}`]);
    expect(await people.forClicks.isInChannel('U0ADA', channelOf(7))).toBe(true);
    expect(calls).toHaveLength(2);
  });
});

describe('when everybody clicks at once', () => {
  const crowd = (now: () => number) => {
    const asked: string[] = [];
    const deactivated = new Set<string>();
    const client = {
      users: {
        info: async ({ user }: { user: string }) => {
          asked.push(user);
          return { ok: true, user: { ...MEMBER, id: user, deleted: deactivated.has(user) } };
        },
      },
    };
    const people = new SlackPeople(client as unknown as WebClient, async () => ({ team: TEAM }), now);
    return { asked, deactivated, people };
  };

  test('a click is let in by a fresh answer, and by one of the last minute only beyond fifty in a minute', async () => {
    let now = 0;
    const { asked, deactivated, people } = crowd(() => now);
    for (let nth = 0; nth < 60; nth++) await people.forClicks.profile('U0ADA');
    expect(asked.length).toBeLessThan(60);
    deactivated.add('U0ADA');
    expect(await people.forClicks.profile('U0ADA')).toMatchObject({ deleted: false });
    now = 61_000;
    expect(await people.forClicks.profile('U0ADA')).toMatchObject({ deleted: true });
  });

  test('what decides is asked for all the same', async () => {
    const { deactivated, people } = crowd(() => 0);
    for (let nth = 0; nth < 60; nth++) await people.forClicks.profile('U0ADA');
    deactivated.add('U0ADA');
    expect(await people.profile('U0ADA')).toMatchObject({ deleted: true });
  });

  test('what is only shown is asked once a minute, and again after a failure', async () => {
    let now = 0;
    const { asked, people } = crowd(() => now);
    await people.forDisplay.profile('U0ADA');
    await people.forDisplay.profile('U0ADA');
    expect(asked).toHaveLength(1);
    now = 61_000;
    await people.forDisplay.profile('U0ADA');
    expect(asked).toHaveLength(2);
  });
});
