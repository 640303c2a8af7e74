import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { offers, type Stage } from '../stories/stage.ts';
import { drawn, SEED, WHOLE } from './drawn.ts';
import { expectOnePromotion, expectOneRollback, settled } from './invariants.ts';
import { again, shipOn } from './people.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * `kill -9` before and after each step, statement, program and request of a promotion and its rollback. The points are
 * dealt out to so many promotions of each scenario; each bot dies at the first of its own that no earlier one died at.
 */
const SHARES = WHOLE ? 20 : 60;
const promotions = drawn(SCENARIOS, 1).flatMap((scenario, nth) => {
  const shares = Array.from({ length: SHARES }, (_, index) => (SEED + nth + index) % SHARES);
  return (WHOLE ? shares : shares.slice(0, 1)).map((share) => ({ scenario, share }));
});
const DIE = new URL('die.mjs', import.meta.url);
const PATIENCE_MS = 400_000;
const everywhere = new Set<string>();
let kills = 0;

afterAll(() => {
  process.stdout.write(`killed ${kills} times at ${everywhere.size} different points\n`);
});

test.each(promotions)(
  '$scenario.name, killed at share $share of the points',
  async ({ scenario, share }) => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-points-'));
    const list = join(dir, 'died');
    const env = { NODE_OPTIONS: `--import ${DIE}`, DIE_LIST: list, DIE_SHARE: `${share}/${SHARES}` };
    const stage = await scenario.open({ dir, env });
    await writeFile(list, '');
    let isOver = false;
    await stage.bot.kill();
    const revived = revive(stage, () => isOver);
    try {
      await stage.git('config', 'core.logAllRefUpdates', 'always');
      await until(stage, 'Shipped', () => shipOn(stage));
      await settled(stage);
      await expectOnePromotion(stage);
      await until(stage, 'Rolled back', async () => {
        if (offers(stage.card(), 'rollback')) await stage.press('linus', 'rollback');
      });
      await settled(stage);
      isOver = true;
      await revived;
      await expectOneRollback(stage);
      await stage.expectNothingAmiss();
    } catch (error) {
      const log = await readFile(stage.logFile, 'utf8').catch(() => 'no log');
      const points = await readFile(list, 'utf8').catch(() => '');
      const card = textOf(stage.card());
      throw new Error(`${points}\n${card}\n${log.slice(-6_000)}`, { cause: error });
    } finally {
      isOver = true;
      await revived;
      const points = (await readFile(list, 'utf8').catch(() => '')).split('\n').filter(Boolean);
      kills += points.length;
      process.stdout.write(`${scenario.name}, share ${share}: killed ${points.length} times\n`);
      for (const point of points) everywhere.add(point);
      await stage.end();
      await rm(dir, { recursive: true, force: true });
    }
  },
  PATIENCE_MS + 30_000,
);

/** Starts the bot again whenever it has died, also while it was starting. */
async function revive(stage: Stage, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const died = await Promise.race([stage.bot.ended, pause(100)]);
    if (died === undefined || isOver()) continue;
    await stage.startBot().catch(() => undefined);
  }
}

/** Throws when it has not come to that in time. */
async function until(stage: Stage, state: string, act: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS / 2;
  const isThere = () => stage.cards().length > 0 && textOf(stage.card()).includes(state);
  const tried = async () => {
    if (Date.now() > deadline) throw new Error(`it is not ${state}`);
    await act().catch(() => undefined);
  };
  await again(tried, isThere, 1_500);
}
