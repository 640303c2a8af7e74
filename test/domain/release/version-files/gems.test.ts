import { describe, expect, test } from 'vitest';
import { moreVersionPaths, wellKnownPaths } from '../../../../src/domain/release/version-files/more-paths.ts';
import { findVersions, setVersion } from '../../../../src/domain/release/version-files/version-files.ts';

type Texts = Readonly<Record<string, string>>;

/** What 1.3.0 on top of 1.2.3 makes of those files of a repository that are looked for by themselves, and of `named`. */
function released(texts: Texts, named: readonly string[] = []) {
  const known = new Set([...wellKnownPaths(null), ...named]);
  const plain = new Map([...known].map((path) => [path, texts[path] ?? null]));
  const all = [...known, ...moreVersionPaths(Object.keys(texts), plain)];
  const files = all.map((path) => ({ path, text: texts[path] ?? null }));
  const places = findVersions(
    files,
    named.map((path) => ({ path, pattern: 'STRING = "(.+)"' })),
  );
  const changed = setVersion(places, '1.3.0', ['1.2.3']);
  return { ...texts, ...Object.fromEntries(changed.map(({ path, text }) => [path, text])) };
}

/** Every `1.2.3!` follows; everything else stays. */
function check(texts: Texts, named?: readonly string[]): void {
  const write = (version: string) =>
    Object.fromEntries(
      Object.entries(texts).map(([path, text]) => [path, text.replaceAll('1.2.3!', version)]),
    );
  expect(released(write('1.2.3'), named)).toEqual(write('1.3.0'));
}

const lock = (shop: string, core = '1.2.3') => `PATH
  remote: .
  specs:
    shop (${shop})
      shop-core (= ${core})

PATH
  remote: core
  specs:
    shop-core (${core})

DEPENDENCIES
  shop!
`;
const gem = (version: string) => `Gem::Specification.new do |s|\n  s.version = ${version}\nend\n`;
const read = 'File.read(File.expand_path("VERSION", root)).strip';

describe('Gemfile.lock', () => {
  test.each(['core', 'gems/core'])('follows with gems in folders (%s) that read VERSION', (folder) => {
    check({
      VERSION: '1.2.3!\n',
      'shop.gemspec': gem(read),
      [`${folder}/shop-core.gemspec`]: gem(read),
      'Gemfile.lock': lock('1.2.3!', '1.2.3!'),
    });
  });

  test('follows with gems in folders that have a version.rb of their own', () => {
    check({
      'shop.gemspec': gem('Shop::VERSION'),
      'lib/shop/version.rb': 'VERSION = "1.2.3!"\n',
      'core/shop-core.gemspec': gem('Core::VERSION'),
      'core/lib/shop/core/version.rb': 'VERSION = "1.2.3!"\n',
      'Gemfile.lock': lock('1.2.3!', '1.2.3!'),
    });
  });

  test('follows with a version.rb of another gem, and with a file that is configured or marked', () => {
    const others = { 'shop.gemspec': gem('Shop::VERSION'), 'Gemfile.lock': lock('1.2.3!', '1.2.3!') };
    const core = { 'core/shop-core.gemspec': gem('Shop::VERSION') };
    check({ ...others, ...core, 'core/lib/shop/version.rb': 'VERSION = "1.2.3!"\n' });
    check({ ...others, ...core, 'lib/shop/gem_version.rb': 'STRING = "1.2.3!"\n' }, [
      'lib/shop/gem_version.rb',
    ]);
    check({ ...others, ...core, VERSION: 'STRING = "1.2.3!" # x-slipway-version\n' });
  });

  const composed = 'MAJOR = 1\nMINOR = 2\nTINY = 3\nSTRING = [MAJOR, MINOR, TINY].join(".")\n';
  test.each<Texts>([
    { 'lib/shop/version.rb': composed },
    { 'lib/shop/gem_version.rb': 'VERSION = "1.2.3"\n' },
    { 'lib/a/b/c/d/version.rb': 'VERSION = "1.2.3"\n' },
    { 'lib/shop/version.rb': composed, 'package.json': '{"version": "1.2.3!"}\n' },
  ])('stays where the gem stays', (texts) => {
    check({ ...texts, 'shop.gemspec': gem('Shop::VERSION::STRING'), 'Gemfile.lock': lock('1.2.3') });
  });

  test('stays for the one gem that stays, and so does what others ask for of it', () => {
    check({
      'shop.gemspec': gem('"1.2.3!"').replace('end', '  s.add_dependency "shop-core", "= 1.2.3"\nend'),
      'core/shop-core.gemspec': gem('Core.version'),
      'Gemfile.lock': lock('1.2.3!'),
    });
  });
});
