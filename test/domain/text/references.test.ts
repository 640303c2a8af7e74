import { describe, expect, test } from 'vitest';
import { releaseChangelog } from '../../../src/domain/changelog/release-changelog.ts';
import { releasePage } from '../../../src/domain/documents/release-page.ts';
import { tagMessage } from '../../../src/domain/release/message.ts';
import { withoutReferences } from '../../../src/domain/text/references.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { HIDING, leftIn } from '../../support/hidden.ts';
import { processorMs } from '../../support/processor-time.ts';

const SHA = '89a2997ae48889a2997ae48889a2997ae48889a2';

describe('what a host would act on is set as code', () => {
  test.each([
    ['closes #3', 'closes `#3`'],
    ['Fixes: acme/shop#12, #4 and GH-7', 'Fixes: `acme/shop#12`, `#4` and `GH-7`'],
    ['fixes org/group/shop!12 and !13', 'fixes `org/group/shop!12` and `!13`'],
    ['see #3.', 'see `#3`.'],
    ['thanks @alex, @acme/team and @all!', 'thanks `@alex`, `@acme/team` and `@all`!'],
    [`reverts ${SHA}`, `reverts \`${SHA}\``],
    [`acme/shop@${SHA}`, `acme/shop@\`${SHA}\``],
    ['closes https://github.com/acme/shop/issues/3', '`closes` https://github.com/acme/shop/issues/3'],
    [
      'resolves: [the bug](https://git.test/a/b/-/issues/3)',
      '`resolves`: [the bug](https://git.test/a/b/-/issues/3)',
    ],
    ['fixed (#12)', 'fixed (`#12`)'],
    ['a ` closes #3', 'a \\` closes `#3`'],
    ['\\#3', '`\\#3`'],
    ['/close', '`/close`'],
  ])('%s', (text, shown) => {
    expect(withoutReferences(text)).toBe(shown);
    expect(withoutReferences(shown)).toBe(shown);
  });

  test.each([
    '### Added',
    '- **cart:** coupons (#12)',
    '- **cart:** coupons (#12, #13) (!14)',
    '[#12](https://github.com/acme/shop/pull/12)',
    '[1.2.0]: https://git.test/shop/compare/v1.1.0...v1.2.0',
    'mail ada@shop.test, see https://shop.test/a#3',
    'the color #aa3300 of `#3` and ``a `#3` b``',
    'defaced 1234567 times, at 12:30!',
    'fixes the total of user_id 7',
    '```\ncloses #3\n@decorator\n```',
  ])('%s stays', (text) => {
    expect(withoutReferences(text)).toBe(text);
  });

  test('100,000 characters take no time', () => {
    for (const hostile of [
      'a',
      'a/',
      '#',
      '#1',
      '@a',
      '`',
      '``',
      '``x',
      '[',
      '](',
      '(#1)',
      'fix [',
      'fix https://x/',
      '\\',
      ' ',
    ]) {
      const work = () => withoutReferences(hostile.repeat(100_000 / hostile.length));
      expect(processorMs(work, { enough: 1_000 }), hostile).toBeLessThan(1_000);
    }
  });
});

describe('a release closes no issue, calls nobody, and hides nothing', () => {
  const evil = `- closes #3, thanks @alex ${HIDING} (#12)`;
  const inert = /^- closes `#3`, thanks `@alex` a\\u\{200b\}b.* \(#12\)$/m;

  test('in the message of its tag', () => {
    const message = tagMessage({ tag: 'v1.3.0' }, `### Fixed\n\n${evil}`);
    expect(message).toMatch(inert);
    expect(leftIn(message)).toEqual([]);
  });

  test('on its page, also when it was rolled back', () => {
    const rolledBack = { to: '2.6.0', reason: `closes #4, @alex ${HIDING}`, at: fixtures.T0 };
    const plan = { ...fixtures.plan, changelog: evil };
    const { title, body } = releasePage({
      plan,
      release: { ...fixtures.release, tag: 'v2\u200b.7' },
      rolledBack,
    });
    expect(body).toMatch(inert);
    expect(body).toMatch(/^> \*\*Rolled back\*\* to 2\.6\.0 on .*: closes `#4`, `@alex` a\\\\u\{200b\}/);
    expect(leftIn(title + body)).toEqual([]);
  });

  test('in the changelog that is made from its commits; what people wrote stays as it is', () => {
    const release = { version: '1.3.0', tag: 'v1.3.0', previousTag: null, date: '2026-11-22' };
    const generated = [{ title: 'Fixed', entries: [evil.slice(2)] }];
    const made = releaseChangelog(null, { ...release, generated });
    expect(made.body).toMatch(inert);
    expect(leftIn(made.text)).toEqual([]);
    const written = `# Changelog\n\n## [Unreleased]\n\n${evil}\n`;
    expect(releaseChangelog(written, { ...release, generated: [] }).text).toContain(evil);
  });
});
