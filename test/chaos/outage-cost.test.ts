import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/engine/database/embedded.ts';
import { type Stage, setStage } from '../stories/stage.ts';
import { WHOLE } from './drawn.ts';
import { heldBy } from './held.ts';
import { settled } from './invariants.ts';
import { acceptsWhenAsked, again, stageNext } from './people.ts';

/** What an outage costs while it lasts, and how soon after it everything goes on. */
const DOWN_MS = WHOLE ? [1_000, 30_000, 600_000] : [1_000, 15_000];
/** Of one processor, by how long it lasts: in the first seconds everything that was under way ends and begins anew. */
const mostCpu = (downMs: number) => (downMs >= 30_000 ? 0.05 : 0.2);
const MOST_LINES_A_MINUTE = 20;
const BACK_WITHIN_MS = 10_000;
/** Before this much of it is over, everything is still noticing, ms. */
const NOTICING_MS = 3_000;

let dataDir: string;
let postgres: EmbeddedServer;
let stage: Stage;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slipway-outage-'));
  postgres = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), durable: false });
  stage = await setStage({ databaseUrl: postgres.url, window: '30m', overrides: { metrics: { rate: 1 } } });
});
afterAll(async () => {
  await stage.end();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Dependency {
  readonly name: string;
  readonly stage: Stage;
  down(ms: number): Promise<unknown>;
  up(): Promise<unknown>;
  /** Resolves when what waited for it goes on. */
  goesOn(): Promise<unknown>;
}

const watched = (): readonly Dependency[] => [
  {
    name: 'PostgreSQL',
    stage,
    down: () => postgres.stop(),
    up: () => postgres.revive(),
    goesOn: () => holds(),
  },
  {
    name: 'Slack',
    stage,
    down: async (ms) => stage.workspace.control.goDown(ms),
    up: async () => undefined,
    goesOn: () => holds(),
  },
];

/** A person presses, until the card shows it. */
async function holds(): Promise<void> {
  const before = textOf(stage.card());
  const deadline = Date.now() + 2 * BACK_WITHIN_MS;
  while (textOf(stage.card()) === before && Date.now() < deadline) {
    const action = /Release the hold/.test(before) ? 'release_hold' : 'hold';
    await stage.press('linus', action).catch(() => undefined);
    for (let waited = 0; waited < 1_000 && textOf(stage.card()) === before; waited += 50) await pause(50);
  }
}

async function linesOf(file: string): Promise<number> {
  return (await readFile(file, 'utf8')).split('\n').length;
}

/** Grace approves while it is away, so that cutting the release waits for it. */
const remoteOf = (ofStage: Stage): Dependency => {
  const { path } = ofStage.remote;
  const tags = () => ofStage.git('for-each-ref', '--format=%(refname)', 'refs/tags');
  let before = '';
  return {
    name: 'the git remote',
    stage: ofStage,
    down: async () => {
      before = await tags();
      await rename(path, `${path}.away`);
      await ofStage.press('grace', 'approve');
    },
    up: () => rename(`${path}.away`, path),
    goesOn: async () => {
      while ((await tags()) === before) await pause(50);
    },
  };
};

async function costs(dependency: Dependency, downMs: number): Promise<void> {
  const { logFile, bot } = dependency.stage;
  await dependency.down(downMs);
  const began = Date.now();
  const linesBefore = await linesOf(logFile);
  await pause(Math.min(NOTICING_MS, downMs / 2));
  const measured = Date.now();
  const cpuBefore = (await heldBy(bot.pid)).cpu;
  await pause(began + downMs - Date.now());
  const seconds = (Date.now() - began) / 1_000;
  const cpu = ((await heldBy(bot.pid)).cpu - cpuBefore) / ((Date.now() - measured) / 1_000);
  const lines = (await linesOf(logFile)) - linesBefore;
  await dependency.up();
  const up = Date.now();
  await dependency.goesOn();
  const backMs = Date.now() - up;
  process.stdout.write(
    `${dependency.name} away for ${Math.round(seconds)} s: ${(cpu * 100).toFixed(1)} % of a processor, ${lines} lines, on again after ${backMs} ms\n`,
  );
  if (downMs > 2 * NOTICING_MS) expect(cpu, dependency.name).toBeLessThan(mostCpu(downMs));
  expect(lines, dependency.name).toBeLessThanOrEqual((MOST_LINES_A_MINUTE * Math.max(60, seconds)) / 60);
  expect(backMs, dependency.name).toBeLessThan(BACK_WITHIN_MS);
}

test('away while production is watched', async () => {
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardWith('hold', 60_000);
  for (const downMs of DOWN_MS) {
    for (const dependency of watched()) await costs(dependency, downMs);
  }
}, 2_000_000);

test('the git remote away while a release is cut', async () => {
  const own = await setStage({ overrides: { metrics: { rate: 1 } } });
  try {
    for (const [nth, downMs] of DOWN_MS.entries()) {
      if (nth > 0) await stageNext(own, nth);
      await own.asks();
      await costs(remoteOf(own), downMs);
      const isShipped = () => /Shipped/.test(textOf(own.card()));
      await again(() => acceptsWhenAsked(own), isShipped, 500);
      const waits = own.thread().filter((message) => /Waiting for the git remote/.test(textOf(message)));
      expect(waits.length).toBeLessThanOrEqual(1);
      await settled(own);
    }
  } finally {
    await own.end();
  }
}, 2_000_000);
