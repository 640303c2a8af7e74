import { Refusal } from '../../domain/refusals/refusal.ts';
import { fileText } from '../../domain/release/file-text.ts';
import type { FileChange, Sha } from '../../domain/release/release.ts';
import type { Blob, Repository } from './port.ts';

/** Refusal `branch-missing` for what cannot be the name of a branch or tag. */
export function checkNames(...names: readonly string[]): void {
  for (const branch of names) {
    if (!isRefName(branch)) throw new Refusal('branch-missing', { branch });
  }
}

/** A file as text, byte order mark included. Refusals of `fileText`. */
export function textOf(blob: Blob | null): string | null {
  return blob === null ? null : fileText(blob.at ?? blob.path, blob.bytes);
}

/** Whether git takes the text as the name of a branch or tag; also keeps refspecs and options apart from names. */
export function isRefName(name: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses them
    !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|^@$|[/.]$/.test(name) &&
    name !== '' &&
    name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

type Trees = Pick<Repository, 'read' | 'changed'>;

/**
 * Whether a commit differs from its base in exactly these files. A message can be forged, so it is by what it holds
 * that a commit is known again. The day in a heading may be another one: a release is planned anew after a crash.
 */
export async function holdsExactly(
  trees: Trees,
  { base, commit }: { readonly base: Sha; readonly commit: Sha },
  files: readonly FileChange[],
): Promise<boolean> {
  const paths = new Set(files.map(({ path }) => path));
  if ((await trees.changed(base, commit)).some((path) => !paths.has(path))) return false;
  const blobs = await trees.read(
    commit,
    files.map(({ path }) => path),
  );
  return files.every(({ path, text }, index) => {
    const blob = blobs[index];
    if (text === null) return !blob;
    return blob
      ? withoutDay(path, new TextDecoder('utf-8', { ignoreBOM: true }).decode(blob.bytes)) ===
          withoutDay(path, text)
      : false;
  });
}

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\\.?';
const DAY = new RegExp(
  [
    String.raw`\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b`,
    String.raw`\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b`,
    String.raw`\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?(?:\d{1,2}(?:st|nd|rd|th)?(?: of)?[ -])?${MONTH}(?:[ -]\d{1,2}(?:st|nd|rd|th)?)?,?[ -]\d{4}\b`,
    String.raw`\b\d{4}[ -]${MONTH}[ -]\d{1,2}\b`,
    // The line below a heading is as long as the heading.
    String.raw`^([-=~^+*#"'])\1{2,}[ \t]*$`,
  ].join('|'),
  'gim',
);

/** Documents hold the day of the release in many forms; other files do not, and a version may look like one. */
function withoutDay(path: string, text: string): string {
  const isDocument =
    /\.(?:md|markdown|rst|rest|txt)$|(?:^|\/)(?:changelog|changes|history|news)[^/.]*$/i.test(path);
  return isDocument ? text.replace(DAY, '') : text;
}
