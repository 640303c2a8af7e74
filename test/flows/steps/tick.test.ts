import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ERROR_RATE } from '../../../src/domain/judge/counts/phrases.ts';
import { judge } from '../../../src/domain/judge/judge.ts';
import type { MonitorView } from '../../../src/domain/promotion/promotion.ts';
import type { Release } from '../../../src/domain/release/release.ts';
import { PromotionRun } from '../../../src/flows/run/promotion-run.ts';
import { type Judging, judgingAfter, type Ticked, tick } from '../../../src/flows/steps/tick.ts';
import type { Around } from '../../../src/flows/watch/look-around.ts';
import type { Weather } from '../../fakes/memory-metrics.ts';
import { MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const TICK_MS = 30_000;
const BASELINE_TICKS = 60;
const RELEASE = { version: '1.3.0', tag: 'v1.3.0', commit: 'c'.repeat(40), releasedAt: '2030-01-07' };
const GOOD: Weather = { total: 600, errors: 1, latencyMs: 20 };

/** A watch by the real judge; every answer goes through JSON, as in a journal. */
class Watch {
  readonly house = new House();
  readonly run: PromotionRun;
  judging: Judging | null = null;
  view: MonitorView;
  around: Around;
  release: Release = RELEASE;
  last: Ticked | null = null;
  /** Ranges that were asked for, as ticks from the deploy. */
  readonly asked: [number, number][] = [];
  #reads = 0;

  private constructor(id: string) {
    const { clock, ports, ledger, metrics } = this.house;
    const metricSource = new Proxy(metrics, {
      get: (target, key) => {
        if (key !== 'read') return Reflect.get(target, key, target);
        return (...args: Parameters<typeof metrics.read>) => {
          const [{ fromMs, toMs }] = args;
          this.asked.push([(fromMs - startedAt) / TICK_MS, (toMs - startedAt) / TICK_MS]);
          return target.read(...args);
        };
      },
    });
    const countedLedger = new Proxy(ledger, {
      get: (target, key) => {
        if (key === 'samples') this.#reads += 1;
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const startedAt = clock.now();
    this.run = new PromotionRun(
      new MemoryRun({ id, clock }),
      { ...ports, judge, metrics: metricSource, ledger: countedLedger },
      id,
    );
    this.around = {
      before: { alerts: {}, logs: {} },
      signs: null,
      deployment: { startedAt, finishedAt: startedAt },
    };
    this.view = {
      startedAt,
      endsAt: startedAt + 20 * 60_000,
      tick: 0,
      judgement: { verdict: 'watching', findings: [] },
      held: false,
      errorRates: [],
      blind: 0,
      reports: 0,
    };
  }

  static async begin(): Promise<Watch> {
    const watch = new Watch('shop-0001');
    const { house, view } = watch;
    await house.open();
    house.metrics.weather(() => GOOD);
    const range = {
      fromMs: view.startedAt - BASELINE_TICKS * TICK_MS,
      toMs: view.startedAt,
      stepMs: TICK_MS,
    };
    await house.ledger.addSamples('shop-0001', await house.metrics.read(range, 'baseline'));
    return watch;
  }

  /** So many ticks, one after the other. */
  async goOn(ticks: number): Promise<this> {
    for (let index = 0; index < ticks; index++) {
      await this.house.clock.advance(TICK_MS);
      await this.look();
    }
    return this;
  }

  async look(): Promise<void> {
    this.last = JSON.parse(
      JSON.stringify(
        await tick(this.run, this.view, this.judging, this.around, {
          release: this.release,
          said: { verdict: this.view.judgement.verdict, at: this.view.startedAt, asked: false },
          hasAll: true,
        }),
      ),
    ) as Ticked;
    this.judging = judgingAfter(this.judging, this.last);
    this.view = this.last.view;
  }

  /** How often all samples were read from the store. */
  get reads(): number {
    return this.#reads;
  }

  get counts() {
    return this.judging?.state?.counts[ERROR_RATE]?.after ?? [];
  }

  reason(): string | undefined {
    return this.view.judgement.findings.find(({ metric }) => metric === ERROR_RATE)?.reason;
  }
}

let watch: Watch;
beforeEach(async () => {
  watch = await Watch.begin();
});

describe('a tick', () => {
  test('is read once, judged once, and the stored samples are read for the first one only', async () => {
    await watch.goOn(10);
    expect(watch.view).toMatchObject({ tick: 10, judgement: { verdict: 'healthy' }, blind: 0 });
    expect(watch.view.errorRates).toEqual(new Array(10).fill(1 / 600));
    expect(watch.asked).toEqual(Array.from({ length: 10 }, (_, index) => [index, index + 1]));
    expect(watch.reads).toBe(1);
    expect(watch.reason()).toBe(
      '10 of 6,000 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.',
    );
  });

  test('is read with the release that was deployed, to tell it from the one before', async () => {
    const build = { commit: 'b'.repeat(40) };
    watch.release = { ...RELEASE, build };
    const { version, tag, commit } = RELEASE;
    const read = vi.spyOn(watch.house.metrics, 'read');
    await watch.goOn(2);
    for (const [range, phase] of read.mock.calls) {
      expect([phase, range.release]).toMatchObject(['after', { version, tag, commit, build }]);
    }
    expect(read).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['does not say since when, nobody having known it then', undefined, 'warning'],
    ['is older than the deployment', -1, 'warning'],
    ['began with the deployment', 0, 'critical'],
  ])('hears of the alerts that fire now: one that %s', async (_, sinceMs, expected) => {
    const { house, view, around } = watch;
    // The watch begins when the deployment ends.
    watch.around = { ...around, deployment: { ...around.deployment, startedAt: view.startedAt - 60_000 } };
    const since = sinceMs === undefined ? {} : { alertsSince: view.startedAt - 60_000 + sinceMs };
    house.metrics.weather(() => ({ ...GOOD, alerts: ['ShopDown'], ...since }));
    await watch.goOn(2);
    const found = watch.view.judgement.findings.find(({ metric }) => metric === 'critical alerts');
    expect(found?.verdict).toBe(expected);
  });

  test('journals what the judge began with only once, and little otherwise', async () => {
    await watch.goOn(1);
    expect(watch.last?.start?.counts[ERROR_RATE]?.requests).toBe(BASELINE_TICKS * 600);
    await watch.goOn(59);
    expect(watch.last?.start).toBeUndefined();
    expect(JSON.stringify(watch.last?.judged).length).toBeLessThan(12_000);
  });
});

describe('after a freeze of thirty days, or a clock that was set forward', () => {
  const MISSED = 30 * 86_400_000;
  const WINDOW = 40;

  test('the window is judged to its end, and no further', async () => {
    await watch.goOn(5);
    await watch.house.clock.advance(MISSED);
    await watch.look();
    expect(watch.asked.at(-1)).toEqual([5, WINDOW]);
    expect(watch.view.tick).toBe(WINDOW);
    expect(watch.last?.next).toMatchObject({ kind: 'close' });
  });

  test('a window that is held open is made up for a window at a time', async () => {
    await watch.goOn(5);
    watch.view = { ...watch.view, held: true };
    await watch.house.clock.advance(MISSED);
    for (const end of [WINDOW, 2 * WINDOW, 3 * WINDOW]) {
      await watch.look();
      expect(watch.view.tick).toBe(end);
    }
  });
});

describe('while the source does not answer', () => {
  test('no tick is lost: the next one asks from the first that is missing', async () => {
    await watch.goOn(8);
    watch.house.metrics.down(true);
    await watch.goOn(6);
    expect(watch.view).toMatchObject({ tick: 14, blind: 6, judgement: { verdict: 'inconclusive' } });
    expect(watch.view.errorRates.slice(-7)).toEqual([1 / 600, ...new Array(6).fill(null)]);
    expect(watch.view.judgement.findings.at(-1)).toMatchObject({
      metric: 'samples',
      reason: 'Nothing was seen of production for 3 minutes. The metrics source: connection refused.',
    });
    watch.house.metrics.down(false);
    await watch.goOn(1);
    expect(watch.asked.at(-1)).toEqual([8, 15]);
    expect(watch.view).toMatchObject({ tick: 15, blind: 0, judgement: { verdict: 'healthy' } });
    expect(watch.counts).toEqual(new Array(15).fill([600, 1]));
  });

  test('a part that is away is named at once, and makes nothing of what was proven unproven', async () => {
    await watch.goOn(8);
    const away = 'Nothing is seen of payments: Datadog: it answered 503.';
    Object.assign(watch.house.metrics, { absent: () => [away] });
    await watch.goOn(6);
    expect(watch.view).toMatchObject({ blind: 0, absent: 6, judgement: { verdict: 'healthy' } });
    expect(watch.view.judgement.findings.at(-1)).toMatchObject({ metric: 'sources', reason: away });
    Object.assign(watch.house.metrics, { absent: () => [] });
    await watch.goOn(1);
    expect(watch.view).not.toHaveProperty('absent');
    expect(watch.view.judgement.findings.some(({ metric }) => metric === 'sources')).toBe(false);
  });

  test('a metric of which nothing is seen keeps the release from being healthy', async () => {
    Object.assign(watch.house.metrics, { counts: { payments: { rise: 0.05 } } });
    await watch.goOn(20);
    expect(watch.view.judgement.verdict).toBe('inconclusive');
    expect(watch.view.judgement.findings.map(({ metric, verdict }) => [metric, verdict])).toContainEqual([
      'payments',
      'inconclusive',
    ]);
  });

  test('an alarm of that time is raised when it answers again', async () => {
    await watch.goOn(8);
    watch.house.metrics.down(true).weather(() => ({ ...GOOD, errors: 560 }));
    await watch.goOn(3);
    expect(watch.view.judgement.verdict).toBe('healthy');
    watch.house.metrics.down(false).weather((end) => ({
      ...GOOD,
      errors: end > watch.view.startedAt + 11 * TICK_MS ? 1 : 560,
    }));
    await watch.goOn(1);
    expect(watch.view.judgement.verdict).toBe('critical');
  });

  test('an alarm that stands is not lowered', async () => {
    watch.house.metrics.weather(() => ({ ...GOOD, errors: 590 }));
    await watch.goOn(1);
    watch.house.metrics.down(true);
    await watch.goOn(12);
    expect(watch.view).toMatchObject({ blind: 12, judgement: { verdict: 'critical' } });
  });

  test('from the beginning, nothing is known, and nothing is healthy', async () => {
    watch.house.metrics.down(true);
    await watch.goOn(6);
    expect(watch.view).toMatchObject({ blind: 6, judgement: { verdict: 'inconclusive' } });
    expect(watch.reads).toBe(1);
  });
});

describe('a tick that the source knows nothing of', () => {
  test('is missing, and not asked for again', async () => {
    const missing = watch.view.startedAt + 4 * TICK_MS;
    watch.house.metrics.weather((end) => (end === missing ? null : GOOD));
    await watch.goOn(6);
    expect(watch.counts.map((counts) => counts !== null)).toEqual([true, true, true, false, true, true]);
    expect(watch.asked.at(-1)).toEqual([5, 6]);
    expect(watch.view.errorRates[3]).toBeNull();
  });

  test('five in a row are said once, not twice', async () => {
    await watch.goOn(20);
    watch.house.metrics.weather(() => null);
    await watch.goOn(5);
    const { verdict, findings } = watch.view.judgement;
    expect(verdict).toBe('inconclusive');
    const said = findings.filter(({ reason }) => reason === 'Nothing was seen of production for 2 min 30 s.');
    expect(said.map(({ metric }) => metric)).toEqual([ERROR_RATE]);
  });

  test('five in a row of a source that may be late say what to set, once', async () => {
    Object.assign(watch.house.metrics, { delayMs: 0 });
    await watch.goOn(20);
    watch.house.metrics.weather(() => null);
    await watch.goOn(5);
    const said = watch.view.judgement.findings.filter(({ reason }) => reason?.startsWith('Nothing was seen'));
    expect(said.map(({ reason }) => reason)).toEqual([
      'Nothing was seen of production for 2 min 30 s. The source answers without a value of that time: if its figures come late, raise `metrics.delay`.',
    ]);
  });

  test.each([
    ['a quiet night', {}, { total: 0, errors: 0, latencyMs: 20 }],
    ['a part that is away', { absent: () => ['Nothing is seen of jobs: it is away.'] }, null],
  ])('%s does not say to set it', async (_, more, weather) => {
    Object.assign(watch.house.metrics, { delayMs: 0, ...more });
    await watch.goOn(20);
    watch.house.metrics.weather(() => weather);
    await watch.goOn(5);
    expect(watch.view.blind).toBe(5);
    expect(JSON.stringify(watch.view.judgement)).not.toContain('metrics.delay');
  });
});

test('a source that is behind is asked for whole ticks only', async () => {
  Object.assign(watch.house.metrics, { delayMs: 20_000 });
  await watch.house.clock.advance(3 * TICK_MS + 15_000);
  await watch.look();
  expect(watch.asked).toEqual([[0, 2]]);
  await watch.house.clock.advance(5_000);
  await watch.look();
  expect(watch.asked.at(-1)).toEqual([2, 3]);
});

test('an alarm that ends is said', async () => {
  const end = watch.view.startedAt + TICK_MS;
  watch.house.metrics.weather((at) => ({ ...GOOD, errors: at === end ? 590 : 1 }));
  await watch.goOn(1);
  expect(watch.view.judgement.verdict).toBe('critical');
  const recovered: number[] = [];
  for (let index = 2; index <= 20; index++) {
    await watch.goOn(1);
    if (watch.view.judgement.recovered) recovered.push(index);
  }
  expect(recovered).toHaveLength(1);
  expect(watch.view.judgement.verdict).toBe('inconclusive');
});

test('a tick stays as long as it was when the watch began, whatever the configuration says after a restart', async () => {
  await watch.goOn(2);
  const { monitoring } = watch.house.ports.service;
  Object.assign(watch.house.ports, {
    service: { ...watch.house.ports.service, monitoring: { ...monitoring, tickMs: 2 * TICK_MS } },
  });
  await watch.goOn(2);
  expect(watch.counts).toEqual(new Array(4).fill([600, 1]));
});

test('a promotion under way when the bot is upgraded goes on with what is stored', async () => {
  await watch.goOn(9);
  const { judging } = watch;
  // An earlier version journaled the view only.
  watch.judging = null;
  await watch.goOn(1);
  expect(watch.last?.start).toEqual(judging?.start);
  expect(watch.counts).toEqual(new Array(10).fill([600, 1]));
  expect(watch.view.judgement.verdict).toBe('healthy');
});
