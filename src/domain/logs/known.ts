import { LogGroups } from './groups.ts';
import { messageIn } from './message.ts';
import { ANY, fits, templateOf } from './template.ts';

/** A line of a log. */
export interface LogLine {
  /** ms since the epoch */
  readonly atMs: number;
  /** Raw outside text. */
  readonly text: string;
}

/** Lines of a time; of more than were asked for, the newest. */
export interface LogRead {
  readonly lines: readonly LogLine[];
  /** There were more. */
  readonly cut: boolean;
  /** Since when there are any, where the source has nothing of the time before that was asked for; ms since the epoch. */
  readonly sinceMs?: number;
}

/** What a log source had before the deploy; plain JSON. */
export interface KnownLogs {
  readonly groups: readonly {
    readonly template: string;
    /** Lines of the worst five minutes. */
    readonly most: number;
  }[];
  /** There were more kinds of messages than are kept: a message of none of them may be known all the same. */
  readonly full: boolean;
  /** All lines of that time were read, so that what is more now can be told. */
  readonly whole: boolean;
  readonly lines: number;
  /** How much of the time before was seen, in ms; absent: all that was asked for. */
  readonly seenMs?: number;
}

export const BLOCK_MS = 5 * 60_000;
const MOST_KNOWN = 500;

/**
 * Learns what is usual from the time before the deploy, read in blocks of five minutes. `seenMs`: how much of it was seen,
 * where that is not all.
 */
export function learnLogs(blocks: readonly LogRead[], ignore: readonly string[], seenMs?: number): KnownLogs {
  const all = new LogGroups(MOST_KNOWN);
  const counted = blocks.map(({ lines }) => {
    const count = new Map<string, number>();
    for (const { atMs, words } of messagesOf(lines, ignore)) {
      all.add({ atMs, text: '', words });
      const key = words.join(' ');
      count.set(key, (count.get(key) ?? 0) + 1);
    }
    return count;
  });
  const known = all.all().map(({ template }) => ({ template, most: 0 }));
  const find = finder(known);
  for (const block of counted) {
    const sums = new Map<number, number>();
    for (const [key, count] of block) {
      const index = find(key.split(' '));
      if (index !== null) sums.set(index, (sums.get(index) ?? 0) + count);
    }
    for (const [index, count] of sums) {
      const group = known[index];
      if (group) group.most = Math.max(group.most, count);
    }
  }
  return {
    groups: known,
    full: all.left > 0,
    whole: blocks.every(({ cut }) => !cut),
    lines: blocks.reduce((sum, { lines }) => sum + lines.length, 0),
    ...(seenMs === undefined ? {} : { seenMs }),
  };
}

/** Finds the index of the known group that a message is of; null: none. */
export function finder(
  groups: readonly { readonly template: string }[],
): (words: readonly string[]) => number | null {
  const exact = new Map(groups.map(({ template }, index) => [template, index]));
  const loose = new Map<number, { readonly words: readonly string[]; readonly index: number }[]>();
  for (const [index, { template }] of groups.entries()) {
    const words = template.split(' ');
    loose.set(words.length, [...(loose.get(words.length) ?? []), { words, index }]);
  }
  return (words) => {
    const same = exact.get(words.join(' '));
    if (same !== undefined) return same;
    const isLoose = words.includes(ANY);
    const near = loose.get(words.length) ?? [];
    return near.find((one) => (isLoose || one.words.includes(ANY)) && fits(one.words, words))?.index ?? null;
  };
}

/** The messages of lines, without those that have an ignored text in them, or no word. */
export function* messagesOf(lines: readonly LogLine[], ignore: readonly string[]) {
  for (const { atMs, text } of lines) {
    if (ignore.some((one) => text.includes(one))) continue;
    const message = messageIn(text);
    const words = templateOf(message);
    if (words.length > 0) yield { atMs, text, message, words };
  }
}
