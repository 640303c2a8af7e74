import type { FileTexts } from './cargo.ts';
import { VERSION_MARKER } from './checked.ts';
import type { TextRange } from './json-text.ts';

/** Gems whose gemspec is read, by their names; each tells whether it has a version, in a place that a release raises. */
export type Gems = ReadonlyMap<string, (version: string) => boolean>;

/** In a `version.rb`. */
export const RUBY_VERSION = /^[ \t]*VERSION[ \t]*=[ \t]*["']([^"'\r\n]*)["']/dm;
const VERSION = /^[ \t]*\w+\.version[ \t]*=[ \t]*["']([^"'\r\n]*)["']/dm;
const DEPENDENCY =
  /\.add_(?:runtime_|development_)?dependency[ \t(]{1,20}["']([\w.-]+)["'],[ \t]{0,20}["'](?:=[ \t]?)?(\d[\w.-]*)["']/dg;
/** A gem of a path, or what it asks for exactly. */
const IN_PATH = /^ {4}(?: {2})?([\w.-]+) \((?:= )?([^\s(),]+)\)$/d;
const IN_CHECKSUMS = /^ {2}([\w.-]+) \(([^\s(),]+)\)/d;

/** @param configured files whose version the configuration names */
export function gemsIn(texts: FileTexts, configured: ReadonlySet<string>): Gems {
  const files = [...texts].flatMap(([path, text]) => (text === null ? [] : [{ path, text }]));
  const elsewhere = files.filter(
    ({ path, text }) =>
      /(?:^|\/)VERSION$/.test(path) || configured.has(path) || text.includes(VERSION_MARKER),
  );
  const ofRuby = files.filter(({ path }) => path.endsWith('/version.rb'));
  return new Map(
    files.flatMap(({ path, text }) => {
      const file = /([^/]+)\.gemspec$/.exec(path)?.[1];
      if (file === undefined) return [];
      const name = /^[ \t]*\w+\.name[ \t]*=[ \t]*["']([^"'\r\n]+)["']/m.exec(text)?.[1] ?? file;
      const literal = VERSION.exec(text)?.[1];
      if (literal !== undefined) return [[name, (version: string) => version === literal] as const];
      const own = ofRuby.filter((one) => isVersionOf(path, one.path));
      const held = (own.length > 0 ? own : ofRuby).map((one) => RUBY_VERSION.exec(one.text)?.[1]);
      const isRaised = (version: string) =>
        held.includes(version) || elsewhere.some((one) => one.text.includes(version));
      return [[name, isRaised] as const];
    }),
  );
}

/** Whether a file is the `version.rb` of the gem that a gemspec describes. */
export function isVersionOf(gemspec: string, path: string): boolean {
  const lib = `${gemspec.slice(0, gemspec.lastIndexOf('/') + 1)}lib/`;
  return path.startsWith(lib) && /^(?:[^/]+\/){0,3}version\.rb$/.test(path.slice(lib.length));
}

/** Where a gemspec says its version, else null, and where it asks for exactly one of the gems. */
export function gemspecRanges(text: string, gems: Gems): readonly (TextRange | null)[] {
  const own = VERSION.exec(text)?.indices?.[1];
  const asked = [...text.matchAll(DEPENDENCY)].flatMap(({ indices, 1: name = '', 2: version = '' }) =>
    gems.get(name)?.(version) && indices?.[2] ? [indices[2]] : [],
  );
  return [own ?? null, ...asked].map((range) => range && { start: range[0], end: range[1] });
}

/** Where Gemfile.lock says the versions of the gems: among those of a path, what these ask for, and the checksums. */
export function gemfileLockRanges(text: string, gems: Gems): readonly TextRange[] {
  const found: TextRange[] = [];
  let pattern: RegExp | null = null;
  let start = 0;
  for (const whole of text.split('\n')) {
    const line = whole.replace(/\r$/, '');
    if (/^\S/.test(line)) pattern = { PATH: IN_PATH, CHECKSUMS: IN_CHECKSUMS }[line] ?? null;
    const entry = pattern?.exec(line);
    const [, name = '', version = ''] = entry ?? [];
    const range = gems.get(name)?.(version) ? entry?.indices?.[2] : undefined;
    if (range) found.push({ start: start + range[0], end: start + range[1] });
    start += whole.length + 1;
  }
  return found;
}
