import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { otherTags, refuseOtherTags } from '../../../src/domain/release/other-tags.ts';
import { type TagForm, versionTags } from '../../../src/domain/release/tag-form.ts';
import { processorMs } from '../../support/processor-time.ts';

function said(names: readonly string[], prefix = 'v', scheme?: string): string | null {
  const form: TagForm = { tagPrefix: prefix, scheme };
  const tags = names.map((name) => ({ name, commit: 'a'.repeat(40) }));
  const known = versionTags(tags, form);
  try {
    refuseOtherTags(otherTags(tags, form, known), form, known);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe('tags-otherwise');
    const { text, hint } = explain(error);
    return `${text} ${hint}`;
  }
}

describe('tags of another form', () => {
  test.each([
    [['1.4.2', '1.4.1'], 'v', /2 tags .*such as 1\.4\.2.*start over.*version\.tag: "\{version\}"/],
    [['v1.4.2'], '', /such as v1\.4\.2.*version\.tag: "v\{version\}"/],
    [['v1.9', 'v1.8'], 'v', /such as v1\.9.*start over.*three numbers/],
    [['v2026.05.01'], 'v', /such as v2026\.05\.01.*three numbers/],
    [['2026.05.1'], 'v', /such as 2026\.05\.1/],
    [['api/v1.2.0'], 'v', /such as api\/v1\.2\.0.*version\.tag: "api\/v\{version\}"/],
    [['api@1.2.0'], 'v', /version\.tag: "api@\{version\}"/],
    [['release-1.2.3'], 'v', /version\.tag: "release-\{version\}"/],
    [['V1.2.3'], 'v', /version\.tag: "V\{version\}"/],
    [['3.2.0.dev0'], '', /such as 3\.2\.0\.dev0.*three numbers/],
    [['v3.2.0rc1', 'v3.1.0'], 'v', /such as v3\.2\.0rc1.*go on from v3\.1\.0/],
    [['v0.1.0', 'v1.9'], 'v', /such as v1\.9.*go on from v0\.1\.0/],
    [['v0.1.0', '1.9.0'], 'v', /such as 1\.9\.0.*go on from v0\.1\.0.*version\.tag: "\{version\}"/],
    [
      ['v1.9.0', 'v1.8.0', 'release-2.0.0', 'release-2.1.0'],
      'v',
      /2 tags .*such as release-2\.1\.0.*go on from v1\.9\.0.*version\.tag: "release-\{version\}"/,
    ],
    [['release/1.9.0', 'v2.0.0'], 'release/', /such as v2\.0\.0/],
    [['web-1.2.0'], 'web-v', /version\.tag: "web-\{version\}"/],
  ])('%j with the prefix %j', (names, prefix, words) => {
    expect(said(names, prefix)).toMatch(words);
  });

  test.each([
    ['none at all', [], 'v'],
    ['only those that are read', ['v1.2.0', 'v1.1.0', 'v2.0.0-rc.1'], 'v'],
    ['tags that move with the releases', ['v1.2.0', 'v1', 'v1.2'], 'v'],
    ['older ones in another form', ['v1.2.0', '0.9.0', 'v0.8'], 'v'],
    ['those of other parts', ['api/v1.2.0', 'api@2.0.0'], 'web/v'],
    ['those of other parts, once there is a release', ['v1.0.0', 'api/v3.2.0', 'deploy-2026.05.01'], 'v'],
    ['days of releases', ['v1.0.0', 'release-2026.05.01', 'release-2026.5.2', 'release-20230101.1.0'], 'v'],
    ['plain ones beside those of a part', ['web/v1.0.0', 'v2.0.0', 'release-2.0.0'], 'web/v'],
    ['names without a version', ['nightly', 'stable', 'before-the-move', 'v2', '2026-05-01'], 'v'],
  ])('%s: is fine', (_what, names, prefix) => {
    expect(said(names, prefix)).toBeNull();
  });

  test('twenty thousand of them are read at once', () => {
    const names = Array.from({ length: 20_000 }, (_, n) => `${'x-1.'.repeat(20)}${n}!`);
    const work = () => expect(said(names)).toBeNull();
    expect(processorMs(work, { enough: 1_000 })).toBeLessThan(1_000);
  });
});
