import type { Attempt, Check } from '../../adapters/checks/port.ts';
import {
  type CheckSeen,
  type CheckStandings,
  type JudgedChecks,
  judgeChecks,
  standingsAtStart,
} from '../../domain/judge/checks.ts';
import type { CheckTiming } from '../../domain/policy/service.ts';
import type { HealthResult } from '../../domain/promotion/health.ts';
import type { Release } from '../../domain/release/release.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { given } from '../../domain/text/given.ts';
import type { Clock } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** One attempt of a check that does not say how long it takes may take this long, in ms, before it counts as failed. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/** How long a check may take to end once its time is over. */
const GRACE_MS = 500;

/**
 * Runs all checks side by side after the settle time, each until it succeeded `inARow` times in a row or its
 * time is over. `onResult` hears of every check that is decided.
 */
export async function runChecks(
  checks: readonly Check[],
  timing: CheckTiming,
  release: Release,
  clock: Clock,
  onResult: (result: HealthResult) => Promise<void> = async () => {},
): Promise<readonly HealthResult[]> {
  if (timing.settleMs > 0) await clock.sleep(timing.settleMs);
  return Promise.all(
    checks.map(async (check) => {
      const result = await decide(check, timing, release, clock);
      await onResult(result);
      return result;
    }),
  );
}

/**
 * Those that can be asked now. While a release has only a share of the requests, which release answers is chance: what proves
 * it is asked once it has all.
 */
export function checksFor(checks: readonly Check[], hasAll: boolean): readonly Check[] {
  return hasAll ? checks : checks.filter(({ provesRelease }) => provesRelease !== true);
}

/** One attempt, which ends soon after the time of the check even when the check does not. */
async function attemptInTime(check: Check, release: Release): Promise<Attempt> {
  const { timeoutMs = ATTEMPT_TIMEOUT_MS } = check;
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<Attempt>((resolve) => {
    const answer = { ok: false, detail: `no answer within ${durationInWords(timeoutMs)}` };
    // A check that hears of it has words of its own, and comes first.
    signal.addEventListener('abort', () => setTimeout(() => resolve(answer), GRACE_MS).unref(), {
      once: true,
    });
  });
  return Promise.race([check.attempt(release, signal), late]);
}

async function decide(
  check: Check,
  timing: CheckTiming,
  release: Release,
  clock: Clock,
): Promise<HealthResult> {
  const deadline = clock.now() + timing.timeoutMs;
  let [row, attempts, failures] = [0, 0, 0];
  let last: Attempt | null = null;
  for (;;) {
    const answer = await attemptInTime(check, release);
    if (!answer.unasked) {
      attempts += 1;
      failures = isFailed(answer) ? failures + 1 : 0;
      last = answer;
    }
    // So many failures in a row stand until the check succeeds: that nobody could ask afterwards takes nothing back.
    const seen = failures >= timing.inARow ? (last ?? answer) : answer;
    // What only warns does not get better by waiting.
    row = seen.ok || seen.warning ? row + 1 : 0;
    const over = clock.now() + timing.intervalMs > deadline;
    if (row >= timing.inARow || over) {
      const ok = seen.ok && row >= timing.inARow;
      const unsteady = !ok && seen.ok ? ` (only ${row} of ${timing.inARow} successes in a row in time)` : '';
      return {
        name: check.name,
        kind: check.kind,
        // What could not be asked has not failed: it is no reason to roll back.
        critical: check.critical && seen.warning !== true && seen.unasked !== true,
        ok,
        detail: seen.detail + unsteady,
        attempts,
        ...given({ unasked: seen.unasked, latencyMs: seen.latencyMs }),
      };
    }
    await clock.sleep(timing.intervalMs);
  }
}

/** What all attempts of a check in a tick may take together, in ms, where the tick is not longer. */
const TIME_MS = 10_000;

/**
 * Asks all checks of the watch once, side by side, and judges what they say; one that fails is asked again at once, as far
 * as its time fits into what is left of the tick: a connection that broke is no failed tick. `known` is null for the
 * first tick.
 */
export async function lookAtChecks(
  run: PromotionRun,
  known: CheckStandings | null,
  release: Release,
  hasAll = true,
): Promise<JudgedChecks> {
  const { checks, service } = run.ports;
  const watched = checksFor(checks, hasAll).filter(({ watch }) => watch !== false);
  if (watched.length === 0) return { standings: {}, findings: [], recovered: false };
  const timeMs = Math.max(TIME_MS, service.monitoring.tickMs);
  const [before, seen] = await Promise.all([
    known ?? failedBefore(run),
    Promise.all(watched.map((check) => look(check, release, timeMs))),
  ]);
  return judgeChecks(before, seen);
}

/** Where people went on with a production that was not healthy, they know; not what nobody could ask. */
async function failedBefore({ ports, id }: PromotionRun): Promise<CheckStandings> {
  const { health = [] } = (await ports.ledger.get(id)).data;
  return standingsAtStart(health.filter(({ ok, unasked }) => !ok && !unasked).map(({ name }) => name));
}

async function look(check: Check, release: Release, timeMs: number): Promise<CheckSeen> {
  const started = performance.now();
  const first = await attempt(check, release);
  const leftMs = timeMs - (performance.now() - started);
  const isAskedAgain = isFailed(first) && (check.timeoutMs ?? 0) <= leftMs;
  const again = isAskedAgain ? await attempt(check, release) : first;
  const seen = again.unasked ? first : again;
  return {
    name: check.name,
    // Somebody shipped something else meanwhile: to roll that back by itself would undo it.
    critical: check.critical && check.provesRelease !== true,
    outcome: seen.unasked ? 'unasked' : isFailed(seen) ? 'failed' : 'ok',
    detail: seen.detail,
  };
}

/** What only warns was said when production was proven healthy; it is no change. */
function isFailed({ ok, warning, unasked }: Attempt): boolean {
  return !ok && warning !== true && unasked !== true;
}

/** A check that breaks by itself says nothing of production. */
async function attempt(check: Check, release: Release): Promise<Attempt> {
  try {
    return await attemptInTime(check, release);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    return { ok: false, unasked: true, detail: `the check itself failed (${name})` };
  }
}
