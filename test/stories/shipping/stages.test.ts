import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

let dir: string;
let stage: Stage;

/** A mesh that sends a share of the requests to the new release; the shop shows what most of them get. */
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-stages-'));
  const script = join(dir, 'deploy.sh');
  await writeFile(
    script,
    [
      '#!/bin/sh',
      `export GIT_DIR='${join(dir, 'remote.git')}'`,
      'if [ "$1" = live ]; then exec git rev-parse production; fi',
      `echo "$SLIPWAY_KIND $SLIPWAY_VERSION $2" >> '${join(dir, 'orders')}'`,
      'if [ "$2" -gt 50 ]; then git update-ref refs/heads/production "$1"; fi',
      '',
    ].join('\n'),
  );
  await chmod(script, 0o755);
  stage = await setStage({
    dir,
    window: '3s',
    target: { use: 'command', deploy: [script, '{commit}', '{percent}'], live: [script, 'live'] },
    overrides: { stages: ['5%', '25%', '100%'], monitor: { stage: '3s' } },
  });
});
afterEach(async () => {
  await stage.expectNothingAmiss();
  await stage.end();
  await rm(dir, { recursive: true, force: true });
});

const orders = async () => (await readFile(join(dir, 'orders'), 'utf8')).trim().split('\n');

test('a release gets 5 %, 25 % and all, though the bot is killed at each share', async () => {
  const asked = await stage.asks();
  expect(textOf(asked)).toContain('in stages: 5 %, 25 %, 100 %, each watched for 3 s before the next');
  await stage.press('grace', 'approve');
  for (const [share, next] of [
    ['5 %', '25 %'],
    ['25 %', '100 %'],
  ] as const) {
    const card = await stage.cardShows(new RegExp(`Watching ${share} of the requests`), 60_000);
    expect(textOf(card)).toContain(`Go on to ${next} now`);
    await stage.press('linus', 'hold');
    await stage.cardShows(new RegExp(`${next} comes when someone releases the hold`));
    await stage.crash();
    await stage.press('linus', 'accept');
  }
  await stage.cardShows(/Shipped/, 60_000);
  expect(await orders()).toEqual(['deploy 1.3.0 5', 'deploy 1.3.0 25', 'deploy 1.3.0 100']);
  expect(await stage.audited('stage.finished')).toEqual(['U0LINUS done', 'U0LINUS done']);
  await stage.threadSays(/5 % of the requests get 1\.3\.0\. 25 % at/);
});

test('a person goes on at once, and another goes back to none', async () => {
  await stage.asks();
  await stage.press('grace', 'approve');
  const card = await stage.cardShows(/Watching 5 % of the requests/, 60_000);
  expect(offers(card, 'accept')).toBe(true);
  await stage.press('linus', 'hold');
  await stage.cardShows(/25 % comes when someone releases the hold/);
  await stage.press('linus', 'accept');
  await stage.cardShows(/Watching 25 % of the requests/, 60_000);
  expect(await stage.audited('stage.finished')).toEqual(['U0LINUS done']);
  await stage.press('linus', 'rollback');
  await stage.cardShows(/Rolled back/, 60_000);
  expect(await orders()).toEqual(['deploy 1.3.0 5', 'deploy 1.3.0 25', 'rollback 1.2.0 100']);
});
