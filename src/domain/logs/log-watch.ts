import { type LogGroup, LogGroups } from './groups.ts';
import { BLOCK_MS, finder, type KnownLogs, type LogRead, messagesOf } from './known.ts';

/** What of the logs of a service counts. */
export interface LogRules {
  /** Lines of a message that make it one to tell. */
  readonly atLeast: number;
  /** A new message that holds this text, in so many lines, is critical. */
  readonly critical: readonly { readonly contains: string; readonly atLeast: number }[];
  /** Lines that hold one of these do not count. */
  readonly ignore: readonly string[];
}

/** What is remembered of one log source during a watch; plain JSON. */
export interface LogWatch {
  /** Lines of before this time were read, ms since the epoch. */
  readonly readTo: number;
  /** Lines that counted so far. */
  readonly lines: number;
  /** Messages of no known group. */
  readonly fresh: readonly LogGroup[];
  /** Lines of further groups than are kept. */
  readonly left: number;
  /** Lines of known groups in the last five minutes, by the index of the group. */
  readonly recent: readonly {
    readonly at: number;
    readonly counts: readonly (readonly [index: number, count: number])[];
  }[];
  /** Some lines were too many to be read. */
  readonly cut: boolean;
  /** Ticks in a row without an answer, and why there is none. */
  readonly silent: number;
  readonly why: string | null;
}

const MOST_FRESH = 40;

export function beginLogWatch(deployedAt: number): LogWatch {
  return {
    readTo: deployedAt,
    lines: 0,
    fresh: [],
    left: 0,
    recent: [],
    cut: false,
    silent: 0,
    why: null,
  };
}

/** After the lines from `readTo` until `toMs` were read. What comes before `settledAt` is not counted as more. */
export function logsRead(
  before: LogWatch,
  { lines, cut, sinceMs }: LogRead,
  toMs: number,
  known: KnownLogs,
  { ignore, critical }: LogRules,
  settledAt: number,
): LogWatch {
  const find = finder(known.groups);
  const fresh = new LogGroups(MOST_FRESH, before.fresh);
  const counts = new Map<number, number>();
  let counted = 0;
  const countsFrom = Math.max(settledAt, toMs - BLOCK_MS);
  for (const { atMs, text, message, words } of messagesOf(lines, ignore)) {
    counted += 1;
    const index = find(words);
    if (index === null) {
      const at = Math.min(Math.max(atMs, before.readTo), toMs);
      fresh.add({ atMs: at, text: message, words, ...hitsOf(text, critical) });
    } else if (atMs >= countsFrom) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const recent = [...before.recent, { at: toMs, counts: [...counts] }];
  return {
    readTo: toMs,
    lines: before.lines + counted,
    fresh: fresh.all(),
    left: before.left + fresh.left,
    recent: recent.filter(({ at, counts: some }) => at > toMs - BLOCK_MS && some.length > 0),
    cut: before.cut || cut || sinceMs !== undefined,
    silent: 0,
    why: null,
  };
}

export function logsUnread(before: LogWatch, why: string): LogWatch {
  return { ...before, silent: before.silent + 1, why };
}

function hitsOf(text: string, critical: LogRules['critical']): { readonly hits?: readonly number[] } {
  const hits = critical.map(({ contains }) => (text.includes(contains) ? 1 : 0));
  return hits.includes(1) ? { hits } : {};
}
