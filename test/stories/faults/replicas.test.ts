import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { slowPushes } from '../pushes.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

test('story 10: of two replicas the one that runs the promotion is killed: the other carries on', async () => {
  const second = stage.startReplica();
  await vi.waitUntil(() => stage.workspace.control.connections() === 2, { interval: 20, timeout: 20_000 });
  await stage.asks();
  const release = await slowPushes(stage, 'pre-receive', 'refs/heads/main', 1);
  await stage.press('grace', 'approve');
  await release.reached();
  const [run] = await stage.query<{ executor_id: string }>(
    "select executor_id from slipway_dbos.workflow_status where status = 'PENDING'",
  );
  await (run?.executor_id.endsWith('#2') ? second : stage.bot).kill();
  await release.off();

  await stage.cardShows(/Shipped/, 60_000);
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  expect(facts.production).toBe(facts.tagged);
  expect(stage.cards()).toHaveLength(1);
  await stage.expectNothingAmiss();
});
