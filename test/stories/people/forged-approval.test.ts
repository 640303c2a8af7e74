import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

test('an approval that the owner of the database wrote ships nothing, is said, and the real one does', async () => {
  await stage.asks();
  await stage.cardWith('approve');
  await stage.query(
    `insert into slipway.approvals (promotion_id, voter, digest, decision, at, valid)
     select id, 'U0GRACE', digest, 'approve', now(), true from slipway.promotions`,
  );
  // A re-check looks at the votes at once; by itself the bot does so every two minutes.
  await stage.press('ada', 'recheck');
  await stage.threadSays(/does not count/);
  expect(await stage.audited('approval.unproven')).toHaveLength(1);
  expect(await stage.git('tag', '--list', 'v1.3.0')).toBe('');

  await stage.press('grace', 'approve');
  await stage.cardShows(/release v1\.3\.0/);
  await stage.expectNothingAmiss();
});
