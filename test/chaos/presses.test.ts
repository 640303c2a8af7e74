import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stories/stage.ts';
import { COUNT, drawFrom, SEED, WHOLE } from './drawn.ts';

/** A person presses a button at the moment at which the bot is stopped in order, again and again. */
const PRESSES = WHOLE ? 300 : 4 * COUNT;
const HELD = { true: 'release_hold', false: 'hold' } as const;

/** So long whoever was heard waits for what they asked for, or an answer, in ms. */
const HEARD_MS = 30_000;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ window: '20m', overrides: { metrics: { rate: 50 } } });
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardWith('hold', 60_000);
});
afterAll(() => stage?.end());

test(
  `${PRESSES} presses around as many orderly stops: what was acknowledged is done, or its answer says that it is not`,
  async () => {
    const draw = drawFrom(SEED);
    const { workspace } = stage;
    const outcomes = { done: 0, unheard: 0, refused: 0 };
    let isHeld = false;
    for (let nth = 0; nth < PRESSES; nth += 1) {
      const action = HELD[`${isHeld}`];
      const card = await stage.cardWith(action);
      const answersBefore = workspace.ephemerals('linus').length;
      const early = draw(60);
      const late = draw(60);
      const press = pause(early).then(() => workspace.as('linus').click(card, action));
      const heard = press.then(
        () => true,
        () => false,
      );
      await pause(late);
      await stage.bot.stop();
      const isHeard = await heard;
      await stage.startBot();
      const shows = () => offers(stage.card(), HELD[`${!isHeld}`]);
      const answers = () => workspace.ephemerals('linus').slice(answersBefore).map(textOf);
      const until = Date.now() + (isHeard ? HEARD_MS : 400);
      while (Date.now() < until && !shows() && answers().length === 0) await pause(50);
      if (shows()) {
        outcomes.done += 1;
        isHeld = !isHeld;
        continue;
      }
      const how = `press ${nth}, ${early} ms, stop after ${late} ms`;
      if (isHeard) expect(answers(), `${how}\n${await lastLines(stage)}`).not.toEqual([]);
      outcomes[isHeard ? 'refused' : 'unheard'] += 1;
    }
    process.stdout.write(`of ${PRESSES} presses: ${JSON.stringify(outcomes)}\n`);
    // Whatever was said not to be done was not done later either.
    await stage.workspace.quiet(1_000, 20_000);
    const counts = ['promotion.hold', 'promotion.release-hold'].map((action) => stage.audited(action));
    const changes = (await Promise.all(counts)).flat().filter((entry) => entry.endsWith(' done')).length;
    expect(changes).toBe(outcomes.done);
    // About half of them come early enough; of a few it may be none.
    if (PRESSES >= 20) expect(outcomes.done).toBeGreaterThan(0);
  },
  PRESSES * 15_000,
);

async function lastLines({ logFile }: Stage): Promise<string> {
  return (await readFile(logFile, 'utf8')).slice(-6_000);
}
