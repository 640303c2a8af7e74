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
 * much to be compared goes as a whole, and comes as a whole: after `mostMs` of searching.
 */
export function patchOf(edits: readonly FileEdit[], mostMs = MOST_MS): string {
  return edits
    .filter(({ before, after }) => before !== after)
    .flatMap((edit) => [...headOf(edit), ...hunksOf(edit, mostMs)].map((line) => `${line}\n`))
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

function hunksOf({ path, before, after }: FileEdit, mostMs: number): string[] {
  const hunks = compared(before ?? '', after ?? '', mostMs) ?? [replaced(before ?? '', after ?? '')];
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

function compared(before: string, after: string, mostMs: number) {
  return structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES, timeout: mostMs })?.hunks;
}

/** One hunk that takes all of the one text away and adds all of the other. */
function replaced(before: string, after: string) {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const marked = (sign: string, lines: readonly string[], text: string) => [
    ...lines.map((line) => sign + line),
    ...(text === '' || text.endsWith('\n') ? [] : ['\\ No newline at end of file']),
  ];
  return {
    oldStart: Math.min(old.length, 1),
    oldLines: old.length,
    newStart: Math.min(fresh.length, 1),
    newLines: fresh.length,
    lines: [...marked('-', old, before), ...marked('+', fresh, after)],
  };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
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
