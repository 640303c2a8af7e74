import { expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { type Stage, setStage } from '../stories/stage.ts';
import { type Held, heldBy } from './held.ts';
import { settled } from './invariants.ts';
import { stageNext } from './people.ts';

/** One bot that ships again and again holds no more at the end than after its first promotions. */
const PROMOTIONS = 60;
/** What is loaded, cached and compiled at first, is there after so many. */
const WARM = 2;
const MOST_MB_MORE = 40;
/** A promotion of the last third costs at most so much more processor time than one of the first. */
const MOST_TIMES_CPU = 1.3;

/** Processor time of each promotion after the first of them, on average, s. */
function cpuEach(held: readonly Held[]): number {
  return ((held.at(-1)?.cpuOfAll ?? 0) - (held[0]?.cpuOfAll ?? 0)) / (held.length - 1);
}

async function shipOne(stage: Stage, nth: number): Promise<void> {
  if (nth > 0) await stageNext(stage, nth);
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/, 60_000);
  await settled(stage);
}

test(
  `${PROMOTIONS} promotions by one bot`,
  async () => {
    const stage = await setStage({ overrides: { metrics: { rate: 50 } } });
    const held: Held[] = [];
    try {
      for (let nth = 0; nth < PROMOTIONS; nth += 1) {
        await shipOne(stage, nth);
        held.push(await heldBy(stage.bot.pid));
      }
      const [first] = held.slice(WARM);
      const last = held.at(-1);
      if (!first || !last) throw new Error('too few promotions');
      process.stdout.write(
        `after ${WARM + 1} promotions ${JSON.stringify(first)}, after ${PROMOTIONS} ${JSON.stringify(last)}\n`,
      );
      expect(stage.cards()).toHaveLength(PROMOTIONS);
      expect(stage.cards().every((card) => /Shipped/.test(textOf(card)))).toBe(true);
      expect(last.handles).toBeLessThanOrEqual(first.handles + 5);
      expect(last.children).toBeLessThanOrEqual(first.children);
      const third = Math.floor((held.length - WARM) / 3);
      const [early, late] = [cpuEach(held.slice(WARM, WARM + third)), cpuEach(held.slice(-third))];
      process.stdout.write(
        `processor time a promotion: ${early.toFixed(2)} s at first, ${late.toFixed(2)} s at last\n`,
      );
      expect(late).toBeLessThan(early * MOST_TIMES_CPU);
      expect(last.mb).toBeLessThan(first.mb + MOST_MB_MORE);
      await stage.expectNothingAmiss();
    } finally {
      await stage.end();
    }
  },
  PROMOTIONS * 40_000,
);
