import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { MetricSource } from '../../../src/adapters/metrics/port.ts';
import { inTicks } from '../../../src/domain/judge/in-ticks.ts';
import { type JudgeState, judge } from '../../../src/domain/judge/judge.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import type { Judgement } from '../../../src/domain/judge/verdict.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import {
  BREAKAGES,
  DEPLOY,
  type MetricsWorld,
  TICK_MS,
  type ToldTick,
  WORLDS,
} from '../../fakes/clouds/metric-worlds.ts';

const TICKS = 30;
const BEFORE = { fromMs: DEPLOY - 60 * TICK_MS, toMs: DEPLOY, stepMs: TICK_MS };
const AFTER = { fromMs: DEPLOY, toMs: DEPLOY + TICKS * TICK_MS, stepMs: TICK_MS };
const RULES = { tickMs: TICK_MS, settleMs: 180_000, errorRateRise: 0.01, latencyRise: 0.1 };

const good = (at: number): ToldTick => ({ at, total: 600, errors: 1 });
const ticks = (from: number, count: number, told: (at: number) => ToldTick = good): ToldTick[] =>
  Array.from({ length: count }, (_, index) => told(from + (index + 1) * TICK_MS));
const BASELINE = ticks(BEFORE.fromMs, 60);

/** What the judge makes of the window when the platform tells so of it. */
async function judged(
  world: MetricsWorld,
  after: readonly ToldTick[],
): Promise<{ samples: readonly Sample[]; seen: Judgement[] }> {
  world.tells([...BASELINE, ...after]);
  const before = await world.source.read(BEFORE, 'baseline');
  expect(before).toHaveLength(60);
  // What cannot be read is missing, as it is to a watch.
  const samples = await world.source.read(AFTER, 'after').catch((error: unknown) => {
    if (error instanceof Unavailable) return [];
    throw error;
  });
  const start = judge.begin(inTicks(before, { tickMs: TICK_MS }), RULES);
  const read = inTicks(samples, { ...AFTER, tickMs: TICK_MS });
  let state: JudgeState | null = null;
  const seen = Array.from({ length: TICKS }, (_, index) => {
    const tick = judge.tick(start, state, read[index] ?? null);
    state = tick.state;
    return tick.judgement;
  });
  return { samples, seen };
}

const ROWS: readonly (readonly [what: string, told: (at: number) => ToldTick])[] = [
  ['no value at all', (at) => ({ at, total: null, errors: null })],
  ['failures, but no total', (at) => ({ at, total: null, errors: 9 })],
  ['a total that is no number', (at) => ({ at, total: 'NaN', errors: 0 })],
  ['a total below zero', (at) => ({ at, total: -600, errors: 0 })],
  ['failures below zero', (at) => ({ at, total: 600, errors: -9 })],
  ['more failures than requests', (at) => ({ at, total: 600, errors: 60_000 })],
  ['failures without any request', (at) => ({ at, total: 0, errors: 500 })],
];

describe.each(Object.entries(WORLDS))('%s', (_, open) => {
  let world: MetricsWorld;
  beforeEach(async () => {
    world = await open('20s');
  });
  afterEach(async () => {
    await world.source.close();
    await world.close();
  });

  test.each(ROWS)('%s: neither healthy nor an alarm', async (_what, told) => {
    const { seen } = await judged(world, ticks(DEPLOY, TICKS, told));
    const verdicts = new Set(seen.map(({ verdict }) => verdict));
    // A service that lost its traffic is one; that is said with the number of requests, which is known.
    expect([...verdicts].filter((verdict) => verdict !== 'inconclusive')).toEqual([]);
    expect(seen.at(-1)?.findings[0]?.reason).toMatch(/^(?:Nothing|No |Only|\d+ of \d+ ticks)|seen/);
  });

  test('good ticks are healthy, bad ones critical: the table is not blind', async () => {
    const healthy = await judged(world, ticks(DEPLOY, TICKS));
    expect(healthy.seen.at(-1)?.verdict).toBe('healthy');
    const bad = await judged(
      world,
      ticks(DEPLOY, TICKS, (at) => ({ at, total: 600, errors: 200 })),
    );
    expect(bad.seen.at(-1)?.verdict).toBe('critical');
  });

  test('out of order, told twice, of the future and of before: the same ticks', async () => {
    const { samples } = await judged(world, ticks(DEPLOY, TICKS));
    const wild = [
      ...ticks(AFTER.toMs, 20, (at) => ({ at, total: 600, errors: 600 })),
      ...ticks(DEPLOY, 5, (at) => ({ at, total: 7, errors: 7 })),
      ...ticks(DEPLOY, TICKS).reverse(),
    ];
    expect((await judged(world, wild)).samples).toEqual(samples);
    expect(samples).toHaveLength(TICKS);
    expect(samples.map(({ at }) => Date.parse(at))).toEqual(ticks(DEPLOY, TICKS).map(({ at }) => at));
  });

  test.each(BREAKAGES)('%s: it is away, said in one sentence', async (how) => {
    const world = await open(how === 'hangs' ? '100ms' : '20s');
    onTestFinished(() => world.close());
    world.tells([...BASELINE, ...ticks(DEPLOY, TICKS)]);
    await world.breaks(how);
    const error = await failureOf(world.source);
    expect(error).toBeInstanceOf(Unavailable);
    const { message, retryAfterMs } = error as Unavailable;
    expect(message).toMatch(/^[A-Za-z][^\n]{10,250}$/);
    expect(message).not.toMatch(/key-of-a-test|undefined|\[object|Error:/);
    if (how === '429') expect(retryAfterMs).toBe(17_000);
    await expect(world.source.preflight()).rejects.toMatchObject({
      name: expect.stringMatching(/^(?:Refusal|Unavailable)$/),
    });
  });
});

function failureOf(source: MetricSource): Promise<unknown> {
  return source.read(AFTER, 'after').then(
    () => 'it answered',
    (error: unknown) => error,
  );
}
