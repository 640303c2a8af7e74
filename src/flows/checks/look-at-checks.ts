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

/** The time of one attempt within a tick, in ms: two of them fit into a half of it, if it is long enough. */
const LONGEST_MS = 10_000;
const SHORTEST_MS = 1_000;

/**
 * Asks all checks of the watch once, side by side, and judges what they say; one that fails is asked again at once,
 * so that a connection that broke is no failed tick. `known` is null for the first tick.
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
  const timeoutMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, service.monitoring.tickMs / 4));
  const [before, seen] = await Promise.all([
    known ?? failedBefore(run),
    Promise.all(watched.map((check) => look(check, release, timeoutMs))),
  ]);
  return judgeChecks(before, seen);
}

/** Where people went on with a production that was not healthy, they know. */
async function failedBefore({ ports, id }: PromotionRun): Promise<CheckStandings> {
  const { health = [] } = (await ports.ledger.get(id)).data;
  return standingsAtStart(health.filter(({ ok }) => !ok).map(({ name }) => name));
}

async function look(check: Check, release: Release, timeoutMs: number): Promise<CheckSeen> {
  const first = await attempt(check, release, timeoutMs);
  const seen = isFailed(first) ? await attempt(check, release, timeoutMs) : first;
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
async function attempt(check: Check, release: Release, timeoutMs: number): Promise<Attempt> {
  try {
    return await attemptInTime(check, release, timeoutMs);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    return { ok: false, unasked: true, detail: `the check itself failed (${name})` };
  }
}
