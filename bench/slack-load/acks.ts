import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectionOf } from '../../demo/connection.ts';
import type { Workspace } from '../../demo/workspace/server/start.ts';
import { startWorld } from '../../demo/world.ts';
import { SlackDouble } from '../../test/slack-double/slack-double.ts';
import type { SentMessage } from '../../test/slack-double/state.ts';

/** What people ask at once, and how much of it by a click on a card. */
const CONCURRENT = 50;
const CLICKS = 10;
const BUTTON = 'details';
const LINES = ['/ship-prod help', '/ship-prod status', '/ship-prod history shop', '/ship-prod plan shop'];
/** Between two bursts, so that the answers to one are not the load of the next. In ms. */
const REST_MS = 400;

export interface AckTimes {
  readonly who: string;
  /** From sending to the acknowledgement, ms, in order of size. */
  readonly ms: readonly number[];
}

type Transport = 'socket' | 'HTTP';

/** Bursts of commands to the bot and to a bare Bolt app in turns, over the same kind of double in this process. */
export async function measureAcks(transport: Transport, rounds: number): Promise<readonly AckTimes[]> {
  const bolt = await startBareBolt(transport);
  const slipway = await startSlipway(transport).catch(async (error: unknown) => {
    await bolt.close();
    throw error;
  });
  const times = { bolt: [] as number[], slipway: [] as number[] };
  try {
    await slipway.double.as('ada').command('/ship-prod shop');
    for (const { double } of [bolt, slipway]) {
      await double.waitForMessage(hasButton, 20_000);
      await burst(double, []);
    }
    await sleep(3_000);
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`\r${transport}: burst ${round + 1} of ${rounds}  `);
      await burst(bolt.double, times.bolt);
      await sleep(REST_MS);
      await burst(slipway.double, times.slipway);
      await sleep(REST_MS);
    }
  } finally {
    await slipway.close();
    await bolt.close();
  }
  return [
    { who: `bare Bolt, ${transport}`, ms: times.bolt.sort((a, b) => a - b) },
    { who: `Slipway, ${transport}`, ms: times.slipway.sort((a, b) => a - b) },
  ];
}

async function burst(double: SlackDouble, times: number[]): Promise<void> {
  const people = ['ada', 'grace', 'linus', 'margaret'];
  const card = await double.waitForMessage(hasButton);
  await Promise.all(
    Array.from({ length: CONCURRENT }, async (_, n) => {
      const person = double.as(people[n % people.length] ?? '');
      const began = performance.now();
      if (n < CLICKS) await person.click(card, BUTTON);
      else await person.command(LINES[n % LINES.length] ?? '');
      times.push(performance.now() - began);
    }),
  );
}

function hasButton({ blocks }: SentMessage): boolean {
  return JSON.stringify(blocks ?? []).includes(`"action_id":"${BUTTON}`);
}

interface Contestant {
  readonly double: SlackDouble;
  close(): Promise<unknown>;
}

async function startBareBolt(transport: Transport): Promise<Contestant> {
  const double = await SlackDouble.start();
  const connection = await connectionOf(double as unknown as Workspace, transport === 'HTTP');
  const child: ChildProcess = spawn(
    process.execPath,
    [fileURLToPath(new URL('./bare-bolt.js', import.meta.url))],
    {
      env: {
        PATH: process.env['PATH'],
        SLACK_API_URL: double.apiUrl,
        SLACK_BOT_TOKEN: double.botToken,
        CHANNEL: double.state.channel('#ship').id,
        ...connection.env,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  await connection.made();
  const close = async () => {
    child.kill();
    await ended;
    await double.close();
  };
  return { double, close };
}

async function startSlipway(transport: Transport): Promise<Contestant> {
  const double = await SlackDouble.start();
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const overHttp = transport === 'HTTP';
  const world = await startWorld({ dir, workspace: double as unknown as Workspace, overHttp });
  const close = async () => {
    await world.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { double, close };
}
