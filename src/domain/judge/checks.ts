import { ownValue } from '../text/own.ts';
import { type Judgement, type MetricFinding, withFindings } from './verdict.ts';

/** What one tick saw of a health check. */
export interface CheckSeen {
  readonly name: string;
  /** Whether production is broken when it fails. */
  readonly critical: boolean;
  /** `unasked`: the question could not be put for a reason of our own, which says nothing of production. */
  readonly outcome: 'ok' | 'failed' | 'unasked';
  /** What was seen, in plain words. */
  readonly detail: string;
}

/** What is remembered of a check between ticks; plain JSON. */
interface CheckStanding {
  /** Ticks in a row in which it failed. */
  readonly failed: number;
  /** Ticks in a row in which it succeeded. */
  readonly calm: number;
  readonly alarm: 'warning' | 'critical' | null;
  /** It failed before the watch began, and people went on: no news until it has succeeded once. */
  readonly known?: true;
}
export type CheckStandings = Readonly<Record<string, CheckStanding>>;

export interface JudgedChecks {
  readonly standings: CheckStandings;
  readonly findings: readonly MetricFinding[];
  /** An alarm of a check ended. */
  readonly recovered: boolean;
}

/** Failed ticks in a row that are an alarm; a check is asked twice in a tick before that has failed. */
const ALARM_TICKS = 2;
/** Ticks in a row that end an alarm. */
const CALM_TICKS = 2;
const NOTHING: CheckStanding = { failed: 0, calm: 0, alarm: null };

/** Where the watch begins: checks that failed already are known to people. */
export function standingsAtStart(failing: readonly string[]): CheckStandings {
  return Object.fromEntries(failing.map((name) => [name, { ...NOTHING, known: true as const }]));
}

/**
 * Judges the checks of one tick. One that is critical and fails in two ticks in a row is critical, any other one a
 * warning. Checks that are not asked any more are forgotten.
 */
export function judgeChecks(before: CheckStandings, seen: readonly CheckSeen[]): JudgedChecks {
  const judged = seen.map((check) => {
    const was = ownValue(before, check.name) ?? NOTHING;
    const standing = next(was, check);
    const recovered = was.alarm !== null && standing.alarm === null;
    return { name: check.name, standing, recovered, finding: findingOf(check, standing, recovered) };
  });
  return {
    standings: Object.fromEntries(judged.map(({ name, standing }) => [name, standing])),
    findings: judged.flatMap(({ finding }) => (finding === null ? [] : [finding])),
    recovered: judged.some(({ recovered }) => recovered),
  };
}

function next(was: CheckStanding, { critical, outcome }: CheckSeen): CheckStanding {
  if (outcome === 'ok') {
    const calm = was.calm + 1;
    return { failed: 0, calm, alarm: calm >= CALM_TICKS ? null : was.alarm };
  }
  if (was.known) return was;
  if (outcome === 'unasked') return { ...was, failed: 0, calm: 0 };
  const failed = was.failed + 1;
  const alarm = critical ? 'critical' : (was.alarm ?? 'warning');
  return { failed, calm: 0, alarm: failed >= ALARM_TICKS ? alarm : was.alarm };
}

function findingOf(
  { name, outcome, detail }: CheckSeen,
  { failed, alarm, known }: CheckStanding,
  recovered: boolean,
): MetricFinding | null {
  const finding = (verdict: MetricFinding['verdict'], reason: string): MetricFinding => ({
    metric: `check ${name}`,
    verdict,
    now: failed,
    unit: 'count',
    reason,
  });
  if (outcome === 'ok') {
    if (recovered) return finding('healthy', `recovered: ${detail}.`);
    if (alarm === null) return null;
    return finding(alarm, `succeeds again: ${detail}. The alarm ends when it does so once more.`);
  }
  if (outcome === 'unasked') {
    const words = `could not be asked: ${detail}. That says nothing of production.`;
    return finding(alarm ?? 'inconclusive', words);
  }
  if (known) return null;
  if (failed < ALARM_TICKS && alarm === null) {
    return finding('watching', `failed once: ${detail}. It is an alarm when it fails again.`);
  }
  const times = failed === 1 ? 'again' : `${failed} times in a row`;
  return finding(alarm ?? 'watching', `failed ${times}: ${detail}.`);
}

/** A judgement with what the checks say: they can make it worse, and never better. */
export function withChecks(judgement: Judgement, checks: JudgedChecks): Judgement {
  return withFindings(checks.recovered ? { ...judgement, recovered: true } : judgement, checks.findings);
}
