import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChangelogRelease, readChangelog } from '../../../src/domain/changelog/changelog.ts';
import { releaseChangelog } from '../../../src/domain/changelog/release-changelog.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';

const release: ChangelogRelease = {
  version: '1.3.0',
  tag: 'v1.3.0',
  previousTag: 'v1.2.0',
  date: '2026-11-22',
  generated: [
    { title: 'Added', entries: ['coupons', '**cart:** total'] },
    { title: 'Fixed', entries: ['rounding'] },
  ],
};
const GENERATED = '### Added\n\n- coupons\n- **cart:** total\n\n### Fixed\n\n- rounding';

function released(text: string | null, over: Partial<ChangelogRelease> = {}) {
  return releaseChangelog(text, { ...release, ...over });
}

/** The text with lines put in after others, in order. */
function withInserted(text: string, ...edits: readonly (readonly [line: string, insert: string])[]): string {
  return edits.reduce((changed, [line, insert]) => {
    expect(changed).toContain(line);
    return changed.replace(line, () => line + insert);
  }, text);
}

const CLASSIC = `# Changelog

All notable changes.

## [Unreleased]

### Added

- Coupons   
  with a second line

### Fixed
* Rounding

## [1.2.0] - 2026-10-01

- Cart

## [1.1.0] - 2026-09-01

[Unreleased]: https://git.test/shop/compare/v1.2.0...HEAD
[1.2.0]: https://git.test/shop/compare/v1.1.0...v1.2.0
[1.1.0]: https://git.test/shop/releases/tag/v1.1.0
`;
const CLASSIC_AFTER = withInserted(
  CLASSIC.replace('v1.2.0...HEAD', 'v1.3.0...HEAD'),
  ['## [Unreleased]\n', '\n## [1.3.0] - 2026-11-22\n'],
  ['v1.3.0...HEAD\n', '[1.3.0]: https://git.test/shop/compare/v1.2.0...v1.3.0\n'],
);

describe('releaseChangelog', () => {
  test('puts the version above what was unreleased, and touches nothing else', () => {
    const { text, body } = released(CLASSIC);
    expect(text).toBe(CLASSIC_AFTER);
    expect(body).toBe('### Added\n\n- Coupons   \n  with a second line\n\n### Fixed\n* Rounding');
  });

  test('keeps CRLF, a missing newline at the end, and the byte order mark', () => {
    const windows = (text: string) => text.replaceAll('\n', '\r\n');
    expect(released(windows(CLASSIC)).text).toBe(windows(CLASSIC_AFTER));
    expect(released(windows(CLASSIC)).body).toBe(released(CLASSIC).body);
    expect(released(`\uFEFF${CLASSIC.trimEnd()}`).text).toBe(`\uFEFF${CLASSIC_AFTER.trimEnd()}`);
    expect(released('## [Unreleased]\n- x').text).toBe('## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n- x');
    expect(released('## [Unreleased]').text).toBe(
      `## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n\n${GENERATED}`,
    );
  });

  test('two releases in a row give two sections', () => {
    const once = released(CLASSIC).text;
    const twice = released(once, { version: '1.3.1', tag: 'v1.3.1', date: '2026-11-23' }).text;
    expect(twice).toContain(
      `## [Unreleased]\n\n## [1.3.1] - 2026-11-23\n\n${GENERATED}\n\n## [1.3.0] - 2026-11-22\n\n### Added`,
    );
    expect(twice).toContain(
      '[Unreleased]: https://git.test/shop/compare/v1.3.1...HEAD\n' +
        '[1.3.1]: https://git.test/shop/compare/v1.3.0...v1.3.1\n' +
        '[1.3.0]: https://git.test/shop/compare/v1.2.0...v1.3.0\n',
    );
  });

  describe('without entries under Unreleased', () => {
    const section = `## [1.3.0] - 2026-11-22\n\n${GENERATED}\n\n`;

    test.each([
      ['empty', '## [Unreleased]\n\n', ''],
      ['no blank line', '## [Unreleased]\n', '\n'],
      ['empty groups', '## [Unreleased]\n\n### Added\n\n### Fixed\n\n', ''],
      ['a comment', '## [Unreleased]\n\n<!-- one line\nper change -->\n\n', ''],
      ['a placeholder', '## [Unreleased]\n\n- Nothing yet.\n\n', ''],
      ['another placeholder', '## Unreleased\n\n_No unreleased changes_\n\n', ''],
    ])('%s: makes the section from the commits and keeps what stands there', (_name, head, gap) => {
      const rest = '## [1.2.0] - 2026-10-01\n\n- Cart\n';
      const { text, body } = released(`# Changelog\n\n${head}${rest}`);
      expect(text).toBe(`# Changelog\n\n${head}${gap}${section}${rest}`);
      expect(body).toBe(GENERATED);
    });

    test('no commits either: says so', () => {
      expect(released('## [Unreleased]\n', { generated: [] }).text).toBe(
        '## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n\n- No notable changes.\n',
      );
    });

    test('no Unreleased heading: above the newest version, and none is added', () => {
      const text = '# Changelog\n\nIntro.\n\n## [1.2.0] - 2026-10-01\n\n- Cart\n';
      expect(released(text).text).toBe(text.replace('## [1.2.0]', `${section}## [1.2.0]`));
    });

    test('no versions: at the end, above the links', () => {
      expect(released('# Changelog\n').text).toBe(`# Changelog\n\n${section.trimEnd()}\n`);
      expect(released('# Changelog\n\n[a]: https://a.test\n').text).toBe(
        `# Changelog\n\n${section}[a]: https://a.test\n`,
      );
    });

    test.each(['', ' ', 'a blank at the end\u00a0', '[Unreleased]: http://example.com'])(
      'is begun whatever a commit says: %j',
      (entry) => {
        const { text } = released(null, { generated: [{ title: 'Changed', entries: [entry] }] });
        expect(text).toContain('## [1.3.0]');
      },
    );

    test('no changelog: begins one', () => {
      for (const nothing of [null, '', '\n']) {
        const { text } = released(nothing, { compareUrl: (from, to) => `https://git.test/${from}...${to}` });
        expect(text).toMatch(
          /^# Changelog\n\n[\s\S]+\n\n## \[Unreleased\]\n\n## \[1\.3\.0\] - 2026-11-22\n\n### Added/,
        );
        expect(text).toContain(
          '\n\n[Unreleased]: https://git.test/v1.3.0...HEAD\n[1.3.0]: https://git.test/v1.2.0...v1.3.0\n',
        );
        expect(released(text).text).toBe(text);
      }
      expect(released(null, { previousTag: null }).text).not.toContain(']: ');
    });
  });

  test('a section that is there already is taken as written; Unreleased entries beside it are refused', () => {
    const written = '## [Unreleased]\n\n## [1.3.0] - soon\n\n- By hand\n\n## [1.2.0]\n';
    expect(released(written)).toEqual({ text: written, body: '- By hand' });
    const both = written.replace('[Unreleased]\n', '[Unreleased]\n- x\n');
    expect(() => released(both)).toThrow(new Refusal('changelog-has-version', { version: '1.3.0' }));
  });

  test.each([
    ['## [Unreleased]', '## [1.2.0] - 2026-10-01', '## [1.3.0] - 2026-11-22'],
    ['## Unreleased', '## 1.2.0 - 2026-10-01', '## 1.3.0 - 2026-11-22'],
    ['## Unreleased', '## v1.2.0 (2026/10/01)', '## v1.3.0 (2026/11/22)'],
    ['# [Unreleased]', '# [v1.2.0] – 2026.10.01', '# [v1.3.0] – 2026.11.22'],
    ['## [Unreleased]', '## 1.2.0', '## 1.3.0 - 2026-11-22'],
    ['## [Unreleased]', '### [1.2.0] - 2026-10-01', '## [1.3.0] - 2026-11-22'],
    ['## 🚧 Unreleased', '## shop@1.2.0 2026-10-01', '## shop@1.3.0 2026-11-22'],
    [
      '## [Unreleased](https://x.test/compare/v1.2.0...main)',
      '## [1.2.0] - 2026-10-01 [YANKED]',
      '## [1.3.0] - 2026-11-22',
    ],
    [
      '## Unreleased',
      '## [1.2.0](https://x.test/compare/v1.1.0...v1.2.0) (2026-10-01)',
      '## [1.3.0](https://x.test/compare/v1.2.0...v1.3.0) (2026-11-22)',
    ],
  ])('%s, %s: the heading follows the style', (unreleased, newest, expected) => {
    const moved = unreleased.replace('/v1.2.0...', '/v1.3.0...');
    expect(released(`${unreleased}\n\n- x\n\n${newest}\n\n- y\n`).text).toBe(
      `${moved}\n\n${expected}\n\n- x\n\n${newest}\n\n- y\n`,
    );
  });

  test.each([
    [
      'two dots',
      '[unreleased]: https://x.test/compare/v1.2.0..main\n',
      '[unreleased]: https://x.test/compare/v1.3.0..main\n[1.3.0]: https://x.test/compare/v1.2.0..v1.3.0\n',
    ],
    [
      'GitLab',
      '[Unreleased]: https://gitlab.test/a/b/-/compare/v1.2.0...main\n',
      '[Unreleased]: https://gitlab.test/a/b/-/compare/v1.3.0...main\n[1.3.0]: https://gitlab.test/a/b/-/compare/v1.2.0...v1.3.0\n',
    ],
    [
      'Bitbucket, newest first',
      '[Unreleased]: https://bitbucket.org/a/b/branches/compare/HEAD%0Dv1.2.0\n',
      '[Unreleased]: https://bitbucket.org/a/b/branches/compare/HEAD%0Dv1.3.0\n[1.3.0]: https://bitbucket.org/a/b/branches/compare/v1.3.0%0Dv1.2.0\n',
    ],
    [
      'versions only',
      '[1.2.0]: https://x.test/compare/v1.1.0...v1.2.0\n[1.1.0]: https://x.test/tag/v1.1.0\n',
      '[1.3.0]: https://x.test/compare/v1.2.0...v1.3.0\n[1.2.0]: https://x.test/compare/v1.1.0...v1.2.0\n[1.1.0]: https://x.test/tag/v1.1.0\n',
    ],
    [
      'release pages',
      '[v1.2.0]: https://x.test/releases/tag/v1.2.0\n',
      '[v1.3.0]: https://x.test/releases/tag/v1.3.0\n[v1.2.0]: https://x.test/releases/tag/v1.2.0\n',
    ],
    ['links of other things', '[docs]: https://x.test/docs\n', '[docs]: https://x.test/docs\n'],
    [
      'no newline at the end',
      '[1.2.0]: https://x.test/tag/v1.2.0',
      '[1.3.0]: https://x.test/tag/v1.3.0\n[1.2.0]: https://x.test/tag/v1.2.0',
    ],
    [
      'Unreleased alone, no newline at the end',
      '[Unreleased]: https://x.test/compare/v1.2.0...HEAD',
      '[Unreleased]: https://x.test/compare/v1.3.0...HEAD\n[1.3.0]: https://x.test/compare/v1.2.0...v1.3.0',
    ],
  ])('continues links: %s', (_name, links, expected) => {
    const text = `## [Unreleased]\n\n- x\n\n${links}`;
    expect(released(text).text).toBe(`## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n\n- x\n\n${expected}`);
  });

  test('headings and links in code and comments are not the changelog’s', () => {
    const text =
      '```md\n## [Unreleased]\n- no\n```\n<!--\n## [1.9.0]\n-->\n\n## [Unreleased]\n\n- yes\n\n```\n## [1.2.0]\n```\n';
    expect(released(text).text).toBe(
      text.replace('\n\n## [Unreleased]\n', '\n\n## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n'),
    );
    expect(readChangelog(text)).toEqual({
      reasons: [{ bump: 'patch', text: 'CHANGELOG: Unreleased' }],
      versions: [],
    });
  });

  const line = fc.oneof(
    fc.constantFrom(
      '',
      '### Added',
      '### Fixed',
      '- entry',
      '* other',
      '  more',
      '---',
      '```',
      '<!-- c -->',
      'text [x]',
      '- BREAKING y',
      '\t',
    ),
    fc.string({ maxLength: 12 }).map((text) => text.replace(/[#`<\r\n[]/g, ' ')),
  );
  const lines = (most: number) => fc.array(line, { maxLength: most });

  test('whatever stands in it: only whole lines are put in, and the links line changed', () => {
    fc.assert(
      fc.property(
        lines(5),
        lines(8),
        lines(6),
        fc.boolean(),
        fc.boolean(),
        (intro, unreleased, old, windows, ended) => {
          const text = [...intro, '## [Unreleased]', ...unreleased, '## [1.2.0] - 2026-10-01', ...old, '']
            .join(windows ? '\r\n' : '\n')
            .replace(/\s*$/, ended ? (windows ? '\r\n' : '\n') : '');
          const isOpen = [...intro, ...unreleased, ...old].filter((one) => one === '```').length % 2 === 1;
          if (isOpen && (intro.includes('```') || intro[0] === '---')) {
            // Nothing below an open block of code, or between two rules at the top, is a heading, and neither would be ours.
            try {
              released(text);
            } catch (error) {
              expect(error).toEqual(
                new Refusal('changelog-not-editable', { path: 'CHANGELOG.md', version: '1.3.0' }),
              );
              return;
            }
          }
          const now = released(text);
          const rest = now.text.split('\n');
          for (const before of text.split('\n')) {
            const at = rest.findIndex((one) => one === before || one.replace(/\r$/, '') === before);
            expect(at, JSON.stringify({ text, now: now.text, before })).toBeGreaterThanOrEqual(0);
            rest.splice(0, at + 1);
          }
          expect(now.text.endsWith('\n')).toBe(text.endsWith('\n'));
          if (windows) expect(now.text.replaceAll('\r\n', '')).not.toContain('\n');
          expect(now.body).not.toContain('\r');
        },
      ),
    );
  });
});

test('reStructuredText: labels stay with their releases, and the new one gets its own', () => {
  const before =
    'Changelog\n=========\n\n.. scriv-insert-here\n\n.. _changelog-1.2.0:\n\n1.2.0 — 2026-10-01\n------------------\n\n- Cart\n';
  const { text } = released(before, { path: 'CHANGELOG.rst' });
  expect(text).toContain('.. _changelog-1.2.0:\n\n1.2.0 — 2026-10-01\n');
  expect(text).toContain('.. _changelog-1.3.0:\n\n1.3.0 — 2026-11-22\n');
  expect(text.indexOf('_changelog-1.3.0')).toBeLessThan(text.indexOf('_changelog-1.2.0'));
  expect(text.indexOf('scriv-insert-here')).toBeLessThan(text.indexOf('_changelog-1.3.0'));
});

test.each(['\n', '\n\n'])('reStructuredText: so do two labels, with %j between them', (gap) => {
  const own = `.. _changes_1_2_0:${gap}.. _latest:\n\n1.2.0 — 2026-10-01\n------------------\n`;
  const { text } = released(`Changelog\n=========\n\n${own}\n- Cart\n`, { path: 'CHANGELOG.rst' });
  expect(text).toContain(own);
  expect(text.indexOf('1.3.0')).toBeLessThan(text.indexOf('_changes_1_2_0'));
});

describe('a file with its newest version last', () => {
  test.each([[['1.2.0']], [['1.1.0', '1.2.0']], [['1.0.0', '1.1.0', '1.2.0']]])(
    'after %j what is unreleased is last, and stays so',
    (versions) => {
      const before = `# Changelog\n\n${versions.map((version) => `## [${version}]\n\n- a\n\n`).join('')}`;
      const first = `${before}## [Unreleased]\n\n### Added\n\n- new\n`;
      expect(readChangelog(first).reasons).toEqual([{ bump: 'minor', text: 'CHANGELOG: Added' }]);
      const { text, body } = released(first);
      expect(text).toBe(
        `${before}## [1.3.0]${text.includes('2026') ? ' - 2026-11-22' : ''}\n\n### Added\n\n- new\n\n## [Unreleased]\n`,
      );
      expect(body).toBe('### Added\n\n- new');
      const again = released(`${text}\n### Removed\n\n- old\n`, {
        version: '2.0.0',
        collected: [{ title: 'Fixed', entries: ['z'] }],
      });
      expect(readChangelog(`${text}\n### Removed\n\n- old\n`).reasons[0]?.bump).toBe('major');
      expect(again.text).toMatch(
        /## \[2\.0\.0\][^\n]*\n\n### Removed\n\n- old\n\n### Fixed\n\n- z\n\n## \[Unreleased\]\n$/,
      );
      expect(readChangelog(again.text).reasons).toEqual([]);
    },
  );

  test.each([
    ['newest first', '## 1.2.0\n\n- a\n\n## 1.1.0\n\n- a\n\n## Unreleased\n\n- never\n'],
    ['a version that never came out', '## 1.2.0\n\n- a\n\n## 1.1.0 (unreleased)\n\n- never\n'],
    ['one on top as well', '## Unreleased\n\n## 1.2.0\n\n- a\n\n## Unreleased\n\n- never\n'],
    ['a plan', '## 1.2.0\n\n- a\n\n## Next\n\n- never\n'],
  ])('%s: what stands below counts for nothing', (_what, text) => {
    expect(readChangelog(`# Changelog\n\n${text}`).reasons).toEqual([]);
  });
});

describe('a title that names a version', () => {
  test.each([
    "# What's new in 2.0",
    '# Changelog of 2.0',
    '# Release notes for 2.0',
    '# Changelog for v2',
    '# Version 2',
  ])('%s hides nothing', (title) => {
    const of = (versions: string) => `${title}\n\n## [Unreleased]\n\n### Added\n\n- Coupons\n${versions}`;
    for (const versions of ['', '\n## [2.1.0] - 2026-10-01\n\n- Cart\n']) {
      expect(readChangelog(of(versions)).reasons).toEqual([{ bump: 'minor', text: 'CHANGELOG: Added' }]);
      expect(released(of(versions)).text).toMatch(
        /^# .*\n\n## \[Unreleased\]\n\n## \[?1\.3\.0\]? - 2026-11-22\n/,
      );
    }
    const bare = `${title}\n\n## 2.1.0 - 2026-10-01\n\n- Cart\n\n## 2.0.0 - 2026-09-01\n\n- Shop\n`;
    expect(readChangelog(bare).versions).toEqual(['2.1.0', '2.0.0']);
    for (const version of ['2.2.0', '3.0.0']) {
      expect(released(bare, { version, tag: `v${version}` }).text).toContain(
        `${title}\n\n## ${version} - 2026`,
      );
    }
  });

  test.each([
    ['# Version 2.0.0\n\n## Version 1.9.0\n\n- Shop\n\n## Version 1.8.0\n', ['2.0.0', '1.9.0', '1.8.0']],
    [
      '# [2.0.0](https://a.test) (2026-10-01)\n\n## 2.0.0-rc.2\n\n## 2.0.0-rc.1\n',
      ['2.0.0', '2.0.0-rc.2', '2.0.0-rc.1'],
    ],
    ['# Version 2.0\n\n- Cart\n\n# Version 1.9\n\n- Shop\n', ['2.0.0', '1.9.0']],
    ['# 2.1\n\n- Cart\n\n## 2.0\n\n- Shop\n\n## 1.9\n', ['2.1.0', '2.0.0', '1.9.0']],
  ])('%j is none', (text, versions) => {
    expect(readChangelog(text).versions).toEqual(versions);
  });
});

describe('readChangelog', () => {
  const asked = (unreleased: string) =>
    readChangelog(`## [Unreleased]\n${unreleased}\n\n## [1.2.0]\n\n### Removed\n- old\n`).reasons.map(
      ({ bump, text }) => `${bump} ${text}`,
    );

  test.each([
    ['### Added\n- x', ['minor CHANGELOG: Added']],
    ['### Fixed\n- x\n\n### Added\n- y\n- z', ['minor CHANGELOG: Added', 'patch CHANGELOG: Fixed']],
    ['### Changed\n- x', ['minor CHANGELOG: Changed']],
    ['### Deprecated\n- x', ['minor CHANGELOG: Deprecated']],
    ['### Removed\n- x', ['major CHANGELOG: Removed']],
    ['### Security\n- x', ['patch CHANGELOG: Security']],
    ['### ✨ Features\n- x', ['minor CHANGELOG: ✨ Features']],
    ['### ⚠ BREAKING CHANGES\n- x', ['major CHANGELOG: ⚠ BREAKING CHANGES']],
    ['### Fixed\n- **BREAKING** tokens end', ['major CHANGELOG: **BREAKING** tokens end']],
    [
      '### Fixed\n- Breaking: tokens end\n- y',
      ['major CHANGELOG: Breaking: tokens end', 'patch CHANGELOG: Fixed'],
    ],
    ['### Fixed\n- a groundbreaking fix, nothing breaking', ['patch CHANGELOG: Fixed']],
    ['- x', ['patch CHANGELOG: Unreleased']],
    ['### Added\n\n### Fixed\n', []],
    ['<!-- ### Removed\n- x -->', []],
    ['### Added\n- N/A\n- None', []],
    ['### Removed\n\n#### API\n- GET /v1/orders', ['major CHANGELOG: Removed']],
    ['### Removed\n\n**API**\n\n- GET /v1/orders', ['major CHANGELOG: Removed']],
    ['### Removed\nEndpoints:\n- GET /v1/orders\n\nOptions:\n- x', ['major CHANGELOG: Removed']],
    ['### Removed\n- x\n\n### Fixed\n\n**API**\n- y', ['major CHANGELOG: Removed', 'patch CHANGELOG: API']],
    ['**Removed**\n\n- x\n\n**Fixed**\n\n- y', ['major CHANGELOG: Removed', 'patch CHANGELOG: Fixed']],
    ['### ⚠ BREAKING CHANGES\n\n#### api\n- x', ['major CHANGELOG: ⚠ BREAKING CHANGES']],
    ['### ⚠ BREAKING CHANGES\n\n#### Fixes\n- x', ['major CHANGELOG: ⚠ BREAKING CHANGES']],
    ['### Added\n\n#### Cart\n- x', ['minor CHANGELOG: Added']],
    ["### What's new\n\n#### Fixed\n- x", ['patch CHANGELOG: Fixed']],
    ['### Fixed\n\n#### Cart\n- x', ['patch CHANGELOG: Cart']],
    ['### Changed\n- NON-BREAKING: rename\n- not a BREAKING change', ['minor CHANGELOG: Changed']],
  ])('%j asks for %j', (unreleased, reasons) => {
    expect(asked(unreleased)).toEqual(reasons);
  });

  test('knows the versions that have a section, highest first', () => {
    expect(
      readChangelog('## 1.9.0\n## v1.10.0\n### [2.0.0-rc.1]\n## 2026 plans\n#### 3.0.0\n').versions,
    ).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0']);
    expect(readChangelog(null)).toEqual({ reasons: [], versions: [] });
  });
});
