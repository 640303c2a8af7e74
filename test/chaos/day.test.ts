import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stories/stage.ts';
import { type Held, heldBy } from './held.ts';
import { settled } from './invariants.ts';
import { again, shipOn, stageNext } from './people.ts';

/** A day of the bot, whose clock goes so many times as fast: windows of a quarter of an hour, one after the other. */
const TIMES = 60;
const DAY_MS = (24 * 3_600_000 * Number(process.env['DAYS'] ?? 1)) / TIMES;
const CLOCK = new URL('fast-clock.mjs', import.meta.url);
/** What is loaded, cached and compiled at first, is there after so many. */
const WARM = 3;
const MOST_MB_MORE = 40;
/** Every so many people roll back what they watch. */
const ROLLED_BACK = 5;

const says = (stage: Stage, words: RegExp) => stage.cards().length > 0 && words.test(textOf(stage.card()));

async function promotion(stage: Stage, nth: number): Promise<void> {
  if (nth > 0) await stageNext(stage, nth);
  const before = stage.cards().length;
  const isAsked = () => stage.cards().length > before;
  await again(() => stage.workspace.as('ada').command('/ship-prod shop'), isAsked, 5_000);
  const isBad = nth % ROLLED_BACK === ROLLED_BACK - 1;
  const act = async () => {
    if (!isBad || !offers(stage.card(), 'rollback')) return shipOn(stage);
    await stage.press('linus', 'rollback').catch(() => undefined);
  };
  const end = isBad ? /Rolled back/ : /Shipped/;
  const isOver = () => says(stage, end) && !offers(stage.card(), 'hold');
  await again(act, isOver, 1_000);
  await settled(stage);
  if (isBad) await unlock(stage);
}

async function unlock({ cardWith, press, workspace, told }: Stage): Promise<void> {
  await cardWith('unlock');
  await press('linus', 'unlock');
  await workspace.as('linus').submit(await workspace.waitForView('linus'), { reason: 'The fix is on main.' });
  await told('linus', /unlocked/i);
}

test(
  'a day of promotions by one bot',
  async () => {
    const env = { NODE_OPTIONS: `--import ${CLOCK}`, FAST_CLOCK: `${TIMES}` };
    const stage = await setStage({
      env,
      window: '15m',
      overrides: {
        metrics: { rate: 1 },
        monitor: { tick: '20s', 'error-rate-rise': '20pp', 'latency-rise': '1000%' },
      },
    });
    const held: Held[] = [];
    try {
      const began = Date.now();
      while (Date.now() - began < DAY_MS) {
        await promotion(stage, held.length);
        held.push(await heldBy(stage.bot.pid));
        await pause(500);
      }
      const [first] = held.slice(WARM);
      const last = held.at(-1);
      if (!first || !last) throw new Error('too few promotions');
      process.stdout.write(
        `${held.length} promotions; after ${WARM + 1} of them ${JSON.stringify(first)}, at the end ${JSON.stringify(last)}\n`,
      );
      expect(stage.cards()).toHaveLength(held.length);
      expect(last.handles).toBeLessThanOrEqual(first.handles + 5);
      expect(last.children).toBeLessThanOrEqual(first.children);
      expect(last.mb).toBeLessThan(first.mb + MOST_MB_MORE);
      await stage.expectNothingAmiss();
    } finally {
      await stage.end();
    }
  },
  2 * DAY_MS + 300_000,
);
