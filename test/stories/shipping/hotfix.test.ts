import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

let stage: Stage;
const REPORT = 'specs/014-coupons/production-ship-report.md';

beforeAll(async () => {
  stage = await setStage({
    window: '90s',
    overrides: {
      monitor: { tick: '500ms', checkpoint: '5s' },
      reports: { channels: ['#ship'], words: ['broken', 'does not work'] },
    },
  });
});
afterAll(() => stage?.end());

test('a user reports a problem in a channel: it is said in the thread, and people are asked', async () => {
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Watching production/);
  stage.workspace.as('linus').say('#ship', 'Checkout is *broken* for me <!here>');
  const said = await stage.threadSays(/Problem reported in a channel by [\s\S]*Checkout is/);
  expect(textOf(said)).toContain('U0LINUS');
  await stage.cardWith('hotfix');
  expect(offers(stage.card(), 'rollback')).toBe(true);
});

test('a hotfix that staging has not validated is announced, and the window is held open', async () => {
  const { workspace, remote } = stage;
  const fix = await remote.commit({
    message: 'fix(checkout): count coupons once',
    files: { 'src/coupons.js': 'export const once = true;\n' },
  });
  await stage.press('grace', 'hotfix');
  await workspace.as('grace').submit(await workspace.waitForView('grace'), { fix: fix.slice(0, 10) });
  await stage.told('grace', /The fix is not ready to be shipped/);
  await stage.threadSays(/prepares a hotfix of shop 1\.3\.0/);
  await stage.cardShows(/held open[\s\S]*Hotfix prepared by/);
  await remote.setState({ stagingCommit: fix, stagingAt: new Date().toISOString() });
});

test('once it is validated the watch ends with her name, and the promotion of the hotfix begins', async () => {
  const { workspace } = stage;
  const watched = stage.card();
  await stage.press('grace', 'hotfix');
  await workspace.as('grace').submit(await workspace.waitForView('grace'), { fix: '' });
  await stage.told('grace', /The watch of shop ends with your name/);
  const next = await workspace.waitForMessage(
    (message) => message.ts !== watched.ts && /hotfix of 1\.3\.0/.test(textOf(message)),
  );
  expect(textOf(next)).toContain('U0GRACE');
  const ended = stage.cards().find(({ ts }) => ts === watched.ts);
  expect(textOf(ended ?? watched)).toMatch(/Shipped[\s\S]*Accepted by [\s\S]*U0GRACE[\s\S]*as warning/);
  expect(await stage.git('show', `main:${REPORT}`)).toMatch(/Accepted by Grace[\s\S]*Reported Problems/);
  const asked = await stage.cardWith('approve');
  expect(textOf(asked)).toMatch(/Since 1\.3\.0: 2 commits: [\s\S]*fix\(checkout\): count coupons once/);
  expect(stage.shop.control.state().live?.version).toBe('1.3.0');
  await stage.press('ada', 'approve');
  await stage.cardShows(/Watching production/);
  expect(stage.shop.control.state().live?.version).toBe('1.3.1');
  expect(await stage.audited('promotion.hotfix')).toEqual(['U0GRACE done', 'U0GRACE done']);
  expect(await stage.audited('promotion.opened')).toEqual(['U0ADA done', 'U0GRACE done']);
  await stage.expectNothingAmiss();
});
