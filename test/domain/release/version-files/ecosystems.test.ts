import { describe, expect, test } from 'vitest';
import { moreVersionPaths } from '../../../../src/domain/release/version-files/more-paths.ts';
import type { VersionFile } from '../../../../src/domain/release/version-files/version-files.ts';
import { findVersions, setVersion } from '../../../../src/domain/release/version-files/version-files.ts';

type Texts = Readonly<Record<string, string>>;

/** Every `1.2.3!` is the version that is released now and follows; every other 1.2.3 stays. */
function check(texts: Texts, { configured = [] as readonly VersionFile[], present = ['1.2.3'] } = {}): void {
  const write = (version: string) =>
    Object.entries(texts).map(([path, text]) => ({ path, text: text.replaceAll('1.2.3!', version) }));
  const before = write('1.2.3');
  const wanted = write('2.0.0').filter(({ text }, index) => text !== before[index]?.text);
  const changed = setVersion(findVersions(before, configured), '2.0.0', present);
  expect(Object.fromEntries(changed.map(({ path, text }) => [path, text]))).toEqual(
    Object.fromEntries(wanted.map(({ path, text }) => [path, text])),
  );
}

describe('a Cargo workspace', () => {
  const workspace: Texts = {
    'Cargo.toml': `[workspace]
members = ["crates/*"]

[workspace.package]
version = "1.2.3!"

[workspace.dependencies]
serde = "1.2.3"
shop-core = { path = "crates/core", version = "1.2.3!" } # ours
shop-api = { path = "crates/api", version = "=1.2.3!" }
`,
    'crates/core/Cargo.toml': '[package]\nname = "shop-core"\nversion.workspace = true\n',
    'crates/api/Cargo.toml': `[package]
name = "shop-api"
version = { workspace = true }

[dependencies]
shop-core = { workspace = true }
serde = { version = "1.2.3" }

[dependencies.tools]
path = "../tools"
version = "1.2.3"

[target.'cfg(unix)'.dev-dependencies]
core = { package = "shop-core", path = "../core", version = "^1.2.3!" }
`,
    'crates/tools/Cargo.toml': '[package]\nname = "tools"\nversion = "1.2.3"\n',
    'Cargo.lock': `version = 4

[[package]]
name = "serde"
version = "1.2.3"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "shop-api"
version = "1.2.3!"
dependencies = [
 "serde",
 "shop-core 1.2.3!",
]

[[package]]
name = "shop-core"
version = "1.2.3!"

[[package]]
name = "shop-core"
version = "0.9.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "tools"
version = "1.2.3"
`,
  };

  test('raises the workspace, what is required of members by path, and every member that inherits in the lock', () => {
    check(workspace);
  });

  test('raises a requirement with as many numbers as it has', () => {
    const files = [
      { path: 'Cargo.toml', text: '[package]\nname = "shop"\nversion = "1.2.3"\n[workspace]\n' },
      {
        path: 'cli/Cargo.toml',
        text: '[package]\nname = "cli"\nversion = "0.1.0"\n[dependencies]\nshop = { path = "..", version = "1.2" }\nother = { path = "../o", version = "1.2" }\n',
      },
    ];
    expect(setVersion(findVersions(files, []), '2.0.0')[1]?.text).toContain(
      'shop = { path = "..", version = "2.0" }\nother = { path = "../o", version = "1.2" }',
    );
  });

  test('reads the manifests below it', () => {
    const paths = ['Cargo.toml', 'crates/core/Cargo.toml', 'target/package/x/Cargo.toml', 'src/main.rs'];
    const texts = new Map([['Cargo.toml', '[workspace]\nmembers = ["crates/*"]\n']]);
    expect(moreVersionPaths(paths, texts)).toEqual(['crates/core/Cargo.toml']);
    expect(moreVersionPaths(paths, new Map([['Cargo.toml', '[package]\nname = "x"\n']]))).toEqual([]);
  });
});

describe('workspaces of npm and bun', () => {
  const packages: Texts = {
    'package.json':
      '{"name": "root", "workspaces": ["packages/*"], "devDependencies": {"@shop/a": "1.2.3!", "x": "1.2.3"}}',
    'packages/a/package.json': '{"name": "@shop/a", "version": "1.2.3!"}\n',
    'packages/b/package.json':
      '{\n  "name": "@shop/b",\n  "version": "1.2.3!",\n  "dependencies": { "@shop/a": "^1.2.3!", "x": "^1.2.3" },\n  "peerDependencies": { "@shop/a": "workspace:~1.2.3!" }\n}\n',
  };
  const configured = [{ path: 'packages/a/package.json' }, { path: 'packages/b/package.json' }];

  test('what packages require of each other follows, in package-lock.json, too', () => {
    const lock = `{
  "packages": {
    "": { "devDependencies": { "@shop/a": "1.2.3!", "x": "1.2.3" } },
    "packages/a": { "name": "@shop/a", "version": "1.2.3!" },
    "packages/b": { "version": "1.2.3!", "dependencies": { "@shop/a": "^1.2.3!", "x": "^1.2.3" } },
    "node_modules/@shop/a": { "resolved": "packages/a", "link": true },
    "node_modules/x": { "version": "1.2.3" }
  }
}
`;
    check({ ...packages, 'package-lock.json': lock }, { configured });
  });

  test('bun.lock, with its commas', () => {
    const lock = `{
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "root", "devDependencies": { "@shop/a": "1.2.3!", }, },
    "packages/a": { "name": "@shop/a", "version": "1.2.3!", },
    "packages/b": {
      "name": "@shop/b",
      "version": "1.2.3!",
      "dependencies": { "@shop/a": "^1.2.3!", "x": "^1.2.3", },
    },
    "packages/c": { "name": "c", "version": "1.2.3", },
  },
  "packages": { "x": ["x@1.2.3", "", {}, "sha512-"], },
}
`;
    check({ ...packages, 'bun.lock': lock }, { configured });
  });

  test('pnpm-lock.yaml: what it repeats of the package.json files', () => {
    const lock = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    devDependencies:
      '@shop/a':
        specifier: 1.2.3!
        version: link:packages/a
      x:
        specifier: 1.2.3
        version: 1.2.3

  packages/b:
    dependencies:
      '@shop/a':
        specifier: ^1.2.3!
        version: link:../a
      x:
        specifier: ^1.2.3
        version: 1.2.3
    devDependencies:
      '@shop/a':
        specifier: 'workspace:~1.2.3!'
        version: link:../a

  packages/c:
    dependencies:
      '@shop/a':
        specifier: workspace:^1.2.3
        version: link:../a

packages:

  '@shop/a@1.2.3':
    resolution: {integrity: sha512-x}
      '@shop/a':
        specifier: 1.2.3
`;
    check({ ...packages, 'pnpm-lock.yaml': lock }, { configured });
    check({ ...packages, 'pnpm-lock.yaml': lock.replaceAll('\n', '\r\n') }, { configured });
  });

  test('yarn.lock of Yarn 2 and later: keys and dependencies of the workspace', () => {
    const lock = `# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 8
  cacheKey: 10c0

"@shop/a@npm:1.2.3!, @shop/a@npm:^1.2.3!, @shop/a@workspace:packages/a, @shop/a@workspace:~1.2.3!":
  version: 0.0.0-use.local
  resolution: "@shop/a@workspace:packages/a"
  languageName: unknown
  linkType: soft

"@shop/a-b@npm:^1.2.3":
  version: 1.2.3
  resolution: "@shop/a-b@npm:1.2.3"

"@shop/b@workspace:packages/b":
  version: 0.0.0-use.local
  resolution: "@shop/b@workspace:packages/b"
  dependencies:
    "@shop/a": "npm:^1.2.3!"
    "@shop/a-b": "npm:^1.2.3"
    x: "npm:^1.2.3"
  peerDependencies:
    "@shop/a": "workspace:~1.2.3!"
  languageName: unknown

"x@npm:^1.2.3":
  version: 1.2.3
  resolution: "x@npm:1.2.3"
`;
    check({ ...packages, 'yarn.lock': lock }, { configured });
    check(
      { ...packages, 'yarn.lock': '# yarn lockfile v1\n\n"@shop/a@^1.2.3":\n  version "1.2.3"\n' },
      { configured },
    );
  });

  test('their locks are read only where several packages are raised', () => {
    const paths = [
      'package.json',
      'pnpm-lock.yaml',
      'yarn.lock',
      'packages/a/package.json',
      'docs/yarn.lock',
    ];
    const one = new Map([['package.json', '{}']]);
    expect(moreVersionPaths(paths, one)).toEqual([]);
    const two = new Map([...one, ['packages/a/package.json', '{}'] as const]);
    expect(moreVersionPaths(paths, two)).toEqual(['pnpm-lock.yaml', 'yarn.lock']);
  });

  test('another requirement stays', () => {
    check(
      {
        ...packages,
        'package.json':
          '{"dependencies": {"@shop/a": "*", "@shop/b": "workspace:^"}, "devDependencies": {"@shop/a": "1.2.0"}}',
      },
      { configured },
    );
  });

  test.each(['lerna.json', 'deno.json', 'jsr.json'])('%s', (path) => {
    check({ [path]: '{"packages": ["packages/*"], "version": "1.2.3!"}' });
    expect(findVersions([{ path, text: '{"version": "independent"}' }], [])[0]).toMatchObject({ hint: null });
  });
});

describe('Python', () => {
  test('the own entry of uv.lock', () => {
    check({
      'pyproject.toml': '[project]\nname = "Shop_API"\nversion = "1.2.3!"\ndependencies = ["a==1.2.3"]\n',
      'uv.lock': `version = 1
revision = 3

[[package]]
name = "a"
version = "1.2.3"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "shop-api"
version = "1.2.3!"
source = { virtual = "." }

[[package]]
name = "shop-api"
version = "1.2.3"
source = { registry = "https://pypi.org/simple" }
`,
    });
  });

  test.each([
    ['2026.5.1.1', '2026.5.1.2', '2026.5.1.2'],
    ['2026.4.30', '2026.05.01', '2026.5.1'],
    ['1.8', '1.9', '1.9'],
  ])('uv.lock has %s as uv writes it after %s: %s', (present, next, expected) => {
    const lock = (version: string) =>
      `[[package]]\nname = "shop"\nversion = "${version}"\nsource = { editable = "." }\n`;
    const files = [
      { path: 'pyproject.toml', text: `[project]\nname = "shop"\nversion = "${present}"\n` },
      { path: 'uv.lock', text: lock(present) },
    ];
    expect(setVersion(findVersions(files, []), next)).toEqual([
      { path: 'pyproject.toml', text: `[project]\nname = "shop"\nversion = "${next}"\n` },
      { path: 'uv.lock', text: lock(expected) },
    ]);
  });

  test('a version that is worked out elsewhere has no entry', () => {
    check({
      'pyproject.toml': '[project]\nname = "shop"\ndynamic = ["version"]\n',
      'uv.lock': '[[package]]\nname = "shop"\nversion = "1.2.3"\nsource = { editable = "." }\n',
    });
  });

  test('poetry', () => {
    check({
      'pyproject.toml':
        '[tool.poetry]\nname = "shop"\nversion = "1.2.3!"\n[tool.poetry.dependencies]\na = "1.2.3"\n',
    });
  });
});

const POM = (own: string) => `<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>g</groupId><artifactId>p</artifactId><version>1.2.3</version></parent>
  <artifactId>shop</artifactId>
  <!-- <version>1.2.3</version> -->
  <version>${own}</version>
  <properties><revision>1.2.3</revision></properties>
  <dependencies><dependency><version>1.2.3</version></dependency></dependencies>
</project>
`;

describe('files that keep the version by convention', () => {
  const files: Readonly<Record<string, Texts>> = {
    'pom.xml': { 'pom.xml': POM(' 1.2.3! ') },
    'a module of Maven': {
      'pom.xml': POM('1.2.3!'),
      'api/pom.xml':
        '<project><parent><groupId>g</groupId><artifactId>shop</artifactId><version>1.2.3!</version></parent><artifactId>api</artifactId></project>',
    },
    'a property of pom.xml': {
      'pom.xml':
        '<project><version>${revision}</version><properties><revision>1.2.3!</revision></properties></project>',
    },
    'build.gradle': {
      'build.gradle':
        "plugins { id 'x' version '1.2.3' }\n// version = '1.2.3'\nversion = '1.2.3!'\ndependencies { a 'b:c:1.2.3' }\n",
    },
    'build.gradle.kts': {
      'build.gradle.kts': 'plugins { kotlin("jvm") version "1.2.3" }\n\nversion = "1.2.3!"\n',
    },
    'gradle.properties': { 'gradle.properties': '# version=1.2.3\nkotlin.version=1.2.3\nversion=1.2.3!\n' },
    'a .NET project': {
      'src/Shop/Shop.csproj':
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><Version>1.2.3!</Version></PropertyGroup><ItemGroup><PackageReference Include="a"><Version>1.2.3</Version></PackageReference></ItemGroup></Project>',
    },
    'Directory.Build.props': {
      'Directory.Build.props':
        '\uFEFF<Project>\r\n  <PropertyGroup>\r\n    <VersionPrefix>1.2.3!</VersionPrefix>\r\n  </PropertyGroup>\r\n</Project>\r\n',
    },
    'mix.exs': {
      'mix.exs':
        'def project do\n  # version: "1.2.3"\n  [app: :shop, version: "1.2.3!", deps: [{:a, "1.2.3"}]]\nend\n',
    },
    'an attribute of mix.exs': {
      'mix.exs':
        '@version "1.2.3!"\ndef project, do: [version: @version]\ndefp deps, do: [{:a, version: "1.2.3"}]\n',
    },
    'composer.json': { 'composer.json': '{\n  "require": {"version": "1.2.3"},\n  "version": "1.2.3!"\n}\n' },
    'Chart.yaml': {
      'Chart.yaml':
        'apiVersion: v2\nname: shop\nversion: 1.2.3!\nappVersion: "v1.2.3!" # program\ndependencies:\n  - version: 1.2.3\n',
    },
    'a chart with a version of its own': { 'Chart.yaml': 'version: 0.4.0\nappVersion: 1.2.3!\n' },
    'a gem': {
      'shop.gemspec':
        'Gem::Specification.new do |spec|\n  spec.version = "1.2.3!"\n  spec.add_dependency "a", "1.2.3"\nend\n',
    },
    'gems and their lock': {
      'shop.gemspec':
        'Gem::Specification.new do |s|\n  s.version = "1.2.3!"\n  s.add_dependency "shop-core", "= 1.2.3!"\n  s.add_dependency "shop-cart", "1.2.3"\nend\n',
      'core.gemspec': 'Gem::Specification.new do |s|\n  s.name = "shop-core"\n  s.version = "1.2.3!"\nend\n',
      'Gemfile.lock': `PATH
  remote: .
  specs:
    shop (1.2.3!)
      rack (= 1.2.3)
      shop-core (= 1.2.3!)
    shop-core (1.2.3!)

GEM
  remote: https://rubygems.org/
  specs:
    rack (1.2.3)
      shop (= 1.2.3)
    shop (1.2.3)

DEPENDENCIES
  shop!

CHECKSUMS
  rack (1.2.3) sha256=0
  shop (1.2.3!)
  shop-core (1.2.3!)

BUNDLED WITH
   1.2.3
`,
    },
    'pubspec.yaml': {
      'pubspec.yaml': 'name: shop\nversion: 1.2.3!\ndependencies:\n  a:\n    version: 1.2.3\n  b: ^1.2.3\n',
    },
    'pubspec.yaml with a number of the build': { 'pubspec.yaml': "version: '1.2.3!+45' # 1.2.3\n" },
    'a package of Python': {
      'shop/__init__.py':
        '"""Shop 1.2.3"""\nfrom a import __version__ as other  # 1.2.3\n\n__version__ = "1.2.3!"\nMIN = "1.2.3"\n',
    },
    '_version.py with a type': {
      'src/shop/_version.py': "__version__: Final = '1.2.3!'\r\n__other__ = '1.2.3'\r\n",
    },
    'setup.py': {
      'setup.py':
        'setup(\n    name="shop",\n    # version="1.2.3",\n    version="1.2.3!",\n    install_requires=["a==1.2.3"],\n)\n',
    },
    'setup.py on a line': { 'setup.py': 'setup(name="shop", version="1.2.3!")\n' },
    'setup.cfg': {
      'setup.cfg': '[metadata]\nname = shop\nversion = 1.2.3!\n\n[options]\ninstall_requires = a==1.2.3\n',
    },
    'a subproject of Gradle': {
      'api/build.gradle.kts': 'plugins { id("x") version "1.2.3" }\nversion = "1.2.3!"\n',
      'web/gradle.properties': 'version=1.2.3!\n',
    },
    'version.rb': {
      'lib/shop/version.rb': 'module Shop\n  # VERSION = "1.2.3"\n  VERSION = "1.2.3!".freeze\nend\n',
    },
  };
  test.each(Object.entries(files))('%s follows the version that is released now', (_name, texts) => {
    check(texts);
  });

  test.each(Object.entries(files))('%s stays when it holds another', (_name, texts) => {
    const others = Object.entries(texts).map(([path, text]) => ({
      path,
      text: text.replaceAll('1.2.3!', '7.8.9'),
    }));
    expect(setVersion(findVersions(others, []), '2.0.0', ['1.2.3'])).toEqual([]);
  });

  test('a snapshot of what is released becomes the release', () => {
    const released = (version: string) =>
      setVersion(findVersions([{ path: 'pom.xml', text: POM(version) }], []), '1.3.0', ['1.2.3'])[0]?.text;
    expect(released('1.3.0-SNAPSHOT')).toBe(POM('1.3.0'));
    expect(released('1.2.3-SNAPSHOT')).toBe(POM('1.3.0'));
    expect(released('2.0.0-SNAPSHOT')).toBeUndefined();
  });

  test('what is named in the configuration follows whatever it holds', () => {
    const text = (version: string) => `<project><version>${version}</version></project>\n`;
    const places = findVersions([{ path: 'shop/pom.xml', text: text('0.0.1') }], [{ path: 'shop/pom.xml' }]);
    expect(setVersion(places, '2.0.0', ['1.2.3'])[0]?.text).toBe(text('2.0.0'));
  });

  test.each([
    ['version: 0.1.0\nappVersion: "" # none yet\n', 'version: 0.1.0\nappVersion: "2.0.0" # none yet\n'],
    ["appVersion: ''\n", "appVersion: '2.0.0'\n"],
    ['version: 0.1.0\nappVersion:\n', 'version: 2.0.0\nappVersion:\n'],
    ['version: 0.1.0\nappVersion: !!str # none\n', 'version: 2.0.0\nappVersion: !!str # none\n'],
  ])('a chart that is named in the configuration stays YAML where a version is empty: %s', (text, after) => {
    const places = findVersions([{ path: 'Chart.yaml', text }], [{ path: 'Chart.yaml' }]);
    expect(setVersion(places, '2.0.0', ['1.2.3'])[0]?.text).toBe(after);
  });

  test.each(['pom.xml', 'composer.json', 'Chart.yaml', 'Directory.Build.props'])(
    'a broken %s stays',
    (path) => {
      expect(findVersions([{ path, text: '<{[: 1.2.3' }], [])).toEqual([]);
    },
  );

  test('an entity of a hostile pom.xml is not expanded', () => {
    const text =
      '<!DOCTYPE p [<!ENTITY v "1.2.3"><!ENTITY x SYSTEM "file:///etc/passwd">]><project><version>&v;&x;</version></project>';
    expect(findVersions([{ path: 'pom.xml', text }], [])).toEqual([]);
  });

  test('says what the first release may be', () => {
    const [place] = findVersions([{ path: 'pom.xml', text: POM('1.4.0-SNAPSHOT') }], []);
    expect(place).toMatchObject({ version: null, hint: '1.4.0' });
  });

  test('are found in the tree by their kind', () => {
    const paths = [
      'pom.xml',
      'api/pom.xml',
      'src/Shop/Shop.csproj',
      'shop.gemspec',
      'lib/shop/version.rb',
      'docs/version.rb',
    ];
    expect(moreVersionPaths(paths, new Map([['pom.xml', '']]))).toEqual(
      expect.arrayContaining(['api/pom.xml', 'src/Shop/Shop.csproj', 'shop.gemspec', 'lib/shop/version.rb']),
    );
    expect(moreVersionPaths(paths, new Map([['pom.xml', '']]))).not.toContain('docs/version.rb');
  });

  test('subprojects of Gradle and packages of Python are found where the root is one', () => {
    const gradle = ['api/build.gradle', 'web/app/build.gradle.kts', 'web/gradle.properties'];
    const python = ['shop/__init__.py', 'src/shop/__about__.py', 'shop/_version.py'];
    const others = ['shop/cart.py', 'shop/deep/er/version.py', 'a/b/c/__init__.py', 'build.gradle.md'];
    const none = new Map<string, string>();
    expect(moreVersionPaths([...gradle, ...python, ...others], none)).toEqual([]);
    expect(moreVersionPaths(['settings.gradle.kts', ...gradle, ...python], none)).toEqual(gradle);
    expect(moreVersionPaths(['setup.cfg', ...gradle, ...python, ...others], none)).toEqual(python);
  });

  test('a version that is taken from elsewhere stays', () => {
    for (const [path, text] of [
      ['setup.cfg', 'version = attr: shop.__version__\n'],
      ['setup.py', 'setup(version=VERSION, python_requires=">=1.2.3")\n'],
      ['shop/__init__.py', '__version__ = metadata.version("shop")\n'],
      ['pubspec.yaml', 'name: shop\npublish_to: none\n'],
    ] as const) {
      expect(setVersion(findVersions([{ path, text }], []), '2.0.0', ['1.2.3']), path).toEqual([]);
    }
  });
});
