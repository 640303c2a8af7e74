import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JudgeRules, JudgeStart } from '../../../src/domain/judge/begin.ts';
import { type JudgeState, type JudgeTick, judge } from '../../../src/domain/judge/judge.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import { latencies, randomFrom, type Tick, ticks, times } from './samples.ts';

const RULES: JudgeRules = { tickMs: 30_000, settleMs: 180_000, errorRateRise: 0.01, latencyRise: 0.1 };
const good: Tick = { total: 600, errors: 1 };
const HOUR = times(120, good);

function judgeAll(before: readonly Tick[], after: readonly Tick[], rules = RULES): readonly JudgeTick[] {
  const start = judge.begin(samplesOf('baseline', before), rules);
  let state: JudgeState | null = null;
  return samplesOf('after', after).map((sample) => {
    const judged: JudgeTick = judge.tick(start, state, sample);
    state = judged.state;
    return judged;
  });
}

/** Null stays null: a tick without a sample. */
function samplesOf(phase: Sample['phase'], all: readonly Tick[]): (Sample | null)[] {
  return ticks(phase, all).map((sample, index) => (all[index] === null ? null : sample));
}

function last(before: readonly Tick[], after: readonly Tick[], rules = RULES): JudgeTick {
  const judged = judgeAll(before, after, rules).at(-1);
  if (judged === undefined) throw new Error('no tick');
  return judged;
}

const verdict = (before: readonly Tick[], after: readonly Tick[]) => last(before, after).judgement.verdict;
const reasons = (before: readonly Tick[], after: readonly Tick[]) =>
  last(before, after).judgement.findings.map(
    ({ metric, verdict: said, reason }) => `${metric} ${said}: ${reason}`,
  );

test('a count may have any name', () => {
  const odd: Tick = { ...good, counts: { constructor: { total: 200, bad: 0 } } };
  const { findings } = last(HOUR, times(3, odd)).judgement;
  expect(findings.map(({ metric }) => metric)).toContain('constructor');
});

describe('what fails is counted late', () => {
  const rules = { ...RULES, late: ['error rate', 'crashes'] };
  const said = (after: readonly Tick[], late = rules) =>
    last(HOUR, after, late).judgement.findings.map(({ metric, verdict, reason }) => [
      metric,
      verdict,
      reason,
    ]);

  test('the error rate is never proven, however long nothing fails', () => {
    expect(last(HOUR, times(200, { total: 600, errors: 0 })).judgement.verdict).toBe('healthy');
    expect(said(times(200, { total: 600, errors: 0 }))).toEqual([
      [
        'error rate',
        'inconclusive',
        '0 of 120,000 requests failed since the deploy. What fails may be counted late, so this is no proof.',
      ],
    ]);
  });

  test('it alarms as ever', () => {
    expect(last(HOUR, times(20, { total: 600, errors: 60 }), rules).judgement.verdict).toBe('critical');
  });

  test('another count leaves the proof to others, as long as it is seen', () => {
    const seen: Tick = { total: 600, errors: 0, counts: { crashes: { total: 9, bad: 0 } } };
    const late = { ...RULES, late: ['crashes'], counts: { crashes: 0.01 } };
    expect(said(times(100, seen), late)).toEqual([
      ['error rate', 'healthy', expect.any(String)],
      [
        'crashes',
        'healthy',
        '0 of 900 were bad since the deploy. What fails may be counted late, so this is no proof.',
      ],
    ]);
    expect(said(times(100, good), late)[1]).toEqual(['crashes', 'inconclusive', expect.any(String)]);
  });

  test.each([
    [60, 20, 0.4],
    [10, 30, 0.9],
    [60, 2, 0.0667],
  ])('what speaks against health goes to people: after %i ticks, of %i crash %d', (count, total, bad) => {
    const late = { ...RULES, late: ['crashes'], counts: { crashes: 0.01 } };
    const crashing = (total: number, bad: number): Tick => ({ ...good, counts: { crashes: { total, bad } } });
    const before = times(120, crashing(20, 0.2));
    const [, crashes] = last(before, times(count, crashing(total, bad)), late).judgement.findings;
    expect(crashes).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('That is more'),
    });
    const [, same] = last(before, times(count, crashing(total, 0.01 * total)), late).judgement.findings;
    expect(same?.verdict).toBe('healthy');
    const lately = [...times(200, crashing(20, 0.1)), ...times(20, crashing(20, 0.5))];
    expect(last(before, lately, late).judgement.findings[1]).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(
        /; 1 % before\. But 10 of 400 were bad in the last ten minutes .*no proof/,
      ),
    });
  });
});

describe('in words', () => {
  const quiet = times(120, { total: 60, errors: 0 });

  test('healthy says what was proven', () => {
    expect(reasons(quiet, times(10, { total: 60, errors: 0 }))).toEqual([
      'error rate healthy: 0 of 600 requests failed since the deploy. A rise by 1 percentage point is ruled out.',
    ]);
    expect(reasons(HOUR, times(10, good))).toEqual([
      'error rate healthy: 10 of 6,000 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.',
    ]);
  });

  test('inconclusive says how many requests it takes, and about how long', () => {
    expect(reasons(quiet, times(3, { total: 60, errors: 0 }))).toEqual([
      'error rate inconclusive: 0 of 180 requests failed since the deploy. About 252 more would rule out a rise by 1 percentage point: about 3 min.',
    ]);
    expect(reasons(quiet, times(3, { total: 1, errors: 0 })).at(-1)).toContain('about 3 h 45 min.');
    expect(reasons(quiet, times(3, { total: 0, errors: 0 })).at(-1)).toMatch(
      /The traffic is too low to rule out a rise by 1 percentage point within a day\.$/,
    );
    expect(reasons(HOUR, times(3, { total: 600, errors: 30 }))).toEqual([
      'error rate inconclusive: 90 of 1,800 requests failed since the deploy (5 %); 0.2 % before. That is more, but no alarm. About 15,115 requests like those before would rule out a rise by 1 percentage point: about 13 min.',
    ]);
  });

  test('what was proven once may not hold in the last ten minutes', () => {
    const after = [...times(100, { total: 600, errors: 6 }), ...times(20, { total: 600, errors: 9 })];
    const judged = judgeAll(times(120, { total: 600, errors: 6 }), after).map(
      ({ judgement }) => judgement.findings[0],
    );
    expect(judged[99]?.verdict).toBe('healthy');
    expect(judged.filter((finding) => finding?.verdict === 'inconclusive').at(-1)?.reason).toMatch(
      / But \d+ of 12,000 requests failed in the last ten minutes \(1.\d %\): too much to rule out a rise by 1 percentage point\.$/,
    );
  });

  test('an alarm says since when, and how it is before the deploy', () => {
    const after = [...times(20, good), ...times(3, { total: 600, errors: 12 })];
    expect(reasons(HOUR, after)).toEqual([
      'error rate warning: 36 of 1,800 requests failed in the last 1 min 30 s (2 %); 0.2 % before the deploy. That is a rise beyond chance.',
    ]);
    expect(reasons(HOUR, [{ total: 600, errors: 590 }])).toEqual([
      'error rate critical: 590 of 600 requests failed in the last 30 s (98 %); 0.2 % before the deploy.',
    ]);
    expect(reasons([], [{ total: 600, errors: 600 }])[0]).toMatch(/nothing is known of before the deploy\.$/);
  });

  test('one that stands says until when, and then that it is over', () => {
    const fault = [...times(3, good), { total: 600, errors: 590 }];
    expect(reasons(HOUR, [...fault, ...times(3, good)])[0]).toMatch(
      /^error rate critical: 594 of 3,000 .*\. The alarm ends after 2 min 30 s of calm; so far: 30 s\.$/,
    );
    const over = judgeAll(HOUR, [...fault, ...times(12, good)]);
    const said = over.map(({ judgement }) => judgement.findings[0]?.reason ?? '');
    expect(said.filter((reason) => reason.startsWith('Recovered: calm for 2 min 30 s. '))).toHaveLength(1);
    expect(over.at(-1)?.judgement.verdict).toBe('inconclusive');
  });

  test('watching never says that it is too few', () => {
    const judged = judgeAll(HOUR, [...times(6, good), ...times(40, { total: 600, errors: 4 })]);
    const watching = judged.filter(({ judgement }) => judgement.verdict === 'watching');
    expect(watching.length).toBeGreaterThan(0);
    for (const { judgement } of watching) {
      expect(judgement.findings[0]?.reason).toMatch(
        / That looks like a rise; it is not beyond chance yet\.$/,
      );
    }
  });

  test('traffic of something else that is gone says of what', () => {
    const counted = (total: number) => ({ ...good, counts: { 'declined payments': { total, bad: 0 } } });
    const said = reasons(times(120, counted(120)), [counted(120), counted(0), counted(0)]);
    expect(said).toContain(
      'traffic of declined payments critical: Counted in the last 30 s: 0, and 0 in the 30 s before; usually about 120.',
    );
  });

  test('an alarm over what is long ago says how it is now', () => {
    const burst = [...times(3, good), ...times(6, { total: 600, errors: 60 }), ...times(20, good)];
    expect(reasons(HOUR, burst)[0]).toMatch(/ Now: \d+ of 3,000 requests failed in the last 2 min 30 s/);
  });

  test('traffic that is gone has a line of its own', () => {
    expect(reasons(HOUR, [...times(5, good), ...times(2, { total: 0, errors: 0 })])).toEqual([
      'traffic critical: Requests in the last 30 s: 0, and 0 in the 30 s before; usually about 600.',
      'error rate healthy: 5 of 3,000 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.',
    ]);
  });
});

describe('what was not seen', () => {
  test('is never good', () => {
    expect(reasons([], [null])).toEqual(['error rate inconclusive: Nothing was seen of production yet.']);
    expect(verdict(HOUR, [...times(10, good), ...times(4, null)])).toBe('healthy');
    expect(reasons(HOUR, [...times(20, good), ...times(5, null)])).toEqual([
      'error rate inconclusive: Nothing was seen of production for 2 min 30 s.',
    ]);
    expect(reasons(HOUR, [...times(4, good), ...times(4, null), good])).toEqual([
      'error rate inconclusive: Production was seen only 56 % of the time since the deploy; it takes 70 %.',
    ]);
  });

  test('does not end an alarm', () => {
    const rise = [...times(6, good), ...times(6, { total: 600, errors: 12 })];
    expect(verdict(HOUR, [...rise, ...times(20, null)])).toBe(verdict(HOUR, rise));
  });

  test('a service whose failures nobody counts is not proven healthy', () => {
    const slow = { total: 600, latency: latencies(600, 100, randomFrom(1)) };
    expect(reasons(times(60, slow), times(30, slow))).toEqual([
      'error rate inconclusive: Nobody counts the requests that fail: that production is healthy cannot be proven.',
      expect.stringMatching(/^latency p\d\d healthy: /),
    ]);
  });
});

describe('bad input', () => {
  const bad: readonly [string, unknown][] = [
    ['NaN', { total: Number.NaN, errors: 0 }],
    ['a negative count', { total: 600, errors: -3 }],
    ['more errors than requests', { total: 5, errors: 9 }],
    ['null', { total: 600, errors: null }],
    ['a text', { total: '600', errors: '0' }],
    ['an endless number', { total: Number.POSITIVE_INFINITY, errors: 0 }],
    ['a histogram without its last count', { latency: { edges_ms: [1, 2], counts: [1, 2] } }],
    ['a histogram of NaN', { latency: { edges_ms: [1, 2], counts: [1, Number.NaN, 2] } }],
    ['a histogram of disorder', { latency: { edges_ms: [2, 1], counts: [1, 2, 3] } }],
    ['a histogram of nothing', { latency: null }],
  ];

  test.each(bad)('%s is never healthy and never an alarm', (_name, tick) => {
    const broken = times(40, tick as Tick);
    const whole = times(120, { ...good, latency: latencies(600, 100, randomFrom(2)) });
    for (const before of [HOUR, whole, broken, []]) {
      for (const { judgement } of judgeAll(before, broken)) {
        expect(judgement.verdict).toBe('inconclusive');
        for (const { reason } of judgement.findings)
          expect(reason).not.toMatch(/NaN|undefined|Infinity|null/);
      }
    }
  });

  test.each(bad)('%s in a tick is as if it were not there', (_name, tick) => {
    const among = (one: Tick) => [...times(8, good), one, ...times(8, good)];
    const { judgement, evidence } = last(HOUR, among(null));
    const judged = last(HOUR, among(tick as Tick));
    expect(judged.evidence).toEqual(evidence);
    expect(judged.judgement.findings[0]).toEqual(judgement.findings[0]);
  });
});

describe('latency', () => {
  const random = randomFrom(7);
  const tick = (medianMs: number, total = 600): Tick => ({
    total,
    errors: 0,
    latency: latencies(total, medianMs, random),
  });
  const many = (count: number, medianMs: number) => Array.from({ length: count }, () => tick(medianMs));
  const before = many(120, 100);

  test('that doubles is a warning after the settle time, and critical after twice that', () => {
    const verdicts = judgeAll(before, many(20, 200)).map(({ judgement }) => judgement.verdict);
    expect(verdicts.indexOf('warning')).toBeLessThanOrEqual(7);
    expect(verdicts.slice(0, 6)).toEqual(
      times(6, null).map(() => expect.stringMatching(/healthy|inconclusive/)),
    );
    expect(verdicts.indexOf('critical')).toBe(12);
  });

  test('in words', () => {
    const finding = last(before, many(10, 200)).judgement.findings[1];
    expect(finding).toMatchObject({
      metric: expect.stringMatching(/^latency p(50|95|99)$/),
      verdict: 'warning',
      unit: 'ms',
    });
    expect(finding?.reason).toMatch(
      /^[\d.]+ ms in the last 5 minutes, [\d.]+ ms before the deploy \(\+\d+ %; the limit is \+10 %\): slower, or more slow requests\.$/,
    );
    const well = last(before, many(20, 100)).judgement.findings[1];
    expect(well?.metric).toBe('latency p95');
    expect(well?.reason).toMatch(
      /^[\d.]+ ms in the last 5 minutes, [\d.]+ ms before the deploy \([+-][\d.]+ %; the limit is \+10 %\)\.$/,
    );
  });

  test('that rises by a quarter is a warning, by a twentieth is not', () => {
    expect(verdict(before, many(20, 125))).toBe('warning');
    expect(verdict(before, many(40, 105))).toBe('healthy');
  });

  test('that rises by less than the limit is no warning, whatever the traffic', () => {
    const busy = (count: number, medianMs: number) =>
      Array.from({ length: count }, () => tick(medianMs, 6_000));
    expect(verdict(busy(120, 100), busy(40, 109))).toBe('healthy');
  });

  test('of a cold start of three minutes, or of one slow minute, is no warning', () => {
    expect(
      judgeAll(before, [...many(6, 300), ...many(20, 100)]).map(({ latency }) => latency?.warning ?? 9),
    ).toSatisfy((lns: number[]) => Math.max(...lns) < Math.log(30));
    expect(verdict(before, [...many(10, 100), ...many(2, 800), ...many(5, 100)])).toBe('healthy');
  });

  test('is compared at the same edge when buckets are coarse', () => {
    const coarse = (counts: number[]): Tick => ({
      total: 100,
      errors: 0,
      latency: { edges_ms: [100, 250, 500], counts },
    });
    const usual = times(60, coarse([60, 37, 2, 1]));
    expect(verdict(usual, times(10, coarse([60, 36, 3, 1])))).not.toBe('warning');
    expect(verdict(usual, times(10, coarse([40, 30, 25, 5])))).toMatch(/warning|critical/);
  });

  test('is compared at the edges that all ticks have', () => {
    const fine = (counts: number[]): Tick => ({
      total: 100,
      errors: 0,
      latency: { edges_ms: [50, 100, 112, 250, 500], counts },
    });
    const other = (counts: number[]): Tick => ({
      total: 100,
      errors: 0,
      latency: { edges_ms: [70, 100, 250, 400], counts },
    });
    const usual = times(60, fine([30, 20, 20, 25, 4, 1]));
    const moved = last(usual, [
      ...times(10, fine([30, 20, 20, 25, 4, 1])),
      ...times(10, other([40, 10, 45, 4, 1])),
    ]);
    expect(moved.state.latency?.edges).toEqual([100, 250]);
    expect(moved.judgement.verdict).toBe('healthy');
    const slower = last(usual, times(10, other([10, 10, 50, 20, 10])));
    expect(slower.judgement.verdict).toMatch(/warning|critical/);
    const strange: Tick = { total: 100, errors: 0, latency: { edges_ms: [7, 77], counts: [50, 30, 20] } };
    expect(last(usual, times(10, strange)).judgement).toMatchObject({
      verdict: 'inconclusive',
      findings: [
        {},
        { metric: 'latency', reason: expect.stringMatching(/^The buckets of latency are others/) },
      ],
    });
  });

  test('that was measured before and is not any more, or the reverse, is not good', () => {
    expect(verdict(before, times(30, good))).toBe('inconclusive');
    expect(reasons(HOUR, many(20, 100)).at(-1)).toBe(
      'latency inconclusive: Nothing is known of the latency before the deploy.',
    );
  });

  test('that nobody measures is not spoken of', () => {
    expect(last(HOUR, times(10, good)).judgement.findings.map(({ metric }) => metric)).toEqual([
      'error rate',
    ]);
  });

  test('more slow requests never calm', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 180 }),
        fc.nat(29),
        fc.integer({ min: 10, max: 600 }),
        (medianMs, where, more) => {
          const after = many(30, medianMs);
          const worse = after.map((one, index): Tick => {
            if (index !== where || !one?.latency) return one;
            const { edges_ms, counts } = one.latency;
            // So many requests move to the slowest bucket.
            let left = Math.min(more, 600);
            const moved = counts.map((count) => {
              const taken = Math.min(count, left);
              left -= taken;
              return count - taken;
            });
            moved[moved.length - 1] = (moved.at(-1) ?? 0) + Math.min(more, 600);
            return { ...one, latency: { edges_ms, counts: moved } };
          });
          const [a, b] = [last(before, after).latency, last(before, worse).latency];
          expect(b?.warning).toBeGreaterThanOrEqual((a?.warning ?? 0) - 1e-9);
          expect(b?.critical).toBeGreaterThanOrEqual((a?.critical ?? 0) - 1e-9);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('percentiles only', () => {
  const random = randomFrom(11);
  const many = (count: number, ms: number): Tick[] =>
    Array.from({ length: count }, () => ({ ...good, percentiles_ms: { p95: ms * (0.95 + random() / 10) } }));

  test('warn when most ticks are slower than nine in ten were, and never more', () => {
    const judged = judgeAll(many(120, 200), many(40, 600));
    const verdicts = judged.map(({ judgement }) => judgement.verdict);
    expect(verdicts).not.toContain('critical');
    expect(verdicts.at(-1)).toBe('warning');
    expect(verdicts.indexOf('warning')).toBeGreaterThanOrEqual(6);
    expect(judged.at(-1)?.judgement.findings[1]).toMatchObject({
      metric: 'latency p95',
      reason: expect.stringMatching(
        /^\d+ ms now; over \d+ ms for 5 minutes in the last 5 minutes, and for a tenth of the time before the deploy: slower, or more slow requests\.$/,
      ),
    });
  });

  test('are healthy when they are as before, and in a slow minute', () => {
    expect(verdict(many(120, 200), many(40, 200))).toBe('healthy');
    expect(verdict(many(120, 200), [...many(20, 200), ...many(2, 900), ...many(3, 200)])).toBe('healthy');
  });

  test('that are no numbers, or are not measured any more, are missing', () => {
    const broken = times(20, { ...good, percentiles_ms: { p95: Number.NaN } });
    expect(verdict(many(120, 200), broken)).toBe('inconclusive');
    expect(verdict(many(120, 200), times(20, good))).toBe('inconclusive');
    expect(verdict(broken, many(20, 200))).toBe('inconclusive');
  });
});

describe('several metrics', () => {
  const jobs = (bad: number): Tick => ({ ...good, counts: { 'failed jobs': { total: 200, bad } } });

  test('are each judged, and named', () => {
    const { judgement } = last(times(120, jobs(0)), [...times(10, jobs(0)), ...times(10, jobs(30))]);
    expect(judgement.verdict).toBe('critical');
    expect(judgement.findings).toMatchObject([
      { metric: 'error rate', verdict: 'healthy' },
      {
        metric: 'failed jobs',
        verdict: 'critical',
        reason: expect.stringMatching(/^300 of 2,\d00 were bad in the last \d min(utes| 30 s) \(1[15] %\)/),
      },
    ]);
  });

  test('one that was not counted before, or is not any more, is not good', () => {
    expect(verdict(HOUR, [...times(10, good), jobs(0)])).toBe('inconclusive');
    expect(last(HOUR, [...times(10, good), jobs(0)]).state.counts['failed jobs']?.after).toHaveLength(11);
    expect(verdict(times(120, jobs(0)), times(20, good))).toBe('inconclusive');
    expect(verdict(HOUR, times(20, jobs(0)))).toBe('healthy');
  });

  test('need more evidence together', () => {
    const rise = [...times(6, jobs(0)), ...times(30, { ...jobs(0), errors: 5 })];
    const alone = rise.map((tick): Tick => tick && { total: tick.total ?? 0, errors: tick.errors ?? 0 });
    const first = (before: readonly Tick[], after: readonly Tick[]) =>
      judgeAll(before, after).findIndex(({ judgement }) => judgement.verdict === 'warning');
    expect(first(HOUR, alone)).toBeGreaterThan(5);
    expect(first(times(120, jobs(0)), rise)).toBeGreaterThanOrEqual(first(HOUR, alone));
  });
});

describe('alerts', () => {
  test('count again when they were over and come back, and by their labels', () => {
    const fires = (...alerts: string[]) => ({ ...good, alerts });
    const burning = [...times(119, good), fires('DiskFull{disk="a"}')];
    expect(verdict(burning, [fires('DiskFull{disk="a"}'), fires()])).not.toBe('critical');
    const back = (...between: Tick[]) =>
      verdict(burning, [fires('DiskFull{disk="a"}'), ...between, fires('DiskFull{disk="a"}')]);
    expect(back(...times(5, fires()))).toBe('critical');
    // Prometheus was restarted, or it comes and goes as it did before.
    expect(back(...times(4, fires()))).toBe('warning');
    expect(back(...times(4, fires()), fires('DiskFull{disk="a"}'), ...times(4, fires()))).toBe('warning');
    expect(verdict(burning, [fires('DiskFull{disk="a"}', 'DiskFull{disk="b"}')])).toBe('critical');
    // A tick in which nothing was heard is not one in which it had stopped.
    expect(verdict(burning, [good, fires('DiskFull{disk="a"}')])).toBe('warning');
    // Samples of an older version have names alone.
    const older = [...times(119, good), fires('DiskFull')];
    expect(verdict(older, [fires('DiskFull{disk="a"}')])).toBe('warning');
    expect(reasons(burning, [fires('ShopDown{service="shop"}')]).at(-1)).toBe(
      'critical alerts critical: Critical alert ShopDown fires since the deploy.',
    );
  });

  describe('of which nobody knows whether they fired before the deploy', () => {
    const DEPLOYED = Date.parse('2030-01-07T10:00:00Z');
    const fires = (since?: number, name = 'DiskFull'): Tick => ({
      ...good,
      alerts: [name],
      ...(since === undefined ? {} : { alerts_since: { [name]: new Date(since).toISOString() } }),
    });
    const lastOf = (ticks: readonly Tick[], before = HOUR, more: Partial<JudgeStart> = {}) => {
      const begun = { ...judge.begin(samplesOf('baseline', before), RULES, [], DEPLOYED), ...more };
      const start: JudgeStart = JSON.parse(JSON.stringify(begun));
      let tick: JudgeTick | null = null;
      for (const sample of samplesOf('after', ticks)) {
        const state: JudgeState | null = tick && JSON.parse(JSON.stringify((tick as JudgeTick).state));
        tick = judge.tick(start, state, sample);
      }
      const found = tick?.judgement.findings.find(({ metric }) => metric === 'critical alerts');
      return `${found?.verdict}: ${found?.reason}`;
    };
    const unknown = 'warning: Critical alert DiskFull fires; whether before the deploy too is not known.';

    test('are told at the first answer, and are never critical', () => {
      expect(lastOf([fires()])).toBe(unknown);
      expect(lastOf([good, good, ...times(5, fires())])).toBe(unknown);
      expect(lastOf([fires(), fires(undefined, 'ShopDown')]), 'what comes later is new').toMatch(/^critical/);
      expect(lastOf([fires(), ...times(5, { ...good, alerts: [] }), fires()]), 'it was over').toMatch(
        /^critical/,
      );
    });

    test('say it themselves', () => {
      expect(lastOf([fires(DEPLOYED - 1)])).toBe(
        'warning: Critical alert DiskFull fires, as before the deploy.',
      );
      expect(lastOf([fires(DEPLOYED)])).toMatch(/^critical/);
      const calm = [...times(119, good), { ...good, alerts: [] }];
      expect(lastOf([fires(DEPLOYED - 1)], calm), 'it was silenced then').toMatch(/^warning/);
      expect(lastOf([fires()], calm)).toMatch(/^critical/);
      expect(lastOf([{ ...fires(), alerts_since: { DiskFull: 'never' } }])).toBe(unknown);
    });

    test('a watch that an older version began goes on as it did', () => {
      expect(lastOf([fires()], HOUR, { alerts: [], deployedAt: undefined as never })).toMatch(/^critical/);
      expect(lastOf([fires(DEPLOYED - 1)], HOUR, { alerts: [], deployedAt: undefined as never })).toMatch(
        /^critical/,
      );
    });
  });

  const quiet: Tick = { ...good, alerts: [] };

  test('are critical when they are new, and a warning when they are old', () => {
    expect(verdict(HOUR, [...times(5, quiet), { ...good, alerts: ['ShopDown'] }])).toBe('critical');
    const burning = [...times(119, good), { ...good, alerts: ['DiskFull'] }];
    expect(verdict(burning, times(5, { ...good, alerts: ['DiskFull'] }))).toBe('warning');
    expect(reasons(burning, [{ ...good, alerts: ['DiskFull', 'ShopDown'] }]).at(-1)).toBe(
      'critical alerts critical: Critical alert ShopDown fires since the deploy.',
    );
  });

  test('that are over are over, and one that nobody tells of any more still fires', () => {
    expect(verdict(HOUR, [...times(4, quiet), { ...good, alerts: ['ShopDown'] }, quiet])).toBe('healthy');
    expect(verdict(HOUR, [...times(4, quiet), { ...good, alerts: ['ShopDown'] }, good])).toBe('critical');
  });
});

test('state and start are plain JSON', () => {
  const random = randomFrom(3);
  const tick = (): Tick => ({
    total: 300,
    errors: Math.floor(random() * 3),
    latency: latencies(300, 100, random),
    counts: { jobs: { total: 10, bad: 0 } },
    alerts: [],
  });
  const [before, after] = [Array.from({ length: 60 }, tick), Array.from({ length: 30 }, tick)];
  const start = JSON.parse(JSON.stringify(judge.begin(samplesOf('baseline', before), RULES)));
  let state: JudgeState | null = null;
  const judged = samplesOf('after', after).map((sample) => {
    const one: JudgeTick = judge.tick(start, state, sample);
    state = JSON.parse(JSON.stringify(one.state));
    return one;
  });
  expect(judged).toEqual(judgeAll(before, after));
});
