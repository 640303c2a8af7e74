import { describe, expect, test } from 'vitest';
import { type KnownLogs, type LogLine, learnLogs } from '../../../src/domain/logs/known.ts';
import { logFindings } from '../../../src/domain/logs/log-findings.ts';
import {
  beginLogWatch,
  type LogRules,
  type LogWatch,
  logsRead,
  logsUnread,
} from '../../../src/domain/logs/log-watch.ts';

const DEPLOYED = 1_900_000_000_000;
const TICK = 30_000;
const SETTLED = DEPLOYED + 180_000;
const RULES: LogRules = { atLeast: 5, critical: [], ignore: [] };
const ABOUT = { source: 'Loki', rules: RULES, deployedAt: DEPLOYED };

const lines = (text: string, count: number, atMs = DEPLOYED + 1_000): LogLine[] =>
  Array.from({ length: count }, (_, index) => ({ atMs, text: text.replace('#', String(index)) }));

const USUAL = learnLogs(
  Array.from({ length: 12 }, () => ({
    lines: [...lines('cannot reach till #', 3), ...lines('User alice was not found', 1)],
    cut: false,
  })),
  [],
);

/** So many ticks with these lines each, from the given one on. */
function watched(
  perTick: readonly (readonly LogLine[])[],
  known: KnownLogs = USUAL,
  rules = RULES,
  from = 0,
  begin: LogWatch = beginLogWatch(DEPLOYED),
): LogWatch {
  return perTick.reduce((watch, some, index) => {
    const toMs = DEPLOYED + (from + index + 1) * TICK;
    const now = some.map((line) => ({ ...line, atMs: toMs - 1_000 }));
    const next = logsRead(watch, { lines: now, cut: false }, toMs, known, rules, SETTLED);
    return JSON.parse(JSON.stringify(next)) as LogWatch;
  }, begin);
}

const findings = (watch: LogWatch, known: KnownLogs | null = USUAL, rules = RULES) =>
  logFindings(watch, known, { ...ABOUT, rules });

describe('where little was seen of the time before', () => {
  const seen = (minutes: number): KnownLogs => ({ ...USUAL, seenMs: minutes * 60_000 });
  const critical: LogRules = { ...RULES, critical: [{ contains: 'OutOfMemory', atLeast: 1 }] };

  test('a new message has to come the more often to be news', () => {
    const some = watched([lines('odd thing #', 12)]);
    expect(findings(some, seen(60))[0]?.verdict).toBe('warning');
    expect(findings(some, seen(30))[0]?.verdict).toBe('warning');
    expect(findings(some, seen(6))).toMatchObject([
      {
        verdict: 'healthy',
        reason:
          'Nothing new in 12 lines since the deploy. 1 message came fewer than 50 times, as only 6 min of before were seen.',
      },
    ]);
    expect(findings(watched([lines('odd thing #', 50)]), seen(6))[0]?.verdict).toBe('warning');
  });

  test('nothing is critical of a few minutes: it asks people', () => {
    const named = watched([lines('OutOfMemory in # pages', 1)], USUAL, critical);
    expect(findings(named, seen(19), critical)[0]?.verdict).toBe('warning');
    expect(findings(named, seen(20), critical)[0]?.verdict).toBe('critical');
    expect(findings(named, USUAL, critical)[0]?.verdict).toBe('critical');
  });
});

describe('new messages', () => {
  test('ask people when there are enough of them, once each with an example', () => {
    const [all, one, ...rest] = findings(watched([lines('TypeError in cart #: no items', 7)]));
    expect(rest).toEqual([]);
    expect(all).toMatchObject({
      metric: 'logs in Loki',
      verdict: 'warning',
      reason: '1 new message since the deploy, 7 lines.',
    });
    expect(one).toMatchObject({
      metric: 'new message',
      verdict: 'warning',
      now: 7,
      reason: '7 × since the deploy, first 29 s after it: TypeError in cart 0: no items',
      once: true,
    });
  });

  test('count over many ticks, and not those that are known, rare or to be ignored', () => {
    const rare = watched([lines('odd thing #', 4)]);
    expect(findings(rare)).toMatchObject([
      {
        verdict: 'healthy',
        reason: 'Nothing new in 4 lines since the deploy. 1 message came fewer than 5 times.',
      },
    ]);
    expect(findings(watched([lines('odd thing #', 2), lines('odd thing #', 3)]))[0]?.verdict).toBe('warning');
    expect(findings(watched([lines('cannot reach till #', 4)]))[0]?.verdict).toBe('healthy');
    const ignore = { ...RULES, ignore: ['odd thing'] };
    expect(findings(watched([lines('odd thing #', 9)], USUAL, ignore))).toMatchObject([
      { verdict: 'healthy', reason: 'Nothing new in 0 lines since the deploy.' },
    ]);
  });

  test('are known ones with another word in them', () => {
    const names = ['bob', 'carol', 'dave', 'erin', 'frank', 'grace'];
    const some = names.flatMap((name) => lines(`User ${name} was not found`, 1));
    expect(findings(watched([some]))[0]?.verdict).toBe('healthy');
    const others = names.flatMap((name) => lines(`User ${name} was sold twice`, 1));
    expect(findings(watched([others]))[0]?.verdict).toBe('warning');
  });

  test('are critical only where that is configured, by text and number', () => {
    const rules = { ...RULES, critical: [{ contains: 'OutOfMemory', atLeast: 2 }] };
    const judged = (count: number, text = 'java.lang.OutOfMemoryError: heap') =>
      findings(watched([lines(text, count)], USUAL, rules), USUAL, rules)[0]?.verdict;
    expect(judged(1)).toBe('healthy');
    expect(judged(2)).toBe('critical');
    expect(judged(50, 'java.lang.StackOverflowError')).toBe('warning');
  });

  test('are told for the most frequent three; the rest is counted', () => {
    const kinds = ['apple', 'pear', 'plum', 'fig', 'lime'];
    const some = kinds.flatMap((kind, index) => lines(`${kind} broke`, 5 + index));
    const [all, ...each] = findings(watched([some]));
    expect(all?.reason).toBe('5 new messages since the deploy, 35 lines.');
    expect(each.map(({ reason }) => reason.split(': ')[1])).toEqual([
      'lime broke',
      'fig broke',
      'plum broke',
    ]);
  });
});

describe('known messages', () => {
  const at = (tick: number, count: number) =>
    watched(
      Array.from({ length: tick }, () => lines('cannot reach till #', count)),
      USUAL,
    );

  test('are told when they multiply: twenty in five minutes, and five times the worst before', () => {
    const [all, one] = findings(at(20, 4));
    expect(all).toMatchObject({ verdict: 'warning', reason: '1 known message has multiplied.' });
    expect(one).toMatchObject({
      metric: 'more of a message',
      now: 40,
      baseline: 3,
      reason: '40 × in five minutes, at most 3 before: cannot reach till <n>',
    });
  });

  test('are not by noise, while the service settles, or where not every line was read', () => {
    expect(findings(at(20, 1))[0]?.verdict).toBe('healthy');
    expect(findings(at(5, 40))[0]?.verdict).toBe('healthy');
    const partly = { ...USUAL, whole: false };
    expect(findings(at(20, 40), partly)[0]?.verdict).toBe('healthy');
  });

  test('calm down again', () => {
    const loud = at(20, 4);
    const calm = watched(
      Array.from({ length: 11 }, () => []),
      USUAL,
      RULES,
      20,
      loud,
    );
    expect(findings(calm)[0]?.verdict).toBe('healthy');
  });
});

describe('what is not known', () => {
  test('is not healthy', () => {
    const silent = logsUnread(beginLogWatch(DEPLOYED), 'connection refused');
    expect(findings(silent)).toMatchObject([
      {
        verdict: 'inconclusive',
        reason: 'Loki does not answer (connection refused): its newest messages are not seen.',
      },
    ]);
    expect(findings(silent, null)).toMatchObject([
      {
        verdict: 'inconclusive',
        reason:
          'What Loki had before the deploy could not be read (connection refused): new messages cannot be told from old ones.',
      },
    ]);
  });

  test('is not an alarm either: too many kinds of messages to compare with', () => {
    const word = (index: number) =>
      index.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
    const kinds = Array.from({ length: 600 }, (_, index) => lines(`${word(index)} failed`, 1)).flat();
    const full = learnLogs([{ lines: kinds, cut: false }], []);
    expect(full.groups).toHaveLength(500);
    const watch = watched([lines('something else broke', 50)], full);
    expect(findings(watch, full)).toMatchObject([{ verdict: 'inconclusive' }]);
    const named = { ...watch, fresh: watch.fresh.map((group) => ({ ...group, hits: [50] })) };
    const rules = { atLeast: 5, critical: [{ contains: 'broke', atLeast: 1 }], ignore: [] };
    const about = { source: 'Loki', rules, deployedAt: DEPLOYED };
    // It may be as old as all that could not be kept: people look, nothing is rolled back by it.
    expect(logFindings(named, full, about)[0]?.verdict).toBe('warning');
    expect(logFindings(named, { ...full, full: false }, about)[0]?.verdict).toBe('critical');
  });

  test('more kinds of new messages than can be counted are not healthy', () => {
    const watch = { ...watched([lines('odd thing #', 1)]), left: 3_000 };
    expect(findings(watch)).toMatchObject([
      {
        verdict: 'inconclusive',
        reason: expect.stringContaining(
          'more kinds of new messages than can be counted: 3000 lines of them are not.',
        ),
      },
    ]);
  });

  test('a silence does not end a warning', () => {
    const watch = logsUnread(watched([lines('odd thing #', 9)]), 'connection refused');
    expect(findings(watch)[0]?.verdict).toBe('warning');
  });
});

test('a flood of different messages stays small', () => {
  const flood = Array.from({ length: 2_000 }, (_, index) => ({
    atMs: DEPLOYED + 1,
    text: `${'abcdefghij'.repeat(50)}${String.fromCharCode(97 + (index % 26))} ${'x'.repeat(index % 90)} y ${index}`,
  }));
  const watch = watched([flood, flood, flood]);
  expect(watch.fresh.length).toBeLessThanOrEqual(40);
  expect(JSON.stringify(watch).length).toBeLessThan(60_000);
  expect(watch.lines).toBe(6_000);
});
