import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    overrides: { rollback: { automatic: 'critical', 'stop-within': '8s' }, health: { timeout: '2s' } },
  });
});
afterAll(() => stage?.end());

test('story 6: health fails: rolled back, locked, incident written, state file marked', async () => {
  stage.shop.control.set({ mode: 'down', version: 'next' });
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.threadSays(
    /shop is not healthy: 3 of 3 checks failed[\s\S]*Slipway rolls back to 1\.2\.0 by itself/,
  );
  await stage.cardShows(/Rolled back/);

  expect(stage.shop.control.state()).toMatchObject({ live: { version: '1.2.0' }, mode: 'healthy' });
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 0, tags: 1 });
  expect(facts.production).toBe(await stage.git('rev-parse', 'v1.2.0^{commit}'));
  await stage.threadSays(/v1\.2\.0 is live again[\s\S]*database migrations[\s\S]*Incident:/);
  await stage.workspace.waitForMessage(
    ({ thread_ts, files }) =>
      thread_ts === stage.card().ts && (files ?? []).some(({ name }) => name.startsWith('incident-')),
  );
  const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.0.md');
  expect(incident).toContain('health checks failed');
  expect(incident).toMatch(/- \*\*Finished at\*\*: 20/);
  expect(incident).toMatch(/- \*\*Production ran the faulty release for\*\*: \d/);
  expect(incident).toMatch(/- \*\*Thread\*\*: \[conversation in Slack\]\(<http.*\/archives\/.*\/p\d+>\)/);
  expect(incident).toContain('| Found production healthy with v1.2.0 | Slipway |');
  const state = await stage.git('show', 'main:specs/014-coupons/state.yaml');
  expect(state).toContain('# Workflow state of this feature.');
  expect(state).toMatch(/rolled[_-]back/);
});

test('story 6: the service stays locked until someone unlocks it with the button', async () => {
  const { workspace } = stage;
  await workspace.as('linus').command('/ship-prod shop');
  await stage.told('linus', /shop is locked: Rolled back: health checks failed/);
  await stage.press('linus', 'unlock');
  await workspace.as('linus').submit(await workspace.waitForView('linus'), { reason: 'The fix is on main.' });
  await stage.told('linus', /unlocked/i);
  await stage.threadSays(/unlocked shop: The fix is on main/);
  await workspace.as('linus').command('/ship-prod plan shop');
  await stage.told('linus', /has shipped or was rolled back \(014-coupons, 013-wish-list\)/);
  await workspace.as('linus').command('/ship-prod plan shop --feature 014');
  await stage.told('linus', /v1\.3\.0 is tagged and complete, but not live[\s\S]*It was rolled back before/);
  await stage.expectNothingAmiss();
});
