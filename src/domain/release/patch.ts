import { formatPatch, type StructuredPatch, structuredPatch } from 'diff';

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
    .map((edit) => formatPatch(compared(edit, mostMs)))
    .join('');
}

function compared({ path, before, after }: FileEdit, mostMs: number): StructuredPatch {
  const [from, to] = [
    before === null ? '/dev/null' : `a/${path}`,
    after === null ? '/dev/null' : `b/${path}`,
  ];
  const options = { context: CONTEXT_LINES, timeout: mostMs };
  const { hunks } = structuredPatch(from, to, before ?? '', after ?? '', undefined, undefined, options) ?? {
    hunks: [replaced(before ?? '', after ?? '')],
  };
  return {
    oldFileName: from,
    newFileName: to,
    oldHeader: undefined,
    newHeader: undefined,
    hunks,
    isGit: true,
    isCreate: before === null,
    isDelete: after === null,
  };
}

/** One hunk that takes all of the one text away and adds all of the other. */
function replaced(before: string, after: string) {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const marked = (sign: string, lines: readonly string[], text: string) => [
    ...lines.map((line) => sign + line),
    ...(text === '' || text.endsWith('\n') ? [] : ['\\ No newline at end of file']),
  ];
  return {
    oldStart: 1,
    oldLines: old.length,
    newStart: 1,
    newLines: fresh.length,
    lines: [...marked('-', old, before), ...marked('+', fresh, after)],
  };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
