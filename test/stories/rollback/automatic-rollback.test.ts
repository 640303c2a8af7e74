import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    window: '60s',
    overrides: { monitor: { tick: '500ms' }, rollback: { automatic: 'critical', 'stop-within': '8s' } },
  });
});
afterAll(() => stage?.end());

test('story 8: production turns critical: rolled back without a person', async () => {
  await stage.asks();
  // The less was seen before, the less certain is what comes after it.
  await stage.customers(60);
  await stage.press('grace', 'approve');
  await stage.cardShows(/Watching production/);
  stage.shop.control.set({ mode: 'failing', errorRate: 0.97, version: '1.3.0' });
  await stage.threadSays(/production critical[\s\S]*Slipway rolls back to 1\.2\.0 by itself/);
  await stage.threadSays(/Rolling shop back to v1\.2\.0, started by Slipway itself/);
  await stage.cardShows(/Rolled back/);

  expect(stage.shop.control.state()).toMatchObject({ live: { version: '1.2.0' }, mode: 'healthy' });
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, tags: 1 });
  expect(await stage.audited('rollback.started')).toEqual(['slipway done']);
  expect(textOf(stage.card())).toContain('Unlock shop');
  const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.0.md');
  expect(incident).toMatch(
    /\| Saw that production is critical: .*(requests failed|failed \d+ times).* \| Slipway \|/,
  );
  expect(await stage.audited('production.turned')).toContain('slipway done');
  const report = await stage.git('show', 'main:specs/014-coupons/production-ship-report.md');
  expect(report).toContain('- **Rolled back**: `v1.3.0` to `v1.2.0`');
  expect(report).toMatch(/\*\*Rolled back after .* of watching\*\*/);
  await stage.expectNothingAmiss();
});
