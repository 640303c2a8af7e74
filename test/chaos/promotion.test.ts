import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stories/stage.ts';
import { COUNT, SEED } from './drawn.ts';
import { drawFrom, type Fault, faultsFor } from './faults.ts';
import { expectOnePromotion, settled } from './invariants.ts';

const seed = SEED;
const runs = Array.from({ length: COUNT }, (_, index) => ({ index, faults: faultsFor(seed + index) }));
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
    await settled(stage);
    await expectOnePromotion(stage);
    await stage.expectNothingAmiss();
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

test('the same seed draws the same faults', () => {
  expect(faultsFor(seed)).toEqual(faultsFor(seed));
  expect(new Set([1, 2, 3, 4].map((one) => JSON.stringify(faultsFor(one)))).size).toBe(4);
  const draw = drawFrom(seed);
  expect(Array.from({ length: 100 }, () => draw(10)).every((one) => one >= 0 && one < 10)).toBe(true);
});
