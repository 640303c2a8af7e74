import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeenMessage } from '../../../demo/workspace/server/control/reading.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

let stage: Stage;
let first: SeenMessage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

test('the form: /ship-prod, the newest ready feature chosen, and the Home tab shows what is open', async () => {
  const { workspace } = stage;
  await workspace.as('ada').command('/ship-prod');
  const form = await workspace.waitForView('ada');
  expect(textOf(form)).toContain('014-coupons (ready)');
  await workspace.as('ada').submit(form, { note: 'Coupons for <!everyone>', bump: 'auto' });
  first = await stage.cardWith('approve');
  expect(textOf(first)).toContain('Coupons for <!everyone>');

  const home = textOf(await workspace.as('linus').openHome());
  expect(home).toMatch(/Under way[\s\S]*shop 1\.2\.0 → 1\.3\.0: .*Waiting for approval/);
  expect(home).toMatch(/Shipped last\nNothing yet/);
});

test('a dead button answers: a plan that changed, a promotion that is over, an older version of the bot', async () => {
  const { workspace } = stage;
  await workspace.as('ada').click(first, 'choose_bump');
  await workspace.as('ada').submit(await workspace.waitForView('ada'), { bump: 'major' });
  // Its title, not the gate that says so while the old plan is still the one to approve.
  await stage.cardShows(/^shop 1\.2\.0 → 2\.0\.0[\s\S]*Approve/);
  await workspace.as('grace').click(first, 'approve');
  await stage.told('grace', /has changed since you saw it, so your answer was not counted/);

  await stage.press('ada', 'cancel');
  await stage.cardShows(/Cancelled/);
  await workspace.as('grace').click(first, 'approve');
  await stage.told('grace', /has moved on: it is cancelled now/);

  const old = JSON.parse(JSON.stringify(first).replaceAll('"recheck"', '"recheck_v0"')) as SeenMessage;
  await workspace.as('grace').click(old, 'recheck_v0');
  await stage.told('grace', /of an older version of Slipway/);
});

test('from the Home tab to shipped, which it then shows', async () => {
  const { workspace } = stage;
  const home = await workspace.as('ada').openHome();
  expect(textOf(home)).toContain('Nothing is being shipped right now');
  const before = callsForAda();
  await workspace.as('ada').click(home, 'Ship shop');
  await homeSays(/Under way\nshop (to production|1\.2\.0 → 1\.3\.0): /);
  await stage.cardWith('approve');
  await homeSays(/Under way\nshop 1\.2\.0 → 1\.3\.0: .*Waiting for approval/);
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  await homeSays(/Nothing is being shipped right now[\s\S]*shop 1\.3\.0 shipped/);
  await expect
    .poll(() => JSON.stringify(workspace.home('ada')), { timeout: 10_000 })
    .toMatch(/"slack_file":\{"id":"F\w+"\},"alt_text":"Releases of shop, each week, [^"]*, 1\./);
  // Ada's tab stayed open: one call for each of the nine states it can show, one while it opens, one for the picture.
  expect(callsForAda() - before).toBeLessThanOrEqual(11);
  expect(textOf(await workspace.as('linus').openHome())).toMatch(
    /Nothing is being shipped right now[\s\S]*Shipped last[\s\S]*shop 1\.3\.0 shipped/,
  );
  await stage.expectNothingAmiss();
});

test('a mention that was edited offers nothing to all a second time', async () => {
  const { workspace } = stage;
  const linus = workspace.as('linus');
  const asked = linus.say('#ship', `<@${workspace.botUser}> ship shop`);
  const offered = () =>
    workspace.thread('#ship', asked.ts).filter((message) => offers(message, 'start')).length;
  await expect.poll(offered, { timeout: 10_000 }).toBe(1);
  linus.edit(asked, `<@${workspace.botUser}> please ship shop to prod`);
  expect(textOf(await stage.told('linus', /Do you want to ship/))).toContain('shop');
  expect(offered()).toBe(1);
});

function callsForAda(): number {
  const calls = stage.workspace.control.calls('views.publish');
  return calls.filter(({ args }) => args['user_id'] === 'U0ADA').length;
}

/** What Ada's Home tab says in the end, without being opened again. */
async function homeSays(test: RegExp): Promise<void> {
  await expect
    .poll(
      () => {
        const home = stage.workspace.home('ada');
        return home === undefined ? '' : textOf(home);
      },
      { timeout: 20_000 },
    )
    .toMatch(test);
}
