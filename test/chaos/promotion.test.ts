import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { type Stage, setStage } from '../stories/stage.ts';
import { COUNT, drawFrom, SEED, WHOLE } from './drawn.ts';
import { envIn, type Fault, faultsFor, strike } from './faults.ts';
import { expectOnePromotion, settled } from './invariants.ts';
import { again, shipOn } from './people.ts';
import { hasSmallDisks, smallDisk } from './small-disk.ts';

const runs = Array.from({ length: COUNT }, (_, index) => ({ index, faults: faultsFor(SEED + index) }));
const PATIENCE_MS = 120_000;

/** Three replicas share the work of every second one, and of all with `--whole`; things happen to one of them. */
test.each(runs)('promotion $index', async ({ index, faults }) => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-chaos-'));
  const disk = hasSmallDisks ? smallDisk(join(dir, 'data')) : null;
  const stage = await setStage({ dir, overrides: { metrics: { rate: 50 } }, env: envIn(dir) });
  try {
    await stage.git('config', 'core.logAllRefUpdates', 'always');
    if (WHOLE || index % 2 === 0) for (let more = 0; more < 2; more += 1) stage.startReplica();
    const isOver = () => stage.cards().length > 0 && /Shipped|Failed|Cancelled/.test(textOf(stage.card()));
    const over = vi.waitUntil(isOver, { interval: 50, timeout: PATIENCE_MS });
    await Promise.all([over, again(() => shipOn(stage), isOver, 1_000), disturb(stage, faults, isOver)]);
    await settled(stage);
    await expectOnePromotion(stage);
    await stage.expectNothingAmiss();
  } catch (error) {
    const log = await readFile(stage.logFile, 'utf8').catch(() => 'no log');
    const what = faults.map(({ afterMs, kind, forMs }) => `${afterMs} ms ${kind} ${forMs} ms`).join(', ');
    const shown = [...stage.cards(), ...stage.workspace.ephemerals('ada')].map(textOf).join('\n');
    throw new Error(`seed ${SEED + index}: ${what}\n${shown}\n${log.slice(-4_000)}`, { cause: error });
  } finally {
    await stage.end();
    disk?.remove();
  }
});

async function disturb(stage: Stage, faults: readonly Fault[], isOver: () => boolean): Promise<void> {
  for (const fault of faults) {
    await pause(fault.afterMs);
    if (isOver()) return;
    await strike(stage, fault);
  }
}

test('the same seed draws the same faults', () => {
  expect(faultsFor(SEED)).toEqual(faultsFor(SEED));
  expect(new Set([1, 2, 3, 4].map((one) => JSON.stringify(faultsFor(one)))).size).toBe(4);
  const draw = drawFrom(SEED);
  expect(Array.from({ length: 100 }, () => draw(10)).every((one) => one >= 0 && one < 10)).toBe(true);
});
