import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter, plainText, scrubber } from '../../../../src/adapters/shared/program/scrub.ts';

function split(chunks: readonly Buffer[], secrets: readonly string[] = []): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(scrubber(secrets), (line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

/** The bytes cut at random places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
}

describe('cutting output into lines', () => {
  test('is the same however the bytes arrive', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/\p{Cc}/gu, ' '));
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(fc.nat()),
        fc.constantFrom('\n', '\r\n', '\r'),
        (lines, places, end) => {
          const bytes = Buffer.from(lines.map((one) => one + end).join(''));
          expect(split(cutAt(bytes, places))).toEqual(lines);
        },
      ),
    );
  });

  test('never lets a secret through, wherever the bytes and the long lines are cut', () => {
    const secret = 's3cret/w0rd+42';
    fc.assert(
      fc.property(
        fc.nat(40_000),
        fc.nat(40_000),
        fc.array(fc.nat(), { maxLength: 5 }),
        (before, after, places) => {
          const bytes = Buffer.from(`${'a'.repeat(before)}${secret}${'b'.repeat(after)}`);
          const out = split(cutAt(bytes, places), [secret]).join('');
          expect(out.replaceAll('a', '').replaceAll('b', '')).toBe('***');
          expect(out).toHaveLength(before + after + 3);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('gives out a line that never ends', () => {
    const lines = split([Buffer.alloc(100_000, 'x')]);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('')).toHaveLength(100_000);
  });
});

describe('scrubbing', () => {
  test('finds a secret as it is, in URLs, in base64, and line by line', () => {
    const { clean } = scrubber(['p@ss word', '-----BEGIN\nline-one\nline-two']);
    expect(clean('p@ss word p%40ss%20word cEBzcyB3b3Jk line-two')).toBe('*** *** *** ***');
  });

  test('leaves common words alone', () => {
    expect(scrubber(['', 'yes', '1']).clean('yes 1')).toBe('yes 1');
  });

  test('takes out what only terminals understand', () => {
    expect(
      plainText('\u001b[1;32mok\u001b[0m \u001b]8;;https://evil\u0007link\u001b]8;;\u0007\u0008\u0000\tend'),
    ).toBe('ok link\tend');
  });
});
