import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { latencies, randomFrom } from '../domain/judge/samples.ts';

const DEPLOY = Date.UTC(2026, 10, 20, 9);
let dir: string;
let files = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-backtest-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

type Counts = readonly [unknown, unknown] | null;
interface Vector {
  readonly name: string;
  readonly tick_s?: number;
  readonly baseline: readonly Counts[];
  readonly after: readonly Counts[];
  readonly ticks: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
  readonly verdicts: string;
}

/** A line for each tick that is there; `at` is its end. */
function linesOf(ticks: readonly Counts[], phase: string, tickMs: number, from: number): string[] {
  return ticks.flatMap((counts, index) => {
    if (counts === null) return [];
    const at = new Date(from + (index + 1) * tickMs).toISOString();
    return [JSON.stringify({ at, phase, total: counts[0], errors: counts[1] })];
  });
}

async function backtest(lines: readonly string[], ...options: string[]) {
  const path = join(dir, `${files++}.ndjson`);
  await writeFile(path, `${lines.join('\n')}\n`);
  return slipway('backtest', path, ...options);
}

async function slipway(...argv: string[]) {
  let out = '';
  let err = '';
  const code = await runCli(
    argv,
    {},
    {
      result: (text) => {
        out += text;
      },
      message: (text) => {
        err += `${text}\n`;
      },
    },
  );
  return { code, out, err };
}

interface Line {
  readonly at: string;
  readonly verdict: string;
  readonly evidence: Readonly<Record<string, number>>;
  readonly latency?: Readonly<Record<string, number>>;
}
interface Summary {
  readonly summary: Readonly<
    Record<'verdict' | 'first_warning_at' | 'first_critical_at' | 'cleared_at', string | null>
  >;
}

async function judged(lines: readonly string[], ...options: string[]) {
  const { code, out, err } = await backtest(lines, '--json', ...options);
  expect(code).toBe(0);
  const all = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line | Summary);
  const { summary } = all.at(-1) as Summary;
  return { ticks: all.slice(0, -1) as Line[], summary, err };
}

const { cases } = JSON.parse(
  await readFile(new URL('../fixtures/judge/vectors.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Vector[] };
const NAMES = {
  warn: 'warning',
  crit: 'critical',
  hard: 'hard',
  outage: 'outage',
  ok: 'ok',
  recent: 'recent',
};

describe.each(cases)('$name', ({ baseline, after, ticks, verdicts, tick_s: tickS = 30 }) => {
  test('is judged as by the reference', async () => {
    const tickMs = tickS * 1_000;
    const lines = [
      ...linesOf(baseline, 'baseline', tickMs, DEPLOY - baseline.length * tickMs),
      ...linesOf(after, 'after', tickMs, DEPLOY),
    ];
    const { ticks: said } = await judged(lines, '--tick', `${tickS}s`);
    // Missing ticks at the end have no line that tells of them.
    const last = after.findLastIndex((counts) => counts !== null);
    expect(said.map(({ at }) => Date.parse(at))).toEqual(
      Array.from({ length: last + 1 }, (_, index) => DEPLOY + (index + 1) * tickMs),
    );
    expect(said.map(({ verdict }) => (verdict === 'watching' ? 'o' : verdict[0])).join('')).toBe(
      verdicts.slice(0, last + 1),
    );
    for (const [index, expected] of Object.entries(ticks).filter(([tick]) => Number(tick) <= last)) {
      for (const [short, name] of Object.entries(NAMES)) {
        const value = Number(expected[short]);
        const found = said[Number(index)]?.evidence[name] ?? Number.NaN;
        expect(Math.abs(found - value), `${name} in tick ${index}`).toBeLessThanOrEqual(
          1e-6 * Math.max(1, Math.abs(value)),
        );
      }
    }
  });
});

describe('a backtest', () => {
  const HOUR = linesOf(new Array(120).fill([600, 1]), 'baseline', 30_000, DEPLOY - 3_600_000);
  const good = (count: number, from = 0, errors = 1) =>
    linesOf(new Array(count).fill([600, errors]), 'after', 30_000, DEPLOY + from * 30_000);
  const bad = (count: number, from: number, errors = 20) =>
    linesOf(new Array(count).fill([600, errors]), 'after', 30_000, DEPLOY + from * 30_000);
  const iso = (tick: number) => new Date(DEPLOY + tick * 30_000).toISOString();

  test('sums up what happened when', async () => {
    const { summary } = await judged([...HOUR, ...good(10), ...bad(10, 10)]);
    expect(summary).toEqual({
      verdict: 'critical',
      first_warning_at: iso(13),
      first_critical_at: iso(13),
      cleared_at: iso(1),
    });
    expect((await judged(HOUR)).summary).toEqual({
      verdict: 'inconclusive',
      first_warning_at: null,
      first_critical_at: null,
      cleared_at: null,
    });
  });

  test('reads for people: a line a tick, the reasons at each change, and a summary', async () => {
    const hour = linesOf(new Array(120).fill([600, 6]), 'baseline', 30_000, DEPLOY - 3_600_000);
    const { out, code } = await backtest([...hour, ...good(3, 0, 6), ...bad(1, 3, 590)]);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        /^2026-11-20T09:00:30\.000Z {2}inconclusive {2}warning 0\.0 {2}critical 0\.0 .* recent 1\.\d$/,
      ),
      expect.stringMatching(
        /^ {2}error rate, inconclusive: 6 of 600 requests failed .* About \d+ more would/,
      ),
      expect.stringMatching(/^2026-11-20T09:01:00\.000Z {2}inconclusive {2}/),
      expect.stringMatching(/^2026-11-20T09:01:30\.000Z {2}healthy {7}/),
      '  error rate, healthy: 18 of 1,800 requests failed since the deploy (1 %); 1 % before. A rise by 1 percentage point is ruled out.',
      expect.stringMatching(/^2026-11-20T09:02:00\.000Z {2}critical {6}.* outage \d{3}\./),
      '  error rate, critical: 590 of 600 requests failed in the last 30 s (98 %); 1 % before the deploy.',
      '',
      expect.stringMatching(/^Evidence is the natural logarithm of an e-value/),
      expect.any(String),
      '',
      'Verdict         critical after 4 ticks',
      'First warning   2026-11-20T09:02:00.000Z',
      'First critical  2026-11-20T09:02:00.000Z',
      'First healthy   2026-11-20T09:01:30.000Z',
      expect.stringMatching(/^ {2}error rate, critical: /),
      '',
    ]);
  });

  test('takes limits and times from its options', async () => {
    const late = [...HOUR, ...good(6), ...bad(20, 6, 5)];
    const warned = async (...options: string[]) => (await judged(late, ...options)).summary.first_warning_at;
    expect(await warned()).toBe(iso(9));
    expect(await warned('--limit', '20pp')).toBeNull();
    expect(await warned('--settle', '10m')).toBe(iso(23));
    expect(await warned('--settle', '0s')).not.toBeNull();
    const fine = await judged([...HOUR, ...good(1)], '--limit', '10pp');
    expect(fine.summary.verdict).toBe('healthy');
  });

  test('judges latency too, and says so', async () => {
    const random = randomFrom(5);
    const slow = (count: number, phase: string, from: number, ms: number) =>
      Array.from({ length: count }, (_, index) =>
        JSON.stringify({
          at: new Date(from + (index + 1) * 30_000).toISOString(),
          phase,
          total: 300,
          errors: 0,
          latency: latencies(300, ms, random),
        }),
      );
    const lines = [...slow(60, 'baseline', DEPLOY - 1_800_000, 100), ...slow(20, 'after', DEPLOY, 200)];
    const { ticks, summary } = await judged(lines);
    expect(summary.first_warning_at).toBe(iso(7));
    expect(summary.first_critical_at).toBe(iso(13));
    expect(ticks[12]?.latency).toEqual({ warning: expect.any(Number), critical: expect.any(Number) });
    expect((await judged(lines, '--latency', '150%')).summary.first_warning_at).toBeNull();
  });

  test('order, repetition and blanks in the file do not matter', async () => {
    const lines = [...HOUR, ...good(8), ...bad(4, 8)];
    const { ticks, summary } = await judged(lines);
    const shuffled = [...lines].reverse();
    expect(await judged(['', ...shuffled, '   '])).toEqual({ ticks, summary, err: '' });
    const twice = await judged([bad(1, 3)[0] ?? '', ...lines]);
    expect(twice.ticks).toEqual(ticks);
    expect(twice.err).toMatch(/^Left out: one sample that is given twice/);
  });

  test('samples later than now are left out, unless the whole file has another clock', async () => {
    const { summary, err, ticks } = await judged([
      ...HOUR,
      ...good(8),
      JSON.stringify({ at: '2199-01-01T00:00:00Z', phase: 'after', total: 10, errors: 10 }),
      JSON.stringify({ at: '2199-01-01T00:00:00Z', phase: 'baseline', total: 10, errors: 10 }),
      JSON.stringify({ at: new Date(DEPLOY - 60_000).toISOString(), phase: 'after', total: 10, errors: 10 }),
    ]);
    expect([summary.verdict, ticks.length]).toEqual(['healthy', 8]);
    expect(err).toMatch(/^Left out: 3 samples /);
    const far = [...HOUR, ...good(8)].map((line) => line.replace('2026-11-20', '2196-11-20'));
    expect((await judged(far)).ticks).toHaveLength(8);
  });

  test.each([
    ['NaN', '{"at":"AT","phase":"after","total":NaN,"errors":0}'],
    ['nothing', '{"at":"AT","phase":"after"}'],
    ['null', '{"at":"AT","phase":"after","total":null,"errors":null,"latency":null}'],
    ['more errors than requests', '{"at":"AT","phase":"after","total":5,"errors":9}'],
    ['a negative count', '{"at":"AT","phase":"after","total":600,"errors":-1}'],
    ['Infinity', '{"at":"AT","phase":"after","total": Infinity,"errors":0}'],
  ])('a tick of %s is missing', async (_name, line) => {
    const { ticks } = await judged([...HOUR, ...good(8), line.replace('AT', iso(9))]);
    const without = await judged([...HOUR, ...good(8)]);
    const { outage: _, ...evidence } = ticks[8]?.evidence ?? {};
    expect(ticks).toHaveLength(9);
    expect(evidence).toEqual({
      ...without.ticks[7]?.evidence,
      outage: undefined,
      warning: expect.closeTo(without.ticks[7]?.evidence['warning'] ?? 9, 9),
      critical: expect.closeTo(without.ticks[7]?.evidence['critical'] ?? 9, 9),
      hard: expect.closeTo(without.ticks[7]?.evidence['hard'] ?? 9, 9),
    });
  });

  test('without a baseline the deploy is where the first tick begins', async () => {
    const { ticks, summary } = await judged(good(3));
    expect(ticks.map(({ at }) => at)).toEqual([iso(1), iso(2), iso(3)]);
    expect(summary.verdict).toBe('healthy');
  });

  test('refuses what it does not understand, in words', async () => {
    expect(await slipway('backtest')).toMatchObject({
      code: 2,
      err: expect.stringContaining('backtest FILE'),
    });
    expect(await slipway('backtest', join(dir, 'none'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be read (ENOENT)'),
    });
    const line = (text: string) => backtest([...HOUR, text]);
    expect((await line('nonsense')).err).toMatch(
      /^Line 121 of .* is no sample: it is no JSON object\.\n\nEach line/,
    );
    expect((await line('[]')).code).toBe(1);
    expect((await line('{"at":"noon","phase":"after"}')).err).toContain('`at` is no ISO time');
    expect((await line(`{"at":"${iso(1)}","phase":"later"}`)).err).toContain('`phase` is neither');
    for (const [option, text, example] of [
      ['--tick', 'fast', '30s'],
      ['--limit', '1%', '1pp'],
      ['--limit', '100pp', '1pp'],
      ['--latency', '10pp', '10%'],
      ['--settle', 'soon', '3m'],
    ] as const) {
      const { code, err } = await backtest(HOUR, option, text);
      expect([code, err]).toEqual([
        1,
        `"${text}" is not understood as ${option}.\n\nFor example: ${option} ${example}\n`,
      ]);
    }
  });
});
