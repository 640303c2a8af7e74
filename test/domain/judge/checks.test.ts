import { describe, expect, test } from 'vitest';
import {
  type CheckSeen,
  type CheckStandings,
  judgeChecks,
  standingsAtStart,
  withChecks,
} from '../../../src/domain/judge/checks.ts';
import type { Judgement } from '../../../src/domain/judge/verdict.ts';

const GOOD: Judgement = { verdict: 'healthy', findings: [] };
const DETAIL = 'PostgreSQL at db:5432: connection refused';

/** The verdicts of ticks in which the check was as the letters say: ok, failed, unasked. */
function verdicts(
  outcomes: string,
  more: Partial<CheckSeen> = {},
  from: CheckStandings = {},
): readonly (string | null)[] {
  let standings = from;
  return [...outcomes].map((letter) => {
    const outcome = letter === 'o' ? 'ok' : letter === 'f' ? 'failed' : 'unasked';
    const judged = judgeChecks(standings, [
      { name: 'database', critical: true, outcome, detail: DETAIL, ...more },
    ]);
    // Standings are journaled.
    standings = JSON.parse(JSON.stringify(judged.standings)) as CheckStandings;
    const { verdict, recovered } = withChecks(GOOD, judged);
    return recovered ? `${verdict}!` : verdict;
  });
}

describe('a check in the watch', () => {
  test.each([
    ['ooo', ['healthy', 'healthy', 'healthy']],
    ['fof', ['watching', 'healthy', 'watching']],
    ['ff', ['watching', 'critical']],
    ['ffoo', ['watching', 'critical', 'critical', 'healthy!']],
    ['ffofoo', ['watching', 'critical', 'critical', 'critical', 'critical', 'healthy!']],
    ['ooouo', ['healthy', 'healthy', 'healthy', 'inconclusive', 'healthy']],
    ['fuf', ['watching', 'inconclusive', 'watching']],
    ['ffuu', ['watching', 'critical', 'critical', 'critical']],
  ])('%s: %j', (outcomes, expected) => {
    expect(verdicts(outcomes)).toEqual(expected);
  });

  test('that is not critical only warns', () => {
    expect(verdicts('fff', { critical: false })).toEqual(['watching', 'warning', 'warning']);
  });

  test('that failed before the watch is no news, until it succeeded once', () => {
    const known = standingsAtStart(['database']);
    expect(verdicts('fuofff', {}, known)).toEqual([
      'healthy',
      'inconclusive',
      'healthy',
      'watching',
      'critical',
      'critical',
    ]);
  });

  test('is named, with what it saw', () => {
    const seen = { name: 'database', critical: true, outcome: 'failed', detail: DETAIL } as const;
    const first = judgeChecks({}, [seen]);
    const second = judgeChecks(first.standings, [seen]);
    expect(second.findings).toEqual([
      {
        metric: 'check database',
        verdict: 'critical',
        now: 2,
        unit: 'count',
        reason: `failed 2 times in a row: ${DETAIL}.`,
      },
    ]);
    const unasked = judgeChecks({}, [
      { ...seen, outcome: 'unasked', detail: 'the package x cannot be loaded' },
    ]);
    expect(unasked.findings[0]?.reason).toBe(
      'could not be asked: the package x cannot be loaded. That says nothing of production.',
    );
  });

  test('that is not asked any more is forgotten', () => {
    const judged = judgeChecks({ database: { failed: 2, calm: 0, alarm: 'critical' } }, []);
    expect(judged).toEqual({ standings: {}, findings: [], recovered: false });
  });

  test('with a name that objects have is one like any other', () => {
    const seen = { name: 'constructor', critical: true, outcome: 'failed', detail: 'x' } as const;
    expect(judgeChecks(judgeChecks({}, [seen]).standings, [seen]).findings[0]?.verdict).toBe('critical');
  });
});

describe('checks and metrics', () => {
  const failing = judgeChecks({ a: { failed: 1, calm: 0, alarm: null } }, [
    { name: 'a', critical: false, outcome: 'failed', detail: 'x' },
  ]);
  const recovered = judgeChecks({ a: { failed: 0, calm: 1, alarm: 'critical' } }, [
    { name: 'a', critical: true, outcome: 'ok', detail: 'x' },
  ]);

  test('the worse one counts, and good checks make nothing better', () => {
    expect(withChecks({ verdict: 'critical', findings: [] }, failing).verdict).toBe('critical');
    expect(withChecks(GOOD, failing).verdict).toBe('warning');
    const fine = judgeChecks({}, [{ name: 'a', critical: true, outcome: 'ok', detail: 'x' }]);
    expect(withChecks({ verdict: 'inconclusive', findings: [] }, fine)).toEqual({
      verdict: 'inconclusive',
      findings: [],
    });
  });

  test('the end of one alarm is not said while another one stands', () => {
    expect(withChecks({ ...GOOD, recovered: true }, failing)).not.toHaveProperty('recovered');
    expect(withChecks({ verdict: 'critical', findings: [] }, recovered)).not.toHaveProperty('recovered');
    expect(withChecks(GOOD, recovered)).toMatchObject({ verdict: 'healthy', recovered: true });
  });
});
