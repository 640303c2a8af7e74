import { afterAll, beforeAll, expect, test } from 'vitest';
import { controls, textOf } from '../../../demo/workspace/server/control/reading.ts';
import { type Stage, setStage } from '../stage.ts';

interface Row {
  readonly actor: string;
  readonly action: string;
  readonly result: string;
  readonly detail?: { readonly code?: string };
}

let stage: Stage;

/** A full member and a guest of the workspace; neither is in #ship. */
const OUTSIDE = [
  ['ivan', { id: 'U0IVAN', name: 'ivan' }],
  ['gwen', { id: 'U0GWEN', name: 'gwen', kind: 'guest' }],
] as const;
const JOIN = /Join #ship|Join the channel of your service \(#ship\)|cannot act on promotions/;
const SECRET = /1\.3\.0|1\.2\.0|014-coupons|U0ADA/;

beforeAll(async () => {
  stage = await setStage({ window: '10s' });
  const { control } = stage.workspace;
  for (const [, option] of OUTSIDE) {
    control.addUser(option);
    control.invite('#general', option.name);
  }
  await stage.asks();
});
afterAll(() => stage.end());

const rowsOf = async (user: string): Promise<readonly Row[]> =>
  (await stage.query<{ entry: Row }>('select entry from slipway.events order by seq'))
    .map(({ entry }) => entry)
    .filter(({ actor }) => actor === user);

test.each(OUTSIDE)('%s reads nothing by any surface, and each try is in the audit', async (name, { id }) => {
  const { workspace } = stage;
  const refused = async (what: string, work: () => Promise<unknown>) => {
    const before = (await rowsOf(id)).length;
    const views = workspace.views(name).length;
    await work();
    const said = await stage.told(name, JOIN);
    expect(textOf(said), what).not.toMatch(SECRET);
    await expect.poll(async () => (await rowsOf(id)).length, { timeout: 10_000 }).toBe(before + 1);
    expect((await rowsOf(id)).at(-1), what).toMatchObject({ result: 'refused' });
    expect(workspace.views(name), what).toHaveLength(views);
  };
  for (const line of [
    '',
    ' status',
    ' history',
    ' history shop',
    ' history --audit',
    ' plan shop',
    ' shop',
  ]) {
    await refused(line, () => workspace.as(name).command(`/ship-prod${line}`, { channel: '#general' }));
  }
  // Slack shows the channel to members of the workspace, but not to guests.
  const seen = name === 'gwen' ? [] : controls(stage.card()).map(({ actionId }) => actionId);
  for (const action of new Set(seen)) {
    await refused(action, () => stage.press(name, action));
  }
  const home = textOf(await workspace.as(name).openHome());
  expect(home).toMatch(JOIN);
  expect(home).not.toMatch(SECRET);
  expect((await rowsOf(id)).at(-1)).toMatchObject({ action: 'home.seen', result: 'refused' });
});

test('somebody of another workspace in the channel sees no more than the channel', async () => {
  const { workspace } = stage;
  workspace.control.addUser({ id: 'U0ALIEN', name: 'alien', team: 'T0OTHER' });
  workspace.control.invite('#ship', 'alien');
  const { ts } = stage.card();
  const tries: Readonly<Record<string, () => unknown>> = {
    'a word in the thread': () => workspace.as('alien').say('#ship', 'status', { thread_ts: ts }),
    'a mention': () => workspace.as('alien').say('#ship', '<@U0SLIPWAY> status'),
    'a button': () => stage.press('alien', 'details'),
    'a shortcut on the card': () => workspace.as('alien').shortcut('report_problem', stage.card()),
  };
  for (const [what, work] of Object.entries(tries)) {
    const before = (await rowsOf('U0ALIEN')).length;
    await work();
    expect(textOf(await stage.told('alien', /people from other workspaces/)), what).not.toMatch(SECRET);
    await expect.poll(async () => (await rowsOf('U0ALIEN')).length, { timeout: 10_000 }).toBe(before + 1);
    expect(workspace.views('alien')).toEqual([]);
  }
});

test('whoever joins the channel sees it', async () => {
  const { workspace } = stage;
  workspace.control.addUser({ id: 'U0NEW', name: 'newcomer' });
  workspace.control.invite('#ship', 'newcomer');
  await workspace.as('newcomer').command('/ship-prod status');
  await stage.told('newcomer', /shop 1\.2\.0 → 1\.3\.0/);
  expect(textOf(await workspace.as('newcomer').openHome())).toContain('Under way');
  await stage.expectNothingAmiss();
});
