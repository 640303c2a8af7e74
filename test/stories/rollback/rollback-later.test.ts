import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

test('story 14: rolled back from the old thread, long after it shipped', async () => {
  const { workspace, shop } = stage;
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  await stage.crash();

  workspace.as('linus').say('#ship', 'please revert this', { thread_ts: stage.card().ts });
  const confirmation = await stage.told('linus', /Roll shop back to 1\.2\.0\?/);
  await workspace.as('linus').click(confirmation, 'rollback');
  await stage.cardShows(/Rolled back/);
  expect(shop.control.state().live?.version).toBe('1.2.0');
  expect(stage.cards()).toHaveLength(1);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.0.md');
  expect(incident).toMatch(/\| Asked for a rollback: .* \| Linus/);
  const report = await stage.git('show', 'main:specs/014-coupons/production-ship-report.md');
  expect(report).toContain('## Rolled Back');
  expect(report).toMatch(/\*\*Shipped after .* of watching\*\*/);
  await workspace.as('linus').command('/ship-prod shop');
  await stage.told('linus', /shop is locked/);
});

test('by command it asks first too, and goes further back than the release before', async () => {
  const { workspace, shop } = stage;
  await workspace.as('linus').command('/ship-prod rollback shop 1.1.0');
  await stage.told('linus', /was never shipped by this Slipway[\s\S]*\/ship-prod adopt shop 1\.1\.0/);
  await workspace.as('grace').command('/ship-prod adopt shop 1.1.0');
  const offer = await stage.told('grace', /Adopt shop 1\.1\.0\?/);
  await workspace.as('grace').click(offer, 'adopt');
  await stage.told('grace', /Rollbacks of shop can return to 1\.1\.0 now/);
  await workspace.as('linus').command('/ship-prod rollback shop 1.1.0');
  const question = await stage.told('linus', /Roll shop back to 1\.1\.0\?/);
  await workspace.quiet(300);
  expect(shop.control.state().live?.version).toBe('1.2.0');
  await workspace.as('linus').click(question, 'rollback');
  await stage.threadSays(/v1\.1\.0 is live again/);
  expect(shop.control.state().live?.version).toBe('1.1.0');

  await workspace.as('linus').command('/ship-prod status');
  await stage.told(
    'linus',
    /Nothing is under way[\s\S]*1\.1\.0 is live[\s\S]*shop, locked by <@U0LINUS>: Rolled back/,
  );
  await stage.press('grace', 'unlock');
  await workspace.as('grace').submit(await workspace.waitForView('grace'), { reason: 'mended' });
  await stage.told('grace', /shop is unlocked and can be shipped again/);
  await workspace.waitForMessage((one) => /<@U0GRACE> unlocked shop: mended/.test(textOf(one)));
  await expect.poll(() => offers(stage.card(), 'unlock')).toBe(false);
  await stage.expectNothingAmiss();
});
