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
  <parent><groupId>g</groupId><version>1.2.3</version></parent>
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
        '<project><parent><version>1.2.3!</version></parent><artifactId>api</artifactId></project>',
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
});
