import { describe, expect, test } from 'vitest';
import { contentHash } from '../../../../src/domain/release/version-files/composer.ts';
import {
  findVersions,
  setVersion,
  staysBehind,
} from '../../../../src/domain/release/version-files/version-files.ts';

const SMALL = '{"name": "shop/shop", "type": "project", "version": "1.2.3"}';
const LARGE = `{
  "version": "1.2.3",
  "name": "shop/shöp",
  "require": {"php": "^8.2", "a/b": "*"},
  "require-dev": {},
  "repositories": [{"type": "vcs", "url": "https://git.test/a\\u2028 b/😀"}],
  "extra": {"rate": 1.0, "ratio": 0.1, "map": {"0": "a", "1": "b"}, "none": null, "yes": true, "q": "\\"\\\\\\t"},
  "config": {"platform": {"php": "8.2.1"}, "sort-packages": true},
  "minimum-stability": "dev",
  "prefer-stable": true,
  "scripts": {"x": "y"}
}
`;
const lock = (hash: string) =>
  `{\n    "content-hash": "${hash}",\n    "packages": [{"version": "1.2.3"}]\n}\n`;

describe('the content-hash of composer.lock', () => {
  test.each([
    [SMALL, '8bed0a6b85967b184721b997db951056'],
    [LARGE, 'abc335c6eb497ca217bb58e73ae96f5f'],
    ['{"version": "1.2.3", "config": {"platform": {}}}', '4aa8496ab807c440418fe42450ed3275'],
  ])('is what Composer 2.5 says: %s', (text, hash) => {
    expect(contentHash(text)).toBe(hash);
  });

  test.each(['', '[]', 'null', `{"extra": ${'['.repeat(200)}${']'.repeat(200)}}`])('%s has none', (text) => {
    expect(contentHash(text)).toBeNull();
  });

  test.each([
    [SMALL, '8bed0a6b85967b184721b997db951056', '2909f2d676c16a8cc30d96b1c95618fe'],
    [LARGE, 'abc335c6eb497ca217bb58e73ae96f5f', '9325493628830cc7a6a491a7bdd842bd'],
  ])('follows a release: %s', (json, before, after) => {
    const files = [
      { path: 'composer.lock', text: lock(before) },
      { path: 'composer.json', text: json },
    ];
    const places = findVersions(files, []);
    const changes = setVersion(places, '1.3.0', ['1.2.3']);
    expect(changes).toEqual([
      { path: 'composer.json', text: json.replace('1.2.3', '1.3.0') },
      { path: 'composer.lock', text: lock(after) },
    ]);
    expect(staysBehind(places, changes, '1.3.0')).toEqual([]);
  });

  test.each([
    ['does not fit', SMALL],
    ['cannot be worked out', '{"version": "1.2.3", "extra": {"f": 1e30}}'],
  ])('stays and is named where it %s', (_why, json) => {
    const files = [
      { path: 'shop/composer.json', text: json },
      { path: 'shop/composer.lock', text: lock('489a8cefb22a6113663bfa1db966dbf5') },
    ];
    const places = findVersions(files, [], 'shop/');
    const changes = setVersion(places, '1.3.0', ['1.2.3']);
    expect(changes.map(({ path }) => path)).toEqual(['shop/composer.json']);
    expect(staysBehind(places, changes, '1.3.0')).toMatchObject([
      { code: 'lock-hash-stays', facts: { path: 'shop/composer.lock' } },
    ]);
  });

  test('stays where composer.json does', () => {
    const files = [
      { path: 'composer.json', text: '{"version": "7.8.9"}' },
      { path: 'composer.lock', text: lock('0') },
    ];
    const places = findVersions(files, []);
    expect(setVersion(places, '1.3.0', ['1.2.3'])).toEqual([]);
    expect(staysBehind(places, [], '1.3.0')).toEqual([]);
  });
});
