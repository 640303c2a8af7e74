import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/reading.ts';
import { offers, releaseFacts, type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    window: '60s',
    overrides: {
      monitor: { tick: '500ms', checkpoint: '5s' },
      permissions: { rollback: { users: ['U0GRACE'] } },
    },
  });
});
afterAll(() => stage?.end());

test('story 7: the error rate rises: an alarm with a chart in the thread', async () => {
  await stage.asks();
  await stage.customers(60);
  await stage.press('grace', 'approve');
  await stage.cardShows(/Watching production/);
  stage.shop.control.set({ mode: 'failing', errorRate: 0.4, version: '1.3.0' });
  const alarm = await stage.threadSays(/production (critical|warning)/);
  expect(offers(alarm, 'rollback')).toBe(true);
  const chart = await stage.workspace.waitForMessage(
    ({ files }) => files?.some((file) => file.name.startsWith('chart-')) ?? false,
  );
  const [png] = chart.files ?? [];
  expect(chart.thread_ts).toBe(stage.card().ts);
  expect([...(png?.bytes ?? []).slice(1, 4)]).toEqual([...Buffer.from('PNG')]);
});

test('story 7: only the own, new words of a person count, and only of one who may', async () => {
  const { workspace } = stage;
  const thread = { thread_ts: stage.card().ts };
  const before = workspace.ephemerals('grace').length;
  workspace.as('bot').say('#ship', 'rollback', thread);
  workspace.as('grace').say('#ship', '&gt; rollback', thread);
  workspace.as('grace').say('#ship', 'no rollback needed', thread);
  const edited = workspace.as('grace').say('#ship', 'looking at it', thread);
  workspace.as('grace').edit(edited, 'rollback');
  workspace.as('grace').say('#ship', 'rollback');
  workspace.as('ada').say('#ship', 'roll back please', thread);
  await stage.told('ada', /You may not roll back here/);
  expect(workspace.ephemerals('grace')).toHaveLength(before);
  expect(textOf(stage.card())).not.toMatch(/Rolling back|Rolled back/);
});

test('story 7: she types "rollback", confirms, and production is as before', async () => {
  const { workspace } = stage;
  workspace.as('grace').say('#ship', 'rollback', { thread_ts: stage.card().ts });
  const confirmation = await stage.told('grace', /Roll shop back to 1\.2\.0\?/);
  expect(confirmation.thread_ts).toBe(stage.card().ts);
  expect(stage.shop.control.state().live?.version).toBe('1.3.0');

  await workspace.as('grace').click(confirmation, 'rollback');
  await stage.cardShows(/Rolled back/);
  expect(stage.shop.control.state().live?.version).toBe('1.2.0');
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, tags: 1 });
  expect(await stage.audited('rollback.requested')).toEqual(['U0GRACE done']);
  await stage.expectNothingAmiss();
});
