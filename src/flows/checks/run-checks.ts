import type { Attempt, Check } from '../../adapters/checks/port.ts';
import type { CheckTiming } from '../../domain/policy/service.ts';
import type { HealthResult } from '../../domain/promotion/health.ts';
import type { Release } from '../../domain/release/release.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import type { Clock } from '../run/ports.ts';

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
export async function attemptInTime(check: Check, release: Release): Promise<Attempt> {
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
  let row = 0;
  for (let attempts = 1; ; attempts++) {
    const seen = await attemptInTime(check, release);
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
        ...(seen.latencyMs === undefined ? {} : { latencyMs: seen.latencyMs }),
      };
    }
    await clock.sleep(timing.intervalMs);
  }
}
