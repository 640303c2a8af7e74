import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import { findJsonString } from '../../../../src/domain/release/version-files/json-text.ts';
import type { VersionFile } from '../../../../src/domain/release/version-files/version-files.ts';
import {
  findVersions,
  setVersion,
  unreadVersion,
} from '../../../../src/domain/release/version-files/version-files.ts';

type Texts = Readonly<Record<string, string | null>>;

function raised(texts: Texts, configured: readonly VersionFile[] = [], to = '1.3.0'): Texts {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  return Object.fromEntries(
    setVersion(findVersions(files, configured), to).map(({ path, text }) => [path, text]),
  );
}

/** Every `1.2.0!` is the version of the file and follows; every other 1.2.0 stays. */
function check(texts: Texts, configured: readonly VersionFile[] = []): void {
  const write = (version: string) =>
    Object.fromEntries(
      Object.entries(texts).map(([path, text]) => [path, text?.replaceAll('1.2.0!', version) ?? null]),
    );
  const before = write('1.2.0');
  const changed = Object.fromEntries(
    Object.entries(write('1.3.0')).filter(([path, text]) => text !== before[path]),
  );
  expect(raised(before, configured)).toEqual(changed);
}

function refusal(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('package.json and its lock', () => {
  test('only the version of the package itself, whatever the style', () => {
    check({
      'package.json':
        '{\r\n\t"config" : {"version":"1.2.0"},\r\n\t"dependencies": {"a": "1.2.0"},\r\n\t"version" : "1.2.0!"\r\n}',
      'package-lock.json': `{
   "name": "shop", "version": "1.2.0!",
   "packages": {
      "": { "version": "1.2.0!", "dependencies": { "a": "1.2.0" } },
      "node_modules/a": { "version": "1.2.0" }
   },
   "dependencies": { "a": { "version": "1.2.0" } }
}`,
      'npm-shrinkwrap.json': '{"version":"1.2.0!"}\n',
    });
  });

  test('workspace packages follow when they are configured, in the lock too', () => {
    check(
      {
        'package.json': '{"private": true, "workspaces": ["packages/*"]}',
        'packages/a/package.json': '{"version": "1.2.0!"}\n',
        'package-lock.json':
          '{"packages":{"":{"version":"1.2.0"},"packages/a":{"version":"1.2.0!"},"packages/b":{"version":"1.2.0"}}, "version": "1.2.0!"}',
      },
      [{ path: 'packages/a/package.json' }],
    );
  });

  test('no version, nothing to do', () => {
    check({
      'package.json': '{"name":"app","private":true}',
      'package-lock.json': '{"packages":{"":{"name":"app"}}}',
    });
  });

  test('broken JSON is refused by name', () => {
    expect(refusal(() => raised({ 'package.json': '{"version": "1.2.0",}' }))).toMatchObject({
      code: 'version-file-broken',
      facts: { path: 'package.json' },
    });
  });

  test('whatever else is in it: only the version changes', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('version', 'a"b', '\\', '\n', '{', 'vers\u0069on'));
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constant('1.2.0'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { maxKeys: 5 }),
        fc.dictionary(key, value, { maxKeys: 3 }),
        fc.constantFrom(undefined, 1, 2, '\t'),
        fc.boolean(),
        (before, behind, indent, windows) => {
          const version = { version: '1.2.0' };
          const content = Object.assign({}, before, version, behind, version);
          const text = JSON.stringify(content, null, indent).replaceAll('\n', windows ? '\r\n' : '\n');
          const now = raised({ 'package.json': text })['package.json'] ?? '';
          expect(JSON.parse(now)).toEqual(JSON.parse(JSON.stringify({ ...content, version: '1.3.0' })));
          expect(now.length).toBe(text.length);
          expect([...now].filter((char, index) => char !== [...text][index]).length).toBe(1);
        },
      ),
    );
  });
});

describe('findJsonString', () => {
  test.each([
    ['{"a":{"b":"x"}}', ['a', 'b'], 'x'],
    ['{"a":1,"a":"last"}', ['a'], 'last'],
    ['{"\\u0061":"escaped key"}', ['a'], 'escaped key'],
    ['{"a":"with \\"quotes\\" and \\\\"}', ['a'], 'with \\"quotes\\" and \\\\'],
    [' \uFEFF{ "x" : [ {"a":"no"} , "a" ] , "a" : "yes" }', ['a'], 'yes'],
    ['{"a":1}', ['a'], null],
    ['{"a":{"b":"x"}}', ['a'], null],
    ['{"b":"x"}', ['a'], null],
    ['["a"]', ['a'], null],
    ['"x"', ['a'], null],
    ['{}', ['a'], null],
  ] as const)('%s at %j is %j', (text, path, expected) => {
    const range = findJsonString(text, path);
    expect(range && text.slice(range.start, range.end)).toBe(expected);
  });

  test('deep nesting does not overflow the stack', () => {
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"version":"1"}`;
    expect(findJsonString(deep, ['version'])).not.toBeNull();
  });
});

describe('other files', () => {
  test('VERSION', () => {
    check({ VERSION: '1.2.0!\n' });
    check({ VERSION: ' v1.2.0!\r\n' });
    check({ VERSION: '1.2.0!' });
    check({ VERSION: 'see package.json for 1.2.0\n' });
    check({ 'app/VERSION': '1.2.0!\n' });
  });

  test('pyproject.toml', () => {
    check({
      'pyproject.toml':
        '[build-system]\nversion = "1.2.0"\n\n[project]\nname = "shop"\nversion = "1.2.0!" # here\n',
    });
    check({ 'pyproject.toml': "[tool.poetry]\r\nversion='1.2.0!'\r\n[tool.other]\r\nversion = '1.2.0'\r\n" });
    check({ 'pyproject.toml': '[project]\ndynamic = ["version"]\n[tool.x]\nversion = "1.2.0"\n' });
    check({
      'pyproject.toml': '[project]\ntext = """\n[project]\nversion = "1.2.0"\n"""\nversion = "1.2.0!"\n',
    });
  });

  test('Cargo.toml, and the own entry of Cargo.lock', () => {
    check({
      'Cargo.toml': '[package]\nname = "shop"\nversion = "1.2.0!"\n\n[dependencies.a]\nversion = "1.2.0"\n',
      'Cargo.lock': `# generated
version = 3

[[package]]
name = "a"
version = "1.2.0"
source = "registry"

[[package]]
name = "shop"
version = "1.2.0!"
dependencies = [
 "a",
]

[[package]]
name = "shop"
version = "1.2.0"
source = "registry+elsewhere"
`,
    });
    check({
      'Cargo.toml': '[workspace.package]\nversion = "1.2.0!"\n[workspace.dependencies]\nversion = "1.2.0"\n',
    });
    check({
      'Cargo.toml': '[package]\nname = "x"\nversion.workspace = true\n',
      'Cargo.lock': '[[package]]\nname = "y"\nversion = "1.2.0"\n',
    });
  });

  test('lines with a marker, anywhere', () => {
    check({
      'src/version.ts': "export const v = '1.2.0!'; // x-slipway-version\nexport const w = '1.2.0';\r\n",
      'README.md':
        'Mark it with x-slipway-version.\n\n`docker run shop:1.2.0!` <!-- x-slipway-version --> since 1.2.0\n1.2.0',
      'a.yaml': 'image: shop:v1.2.0! # x-slipway-version',
    });
    expect(raised({ a: 'v = 0.9.0-rc.1+7 # x-slipway-version\n' })).toEqual({
      a: 'v = 1.3.0 # x-slipway-version\n',
    });
  });

  test('lines with a marker in files whose format says where their version stands', () => {
    check({
      'pyproject.toml':
        '[project]\nversion = "1.2.0!"\n\n[tool.commitizen]\nversion = "1.2.0!" # x-slipway-version\n\n[tool.x]\nversion = "1.2.0"\n',
    });
    check({
      'pyproject.toml': '[project]\ndynamic = ["version"]\n[tool.x]\nv = "1.2.0!" # x-slipway-version\n',
    });
    check({
      'Cargo.toml':
        '[package]\nname = "x"\nversion = "1.2.0!"\n[package.metadata.deb]\nrevision = "1.2.0!" # x-slipway-version\n',
    });
    check({ 'package.json': '{\n"version": "1.2.0!",\n"image": "shop:1.2.0! x-slipway-version"\n}' });
    check({ VERSION: '# x-slipway-version 1.2.0!\nbuild 7\n' });
  });

  test('a mark on the line that the format names changes nothing', () => {
    const files = [{ path: 'pyproject.toml', text: '[project]\nversion = "1.1.9" # x-slipway-version\n' }];
    expect(setVersion(findVersions(files, []), '1.3.0', ['1.2.0'])).toMatchObject([
      { text: '[project]\nversion = "1.3.0" # x-slipway-version\n' },
    ]);
  });

  test.each([
    ['1.2.0\nbuild 7\n', true],
    ['VERSION=1.2.0\n', true],
    ['"1.2.0"', true],
    ['shop-1.2.0', true],
    ['1.2.0\n# the version\n', true],
    ['1.2.0\n', false],
    ['1.2.0 # x-slipway-version', false],
    ['', false],
    ['stable\n', false],
  ])('a file VERSION with %j is named as unread: %s', (text, expected) => {
    const places = findVersions([{ path: 'VERSION', text }], []);
    const said = unreadVersion('VERSION', text, places);
    expect(said?.code ?? null).toBe(expected ? 'version-file-unread' : null);
    expect(unreadVersion('docs/VERSIONS', text, places)).toBeNull();
  });

  test('configured patterns', () => {
    check({ 'chart.yaml': 'version: 1.2.0\nappVersion: "v1.2.0!"\n' }, [
      { path: 'chart.yaml', pattern: '^appVersion: "(.+)"$' },
    ]);
    check({ 'package.json': '{"version":"1.2.0","app":"1.2.0!"}' }, [
      { path: 'package.json', pattern: '"app":"([^"]+)"' },
    ]);
  });

  test('what is configured must be there and hold a version', () => {
    expect(refusal(() => raised({ a: null }, [{ path: 'a' }]))).toMatchObject({
      code: 'version-file-missing',
    });
    expect(refusal(() => raised({ a: '1.2.0' }, [{ path: 'a' }]))).toMatchObject({
      code: 'version-not-found',
      facts: { path: 'a' },
    });
    expect(refusal(() => raised({ a: '1.2.0' }, [{ path: 'a', pattern: 'x(.)' }]))).toMatchObject({
      code: 'version-not-found',
      facts: { pattern: 'x(.)' },
    });
    expect(refusal(() => raised({ a: '1.2.0' }, [{ path: 'a', pattern: '((' }]))).toMatchObject({
      code: 'version-pattern-invalid',
    });
  });

  test('a file that says it already is left alone', () => {
    expect(raised({ VERSION: '1.3.0\n', 'package.json': '{"version":"1.2.0"}' })).toEqual({
      'package.json': '{"version":"1.3.0"}',
    });
  });
});

test('names the version that each file holds', () => {
  const found = findVersions(
    [
      { path: 'package.json', text: '{"version":"1.2.0"}' },
      { path: 'VERSION', text: 'v2.0.0-rc.1\n' },
      { path: 'a', text: 'release = "three"' },
      { path: 'none', text: null },
    ],
    [{ path: 'a', pattern: '"(.*)"' }],
  );
  expect(Object.fromEntries(found.map(({ path, version }) => [path, version]))).toEqual({
    a: null,
    'package.json': '1.2.0',
    VERSION: '2.0.0-rc.1',
  });
});
