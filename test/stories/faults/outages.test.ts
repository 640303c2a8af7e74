import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { type EmbeddedServer, startEmbedded } from '../../../src/engine/database/embedded.ts';
import { slowPushes } from '../pushes.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let dataDir: string;
let postgres: EmbeddedServer;
let stage: Stage;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slipway-story-'));
  postgres = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), durable: false });
  stage = await setStage({ databaseUrl: postgres.url, window: '8s' });
});
afterAll(async () => {
  await stage.end();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test('Slack, the git remote and the database go away for seconds each: shipped all the same, nothing twice', async () => {
  const { workspace, remote, shop } = stage;
  await stage.asks();
  const release = await slowPushes(stage, 'pre-receive', 'refs/heads/main', 4);
  await stage.press('grace', 'approve');
  await release.reached();
  workspace.control.goDown(2_500);
  await release.off();

  shop.control.set({ mode: 'slow', slowMs: 2_500 });
  await stage.cardShows(/Checking that production is healthy/);
  // Production serves what it has read from the remote: it must have seen the new release before that is gone.
  await shop.control.refresh();
  await rename(remote.path, `${remote.path}.away`);
  shop.control.set({ mode: 'healthy' });
  await stage.threadSays(/Waiting for the git remote/);
  await rename(`${remote.path}.away`, remote.path);

  await stage.cardShows(/Watching production/);
  await postgres.stop();
  await sleep(2_000);
  await postgres.revive();

  await stage.cardShows(/Shipped/, 60_000);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  const troubles = stage.thread().filter((message) => /Waiting for .*keeps trying/.test(textOf(message)));
  expect(troubles.map(textOf)).toEqual([expect.stringContaining('the git remote')]);
  await stage.expectNothingAmiss();
});
