import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mustBeOurs } from '../../../src/handlers/support/verify-origin.ts';
import { type Desk, openDesk, payloadsFor } from './desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const ORG_WIDE = {
  url: 'https://org.enterprise.slack.com/',
  team_id: 'E0ORG',
  enterprise_id: 'E0ORG',
  is_enterprise_install: true,
  user_id: 'W0BOT',
  app_id: 'A0APP',
};
const APP = { api_app_id: 'A0APP' };
const interaction = {
  ...APP,
  team: null,
  enterprise: { id: 'E0ORG', name: 'Org' },
  is_enterprise_install: true,
};
const single = {
  ...APP,
  team: { id: 'T0OURS', domain: 'ours' },
  enterprise: null,
  is_enterprise_install: false,
};
const event = (authorization: object) => ({ ...APP, team_id: 'T0ANY', authorizations: [authorization] });

/** Payloads as Slack documents them, and whether they are ours: for an org-wide install, for one in T0OURS. */
const PAYLOADS: readonly (readonly [string, object, boolean, boolean])[] = [
  ['an interaction of the organisation', interaction, true, false],
  ['its view', { ...interaction, view: { app_installed_team_id: 'E0ORG' } }, true, false],
  [
    'its view, in one of its workspaces',
    { ...interaction, view: { app_installed_team_id: 'T0SIB' } },
    true,
    false,
  ],
  [
    'a view of another organisation',
    { ...interaction, view: { app_installed_team_id: 'E0X' } },
    false,
    false,
  ],
  [
    'a view that names only where it is installed',
    { ...APP, team: null, view: { app_installed_team_id: 'E0ORG' } },
    true,
    false,
  ],
  [
    'a view of ours in a shared channel, in the hands of a workspace without an organisation',
    { ...APP, team: { id: 'T0X' }, enterprise: null, view: { app_installed_team_id: 'E0ORG' } },
    false,
    false,
  ],
  [
    'the same in the hands of another organisation',
    {
      ...interaction,
      team: { id: 'T0X' },
      enterprise: { id: 'E0X' },
      view: { app_installed_team_id: 'E0ORG' },
    },
    false,
    false,
  ],
  [
    'a command',
    { ...APP, team_id: 'T0SIB', enterprise_id: 'E0ORG', is_enterprise_install: 'true' },
    true,
    false,
  ],
  ['a command of another organisation', { ...APP, team_id: 'T0X', enterprise_id: 'E0X' }, false, false],
  ['an interaction of another organisation', { ...interaction, enterprise: { id: 'E0X' } }, false, false],
  ['nothing at all', { ...APP }, false, false],
  ['no team and no organisation', { ...APP, team: null, enterprise: null }, false, false],
  [
    'an event for the organisation',
    event({ enterprise_id: 'E0ORG', team_id: null, is_enterprise_install: true }),
    true,
    false,
  ],
  [
    'an event for another organisation',
    event({ enterprise_id: 'E0X', team_id: null, is_enterprise_install: true }),
    false,
    false,
  ],
  ['an interaction of the workspace', single, false, true],
  ['a command of the workspace', { ...APP, team_id: 'T0OURS' }, false, true],
  [
    'a command of it, which is in an organisation',
    { ...APP, team_id: 'T0OURS', enterprise_id: 'E0GRID' },
    false,
    true,
  ],
  ['a view of the workspace', { ...single, view: { app_installed_team_id: 'T0OURS' } }, false, true],
  [
    'a view of it that names no team',
    { ...single, team: null, view: { app_installed_team_id: 'T0OURS' } },
    false,
    true,
  ],
  [
    'a view that another workspace opened',
    { ...single, view: { app_installed_team_id: 'T0X' } },
    false,
    false,
  ],
  [
    'a view of ours in the hands of strangers',
    { ...single, team: { id: 'T0X' }, view: { app_installed_team_id: 'T0OURS' } },
    false,
    false,
  ],
  [
    'an interaction of a sibling workspace',
    { ...single, team: { id: 'T0SIB' }, enterprise: { id: 'E0GRID' } },
    false,
    false,
  ],
  [
    'an event for the workspace, of a message of strangers',
    event({ enterprise_id: null, team_id: 'T0OURS' }),
    false,
    true,
  ],
  [
    'an event for another workspace with this app',
    event({ enterprise_id: null, team_id: 'T0X' }),
    false,
    false,
  ],
  [
    'an event that says only in which context it is',
    { ...APP, team_id: 'T0X', context_team_id: 'T0OURS', context_enterprise_id: null },
    false,
    true,
  ],
  ['another app', { ...single, api_app_id: 'A0X' }, false, false],
];

describe.each([
  ['a whole organisation', ORG_WIDE, 2],
  ['one workspace', undefined, 3],
] as const)('installed in %s', (_where, answer, column) => {
  test.each(PAYLOADS.map((row) => [row[0], row[column], row[1]] as const))(
    '%s is ours: %s',
    async (_what, isOurs, payload) => {
      if (answer) desk.slack.answers.set('auth.test', answer);
      const asked = mustBeOurs(desk.context, desk.place.caller('U_ADA'), payload, 'command');
      if (isOurs) return await asked;
      await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/^foreign-/) });
      expect(await desk.place.house.ledger.auditTrail({ limit: 9 })).toMatchObject([{ result: 'refused' }]);
    },
  );
});

test('what another workspace with this app sends is worked on by nobody, with a row', async () => {
  const sends = payloadsFor(desk);
  const authorizations = [{ enterprise_id: null, team_id: 'T0X', user_id: 'U0BOT', is_bot: true }];
  await desk.deliver(sends.event(sends.mention('ship shop to prod'), { authorizations, team_id: 'T0X' }));
  expect(desk.slack.of('chat.postMessage')).toEqual([]);
  await desk.deliver(
    sends.event({ type: 'app_home_opened', user: 'U_ADA', tab: 'home' }, { authorizations, team_id: 'T0X' }),
  );
  expect(desk.slack.of('views.publish')).toEqual([]);
  expect(await desk.place.house.ledger.auditTrail({ limit: 9 })).toMatchObject([
    { action: 'home.seen', result: 'refused' },
    { action: 'mention.answered', result: 'refused' },
  ]);
});
