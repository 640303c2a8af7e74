import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { processorMs } from '../support/processor-time.ts';
import { runs } from '../support/whole.ts';
import { type HostileShape, MOST_CHARS, SHAPES } from './hostile-shapes.ts';
import { READERS } from './readers.ts';

const MOST_CPU_MS = 100;

/** Processor time of reading the text, in milliseconds. */
function took(read: (text: string) => unknown, text: string, enough = MOST_CPU_MS): number {
  const work = () => {
    try {
      read(text);
    } catch {
      // Refusing the text is fine; taking long about it is not.
    }
  };
  return processorMs(work, { tries: 5, enough });
}

/**
 * What takes too long, and at which length: a short text is tried first, so that what grows fast fails at once. Up to
 * five times the most is no fault of a reader that has much to say about every line, if half the text takes half the time.
 */
function slowness(read: (text: string) => unknown, { name, text }: HostileShape): string | null {
  for (const length of [MOST_CHARS / 50, MOST_CHARS]) {
    const ms = took(read, text(length));
    if (ms < MOST_CPU_MS) continue;
    if (ms < 5 * MOST_CPU_MS && ms < 3 * took(read, text(length / 2), 0)) continue;
    return `${name}: ${Math.round(ms)} ms for ${length} characters`;
  }
  return null;
}

const ROWS = Object.entries(READERS).flatMap(([file, readers]) =>
  Object.entries(readers).map(([name, read]) => ({ file, name, read })),
);
/** Each reader meets each kind of shape, and in CI some more, drawn anew for each reader and run. */
const KINDS = [...new Set(SHAPES.map(({ kind }) => kind))];
const MORE = runs({ sample: 0, whole: 4 });

/** The shapes that the n-th reader meets. */
function chosenFor(n: number): ReadonlySet<HostileShape> {
  const { seed } = inject('sampling');
  const drawn = (count: number, from: readonly HostileShape[], salt: number) =>
    fc.sample(fc.shuffledSubarray([...from], { minLength: count, maxLength: count }), {
      seed: seed + salt,
      numRuns: 1,
    });
  const ofKinds = KINDS.flatMap((kind, index) =>
    drawn(
      1,
      SHAPES.filter((shape) => shape.kind === kind),
      n * KINDS.length + index,
    ),
  );
  return new Set([...ofKinds, ...drawn(MORE, SHAPES, n)].flat());
}

describe.each(ROWS)('$file $name', ({ file, name, read }) => {
  test('reads 100 kB of anything in less than 100 ms', () => {
    const chosen = chosenFor(ROWS.findIndex((row) => row.read === read));
    const slow: string[] = [];
    for (const shape of SHAPES) {
      const line = chosen.has(shape) ? slowness(read, shape) : null;
      if (line !== null) slow.push(line);
      if (slow.length === 4) break;
    }
    expect(slow, `${file} ${name}`).toEqual([]);
  }, 120_000);
});
