import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChangelog, readOutline, sectionOf } from '../../../src/domain/changelog/changelog.ts';
import { outlineOf } from '../../../src/domain/changelog/outline.ts';
import { releaseChangelog } from '../../../src/domain/changelog/release-changelog.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { processorMs } from '../../support/processor-time.ts';
import { runs } from '../../support/whole.ts';

const RELEASE = {
  version: '1.3.0',
  tag: 'v1.3.0',
  previousTag: 'v1.2.0',
  date: '2026-11-22',
  generated: [{ title: 'Added', entries: ['made from a commit'] }],
};

const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '',
      '',
      '- entry',
      '* other',
      '  more',
      '\t- deep',
      'words  ',
      '🎉 party',
      '> quoted',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '### Added',
      '#### Details',
      'Fixed',
      '-----',
      '=====',
      '---',
      '```',
      '~~~',
      '<!-- hidden -->',
      '<!--',
      '-->',
      '    indented',
      '- `<!--`',
      '[docs]: https://git.test/docs',
      '[1.2.0]: https://git.test/compare/v1.1.0...v1.2.0',
      '[Unreleased]: <https://git.test/compare/v1.2.0...HEAD>',
      '| 1 | 2 |',
      '1.2.3 is spoken of',
      '<details>',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ' ')) },
);
const lines = fc.array(line, { maxLength: 8 });
const top = fc.constantFrom(
  '# Changelog',
  '## [Unreleased]',
  '## master (unreleased)',
  'HEAD\n----',
  '## 1.3.0 (unreleased)',
  '## [Unreleased](https://git.test/compare/v1.2.0...main)',
  '  ## Next',
);
const version = fc.constantFrom(
  '## [1.2.0] - 2026-10-01',
  '## Version 1.2.0 (1 October 2026)',
  '1.2.0 / 2026-10-01\n==================',
  ' ## **v1.2.0**',
  '### [1.2.0](https://git.test/compare/v1.1.0...v1.2.0) (2026-10-01)',
  '**1.2.0**',
  '1.2.0 (2026-10-01)\n~~~~~~~~~~~~~~~~~~',
);
const file = fc
  .record({
    parts: fc.tuple(
      lines,
      top,
      lines,
      version,
      lines,
      fc.constantFrom('## [1.1.0] - 2026-09-01', '## 1.1.0', ''),
      lines,
    ),
    end: fc.constantFrom('\n', '\r\n'),
    isEnded: fc.boolean(),
    mark: fc.constantFrom('', '\uFEFF'),
  })
  .map(({ parts, end, isEnded, mark }) => {
    const text = parts.flat().join('\n').split('\n').join(end);
    return mark + text + (isEnded ? end : '');
  });

function released(text: string, path: string): { text: string; body: string } | Refusal {
  try {
    return releaseChangelog(text, { ...RELEASE, path });
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

describe.each(['CHANGELOG.md', 'CHANGES.rst', 'HISTORY'])('whatever stands in %s', (path) => {
  test('an edit loses nothing, reads back, and is made once', () => {
    let edited = 0;
    fc.assert(
      fc.property(file, (text) => {
        const now = released(text, path);
        if (now instanceof Refusal) {
          expect(now.code).toMatch(/^changelog-/);
          return;
        }
        edited++;
        // What was there is still there, in its order; headings that named the version and links to it may differ.
        const rest = now.text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
        for (const before of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
          const isMeant = /unreleased|compare|^\s*[-=]{3,}$|nothing|none/i.test(before);
          if (isMeant) continue;
          const at = rest.indexOf(before);
          expect(at, JSON.stringify({ text, now: now.text, before })).toBeGreaterThanOrEqual(0);
          rest.splice(0, at + 1);
        }
        expect(now.text.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
        expect(/[\r\n]$/.test(now.text)).toBe(/[\r\n]$/.test(text));
        expect(sectionOf(now.text, '1.3.0', path)).toBe(now.body);
        expect(readChangelog(now.text, path).versions).toEqual(
          expect.arrayContaining([...readChangelog(text, path).versions]),
        );
        expect(released(now.text, path)).toEqual(now);
      }),
      { numRuns: runs({ sample: 300, whole: 2_000 }) },
    );
    expect(edited).toBeGreaterThan(30);
  });
});

test('a changelog of 5 MB is read and edited in less than a second', () => {
  const sections = Array.from({ length: 10_000 }, (_, index) => {
    const entries = Array.from(
      { length: 6 },
      (_, entry) =>
        `- **cart:** total of \`coupon\` ${entry} is right, see [#${entry}](https://git.test/${entry})`,
    );
    return `## [1.${10_000 - index}.0] - 2026-10-01\n\n### Added\n\n${entries.join('\n')}\n\n`;
  });
  const text = `# Changelog\n\n## [Unreleased]\n\n- Coupons\n\n${sections.join('')}`;
  expect(text.length).toBeGreaterThan(4_500_000);
  const version = '1.10001.0';
  const expected = text.replace('\n\n- Coupons', `\n\n## [${version}] - 2026-11-22\n\n- Coupons`);
  const work = () => {
    const outline = outlineOf(text);
    readOutline(outline);
    const now = releaseChangelog(text, { ...RELEASE, version, tag: `v${version}`, outline });
    // Not toBe: nobody reads 5 MB of difference.
    expect(now.text === expected).toBe(true);
  };
  expect(processorMs(work, { enough: 1_000 })).toBeLessThan(1_000);
});
