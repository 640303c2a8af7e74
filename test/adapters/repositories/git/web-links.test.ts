import { describe, expect, test } from 'vitest';
import { webLinks } from '../../../../src/adapters/repositories/git/web-links.ts';

const SHA = 'c0ffee1234567890c0ffee1234567890c0ffee12';

describe('webLinks', () => {
  test.each([
    [
      'https://github.com/acme/shop.git',
      `https://github.com/acme/shop/commit/${SHA}`,
      'https://github.com/acme/shop/releases/tag/v1.0.0',
      'https://github.com/acme/shop/blob/main/specs/1/a.md',
      'https://github.com/acme/shop/compare/v1...v2',
    ],
    [
      'git@gitlab.com:group/sub/shop.git',
      `https://gitlab.com/group/sub/shop/-/commit/${SHA}`,
      'https://gitlab.com/group/sub/shop/-/tags/v1.0.0',
      'https://gitlab.com/group/sub/shop/-/blob/main/specs/1/a.md',
      'https://gitlab.com/group/sub/shop/-/compare/v1...v2',
    ],
    [
      'ssh://git@bitbucket.org:22/acme/shop',
      `https://bitbucket.org/acme/shop/commits/${SHA}`,
      'https://bitbucket.org/acme/shop/src/v1.0.0',
      'https://bitbucket.org/acme/shop/src/main/specs/1/a.md',
      'https://bitbucket.org/acme/shop/branches/compare/v2%0Dv1',
    ],
    [
      'https://codeberg.org/acme/shop/',
      `https://codeberg.org/acme/shop/commit/${SHA}`,
      'https://codeberg.org/acme/shop/src/tag/v1.0.0',
      'https://codeberg.org/acme/shop/src/branch/main/specs/1/a.md',
      'https://codeberg.org/acme/shop/compare/v1...v2',
    ],
  ])('%s', (url, commit, tag, file, compare) => {
    const links = webLinks(url);
    expect(links.commit(SHA)).toBe(commit);
    expect(links.tag('v1.0.0')).toBe(tag);
    expect(links.file('specs/1/a.md', 'main')).toBe(file);
    expect(links.compare('v1', 'v2')).toBe(compare);
  });

  test('a host of one’s own needs to be named', () => {
    expect(webLinks('https://git.acme.test:8443/shop.git').tag('v1')).toBeUndefined();
    expect(webLinks('https://git.acme.test:8443/shop.git', 'gitlab').tag('v1')).toBe(
      'https://git.acme.test:8443/shop/-/tags/v1',
    );
    expect(webLinks('http://localhost:3000/a/shop.git', 'gitea').file('a b#.md', SHA)).toBe(
      `http://localhost:3000/a/shop/src/commit/${SHA}/a%20b%23.md`,
    );
  });

  test('no page for paths, and none under names that only look like a host', () => {
    for (const url of [
      '/srv/github.com/shop.git',
      'file:///srv/shop.git',
      'https://notgithub.com.evil.test/a/b',
      'https://github.com',
    ]) {
      expect(webLinks(url).commit(SHA), url).toBeUndefined();
    }
  });

  test('tags of monorepos and odd paths are escaped', () => {
    const links = webLinks('https://github.com/acme/shop');
    expect(links.tag('shop/v1.0.0')).toBe('https://github.com/acme/shop/releases/tag/shop/v1.0.0');
    expect(links.file('a|b>/c"d', 'main')).toBe('https://github.com/acme/shop/blob/main/a%7Cb%3E/c%22d');
  });
});
