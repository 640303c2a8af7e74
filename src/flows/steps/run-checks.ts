import type { Check } from '../../adapters/checks/port.ts';
import type { CheckTiming } from '../../domain/policy/service.ts';
import type { HealthResult } from '../../domain/promotion/health.ts';
import type { Release } from '../../domain/release/release.ts';
import type { Clock } from '../run/ports.ts';

/** One attempt may take this long, in ms, before it counts as failed. */
const ATTEMPT_TIMEOUT_MS = 10_000;

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

async function decide(
  check: Check,
  timing: CheckTiming,
  release: Release,
  clock: Clock,
): Promise<HealthResult> {
  const deadline = clock.now() + timing.timeoutMs;
  let row = 0;
  for (let attempts = 1; ; attempts++) {
    const seen = await check.attempt(release, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS));
    row = seen.ok ? row + 1 : 0;
    const over = clock.now() + timing.intervalMs > deadline;
    if (row >= timing.inARow || over) {
      const ok = row >= timing.inARow;
      const unsteady = !ok && seen.ok ? ` (only ${row} of ${timing.inARow} successes in a row in time)` : '';
      return {
        name: check.name,
        kind: check.kind,
        critical: check.critical,
        ok,
        detail: seen.detail + unsteady,
        attempts,
        ...(seen.latencyMs === undefined ? {} : { latencyMs: seen.latencyMs }),
      };
    }
    await clock.sleep(timing.intervalMs);
  }
}
