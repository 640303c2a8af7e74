import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    remote: { breaking: true },
    overrides: { approvals: { users: ['U0GRACE', 'U0LINUS'] } },
  });
});
afterAll(() => stage?.end());

test('story 4: a breaking change with "patch" chosen is warned of and corrected by the form', async () => {
  await stage.workspace.as('ada').command('/ship-prod shop patch');
  const warned = await stage.cardWith('choose_bump');
  expect(textOf(warned)).toContain('lower than the commits ask for');
  expect(offers(warned, 'approve')).toBe(false);

  await stage.press('ada', 'choose_bump');
  const form = await stage.workspace.waitForView('ada');
  await stage.workspace.as('ada').submit(form, { bump: 'major' });
  const corrected = await stage.cardWith('approve');
  expect(textOf(corrected)).toContain('1.2.0 → 2.0.0');

  await stage.press('grace', 'decline');
  const reasons = await stage.workspace.waitForView('grace');
  await stage.workspace.as('grace').submit(reasons, { reason: 'Not on a Friday.' });
  await stage.cardShows(/Cancelled/);
  await stage.threadSays(/Not on a Friday\./);
});

test('story 4: with "minor" chosen an approver confirms it, and that is recorded', async () => {
  await stage.workspace.as('ada').command('/ship-prod shop minor');
  await stage.cardWith('confirm_lower_bump');
  await stage.press('ada', 'confirm_lower_bump');
  await stage.told('ada', /You may not approve/);

  await stage.press('grace', 'confirm_lower_bump');
  const asked = await stage.cardWith('approve');
  expect(textOf(asked)).toContain('1.2.0 → 1.3.0');
  expect(textOf(asked)).toMatch(/confirmed by .*, although the commits ask for major/);
  await stage.threadSays(/confirmed minor, although the commits ask for more/);
  await stage.press('linus', 'approve');
  await stage.cardShows(/Shipped/);

  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, tags: 1 });
  expect(await stage.audited('promotion.bump')).toEqual(['U0ADA done', 'U0ADA refused', 'U0GRACE done']);
  await stage.expectNothingAmiss();
});
