import { describe, expect, test } from 'vitest';
import {
  findVersions,
  setVersion,
  staysBehind,
} from '../../../../src/domain/release/version-files/version-files.ts';

/** What 1.3.0 on top of 1.2.3 makes of the texts; those that stay are left out. */
function released(
  texts: Readonly<Record<string, string>>,
  { next = '1.3.0', present = '1.2.3' } = {},
): Record<string, string | null> {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const changed = setVersion(findVersions(files, []), next, [present]);
  return Object.fromEntries(changed.map(({ path, text }) => [path, text]));
}

/** Every `1.2.3!` is the snapshot of 1.2.3 and follows; everything else stays. */
function check(texts: Readonly<Record<string, string>>): void {
  const write = (version: string) =>
    Object.fromEntries(
      Object.entries(texts).map(([path, text]) => [path, text.replaceAll('1.2.3!', version)]),
    );
  expect(released(write('1.2.3-SNAPSHOT'))).toEqual(write('1.3.0'));
}

const asked = (group: string, artifact: string, version: string) =>
  `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`;
const parent = `<parent>${asked('shop', 'shop', '1.2.3!')}</parent>`;

describe('modules of Maven', () => {
  test('what they ask for of each other follows', () => {
    check({
      'pom.xml': `<project>${asked('shop', 'shop', '1.2.3!')}
  <dependencyManagement><dependencies>
    <dependency>${asked('shop', 'core', '1.2.3!')}</dependency>
    <dependency>${asked('${project.groupId}', 'api', '1.2.3!')}</dependency>
    <dependency>${asked('other', 'core', '1.2.3-SNAPSHOT')}</dependency>
    <dependency>${asked('shop', 'elsewhere', '1.2.3-SNAPSHOT')}</dependency>
    <dependency><version>1.2.3-SNAPSHOT</version></dependency>
  </dependencies></dependencyManagement>
</project>`,
      'core/pom.xml': `<project>${parent}<artifactId>core</artifactId></project>`,
      'api/pom.xml': `<project>${parent}<artifactId>api</artifactId>
  <properties><core.version>1.2.3!</core.version><other.version>1.2.3-SNAPSHOT</other.version></properties>
  <dependencies>
    <dependency>${asked('shop', 'core', '${core.version}')}<scope>test</scope></dependency>
    <dependency>${asked('other', 'api', '${other.version}')}</dependency>
    <dependency>${asked('shop', 'core', '${project.version}')}</dependency>
  </dependencies>
  <build><plugins><plugin>${asked('shop', 'core', '1.2.3!')}</plugin></plugins></build>
  <profiles><profile><dependencies><dependency>${asked('shop', 'core', '1.2.3!')}</dependency></dependencies></profile></profiles>
</project>`,
    });
  });

  test('a module that stays at a version of its own is asked for in that', () => {
    const texts = {
      'pom.xml': `<project>${asked('shop', 'shop', '1.2.3')}</project>`,
      'tools/pom.xml': `<project>${asked('shop', 'tools', '7.8.9')}</project>`,
      'api/pom.xml': `<project>${asked('shop', 'api', '7.8.9')}<dependencies><dependency>${asked('shop', 'tools', '1.2.3')}</dependency></dependencies></project>`,
    };
    expect(Object.keys(released(texts))).toEqual(['pom.xml']);
  });

  test('a parent beside the root follows there, too', () => {
    check({
      'pom.xml': `<project><parent>${asked('shop', 'parent', '1.2.3!')}</parent><artifactId>all</artifactId></project>`,
      'parent/pom.xml': `<project>${asked('shop', 'parent', '1.2.3!')}</project>`,
    });
  });

  test("a third party's parent of a module stays", () => {
    const module = (version: string) =>
      `<project><parent>${asked('org.x', 'p', version)}</parent><artifactId>web</artifactId></project>`;
    for (const version of ['3.2.0', '3.2.5-SNAPSHOT']) {
      const texts = {
        'pom.xml': `<project>${asked('g', 'root', '3.2.0')}</project>`,
        'web/pom.xml': module(version),
      };
      expect(Object.keys(released(texts, { next: '3.3.0', present: '3.2.0' }))).toEqual(['pom.xml']);
    }
  });

  test('a marked line with a snapshot follows', () => {
    check({ 'docs/use.md': '<version>1.2.3!</version> <!-- x-slipway-version -->\n' });
  });
});

const FILES: Readonly<Record<string, readonly [path: string, text: string]>> = {
  Maven: ['pom.xml', '<project><version>!</version></project>'],
  Gradle: ['gradle.properties', 'version=!\n'],
  mix: ['mix.exs', 'def project, do: [version: "!"]\n'],
  Python: ['shop/__init__.py', '__version__ = "!"\n'],
  Ruby: ['lib/shop/version.rb', 'VERSION = "!"\n'],
  '.NET': ['Shop.csproj', '<Project><PropertyGroup><Version>!</Version></PropertyGroup></Project>'],
};

describe('a version that is worked on', () => {
  test.each([
    ['Maven', '1.2.4-SNAPSHOT'],
    ['Maven', '1.2.3-SNAPSHOT'],
    ['Maven', '1.3.0-SNAPSHOT'],
    ['Gradle', '1.2.4-SNAPSHOT'],
    ['mix', '1.3.0-dev'],
    ['Python', '1.3.0.dev0'],
    ['Python', '1.3.0a0'],
    ['Ruby', '1.3.0.dev'],
    ['Ruby', '1.3.0.pre'],
    ['.NET', '1.3.0-alpha.0'],
  ])('%s: %s becomes the release that it leads to', (kind, version) => {
    const [path = '', text = ''] = FILES[kind] ?? [];
    expect(released({ [path]: text.replace('!', version) })).toEqual({ [path]: text.replace('!', '1.3.0') });
  });

  test.each(['1.2.2-SNAPSHOT', '1.3.1-SNAPSHOT', '2.0.0-dev', '1.2.4', '1.3.0-rc.1', '1.2.4-alpine'])(
    '%s stays',
    (version) => {
      for (const [path, text] of Object.values(FILES)) {
        expect(released({ [path]: text.replace('!', version) })).toEqual({});
      }
    },
  );

  test('and leads elsewhere is named, in the home alone', () => {
    const left = (path: string, version: string, home = '') => {
      const text = `<project><version>${version}</version></project>`;
      const places = findVersions([{ path, text }], [], home);
      const changes = setVersion(places, '1.3.0', ['1.2.3']);
      return staysBehind(places, changes, '1.3.0').map(({ code, facts }) => [code, facts]);
    };
    expect(left('pom.xml', '2.0.0-SNAPSHOT')).toEqual([
      ['version-under-work', { path: 'pom.xml', found: '2.0.0-SNAPSHOT', next: '1.3.0' }],
    ]);
    expect(left('shop/pom.xml', '0.9.0-SNAPSHOT', 'shop/')).toHaveLength(1);
    expect(left('api/pom.xml', '2.0.0-SNAPSHOT')).toEqual([]);
    expect(left('pom.xml', '1.2.4-SNAPSHOT')).toEqual([]);
    expect(left('pom.xml', '2.0.0')).toEqual([]);
  });

  test.each([
    [
      'libs/Kit/Kit.csproj',
      '<Project><PropertyGroup><Version>1.5.0-preview.2</Version></PropertyGroup></Project>',
    ],
    ['Chart.yaml', 'version: 1.4.0-alpha.3\nappVersion: 7.8.9\n'],
    ['client/gradle.properties', 'version=1.8.0-SNAPSHOT\n'],
    ['vendored/__init__.py', '__version__ = "1.9.0.dev0"\n'],
    ['shop.gemspec', 's.version = Shop::VERSION\ns.add_dependency "kit", "1.5.0.pre"\n'],
  ])('%s stays at a version of its own that happens to lie on the way', (path, text) => {
    const kit = { 'kit/kit.gemspec': 's.version = "1.5.0.pre"\n' };
    expect(released({ [path]: text, ...kit }, { next: '2.0.0' })).toEqual({});
  });

  test('follows everywhere where the own file of the home holds the same', () => {
    const texts = (version: string) => ({
      'pom.xml': `<project>${asked('shop', 'shop', version)}</project>`,
      'api/pom.xml': `<project><parent>${asked('shop', 'shop', version)}</parent><artifactId>api</artifactId></project>`,
      'client/gradle.properties': `version=${version}\n`,
    });
    expect(released(texts('1.2.4-SNAPSHOT'))).toEqual(texts('1.3.0'));
  });

  test('of a marked line that has the present version, too, that one follows', () => {
    const text = 'tool:1.2.4-alpha.1 shop:1.2.3 # x-slipway-version\n';
    expect(released({ 'a.env': text })).toEqual({ 'a.env': text.replace('1.2.3', '1.3.0') });
  });
});
