import { isMap, isScalar } from 'yaml';
import { ownValue } from '../../text/own.ts';
import { yamlDocument } from '../../text/yaml-limits.ts';
import { type Gems, gemfileLockRanges, gemspecRanges, isVersionOf, RUBY_VERSION } from './gems.ts';
import { findJsonString, isJson, type TextRange } from './json-text.ts';
import { type Poms, pomRanges } from './maven.ts';
import { xmlTexts } from './xml.ts';

const MOST_MARKS = 6_000;
const QUOTED = /["']([^"'\r\n]*)["']/.source;
/** Where build files that are programs say their version; comments begin a line with something else. */
const GRADLE = new RegExp(
  `^[ \\t]*(?:project\\.)?version[ \\t]*(?:=[ \\t]*|\\([ \\t]*|[ \\t]+)${QUOTED}`,
  'dm',
);
const GRADLE_PROPERTIES = /^[ \t]*(?:version|projectVersion|VERSION_NAME)[ \t]*[=:][ \t]*(\S+)[ \t]*$/dm;
const MIX = [
  new RegExp(`^[ \\t]*@version[ \\t]+${QUOTED}`, 'dm'),
  new RegExp(`^[^#\\r\\n\\u2028\\u2029]*\\bversion:[ \\t]*${QUOTED}`, 'dm'),
];
const PYTHON = new RegExp(`^__version__(?:[ \\t]*:[ \\t]*[\\w.]+)?[ \\t]*=[ \\t]*${QUOTED}`, 'dm');
const SETUP_PY = new RegExp(`(?:^|^[^#\\r\\n]{0,200}[(,])[ \\t]*version[ \\t]*=[ \\t]*${QUOTED}`, 'dm');
const SETUP_CFG = /^version[ \t]*=[ \t]*(\S+)[ \t]*$/dm;
/** Flutter has the number of the build behind a plus: it stays. */
const PUBSPEC = /^version:[ \t]*["']?([^\s"'+#]+)/dm;

/** What a file has to know of those around it. */
interface Around {
  readonly poms: () => Poms;
  readonly gems: () => Gems;
}

/** The telling place first, null for a file that does not say its own version. */
type Reader = (text: string, around: Around) => readonly (TextRange | null)[];

const READERS: Readonly<Record<string, Reader>> = {
  'composer.json': inJson,
  'lerna.json': inJson,
  'deno.json': inJson,
  'jsr.json': inJson,
  'Chart.yaml': inChart,
  'pom.xml': (text, { poms }) => pomRanges(text, poms()),
  'build.gradle': first(GRADLE),
  'build.gradle.kts': first(GRADLE),
  'gradle.properties': first(GRADLE_PROPERTIES),
  'Gemfile.lock': (text, { gems }) => [null, ...gemfileLockRanges(text, gems())],
  'mix.exs': first(...MIX),
  'Directory.Build.props': inProject,
  'pubspec.yaml': first(PUBSPEC),
  'setup.py': first(SETUP_PY),
  'setup.cfg': first(SETUP_CFG),
};

/** Read at every release where they exist: their version follows when it is the present one, and else stays. */
export const CONVENTIONAL_FILES: readonly string[] = Object.keys(READERS);

/** Where packages of Python say `__version__`. */
const PYTHON_FILE = /^(?:__init__|__about__|__version__|_version|version|about)\.py$/;
const PYTHON_PATH = /^(?:src\/)?[A-Za-z_]\w*\/\w+\.py$/;

/** By what their names look like; see `conventionalPaths`. */
const BY_NAME: readonly (readonly [RegExp, Reader])[] = [
  [/\.(?:cs|fs|vb)proj$/, inProject],
  [PYTHON_FILE, first(PYTHON)],
  [/\.gemspec$/, (text, { gems }) => gemspecRanges(text, gems())],
  [/^version\.rb$/, first(RUBY_VERSION)],
];

/**
 * Where a file of a known kind keeps its version, the telling place first, null where it has none; null for any other
 * file. A file that is broken has none.
 */
export function conventionalRanges(
  path: string,
  text: string,
  around: Around,
): readonly (TextRange | null)[] | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const read = ownValue(READERS, name) ?? BY_NAME.find(([names]) => names.test(name))?.[1];
  return read === undefined ? null : read(text, around);
}

/**
 * Files of a tree that are conventional by their kind: .NET projects, modules of Maven, subprojects of Gradle, gems with
 * Ruby's `version.rb` at the root, in a folder of it or in `gems`, packages of Python.
 */
export function conventionalPaths(paths: readonly string[]): readonly string[] {
  const hasGem = paths.some((path) => /^[^/]+\.gemspec$/.test(path));
  const isGem = (path: string) => hasGem && /^(?:(?:gems\/)?[^/]+\/)?[^/]+\.gemspec$/.test(path);
  const gems = new Set(paths.filter(isGem));
  const hasPom = paths.includes('pom.xml');
  const hasGradle = paths.some((path) => /^(?:settings|build)\.gradle(?:\.kts)?$/.test(path));
  const hasPython = paths.some((path) => /^(?:pyproject\.toml|setup\.(?:py|cfg))$/.test(path));
  return paths.filter(
    (path) =>
      (hasPom && path.endsWith('/pom.xml')) ||
      (hasGradle && /\/(?:build\.gradle(?:\.kts)?|gradle\.properties)$/.test(path)) ||
      (hasPython && PYTHON_PATH.test(path) && PYTHON_FILE.test(path.slice(path.lastIndexOf('/') + 1))) ||
      /\.(?:cs|fs|vb)proj$/.test(path) ||
      gems.has(path) ||
      (path.endsWith('/version.rb') && [...gems].some((gem) => isVersionOf(gem, path))),
  );
}

/** Reads what the first of the patterns finds. */
function first(...patterns: readonly RegExp[]): Reader {
  return (text) => {
    const [found] = patterns.flatMap((pattern) => pattern.exec(text)?.indices?.slice(1, 2) ?? []);
    return found === undefined ? [] : [{ start: found[0], end: found[1] }];
  };
}

function inJson(text: string): readonly TextRange[] {
  return isJson(text) ? [findJsonString(text, ['version']) ?? []].flat() : [];
}

/** `appVersion`, which is the program's, and `version`, which is the chart's own. */
function inChart(text: string): readonly TextRange[] {
  const document = yamlDocument(text, MOST_MARKS, { logLevel: 'error' });
  if ('tooMuch' in document || document.errors.length > 0) return [];
  const { contents } = document;
  if (!isMap(contents)) return [];
  return ['appVersion', 'version'].flatMap((key) => {
    const node: unknown = contents.get(key, true);
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return [];
    // An empty text is between its quotes; one without quotes has no place.
    const start = text.indexOf(node.value, node.range[0] + (node.value === '' ? 1 : 0));
    return start >= 0 && start + node.value.length <= node.range[1]
      ? [{ start, end: start + node.value.length }]
      : [];
  });
}

function inProject(text: string): readonly TextRange[] {
  return xmlTexts(text)
    .filter(({ path }) => /^Project\/PropertyGroup\/(?:Version|VersionPrefix|PackageVersion)$/.test(path))
    .map(({ range }) => range);
}
