import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stage, setStage } from '../stage.ts';

/** Begins, and ends once the file `go` is there. */
const DEPLOY = `
import { appendFileSync, existsSync } from 'node:fs';
appendFileSync('log.txt', 'begun ');
while (!existsSync('go')) await new Promise((next) => setTimeout(next, 50));
appendFileSync('log.txt', 'ended ');
`;

let stage: Stage;
const log = () => readFile(join(stage.dir, 'log.txt'), 'utf8').catch(() => '');

beforeAll(async () => {
  stage = await setStage({
    env: { SLIPWAY_STOP_WAIT: '1m' },
    target: { use: 'command', deploy: [process.execPath, 'deploy.mjs'], cwd: '.' },
  });
  await writeFile(join(stage.dir, 'deploy.mjs'), DEPLOY);
});
afterAll(() => stage?.end());

test('where nothing outlives the bot, a stop waits for the deployment that runs, and what came of it is recorded', async () => {
  await stage.asks();
  await stage.press('grace', 'approve');
  await vi.waitFor(async () => expect(await log()).toBe('begun '), 30_000);

  let isOver = false;
  const stopped = stage.bot.stop().then(() => {
    isOver = true;
  });
  await vi.waitFor(
    async () => expect(await readFile(stage.logFile, 'utf8')).toContain('the stop waits for deployments'),
    10_000,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(isOver).toBe(false);
  await writeFile(join(stage.dir, 'go'), '');
  await stopped;
  expect(await log()).toBe('begun ended ');
  const followed = await stage.query<{ outcome: string }>(
    `select output as outcome from slipway_dbos.operation_outputs where function_name like 'deploy-%-follow%'`,
  );
  expect(followed.map(({ outcome }) => outcome).join()).toContain('succeeded');
});
