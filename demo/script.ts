import { waitForCustomers } from './shop/customers.ts';
import { transcript } from './transcript.ts';
import { controls, type SeenMessage } from './workspace/server/control/reading.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 120_000;
/** Three seconds of them. */
const CUSTOMERS = 60;

/** Ships the shop with two people, telling what happens; 0 when it is shipped. */
export async function runScript(world: World, say: (line: string) => void): Promise<number> {
  const { workspace } = world;
  const told = new Set<string>();
  const tell = (message: SeenMessage) => {
    const key = `${message.channel}:${message.ts}`;
    if (told.has(key)) return;
    told.add(key);
    for (const line of transcript(message)) say(`    ${line}`);
  };
  say('Ada types /ship-prod shop');
  await workspace.as('ada').command('/ship-prod shop');
  const asked = await workspace.waitForMessage((message) => has(message, 'approve'), PATIENCE_MS);
  say('The card:');
  tell(asked);

  // Nobody would approve before there is something to compare with.
  await waitForCustomers(world.shop.url, CUSTOMERS, PATIENCE_MS);
  say('Grace presses Approve');
  await workspace.as('grace').click(asked, 'approve');
  const ended = await workspace.waitForMessage(
    (message) =>
      message.ts === asked.ts && /shipped|rolled back|failed|cancelled|expired/i.test(headOf(message)),
    PATIENCE_MS,
  );
  await workspace.quiet(500);
  say('The thread:');
  for (const message of workspace.thread(asked.channel, asked.ts).slice(1)) tell(message);
  say('The card:');
  told.delete(`${ended.channel}:${ended.ts}`);
  tell(workspace.message(ended));
  const shipped = /shipped/i.test(headOf(workspace.message(ended)));
  say(shipped ? 'Shipped.' : 'Not shipped.');
  return shipped ? 0 : 1;
}

function has(message: SeenMessage, action: string): boolean {
  return controls(message).some(({ actionId }) => actionId.split(':', 1)[0] === action);
}

function headOf(message: SeenMessage): string {
  return message.text.split('\n')[0] ?? '';
}
