import { durationInWords } from '../../../domain/text/duration.ts';
import type { Attempt } from '../port.ts';

/** What is known of the background jobs of a service. */
export interface Backlog {
  /** Jobs that could run now, and wait. */
  readonly waiting: number;
  /** How long the oldest of them has waited, in ms; null where none waits, absent where the system does not tell. */
  readonly oldestMs?: number | null;
  /** How long ago a worker was last seen, in ms; null for never, absent where the system does not tell. */
  readonly seenMs?: number | null;
}

export interface BacklogLimits {
  readonly 'max-waiting'?: number | undefined;
  /** ms */
  readonly 'max-age'?: number | undefined;
  /** ms */
  readonly heartbeat?: number | undefined;
}

/** Whether the backlog is within its limits, in words. What a limit asks for and nobody tells is not within it. */
export function judgeBacklog(backlog: Backlog, limits: BacklogLimits): Attempt {
  const wrong = tooMany(backlog, limits) ?? tooOld(backlog, limits) ?? tooQuiet(backlog, limits);
  if (wrong !== null) return { ok: false, detail: wrong };
  const { waiting, oldestMs, seenMs } = backlog;
  const oldest = typeof oldestMs === 'number' ? `, the oldest for ${durationInWords(oldestMs)}` : '';
  const seen = typeof seenMs === 'number' ? `; a worker was seen ${durationInWords(seenMs)} ago` : '';
  return { ok: true, detail: `${jobs(waiting)}${oldest}${seen}` };
}

function tooMany({ waiting }: Backlog, { 'max-waiting': most }: BacklogLimits): string | null {
  return most === undefined || waiting <= most ? null : `${jobs(waiting)}, expected at most ${most}`;
}

function tooOld({ oldestMs, waiting }: Backlog, { 'max-age': longest }: BacklogLimits): string | null {
  if (longest === undefined || (waiting === 0 && oldestMs == null)) return null;
  if (oldestMs == null) return 'it is not told how long the oldest job has waited';
  if (oldestMs <= longest) return null;
  return `the oldest job waits for ${durationInWords(oldestMs)}, expected at most ${durationInWords(longest)}`;
}

function tooQuiet({ seenMs }: Backlog, { heartbeat }: BacklogLimits): string | null {
  if (heartbeat === undefined) return null;
  const within = durationInWords(heartbeat);
  if (seenMs === undefined) return 'it is not told when a worker was last seen';
  if (seenMs === null) return `no worker is known, expected one within ${within}`;
  return seenMs <= heartbeat
    ? null
    : `the last sign of a worker is ${durationInWords(seenMs)} old, expected one within ${within}`;
}

function jobs(count: number): string {
  return count === 1 ? '1 job waits' : `${count} jobs wait`;
}

/** A time as systems write it, in ms since the epoch: ISO, seconds or milliseconds; null for what is none. */
export function momentIn(value: unknown): number | null {
  const text =
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim().slice(0, 64) : '';
  if (/^\d{1,17}(\.\d{1,9})?$/.test(text)) {
    const number = Number(text);
    return number < 1e11 ? number * 1_000 : number;
  }
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : null;
}

/** Ages from moments: of the earliest and of the latest. Clocks that are ahead make none negative. */
export function oldestOf(moments: readonly (number | null)[], now: number): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.max(0, now - Math.min(...known));
}

export function newestOf(moments: readonly (number | null)[], now: number): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.max(0, now - Math.max(...known));
}
