import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { type BlackHole, blackHole } from '../../fakes/network/black-hole.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let database: TestDatabase;
let network: BlackHole;
let stage: Stage;

beforeAll(async () => {
  database = await freshDatabase();
  network = await blackHole(database.url);
  stage = await setStage({ databaseUrl: network.url });
});
afterAll(async () => {
  await stage?.end();
  await network.close();
  await database.close();
});

test('packets to the database are dropped: it goes on over other connections, and can be stopped while all are', async () => {
  await stage.asks();
  network.swallow({ isOpen: true });
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/, 60_000);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  await stage.expectNothingAmiss();

  network.swallow();
  const began = performance.now();
  await stage.bot.stop();
  expect(performance.now() - began).toBeLessThan(30_000);
}, 150_000);
