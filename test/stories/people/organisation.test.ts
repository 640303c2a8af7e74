import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampled } from '../../support/whole.ts';
import { type Stage, setStage } from '../stage.ts';

const ORGANISATION = { id: 'E0HARBOURS', name: 'Harbours' };
/** Somebody of a sibling workspace, in the channel of the shop. */
const SIBLING = { id: 'W0SIBYL', name: 'sibyl', team: 'T0SIBLING', organisation: ORGANISATION.id };
const OUTSIDERS = [
  [
    'somebody of another organisation',
    { id: 'U0ALIEN', name: 'alien', team: 'T0ELSEWHERE', organisation: 'E0ELSEWHERE' },
  ],
  ['somebody of a workspace without an organisation', { id: 'U0CONNECT', name: 'connect', team: 'T0ALONE' }],
  [
    'a guest of a sibling workspace',
    { id: 'W0GUEST', name: 'gwen', team: 'T0SIBLING', organisation: ORGANISATION.id, kind: 'guest' },
  ],
] as const;

interface Row {
  readonly actor: string;
  readonly action: string;
  readonly result: string;
  readonly detail?: { readonly code?: string };
}

const INSTALLATIONS = [
  ['in a whole organisation', ORGANISATION],
  ['in one workspace', undefined],
] as const;

describe.each(sampled(INSTALLATIONS, () => ['an installation']))('installed %s', (_where, organisation) => {
  let stage: Stage;
  const rowsOf = async (actor: string) =>
    (await stage.query<{ entry: Row }>('select entry from slipway.events order by seq'))
      .map(({ entry }) => entry)
      .filter((entry) => entry.actor === actor);

  beforeAll(async () => {
    stage = await setStage(organisation === undefined ? {} : { organisation });
    const { control } = stage.workspace;
    for (const person of [SIBLING, ...OUTSIDERS.map(([, one]) => one)]) {
      control.addUser(person);
      control.invite('#ship', person.id);
    }
    control.setGroup({ id: 'S0RELEASERS', handle: 'releasers', members: ['U0ADA', 'U0GRACE', SIBLING.id] });
  });
  afterAll(() => stage?.end());

  test('a promotion is started, approved and rolled back', async () => {
    const { workspace } = stage;
    await workspace.as('ada').command('/ship-prod');
    await workspace.as('ada').submit(await workspace.waitForView('ada'), { bump: 'auto' });
    await stage.cardWith('approve');
    const approver = organisation === undefined ? 'grace' : SIBLING.id;
    await stage.press(approver, 'approve');
    await stage.cardShows(/Shipped/, 60_000);
    expect(await stage.audited('approval.given')).toEqual([`${organisation ? SIBLING.id : 'U0GRACE'} done`]);
    await workspace.as('ada').say('#ship', 'Rollback.', { thread_ts: stage.card().ts });
    const question = await stage.told('ada', /Roll shop back to/);
    await workspace.as('ada').click(question, 'rollback');
    await stage.cardShows(/Rolled back/, 60_000);
    expect(JSON.stringify(await workspace.as('linus').openHome())).toMatch(/rolled back/i);
  });

  test(`somebody of a sibling workspace ${organisation ? 'counts' : 'is refused, with a row'}`, async () => {
    await stage.workspace.as(SIBLING.id).command('/ship-prod status');
    if (organisation) {
      await stage.told(SIBLING.id, /shop/);
      expect((await rowsOf(SIBLING.id)).filter(({ result }) => result === 'refused')).toEqual([]);
    } else {
      await stage.told(SIBLING.id, /another Slack workspace|people from other workspaces/);
      expect((await rowsOf(SIBLING.id)).map(({ result }) => result)).toEqual(['refused']);
    }
  });

  test.each(OUTSIDERS)('%s is refused with a sentence, and leaves a row', async (_what, { id }) => {
    const { workspace } = stage;
    const isGuest = id === 'W0GUEST' && organisation !== undefined;
    const before = (await rowsOf(id)).length;
    await workspace.as(id).command('/ship-prod shop');
    await stage.told(id, isGuest ? /Guests/ : /another Slack workspace|people from other workspaces/);
    workspace.as(id).say('#ship', `<@${workspace.botUser}> rollback shop`);
    await stage.told(id, isGuest ? /Guests/ : /another Slack workspace|people from other workspaces/);
    await workspace
      .as(id)
      .click(stage.card(), 'details')
      .catch(() => undefined);
    await expect
      .poll(async () => (await rowsOf(id)).length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(before + 2);
    const rows = (await rowsOf(id)).filter(({ action }) => action !== 'button.details');
    expect(rows.map(({ result }) => result)).toEqual(rows.map(() => 'refused'));
  });

  test('nothing is amiss', () => stage.expectNothingAmiss());
});
