import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { offers, releaseFacts, type Stage, setStage } from '../stories/stage.ts';
import { drawFrom, type Fault, faultsFor } from './faults.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const count = Number(process.env['CHAOS_COUNT'] ?? 3);
const runs = Array.from({ length: count }, (_, index) => ({ index, faults: faultsFor(seed + index) }));
const PATIENCE_MS = 120_000;

test.each(runs)('promotion $index', async ({ index, faults }) => {
  const stage = await setStage({ overrides: { metrics: { rate: 50 } } });
  try {
    await stage.git('config', 'core.logAllRefUpdates', 'always');
    await stage.workspace.as('ada').command('/ship-prod shop');
    const isOver = () => /Shipped|Failed|Cancelled/.test(textOf(stage.card()));
    await vi.waitUntil(() => stage.cards().length > 0, { timeout: 20_000 });
    const over = vi.waitUntil(isOver, { interval: 50, timeout: PATIENCE_MS });
    await Promise.all([over, approve(stage, isOver), disturb(stage, faults, isOver)]);
    await expectOnePromotion(stage);
  } catch (error) {
    const log = await readFile(join(stage.dir, 'bot.log'), 'utf8').catch(() => 'no log');
    const what = faults.map(({ afterMs, kind, forMs }) => `${afterMs} ms ${kind} ${forMs} ms`).join(', ');
    throw new Error(`seed ${seed + index}: ${what}\n${log.slice(-4_000)}`, { cause: error });
  } finally {
    await stage.end();
  }
});

/** As people do: they press again when the card still asks. */
async function approve(stage: Stage, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    if (offers(stage.card(), 'approve')) await stage.press('grace', 'approve').catch(() => undefined);
    await pause(700);
  }
}

async function disturb(stage: Stage, faults: readonly Fault[], isOver: () => boolean): Promise<void> {
  for (const { afterMs, kind, forMs } of faults) {
    await pause(afterMs);
    if (isOver()) return;
    if (kind === 'freeze') {
      process.kill(stage.bot.pid, 'SIGSTOP');
      await pause(forMs);
      process.kill(stage.bot.pid, 'SIGCONT');
      continue;
    }
    await (kind === 'kill' ? stage.bot.kill() : stage.bot.stop());
    await pause(forMs);
    await stage.startBot();
  }
}

async function expectOnePromotion(stage: Stage): Promise<void> {
  expect(textOf(stage.card())).toMatch(/Shipped/);
  expect(stage.cards()).toHaveLength(1);
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag' });
  expect(facts.production).toBe(facts.tagged);
  const moves = await readFile(join(stage.remote.path, 'logs', 'refs/heads/production'), 'utf8');
  expect(moves.split('\n').filter(Boolean)).toHaveLength(1);
  const open = await stage.query<{ n: number }>('select count(*)::int as n from slipway.messages');
  expect(open).toEqual([{ n: 0 }]);
  await stage.expectNothingAmiss();
}

test('the same seed draws the same faults', () => {
  expect(faultsFor(seed)).toEqual(faultsFor(seed));
  expect(new Set([1, 2, 3, 4].map((one) => JSON.stringify(faultsFor(one)))).size).toBe(4);
  const draw = drawFrom(seed);
  expect(Array.from({ length: 100 }, () => draw(10)).every((one) => one >= 0 && one < 10)).toBe(true);
});
