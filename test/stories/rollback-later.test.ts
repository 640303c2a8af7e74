import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseFacts, type Stage, setStage } from './stage.ts';

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
  await stage.git('cat-file', '-e', 'main:specs/014-coupons/incident-1.3.0.md');
  await workspace.as('linus').command('/ship-prod shop');
  await stage.told('linus', /shop is locked/);
  await stage.expectNothingAmiss();
});
