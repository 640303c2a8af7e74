import { durationInWords } from '../../../domain/text/duration.ts';
import type { Attempt } from '../port.ts';

/** What is known of the background jobs of a service. */
export interface Backlog {
  /** Jobs that could run now, and wait; absent where the system does not tell. */
  readonly waiting?: number;
  /** How long the oldest of them has waited, in ms; null where none waits, absent where the system does not tell. */
  readonly oldestMs?: number | null;
  /** How long ago a worker was last seen, in ms; null for never, absent where the system does not tell. */
  readonly seenMs?: number | null;
}

/** Nothing is known of the jobs: what it is that is not there, and the settings that may be wrong, if they may. */
export class NotTold extends Error {
  override readonly name: string = 'NotTold';

  constructor(what: string, mend?: string) {
    super(`its jobs are unknown, as ${what}${mend === undefined ? '' : `: correct ${mend}`}`);
  }
}

/** Nothing of these names is there: a queue that is spelt wrong looks like an empty one. */
export class NoQueue extends NotTold {
  override readonly name = 'NoQueue';

  /** `place`: where it was looked for. */
  constructor(queues: readonly string[], place: string, mend: string) {
    const which = queues.length === 0 ? 'no queue at all' : `no queue ${queues.slice(0, 3).join(', ')}`;
    super(`there is ${which} in ${place}`, mend);
  }
}

/** The attempt of one look at a backlog; what is not known of production is not said of it. */
export async function backlogAttempt(look: () => Promise<Backlog>, limits: BacklogLimits): Promise<Attempt> {
  try {
    return judgeBacklog(await look(), limits);
  } catch (error) {
    if (error instanceof NotTold) return { ok: false, unasked: true, detail: error.message };
    throw error;
  }
}

export interface BacklogLimits {
  readonly 'max-waiting'?: number | undefined;
  /** ms */
  readonly 'max-age'?: number | undefined;
  /** ms */
  readonly heartbeat?: number | undefined;
}

/**
 * Whether the backlog is within its limits, in words. What a limit asks for and nobody tells is neither within it nor beyond:
 * throws NotTold, unless another limit is passed.
 */
export function judgeBacklog(backlog: Backlog, limits: BacklogLimits): Attempt {
  const wrong = tooMany(backlog, limits) ?? tooQuiet(backlog, limits) ?? tooOld(backlog, limits);
  if (wrong !== null) return { ok: false, detail: wrong };
  const { waiting, oldestMs, seenMs } = backlog;
  const count = waiting === undefined ? 'jobs wait' : jobs(waiting);
  const oldest = typeof oldestMs === 'number' ? `, the oldest for ${durationInWords(oldestMs)}` : '';
  const isSeen = typeof seenMs === 'number';
  const seen = isSeen ? `a worker was seen ${durationInWords(seenMs)} ago` : '';
  const backlogWords = waiting === undefined && oldest === '' ? '' : `${count}${oldest}`;
  const detail = [backlogWords, seen].filter((words) => words !== '').join('; ');
  return { ok: true, detail: detail === '' ? 'no job waits' : detail };
}

function tooMany({ waiting }: Backlog, { 'max-waiting': most }: BacklogLimits): string | null {
  if (most === undefined) return null;
  if (waiting === undefined) throw new NotTold('it is not told how many jobs wait');
  return waiting <= most ? null : `${jobs(waiting)}, expected at most ${most}`;
}

function tooOld({ oldestMs, waiting }: Backlog, { 'max-age': longest }: BacklogLimits): string | null {
  const isNone = oldestMs === null ? !waiting : oldestMs === undefined && waiting === 0;
  if (longest === undefined || isNone) return null;
  if (oldestMs == null) throw new NotTold('it is not told how long the oldest job has waited');
  if (oldestMs <= longest) return null;
  return `the oldest job waits for ${durationInWords(oldestMs)}, expected at most ${durationInWords(longest)}`;
}

function tooQuiet({ seenMs }: Backlog, { heartbeat }: BacklogLimits): string | null {
  if (heartbeat === undefined) return null;
  const within = durationInWords(heartbeat);
  if (seenMs === undefined) throw new NotTold('it is not told when a worker was last seen');
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
