import type { FileTexts } from './cargo.ts';
import type { TextRange } from './json-text.ts';

/** Names of gems whose gemspec is read. */
export type Gems = ReadonlySet<string>;

const VERSION = /^[ \t]*\w+\.version[ \t]*=[ \t]*["']([^"'\r\n]*)["']/dm;
const DEPENDENCY =
  /\.add_(?:runtime_|development_)?dependency[ \t(]{1,20}["']([\w.-]+)["'],[ \t]{0,20}["'](?:=[ \t]?)?(\d[\w.-]*)["']/dg;
/** A gem of a path, or what it asks for exactly. */
const IN_PATH = /^ {4}(?: {2})?([\w.-]+) \((?:= )?([^\s(),]+)\)$/d;
const IN_CHECKSUMS = /^ {2}([\w.-]+) \(([^\s(),]+)\)/d;

export function gemsIn(texts: FileTexts): Gems {
  return new Set(
    [...texts].flatMap(([path, text]) => {
      const file = /([^/]+)\.gemspec$/.exec(path)?.[1];
      if (text === null || file === undefined) return [];
      return /^[ \t]*\w+\.name[ \t]*=[ \t]*["']([^"'\r\n]+)["']/m.exec(text)?.[1] ?? file;
    }),
  );
}

/** Where a gemspec says its version, and where it asks for exactly one of the gems. */
export function gemspecRanges(text: string, gems: Gems): readonly TextRange[] {
  const own = VERSION.exec(text)?.indices?.[1];
  const asked = [...text.matchAll(DEPENDENCY)].flatMap(({ indices, 1: name = '' }) =>
    gems.has(name) && indices?.[2] ? [indices[2]] : [],
  );
  return [...(own ? [own] : []), ...asked].map(([start, end]) => ({ start, end }));
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
    const range = gems.has(entry?.[1] ?? '') ? entry?.indices?.[2] : undefined;
    if (range) found.push({ start: start + range[0], end: start + range[1] });
    start += whole.length + 1;
  }
  return found;
}
