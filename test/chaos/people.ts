import { setTimeout as pause } from 'node:timers/promises';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { offers, type Stage } from '../stories/stage.ts';

/** What people do next to ship the shop. What is refused, or does not get through, is left to the next time. */
export async function shipOn(stage: Stage): Promise<void> {
  const act = async () => {
    if (stage.cards().length === 0) await stage.workspace.as('ada').command('/ship-prod shop');
    else if (offers(stage.card(), 'approve')) await stage.press('grace', 'approve');
    // A repository that is not there is taken for a wrong address.
    else if (offers(stage.card(), 'recheck') && /Blocked/.test(textOf(stage.card())))
      await stage.press('ada', 'recheck');
    // A bot that is disturbed all the time sees too little to call a window of seconds good.
    else if (offers(stage.card(), 'accept')) await stage.press('linus', 'accept');
  };
  await act().catch(() => undefined);
}

/** Ships what its window could not prove, when somebody is asked: where everything runs at once too little was seen. */
export async function acceptsWhenAsked(stage: Stage): Promise<void> {
  if (offers(stage.card(), 'accept')) await stage.press('linus', 'accept').catch(() => undefined);
}

/** One more change is on staging and validated there. */
export async function stageNext({ remote }: Stage, nth: number): Promise<void> {
  const files = { 'src/more.js': `export const n = ${nth};\n` };
  const sha = await remote.commit({ message: `fix(cart): number ${nth}\n`, files });
  await remote.setState({ stagingCommit: sha });
}

/** Does it again and again, with a pause of at most so many ms, until it is over. */
export async function again(
  act: () => Promise<unknown>,
  isOver: () => boolean,
  pauseMs: number,
): Promise<void> {
  while (!isOver()) {
    await act();
    for (let waited = 0; waited < pauseMs && !isOver(); waited += 50) await pause(50);
  }
}
