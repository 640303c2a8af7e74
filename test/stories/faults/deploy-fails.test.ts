import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { declinePushes } from '../pushes.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

const PRODUCTION = 'refs/heads/production';
let stage: Stage;
let thaw = async () => {};

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

test('story 5: the deploy fails and is cancelled: main has the whole release, production what it had', async () => {
  thaw = await declinePushes(stage, PRODUCTION, 'production is frozen by ops');
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardWith('retry_deploy');
  await stage.threadSays(
    /The deploy failed[\s\S]*production is frozen by ops[\s\S]*Production has 1\.2\.0\./,
  );

  await stage.press('ada', 'cancel');
  await stage.cardShows(/Cancelled/);
  await stage.threadSays(/v1\.3\.0 stays tagged and is complete on the branch; production still has/);
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 0, tags: 1, tagKind: 'tag' });
  expect(await stage.git('rev-parse', 'main')).toBe(facts.tagged);
  expect(facts.production).toBe(await stage.git('rev-parse', 'v1.2.0^{commit}'));
});

test('story 5: the next promotion deploys that release; its deploy fails once, Retry succeeds', async () => {
  const asked = await stage.asks();
  expect(textOf(asked)).toMatch(/1\.2\.0 → 1\.3\.0[\s\S]*v1\.3\.0 is released and not live/);
  await stage.press('linus', 'approve');
  await stage.cardWith('retry_deploy');

  await thaw();
  await stage.press('linus', 'retry_deploy');
  await stage.cardShows(/Shipped/);
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  expect(facts.production).toBe(facts.tagged);
  await stage.expectNothingAmiss();
});
