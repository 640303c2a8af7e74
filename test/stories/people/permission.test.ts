import { afterAll, beforeAll, expect, test } from 'vitest';
import { controls, textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

interface Row {
  readonly actor: string;
  readonly action: string;
  readonly result: string;
  readonly detail?: { readonly code?: string };
}

/** What everybody may press: these only show something. */
const LOOKS = /^(details|open_thread|dismiss)(:|$)/;
const MAY_NOT = /You may not/;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    window: '10s',
    overrides: {
      approvals: { users: ['U0GRACE'] },
      permissions: {
        start: { users: ['U0ADA'] },
        rollback: { users: ['U0GRACE'] },
        override: { users: ['U0GRACE'] },
        lock: { users: ['U0GRACE'] },
      },
    },
  });
});
afterAll(() => stage.end());

const rowsOfLinus = async (): Promise<readonly Row[]> =>
  (await stage.query<{ entry: Row }>('select entry from slipway.events order by seq'))
    .map(({ entry }) => entry)
    .filter(({ actor }) => actor === 'U0LINUS');

/** All that Linus must not be able to change. */
async function world(): Promise<string> {
  const [promotions, votes, locks, queue] = await Promise.all([
    stage.query('select id, state, digest, turn from slipway.promotions order by id'),
    stage.query('select promotion_id, voter, decision, valid from slipway.approvals order by seq'),
    stage.query('select service, owner from slipway.locks'),
    stage.query('select service, person from slipway.queue'),
  ]);
  return JSON.stringify([
    promotions,
    votes,
    locks,
    queue,
    await stage.refs(),
    stage.workspace.views('linus'),
  ]);
}

/** He tries it: nothing happens, he hears why, and the audit has exactly that. */
async function refusedTo(what: string, work: () => Promise<unknown>, reason = MAY_NOT): Promise<void> {
  const [before, rows] = await Promise.all([world(), rowsOfLinus()]);
  await work();
  await stage.told('linus', reason);
  const more = (await rowsOfLinus()).slice(rows.length);
  expect(more, what).toMatchObject([{ result: 'refused', detail: { code: 'not-allowed' } }]);
  expect(await world(), what).toBe(before);
}

/** Presses everything that the card offers now; answers with what each does. */
async function pressesEverything(): Promise<readonly string[]> {
  const actions = controls(stage.card())
    .map(({ actionId }) => actionId)
    .filter((action) => !LOOKS.test(action));
  for (const action of actions) await refusedTo(action, () => stage.press('linus', action));
  return actions.map((action) => action.split(':', 1)[0] ?? action);
}

test('story 12: he may neither start, plan, lock nor roll back by command', async () => {
  const { workspace } = stage;
  for (const line of [
    'shop',
    'shop minor',
    'plan shop',
    'lock shop "mine"',
    'unlock shop',
    'freeze all "mine"',
  ])
    await refusedTo(line, () => workspace.as('linus').command(`/ship-prod ${line}`));
  expect(stage.cards()).toEqual([]);
});

test('story 12: while people are asked, none of the buttons is his', async () => {
  await stage.asks();
  expect(await pressesEverything()).toEqual(['approve', 'decline', 'choose_bump', 'recheck', 'cancel']);
  await refusedTo('cancel', () => stage.workspace.as('linus').command('/ship-prod cancel shop'));
});

test('story 12: on the Home tab neither', async () => {
  const { workspace } = stage;
  const home = await workspace.as('linus').openHome();
  const [before, rows] = [await world(), await rowsOfLinus()];
  await workspace.as('linus').click(home, /^start/);
  // There is no channel to answer in: the reason comes as a message of the app.
  await workspace.waitForMessage((one) => one.channel.startsWith('D') && MAY_NOT.test(textOf(one)));
  const more = (await rowsOfLinus()).slice(rows.length);
  expect(more).toMatchObject([
    { action: 'promotion.opened', result: 'refused', detail: { code: 'not-allowed' } },
  ]);
  expect(await world()).toBe(before);
});

test('story 12: while it is watched, by button and by word neither', async () => {
  await stage.press('grace', 'approve');
  await stage.cardWith('hold', 60_000);
  expect(await pressesEverything()).toEqual(expect.arrayContaining(['rollback', 'extend', 'hold']));
  for (const word of ['rollback', 'extend 15m', 'hold', 'please roll back'])
    await refusedTo(word, async () => {
      stage.workspace.as('linus').say('#ship', word, { thread_ts: stage.card().ts });
    });
  await refusedTo('rollback', () => stage.workspace.as('linus').command('/ship-prod rollback shop'));
});

test('story 12: nor when it is shipped, nor when it is rolled back', async () => {
  await stage.cardShows(/Shipped/, 60_000);
  expect(await pressesEverything()).toEqual(['rollback']);
  await stage.press('grace', 'rollback');
  await stage.cardShows(/Rolled back/, 60_000);
  expect(offers(stage.card(), 'unlock')).toBe(true);
  expect(await pressesEverything()).toEqual(['unlock']);
});

test('story 12: looking is free, and leaves a row too', async () => {
  const before = (await rowsOfLinus()).length;
  await stage.press('linus', 'details');
  await stage.workspace.waitForView('linus');
  await expect.poll(async () => (await rowsOfLinus()).length).toBe(before + 1);
  expect((await rowsOfLinus()).at(-1)).toMatchObject({ action: 'button.details', result: 'done' });
});

test('story 12: the audit has all of it, and shows it to people', async () => {
  const { workspace } = stage;
  const rows = await rowsOfLinus();
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ result }) => result !== 'refused')).toHaveLength(1);

  await workspace.as('grace').command('/ship-prod history shop');
  const history = await stage.told('grace', /The last promotion/);
  expect(JSON.stringify(history.blocks)).toContain('approved by');
  const picture = await stage.told('grace', /Releases of shop, each week/);
  expect(picture.blocks).toMatchObject([
    { type: 'image', alt_text: expect.stringContaining('1 (1 failed)') },
  ]);
  await workspace.as('grace').click(history, 'audit_trail');
  const trail = await stage.told('grace', /of the audit of shop/);
  const shown = JSON.stringify(trail.blocks);
  expect(shown).toContain('U0LINUS');
  expect(shown).toContain('not-allowed');
  expect(shown).toContain('/archives/C0SHIP/p');
  await stage.expectNothingAmiss();
});
