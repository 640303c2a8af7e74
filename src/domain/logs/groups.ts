import { exampleOf } from './example.ts';
import { fits, merged } from './template.ts';

/** Messages of one kind; plain JSON. */
export interface LogGroup {
  /** Its words, joined by spaces; `<*>` where they differ. */
  readonly template: string;
  readonly count: number;
  /** When the first one was written, ms since the epoch. */
  readonly first: number;
  /** One of them, as it may be shown. */
  readonly example: string;
  /** For each of the texts that make a message critical, how many hold it; absent: none. */
  readonly hits?: readonly number[];
}

/** One line, read and masked. */
export interface MaskedLine {
  readonly atMs: number;
  readonly text: string;
  readonly words: readonly string[];
  readonly hits?: readonly number[];
}

interface Growing {
  words: readonly string[];
  count: number;
  first: number;
  readonly example: string;
  hits: readonly number[] | undefined;
}

/** So many others of its length a message is compared with: with any number of them a line costs the same. */
const MOST_COMPARED = 100;

/** Groups messages by their templates as they come; at most `most` groups. */
export class LogGroups {
  readonly #most: number;
  readonly #all: Growing[] = [];
  readonly #exact = new Map<string, Growing>();
  readonly #byLength = new Map<number, Growing[]>();
  /** Lines that were of none of the groups when there could be no more. */
  left = 0;

  constructor(most: number, begin: readonly LogGroup[] = []) {
    this.#most = most;
    for (const { template, count, first, example, hits } of begin) {
      this.#keep({ words: template.split(' '), count, first, example, hits });
    }
  }

  add(line: MaskedLine): void {
    const group = this.#groupOf(line.words);
    if (group !== null) {
      group.count += 1;
      group.first = Math.min(group.first, line.atMs);
      group.hits = sum(group.hits, line.hits);
      return;
    }
    if (this.#all.length >= this.#most) {
      this.left += 1;
      return;
    }
    const { atMs: first, words, hits } = line;
    this.#keep({ words, count: 1, first, example: exampleOf(line.text), hits });
  }

  all(): readonly LogGroup[] {
    return this.#all.map(({ words, count, first, example, hits }) => ({
      template: words.join(' '),
      count,
      first,
      example,
      ...(hits === undefined ? {} : { hits }),
    }));
  }

  #keep(group: Growing): void {
    this.#all.push(group);
    this.#exact.set(group.words.join(' '), group);
    const length = group.words.length;
    this.#byLength.set(length, [...(this.#byLength.get(length) ?? []), group]);
  }

  #groupOf(words: readonly string[]): Growing | null {
    const same = this.#exact.get(words.join(' '));
    if (same !== undefined) return same;
    const near = (this.#byLength.get(words.length) ?? []).slice(-MOST_COMPARED);
    const whole = near.find((group) => fits(group.words, words));
    if (whole !== undefined) return whole;
    for (const group of near) {
      const both = merged(group.words, words);
      if (both === null) continue;
      group.words = both;
      return group;
    }
    return null;
  }
}

function sum(
  a: readonly number[] | undefined,
  b: readonly number[] | undefined,
): readonly number[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.map((count, index) => count + (b[index] ?? 0));
}
