import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/reading.ts';
import { releaseFacts, type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ approvals: 2 });
});
afterAll(() => stage.end());

test('story 1: /ship-prod shop, two people, shipped, report committed, release tagged, window closed', async () => {
  const { workspace, shop } = stage;
  await workspace.as('ada').command('/ship-prod shop');
  const asked = await stage.cardWith('approve');
  expect(textOf(asked)).toContain('1.2.0 → 1.3.0');

  await workspace.as('ada').click(asked, 'approve');
  const refused = await workspace.waitForEphemeral('ada', /somebody else/i);
  expect(textOf(refused)).toContain('somebody else has to approve');

  await workspace.as('grace').click(asked, 'approve');
  await stage.threadSays(/approved/);
  expect(shop.control.state().live?.version).toBe('1.2.0');
  await workspace.as('linus').click(stage.card(), 'approve');
  await stage.cardShows(/Shipped/);

  expect(shop.control.state().live?.version).toBe('1.3.0');
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag', fsck: '' });
  expect(facts.production).toBe(facts.tagged);
  const changed = await stage.git('show', '--name-only', '--format=', 'v1.3.0^{commit}');
  expect(changed.split('\n').sort()).toEqual([
    'CHANGELOG.md',
    'package-lock.json',
    'package.json',
    'src/version.js',
  ]);
  expect(await stage.git('tag', '-l', '--format=%(contents)', 'v1.3.0')).toContain('Coupons at checkout');

  const report = await stage.git('show', 'main:specs/014-coupons/production-ship-report.md');
  expect(report).toContain('v1.3.0');
  expect(report).toContain('Grace');
  const state = await stage.git('show', 'main:specs/014-coupons/state.yaml');
  expect(state).toContain('# Workflow state of this feature.');
  expect(state).toMatch(/production:\n\s+url/);
});

test('a hostile commit title is plain text everywhere, and every payload passed the strict workspace', async () => {
  const { workspace } = stage;
  await workspace.quiet(300);
  const shown = [stage.card(), ...stage.thread()].map(textOf).join('\n');
  expect(shown).toContain('<!channel> *urgent* <https://evil|approve>');
  const active = workspace.control.activations().filter(({ kind }) => kind !== 'user' && kind !== 'date');
  expect(active.filter((one) => JSON.stringify(one).includes('evil') || one.kind === 'broadcast')).toEqual(
    [],
  );
  expect(workspace.control.violations()).toEqual([]);
});
