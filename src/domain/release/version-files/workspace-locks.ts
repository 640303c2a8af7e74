import { literalPattern } from '../../text/bounded-pattern.ts';
import type { FileTexts } from './cargo.ts';
import type { TextRange } from './json-text.ts';
import { type RaisedPackage, raisedPackages } from './node.ts';

/** What a package asks for: `^1.2.3`, `workspace:1.2.3`, and as yarn writes it `npm:^1.2.3`. */
const ASKED = '(?:workspace:|npm:)?[\\^~=]?';
const LONGEST_LINE = 5_000;

/**
 * Where pnpm-lock.yaml repeats what a package of the workspace asks for of another that is raised. A frozen install
 * compares that with the package.json. Only its first part, `importers`, is looked at, as pnpm writes it.
 */
export function pnpmLockRanges(text: string, folder: string, texts: FileTexts): readonly TextRange[] {
  const packages = raisedPackages(folder, texts);
  const found: TextRange[] = [];
  let importer: string | null = null;
  let dependency: string | null = null;
  let isInside = false;
  for (const { line, start } of linesOf(text)) {
    const [, indent = '', key = '', value = ''] =
      /^( *)(?:'([^']*)'|"[^"]*"|[^\s'"#][^:]*):(?: (.*))?$/.exec(line) ?? [];
    const name = key === '' ? line.slice(indent.length, line.indexOf(':')) : key;
    if (line === '' || line.startsWith('#')) continue;
    if (indent === '') {
      if (isInside) break;
      isInside = name === 'importers';
    } else if (!isInside) continue;
    else if (indent.length === 2) importer = name === '.' ? '' : name;
    else if (indent.length === 6) dependency = name;
    else if (indent.length === 8 && name === 'specifier') {
      const isRaised = packages.some((one) => one.folder === importer);
      const asked = packages.find((one) => one.name === dependency);
      const at = isRaised && asked?.version ? askedAt(value, asked.version) : null;
      if (at !== null && asked?.version) {
        const from = start + line.length - value.length + at;
        found.push({ start: from, end: from + asked.version.length });
      }
    }
  }
  return found;
}

/**
 * The same in yarn.lock of Yarn 2 and later, where it stands in the keys of the entries as well. What Yarn 1 writes does
 * not name packages of the workspace.
 */
export function yarnLockRanges(text: string, folder: string, texts: FileTexts): readonly TextRange[] {
  const packages = raisedPackages(folder, texts).filter(
    ({ name, version }) => name !== null && version !== null,
  );
  if (!/^__metadata:/m.test(text.slice(0, LONGEST_LINE))) return [];
  const patterns = packages.map(patternsOf);
  const found: TextRange[] = [];
  let isWorkspace = false;
  for (const { line, start } of linesOf(text)) {
    const isKey = /^[^\s#]/.test(line);
    if (isKey) isWorkspace = line.includes('@workspace:');
    if (!isWorkspace || line.length > LONGEST_LINE) continue;
    for (const { key, dependency } of patterns) {
      for (const { indices } of line.matchAll(isKey ? key : dependency)) {
        const range = indices?.[1];
        if (range) found.push({ start: start + range[0], end: start + range[1] });
      }
    }
  }
  return found;
}

function patternsOf({ name, version }: RaisedPackage) {
  const [called, held] = [literalPattern(name ?? ''), literalPattern(version ?? '')];
  return {
    key: new RegExp(`(?<=^"?|, )${called}@${ASKED}(${held})(?="?[,:]|"$)`, 'dg'),
    dependency: new RegExp(`^ {4}"?${called}"?: "?${ASKED}(${held})"?$`, 'dg'),
  };
}

/** Where the version stands in what is asked for, quotes or not; null when something else is. */
function askedAt(value: string, version: string): number | null {
  const found = new RegExp(`^['"]?${ASKED}(?=${literalPattern(version)}['"]?$)`).exec(value);
  return found === null ? null : found[0].length;
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly start: number }> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const next = end < 0 ? text.length : end;
    yield { line: text.slice(start, text[next - 1] === '\r' ? next - 1 : next), start };
    start = next + 1;
  }
}
