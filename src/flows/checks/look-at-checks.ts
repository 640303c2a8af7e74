import type { Attempt, Check } from '../../adapters/checks/port.ts';
import {
  type CheckSeen,
  type CheckStandings,
  type JudgedChecks,
  judgeChecks,
  standingsAtStart,
} from '../../domain/judge/checks.ts';
import type { Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { attemptInTime, checksFor } from './run-checks.ts';

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

/** Where people went on with a production that was not healthy, they know. */
async function failedBefore({ ports, id }: PromotionRun): Promise<CheckStandings> {
  const { health = [] } = (await ports.ledger.get(id)).data;
  return standingsAtStart(health.filter(({ ok }) => !ok).map(({ name }) => name));
}

async function look(check: Check, release: Release, timeMs: number): Promise<CheckSeen> {
  const started = performance.now();
  const first = await attempt(check, release);
  const leftMs = timeMs - (performance.now() - started);
  const isAskedAgain = isFailed(first) && (check.timeoutMs ?? 0) <= leftMs;
  const seen = isAskedAgain ? await attempt(check, release) : first;
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
