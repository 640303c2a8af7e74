import { structuredPatch } from 'diff';

/** One file before and after; null where there is none. */
export interface FileEdit {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Longer searches for the least difference are given up, in ms; the edits of a release take a few. */
const MOST_MS = 1_000;
const CONTEXT_LINES = 3;

/**
 * The edits as one patch in the format of git, which `git apply` takes; empty where nothing differs. A file that differs too
 * much to be compared goes as a whole, and comes as a whole.
 */
export function patchOf(edits: readonly FileEdit[]): string {
  return edits
    .filter(({ before, after }) => before !== after)
    .flatMap((edit) => [...headOf(edit), ...hunksOf(edit)].map((line) => `${line}\n`))
    .join('');
}

function headOf({ path, before, after }: FileEdit): string[] {
  const [from, to] = [quoted(`a/${path}`), quoted(`b/${path}`)];
  return [
    `diff --git ${from} ${to}`,
    ...(before === null ? ['new file mode 100644'] : []),
    ...(after === null ? ['deleted file mode 100644'] : []),
  ];
}

function hunksOf({ path, before, after }: FileEdit): string[] {
  const hunks = compared(before ?? '', after ?? '') ?? [
    ...(compared(before ?? '', '') ?? []),
    ...(compared('', after ?? '') ?? []),
  ];
  if (hunks.length === 0) return [];
  return [
    `--- ${before === null ? '/dev/null' : named(`a/${path}`)}`,
    `+++ ${after === null ? '/dev/null' : named(`b/${path}`)}`,
    ...hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
      `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
      ...lines,
    ]),
  ];
}

function compared(before: string, after: string) {
  return structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES, timeout: MOST_MS })?.hunks;
}

function range(start: number, lines: number): string {
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

/** Git ends a name with a tab where a blank could be taken for its end. */
function named(path: string): string {
  const name = quoted(path);
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name;
}

/** A name with quotes, backslashes or control characters, as git quotes it. */
function quoted(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names of files may have them
  if (!/["\\\u0000-\u001f\u007f]/.test(path)) return path;
  const escaped = path
    .replaceAll(/["\\]/g, '\\$&')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names of files may have them
    .replaceAll(/[\u0000-\u001f\u007f]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `"${escaped}"`;
}
