import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Channels } from '../../../src/adapters/slack/channels.ts';
import { slackClient } from '../../../src/adapters/slack/client.ts';
import { installationOf } from '../../../src/adapters/slack/identity/installation.ts';
import { SlackPeople } from '../../../src/adapters/slack/people.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { isFullMember } from '../../../src/flows/run/memberships.ts';
import { ScriptedSlack } from '../../handlers/slack/scripted-slack.ts';

const ORG_WIDE = {
  url: 'https://org.enterprise.slack.com/',
  team_id: 'E0ORG',
  enterprise_id: 'E0ORG',
  is_enterprise_install: true,
  user_id: 'W0BOT',
  bot_id: 'B0BOT',
};
const NO_TEAM = { error: 'missing_argument', arg: 'team_id' };
const MEMBER = { deleted: false, is_bot: false, is_restricted: false, is_ultra_restricted: false };

let slack: ScriptedSlack;
beforeEach(async () => {
  slack = await new ScriptedSlack().start();
  slack.answers.set('auth.test', ORG_WIDE);
  slack.answers.set('auth.teams.list', {
    teams: [
      { id: 'T0ONE', name: 'one' },
      { id: 'T0TWO', name: 'two' },
    ],
    response_metadata: { next_cursor: '' },
  });
});
afterEach(() => slack.close());

const client = () => {
  const seal = sealOf(Buffer.alloc(32, 1), 'E0ORG');
  return slackClient('xoxb-1', {
    apiUrl: slack.apiUrl,
    log: pino({ level: 'silent' }),
    seal: async () => seal,
  });
};

describe('an app of a whole organisation', () => {
  /** In the order of auth.teams.list: the one whose owner everybody knows is the second. */
  const two = [
    { channels: [{ id: 'C0EVIL', name: 'ship' }] },
    { channels: [{ id: 'C0SHIP', name: 'ship' }] },
  ];
  const byName = {
    code: 'channel-by-name',
    facts: {
      channel: '#ship',
      found: ['C0EVIL of the workspace T0ONE', 'C0SHIP of the workspace T0TWO'],
    },
  };

  test.each([
    ['of two', two, byName.facts.found],
    ['of the only one', [{ channels: [] }, two[1]], ['C0SHIP of the workspace T0TWO']],
    ['of none', [{ channels: [] }, { channels: [] }], []],
    ['where it may not list them', [{ error: 'missing_scope' }], null],
  ])('takes no channel by its name: %s', async (_which, lists, found) => {
    slack.next.set('users.conversations', [...lists] as never);
    const asked = new Channels(client()).idOf('#ship');
    await expect(asked).rejects.toMatchObject({
      code: 'channel-by-name',
      facts: { found: found ?? [] },
    });
    expect(slack.of('conversations.list')).toHaveLength(0);
  });

  test('says so again without asking each time, and takes an id', async () => {
    slack.next.set('users.conversations', [...two]);
    let now = 0;
    const channels = new Channels(client(), () => now);
    await expect(channels.idOf('#ship')).rejects.toMatchObject(byName);
    await expect(channels.idOf('ship')).rejects.toMatchObject(byName);
    expect(slack.of('users.conversations')).toHaveLength(2);
    now = 3_600_000;
    await expect(channels.idOf('ship')).rejects.toMatchObject({ code: 'channel-by-name' });
    expect(slack.of('users.conversations')).toHaveLength(4);
    expect(await channels.idOf('C0SHIP')).toBe('C0SHIP');
  });

  test('nobody is in a channel that is named so, whoever is in one of that name', async () => {
    slack.next.set('users.conversations', [...two]);
    slack.answers.set('conversations.members', { members: ['W0EVE'] });
    const web = client();
    const people = new SlackPeople(web, installationOf(web), Date.now);
    await expect(people.isInChannel('W0EVE', '#ship')).rejects.toMatchObject(byName);
    expect(slack.of('conversations.members')).toHaveLength(0);
  });

  test.each([
    ['is known', true],
    ['is not known yet, so that Slack says it', false],
  ])('asks each workspace when that it is one %s', async (_how, isKnown) => {
    const web = client();
    if (isKnown) await installationOf(web)();
    const groups = [{ usergroups: [] }, { usergroups: [{ id: 'S0TWO', users: ['W0ADA'] }] }];
    slack.next.set('usergroups.list', [...(isKnown ? [] : [NO_TEAM]), ...groups]);
    const people = new SlackPeople(web, installationOf(web), Date.now);
    expect(await people.members('S0TWO')).toEqual(['W0ADA']);
    const teams = slack.of('usergroups.list').map(({ args }) => args['team_id']);
    expect(teams).toEqual(isKnown ? ['T0ONE', 'T0TWO'] : [undefined, 'T0ONE', 'T0TWO']);
  });

  test('knows the groups of every workspace, those aside that were taken from it', async () => {
    const web = client();
    slack.next.set('usergroups.list', [
      { error: 'team_access_not_granted' },
      { usergroups: [{ id: 'S0TWO', date_delete: 0, users: ['W0ADA'] }] },
    ]);
    const people = new SlackPeople(web, installationOf(web), Date.now);
    await installationOf(web)();
    expect(await people.members('S0TWO')).toEqual(['W0ADA']);
  });

  test.each<[string, object, boolean]>([
    [
      'of any workspace of it',
      { team_id: 'T0TWO', enterprise_user: { enterprise_id: 'E0ORG', teams: ['T0TWO'] } },
      true,
    ],
    [
      'of another organisation',
      { team_id: 'T0X', enterprise_user: { enterprise_id: 'E0X', teams: ['T0X'] } },
      false,
    ],
    ['of no organisation', { team_id: 'T0X' }, false],
    [
      'whom Slack calls a stranger',
      { is_stranger: true, enterprise_user: { enterprise_id: 'E0ORG' } },
      false,
    ],
    ['who is a guest', { is_restricted: true, enterprise_user: { enterprise_id: 'E0ORG' } }, false],
  ])('counts somebody %s: %s', async (_who, user, counts) => {
    slack.answers.set('users.info', { user: { id: 'W0ADA', ...MEMBER, ...user } });
    const web = client();
    const profile = await new SlackPeople(web, installationOf(web), Date.now).profile('W0ADA');
    expect(isFullMember(profile)).toBe(counts);
    expect(profile.ofOrganisation).toBe(true);
  });

  test('asks which app it is for the workspace that auth.test names', async () => {
    slack.answers.set('auth.test', { ...ORG_WIDE, team_id: 'T0ONE' });
    slack.answers.set('bots.info', { bot: { app_id: 'A0APP' } });
    expect(await installationOf(client())()).toMatchObject({
      team: 'T0ONE',
      enterprise: 'E0ORG',
      app: 'A0APP',
    });
    expect(slack.of('bots.info').map(({ args }) => args['team_id'])).toEqual(['T0ONE']);
  });
});

test('an install in one workspace of an organisation is one in a workspace', async () => {
  slack.answers.set('auth.test', { ...ORG_WIDE, team_id: 'T0ONE', is_enterprise_install: false });
  expect(await installationOf(client())()).not.toHaveProperty('enterprise');
});

describe('which app we are', () => {
  test.each([
    [{ status: 429, retryAfter: 1 }],
    [{ status: 503 }],
    [{ silent: true }],
    [{ error: 'internal_error' }],
  ] as const)('is asked again when Slack does not answer now: %j', async (answer) => {
    slack.next.set('bots.info', [answer]);
    slack.answers.set('bots.info', { bot: { id: 'B0BOT', app_id: 'A0APP' } });
    const installation = installationOf(client());
    await expect(installation()).rejects.toThrow();
    expect((await installation()).app).toBe('A0APP');
  });

  test.each([
    [{ error: 'missing_scope' }],
    [{ error: 'unknown_method' }],
    [{ status: 404 }],
    [{ bot: {} }],
  ] as const)('stays unknown where Slack does not say: %j', async (answer) => {
    slack.answers.set('bots.info', answer);
    expect((await installationOf(client())()).app).toBeNull();
  });
});
