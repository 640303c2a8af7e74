import { afterEach, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;
afterEach(() => stage?.end());

test('story 3: what would be shipped changes after an approval: approvals are void, people approve again', async () => {
  stage = await setStage({ approvals: 2 });
  const { workspace, remote } = stage;
  await workspace.as('ada').command('/ship-prod shop');
  const first = await stage.cardWith('approve');
  await workspace.as('grace').click(first, 'approve');
  await stage.threadSays(/approved/);

  await remote.commit({
    message: 'docs: what support should know',
    files: { 'specs/014-coupons/support.md': 'Say hello.\n' },
  });
  await workspace.as('linus').click(stage.card(), 'approve');
  await stage.threadSays(/has changed/);
  const second = await stage.cardShows(/candidate: [0-9a-f]{7} → [0-9a-f]{7}/);
  expect(textOf(second)).toContain('2 approvals missing');
  expect(await stage.git('tag', '--list')).not.toContain('v1.3.0');

  await workspace.as('grace').click(first, 'approve');
  await workspace.waitForEphemeral('grace', /changed since you saw it/);

  await workspace.as('grace').click(second, 'approve');
  await stage.cardShows(/1 approval missing/);
  await workspace.as('linus').click(stage.card(), 'approve');
  await stage.cardShows(/Shipped/);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, tags: 1, reports: 1, fsck: '' });
  expect(await stage.git('show', 'v1.3.0:specs/014-coupons/support.md')).toBe('Say hello.');
  expect(workspace.control.violations()).toEqual([]);
}, 60_000);

test('an approval that its giver takes back is asked for again', async () => {
  stage = await setStage({ approvals: 2 });
  const { workspace } = stage;
  await workspace.as('ada').command('/ship-prod shop');
  await workspace.as('grace').click(await stage.cardWith('approve'), 'approve');
  await workspace.as('linus').click(await stage.cardWith('withdraw'), 'withdraw');
  await workspace.waitForEphemeral('linus', /no approval of yours/);
  await workspace.as('grace').click(stage.card(), 'withdraw');
  await stage.threadSays(/took the approval back/);
  await stage.cardShows(/2 approvals missing/);
  expect(workspace.control.violations()).toEqual([]);
}, 60_000);
