import { describe, expect, test } from 'vitest';
import { openSources } from '../../../src/adapters/metrics/combined.ts';
import { type MetricSource, mustTell } from '../../../src/adapters/metrics/port.ts';
import type { Chosen, Table } from '../../../src/adapters/shared/kinds.ts';
import { inTicks } from '../../../src/domain/judge/in-ticks.ts';
import { type JudgeState, judge } from '../../../src/domain/judge/judge.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { MemoryMetrics } from '../../fakes/memory-metrics.ts';

const STEP = 30_000;
const FROM = 1_760_000_000_000;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * STEP, stepMs: STEP };
const at = (tick: number) => new Date(FROM + tick * STEP).toISOString();

/** Sources by the name in `use`, opened as a config would open them. */
function combined(
  sources: Readonly<Record<string, MemoryMetrics>>,
  settings: readonly object[],
): MetricSource {
  const table = {
    open: ({ use }: Chosen) => sources[use],
  } as unknown as Table<Chosen, ReturnType<typeof adapterContext>, MetricSource>;
  const opened = openSources(table, settings as Chosen[], adapterContext());
  if (opened === null) throw new Error('no source');
  return opened;
}

const house = () => {
  const requests = new MemoryMetrics(() => ({ total: 600, errors: 1, latencyMs: 20 }));
  const payments = new MemoryMetrics(() => ({ total: 40, errors: 2, latencyMs: 900 }));
  return { requests, payments };
};
const TWO = [{ use: 'requests' }, { use: 'payments', name: 'declined payments', rise: 0.05 }];

metricsContract({
  name: 'several sources',
  seeing: async () => ({ source: combined(house(), TWO), range: RANGE }),
  blind: async () => {
    const all = house();
    all.payments.blind('it has no series of it');
    all.requests.blind('it has no series of it');
    return combined(all, TWO);
  },
});

describe('several sources', () => {
  test('are merged by tick: one error rate and latency, everything else by its name', async () => {
    const source = combined(house(), TWO);
    expect(source.counts).toEqual({ 'declined payments': { rise: 0.05 } });
    const samples = await source.read(RANGE, 'after');
    expect(samples.map((sample) => sample.at)).toEqual([1, 2, 3, 4].map(at));
    expect(samples[0]).toMatchObject({
      total: 600,
      errors: 1,
      counts: { 'declined payments': { total: 40, bad: 2 } },
    });
    const only = await combined(house(), TWO.slice(0, 1)).read(RANGE, 'after');
    expect(samples[0]?.latency, 'the latency of the error rate, not of the payments').toEqual(
      only[0]?.latency,
    );
  });

  test('a source that is away hides nothing of the others, and is named', async () => {
    const all = house();
    const source = combined(all, TWO);
    await source.read(RANGE, 'after');
    expect(source.absent?.()).toEqual([]);
    all.payments.down(true);
    const samples = await source.read(RANGE, 'after');
    expect(samples).toHaveLength(4);
    expect(samples[0]).toMatchObject({ total: 600, errors: 1 });
    expect(samples[0]?.counts).toBeUndefined();
    expect(source.absent?.()).toEqual([
      'Nothing is seen of declined payments: the metrics source: connection refused.',
    ]);
    all.requests.down(true);
    await expect(source.read(RANGE, 'after')).rejects.toMatchObject({ name: 'Unavailable' });
    all.payments.down(false);
    expect((await source.read(RANGE, 'after'))[0]).not.toHaveProperty('total');
    expect(source.absent?.()[0]).toContain('Nothing is seen of errors and latency:');
  });

  test('alerts are known only when everybody who tells of them answered', async () => {
    const all = house();
    all.requests.weather(() => ({ total: 600, errors: 0, latencyMs: 20, alerts: ['Slow'] }));
    all.payments.weather(() => ({ total: 40, errors: 0, latencyMs: 20, alerts: ['Declined', 'Slow'] }));
    const source = combined(all, TWO);
    const live = { ...RANGE, isLive: true };
    expect((await source.read(live, 'after')).map(({ alerts }) => alerts)).toEqual([
      undefined,
      undefined,
      undefined,
      ['Declined', 'Slow'],
    ]);
    expect((await source.read(RANGE, 'baseline')).at(-1), 'of another day').not.toHaveProperty('alerts');
    all.requests.firing = ['Slow'];
    all.payments.firing = ['Declined'];
    expect(await source.alerts?.()).toEqual(['Declined', 'Slow']);
    all.payments.down(true);
    expect((await source.read(live, 'after')).at(-1)).not.toHaveProperty('alerts');
    await expect(source.alerts?.()).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test('nobody waits for the slowest: what is late is told with a later tick, never of before the deploy', async () => {
    const all = house();
    Object.assign(all.requests, { delayMs: 5_000 });
    Object.assign(all.payments, { delayMs: 120_000, shortestTickMs: 20_000 });
    all.payments.weather((end) => ({ total: (end - FROM) / STEP + 100, errors: 0, latencyMs: 1 }));
    const source = combined(all, TWO);
    expect(source.delayMs).toBe(5_000);
    const shown = (samples: readonly Sample[]) =>
      samples.map(({ total, counts }) => [total, counts?.['declined payments']?.total]);
    expect(shown(await source.read(RANGE, 'baseline'))).toEqual([
      [600, 97],
      [600, 98],
      [600, 99],
      [600, 100],
    ]);
    const later = { ...RANGE, toMs: FROM + 6 * STEP, sinceMs: FROM };
    expect(shown(await source.read(later, 'after'))).toEqual([
      [600, undefined],
      [600, undefined],
      [600, undefined],
      [600, undefined],
      [600, 101],
      [600, 102],
    ]);
    all.payments.weather(() => ({ total: 100, errors: 0, latencyMs: 1, alerts: ['Declined'] }));
    const first = { fromMs: FROM, toMs: FROM + STEP, stepMs: STEP, sinceMs: FROM, isLive: true };
    const [told] = await source.read(first, 'after');
    expect(told?.counts, 'of before the deploy').toBeUndefined();
    expect(told?.alerts, 'of now, whatever tick is late').toEqual(['Declined']);
    expect(() => mustTell(source, 30_000)).not.toThrow();
    expect(() => mustTell(source, 10_000)).toThrow('metrics-tick');
  });

  test('all are looked at before a deploy, and each says its own', async () => {
    const all = house();
    const source = combined(all, TWO);
    expect(await source.preflight()).toBe('The source answers. declined payments: The source answers.');
    expect(await source.doubt?.()).toBeNull();
    Object.assign(all.payments, { doubt: async () => 'No error was ever counted.' });
    expect(await combined(all, TWO).doubt?.()).toBe('declined payments: No error was ever counted.');
    all.requests.down(true);
    all.payments.blind('no payments');
    await expect(source.preflight(), 'what has to be mended comes first').rejects.toMatchObject({
      code: 'metrics-blind',
    });
    source.observe(7);
    expect([all.requests.observedUntilMs, all.payments.observedUntilMs]).toEqual([7, 7]);
    Object.assign(all.payments, { forgets: true });
    expect(combined(all, TWO).forgets).toBe(true);
    await source.close();
    expect([all.requests.closed, all.payments.closed]).toEqual([true, true]);
  });
});

describe('the judge of several metrics', () => {
  const RULES = {
    tickMs: STEP,
    settleMs: 180_000,
    errorRateRise: 0.01,
    latencyRise: 0.1,
    counts: { 'declined payments': 0.05, 'queue age': 0.2 },
  };
  const sample = (tick: number, counts: NonNullable<Sample['counts']>): Sample => ({
    at: at(tick),
    phase: tick > 0 ? 'after' : 'baseline',
    total: 600,
    errors: 0,
    counts,
  });
  const good = { 'declined payments': { total: 40, bad: 1 }, 'queue age': { total: 1, bad: 0 } };

  function watch(
    after: (tick: number) => NonNullable<Sample['counts']>,
    ticks = 60,
    rules: typeof RULES = RULES,
  ) {
    const before = Array.from({ length: 120 }, (_, index) => sample(index - 119, good));
    const start = judge.begin(inTicks(before, { tickMs: STEP }), rules);
    let state: JudgeState | null = null;
    return Array.from({ length: ticks }, (_, index) => {
      const judged = judge.tick(start, state, sample(index + 1, after(index + 1)));
      state = judged.state;
      return judged.judgement;
    });
  }
  const verdictOf = (name: string, judgements: ReturnType<typeof watch>) =>
    judgements.at(-1)?.findings.find(({ metric }) => metric === name)?.verdict;

  test('is healthy when each is, each by its own limit', () => {
    const seen = watch(() => good);
    expect(seen.at(-1)?.verdict).toBe('healthy');
    expect(
      seen.slice(0, 10).some(({ verdict }) => verdict === 'healthy'),
      'a value takes some minutes',
    ).toBe(false);
  });

  test('alarms on each of them, and names it', () => {
    const declined = watch(() => ({ ...good, 'declined payments': { total: 40, bad: 20 } }));
    expect(verdictOf('declined payments', declined)).toBe('critical');
    expect(verdictOf('error rate', declined)).toBe('healthy');
    const old = watch(() => ({ ...good, 'queue age': { total: 1, bad: 1 } }));
    expect(old.some(({ verdict }) => verdict === 'warning')).toBe(true);
  });

  test('one that is missing is never healthy and never an alarm, whatever the others are', () => {
    const { 'queue age': _, ...rest } = good;
    const gone = watch(() => rest);
    expect(new Set(gone.map(({ verdict }) => verdict))).toEqual(new Set(['inconclusive']));
    expect(verdictOf('error rate', gone)).toBe('healthy');
    expect(gone.at(-1)?.findings.find(({ metric }) => metric === 'queue age')?.reason).toMatch(
      /seen|Nothing|No /,
    );
  });

  test('one that was never seen at all is missed too', () => {
    const rules = { ...RULES, counts: { ...RULES.counts, 'failed jobs': 0.01 } };
    expect(watch(() => good, 60, rules).at(-1)?.verdict).toBe('inconclusive');
  });
});
