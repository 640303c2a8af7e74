import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileEdit, patchOf } from '../../../src/domain/release/patch.ts';
import { processorMs } from '../../support/processor-time.ts';
import { runs } from '../../support/whole.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-patch-'));
  execFileSync('git', ['init', '-q', dir]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What `git apply` makes of the files before. */
function applied(edits: readonly FileEdit[], mostMs?: number): readonly (string | null)[] {
  for (const { path, before } of edits) {
    const file = join(dir, path);
    rmSync(file, { force: true });
    mkdirSync(dirname(file), { recursive: true });
    if (before !== null) writeFileSync(file, before);
  }
  const patch = patchOf(edits, mostMs);
  if (patch !== '') execFileSync('git', ['-C', dir, 'apply', '--whitespace=nowarn', '-'], { input: patch });
  return edits.map(({ path }) => {
    const file = join(dir, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  });
}

describe('patchOf', () => {
  const TEXT = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n';

  test('names the lines that change, with three around them', () => {
    const patch = patchOf([{ path: 'a.txt', before: TEXT, after: TEXT.replace('five', '5') }]);
    expect(patch).toBe(
      [
        'diff --git a/a.txt b/a.txt',
        '--- a/a.txt',
        '+++ b/a.txt',
        '@@ -2,7 +2,7 @@',
        ' two',
        ' three',
        ' four',
        '-five',
        '+5',
        ' six',
        ' seven',
        ' eight',
        '',
      ].join('\n'),
    );
  });

  test.each<[string, FileEdit]>([
    ['a new file', { path: 'new/CHANGELOG.md', before: null, after: '# Changelog\n' }],
    ['a new file without an end of line', { path: 'VERSION', before: null, after: '1.0.0' }],
    ['an empty new file', { path: 'empty', before: null, after: '' }],
    ['a file that goes', { path: '.changeset/a.md', before: '---\na: minor\n---\n', after: null }],
    ['ends of lines of Windows', { path: 'w.txt', before: 'a\r\nb\r\n', after: 'a\r\nc\r\n' }],
    ['an end of line that comes', { path: 'e.txt', before: 'a\nb', after: 'a\nb\n' }],
    ['a byte order mark', { path: 'bom.json', before: '\uFEFF{ "v": 1 }\n', after: '\uFEFF{ "v": 2 }\n' }],
    ['a blank in the name', { path: 'my docs/read me.md', before: TEXT, after: `${TEXT}nine\n` }],
    ['quotes and controls in the name', { path: 'a"b\\c\td é.md', before: TEXT, after: `x\n${TEXT}` }],
    [
      'separators that are no ends of lines',
      { path: 's.txt', before: 'a\u2028b\u0085\nc\n', after: 'a\u2028b\u0085\nd\n' },
    ],
    [
      'what looks like a patch',
      { path: 'p.md', before: '--- a/x\n+++ b/x\n@@ -1 +1 @@\n', after: '--- a/x\n+++ b/y\n@@ -1 +1 @@\n' },
    ],
  ])('git applies %s', (_what, edit) => {
    expect(applied([edit])).toEqual([edit.after]);
  });

  test('whatever the texts are, git makes the one of the other', () => {
    const line = fc.constantFrom('a', 'b', '', '-', '+ c', '\\ No newline at end of file', '\t', 'é\r', '@@');
    const text = fc.tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('', '\n'));
    const whole = text.map(([lines, end]) => lines.join('\n') + (lines.length > 0 ? end : ''));
    fc.assert(
      fc.property(whole, whole, (before, after) => {
        expect(applied([{ path: 'file', before, after }])).toEqual([after]);
        // Also when there is no time to compare them.
        expect(applied([{ path: 'file', before, after }], -1)).toEqual([after]);
      }),
      { numRuns: runs({ sample: 40, whole: 300 }) },
    );
  });

  test('nothing that differs: no patch', () => {
    expect(patchOf([{ path: 'a', before: TEXT, after: TEXT }])).toBe('');
  });

  test('a long changelog is compared quickly, and what has nothing in common does not take long', () => {
    const long = Array.from({ length: 150_000 }, (_, n) => `- entry ${n} of a long history`).join('\n');
    const odd = (salt: string) => Array.from({ length: 60_000 }, (_, n) => `${salt} ${n}`).join('\n');
    const work = () => {
      const patch = patchOf([{ path: 'CHANGELOG.md', before: long, after: `## 1.3.0\n\n${long}` }]);
      expect(patch).toContain('+## 1.3.0\n');
      expect(applied([{ path: 'x', before: odd('a'), after: odd('b') }])).toEqual([odd('b')]);
    };
    expect(processorMs(work, { tries: 1 })).toBeLessThan(8_000);
  });
});
