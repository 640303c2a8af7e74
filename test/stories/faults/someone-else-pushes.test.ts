import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { slowPushes } from '../pushes.ts';
import { offers, releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

const notes = 'specs/014-coupons/notes.md';

test('main moves while the release is pushed: nothing is half done, people approve again', async () => {
  await stage.asks();
  const release = await slowPushes(stage, 'pre-receive', 'refs/heads/main', 1);
  await stage.press('grace', 'approve');
  await release.reached();
  const tip = await stage.remote.commit({ message: 'docs: notes\n', files: { [notes]: 'More.\n' } });
  await release.off();

  await stage.threadSays(/has moved|Approvals so far do not count/);
  const again = await stage.cardWith('approve');
  expect(textOf(again)).toContain(`Commit ${tip.slice(0, 7)} of main`);
  expect(await stage.git('rev-parse', 'main')).toBe(tip);
  expect(await stage.git('tag', '--list', 'v1.3.0')).toBe('');
});

test('production moves between release and deploy: not pushed over; set right, it is deployed', async () => {
  const release = await slowPushes(stage, 'pre-receive', 'refs/heads/main', 1);
  await stage.press('linus', 'approve');
  await release.reached();
  const live = await stage.git('rev-parse', 'production');
  const byHand = await stage.remote.commit({
    branch: 'production',
    message: 'fix: by hand\n',
    files: { 'src/hotfix.js': 'export {};\n' },
  });
  await release.off();

  // The card says so as soon as the deploy is held back, and again once all gates were asked anew.
  const blocked = await stage.cardShows(/Blocked[\s\S]*10 of 11 gates passed, 1 failed/);
  expect(textOf(blocked)).toContain('which main does not contain: shipping would undo it');
  expect(offers(blocked, 'approve')).toBe(false);
  expect(await stage.git('rev-parse', 'production')).toBe(byHand);

  await stage.git('update-ref', 'refs/heads/production', live);
  await stage.press('ada', 'recheck');
  await stage.cardWith('approve');
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  expect(facts.production).toBe(facts.tagged);
  expect(stage.cards()).toHaveLength(1);
  await stage.expectNothingAmiss();
});
