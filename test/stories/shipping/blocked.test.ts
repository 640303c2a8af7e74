import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ remote: { staging: 'pending' } });
});
afterAll(() => stage?.end());

test('story 2: blocked by staging, mended in the repository, Re-check, shipped', async () => {
  const before = await stage.refs();
  await stage.workspace.as('ada').command('/ship-prod shop');
  const blocked = await stage.cardShows(/Blocked/);
  expect(textOf(blocked)).toContain('/validate-staging');
  expect(offers(blocked, 'approve')).toBe(false);
  await stage.threadSays(/1 gate not passed[\s\S]*status: pending/);

  await stage.press('grace', 'recheck');
  await stage.cardShows(/Blocked/);
  expect(await stage.refs()).toBe(before);

  await stage.remote.setState({ staging: 'approved' });
  await stage.press('ada', 'recheck');
  await stage.cardWith('approve');
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);

  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, tags: 1 });
  const said = stage.thread().filter((message) => /not passed/.test(textOf(message)));
  expect(said).toHaveLength(1);
  await stage.expectNothingAmiss();
});
