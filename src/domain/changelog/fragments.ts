import { parse } from 'yaml';
import type { ChangelogGroup } from '../release/commits.ts';
import type { FileChange } from '../release/release.ts';
import { type Bump, type BumpReason, compareBumps } from '../release/version.ts';
import { withoutTrailing } from '../text/trailing.ts';

/** Folders in which tools keep one file for each change until the release. */
export const FRAGMENT_FOLDERS = [
  '.changeset',
  'changelog.d',
  'newsfragments',
  '.changes/unreleased',
] as const;

/** What the fragments of a release say, and what becomes of their files: the release takes them out. */
export interface Fragments {
  readonly groups: readonly ChangelogGroup[];
  /** Most telling first. */
  readonly reasons: readonly BumpReason[];
  readonly files: readonly FileChange[];
}

interface Change {
  readonly group: string;
  readonly bump: Bump;
  /** Markdown, without the bullet. */
  readonly text: string;
}

const GROUPS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security', 'Documentation', 'Misc'];
/** Words for kinds of changes, as the tools and people name their types. */
const TYPES: readonly (readonly [RegExp, group: string, Bump])[] = [
  [/^(?:feat|features?|added|add|new|enhancements?|minor)$/, 'Added', 'minor'],
  [/^(?:breaking|significant|incompatible|major)$/, 'Changed', 'major'],
  [/^(?:changed|changes?|improvements?|updates?)$/, 'Changed', 'minor'],
  [/^(?:deprecated|deprecations?)$/, 'Deprecated', 'minor'],
  [/^(?:removed|removals?)$/, 'Removed', 'major'],
  [/^(?:fixed|fix(?:es)?|bug ?fix(?:es)?|bugs?|patch)$/, 'Fixed', 'patch'],
  [/^security$/, 'Security', 'patch'],
  [/^(?:docs?|documentation)$/, 'Documentation', 'patch'],
  [/^(?:misc|internal|chore|trivial|packaging|contributor|dev|build|ci|perf|performance)$/, 'Misc', 'patch'],
];

/** `directory` of `[tool.towncrier]` in pyproject.toml, where that is another one; null otherwise. */
export function fragmentFolderIn(pyproject: string | null): string | null {
  const at = pyproject?.indexOf('[tool.towncrier]') ?? -1;
  if (pyproject === null || at < 0) return null;
  const table = pyproject.slice(at + 16, at + 4_000).split(/\n\[/, 1)[0] ?? '';
  const folder = /^directory\s*=\s*["']([^"'\n]+)["']/m.exec(table)?.[1]?.replace(/^\.\/|\/+$/g, '') ?? '';
  return folder === '' || folder.startsWith('/') || folder.includes('..') || isKnown(folder) ? null : folder;
}

/** Whether a file is one that a release takes out, by its path; `folder` is that of the project's own settings. */
export function isFragment(path: string, folder: string | null = null): boolean {
  const cut = path.lastIndexOf('/');
  const [dir, name] = [path.slice(0, cut), path.slice(cut + 1)];
  if (/^(?:readme|template|\.|_)/i.test(name)) return false;
  if (dir === '.changeset') return name.endsWith('.md');
  if (dir === '.changes/unreleased') return /\.ya?ml$/.test(name);
  if (dir === folder || dir === 'newsfragments') return typeIn(name, true) !== null;
  return dir === 'changelog.d' && (typeIn(name) !== null || /\.(?:md|rst)$/.test(name));
}

/**
 * Reads changesets (`.changeset/*.md`), fragments of towncrier (`newsfragments/12.feature.md`), scriv
 * (`changelog.d/*.md`) and changie (`.changes/unreleased/*.yaml`). A changeset that names no package says nothing, and is
 * taken out all the same.
 *
 * @param packages in a repository of several services, the packages of this one: what a changeset says of others stays
 */
export function readFragments(
  files: readonly { readonly path: string; readonly text: string }[],
  packages: ReadonlySet<string> | null = null,
): Fragments {
  const groups = new Map<string, string[]>();
  const reasons: BumpReason[] = [];
  const left: FileChange[] = [];
  for (const { path, text } of files) {
    const isShared = packages !== null && path.startsWith('.changeset/');
    const parts = isShared ? splitChangeset(text, packages) : { ours: text, others: null };
    if (parts === null) continue;
    const changes = changesIn(path, parts.ours.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
    if (changes === null) continue;
    left.push({ path, text: parts.others });
    for (const { group, bump, text: entry } of changes) {
      const breaking = bump === 'major' && group === 'Changed' ? '**BREAKING** ' : '';
      const entries = groups.get(group) ?? [];
      entries.push(breaking + entry);
      groups.set(group, entries);
      reasons.push({ bump, text: `${path}: ${entry.split('\n', 1)[0]}` });
    }
  }
  const place = (title: string) => (GROUPS.includes(title) ? GROUPS.indexOf(title) : GROUPS.length);
  return {
    groups: [...groups]
      .map(([title, entries]) => ({ title, entries }))
      .sort((a, b) => place(a.title) - place(b.title)),
    reasons: reasons.sort((a, b) => compareBumps(b.bump, a.bump)),
    files: left,
  };
}

/** A changeset as if it named only these packages, and what is left of it for others; null when it names none of them. */
function splitChangeset(
  text: string,
  packages: ReadonlySet<string>,
): { readonly ours: string; readonly others: string | null } | null {
  const [, opening = '', head = '', rest = ''] =
    /^(\uFEFF?\s*---[ \t]*\r?\n)((?:[^\n]*\n)*?)(---[ \t]*(?:\r?\n[\s\S]*)?)$/.exec(text) ?? [];
  const lines = head.split(/(?<=\n)/);
  const names = lines.map((line) => /^\s*["']?([^"':\s]+)["']?\s*:/.exec(line)?.[1]);
  const isOurs = (index: number) => packages.has(names[index] ?? '');
  const ours = lines.filter((_line, index) => isOurs(index));
  const others = lines.filter((_line, index) => !isOurs(index));
  if (ours.length === 0) return null;
  const named = others.some((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return {
    ours: opening + ours.join('') + rest,
    others: named ? opening + others.join('') + rest : null,
  };
}

/** Null for a file that is no fragment after all. */
function changesIn(path: string, text: string): readonly Change[] | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path.startsWith('.changeset/')) return inChangeset(text);
  if (path.startsWith('.changes/')) return inChangie(text);
  const type = typeIn(name, !path.startsWith('changelog.d/'));
  if (type !== null) {
    const issue = /^#?(\d+)\./.exec(name)?.[1];
    const entry = text.trim().replace(/^[-*] /, '');
    return entry === ''
      ? []
      : [{ ...kindOf(type), text: issue === undefined ? entry : withIssue(entry, issue) }];
  }
  const collected = inScriv(text);
  return collected.length > 0 ? collected : null;
}

function withIssue(entry: string, issue: string): string {
  if (entry.includes(`#${issue}`)) return entry;
  const [first = '', ...more] = entry.split('\n');
  return more.length === 0 ? `${first} (#${issue})` : `${entry} (#${issue})`;
}

/** `12.feature.md`, `12.bugfix.1.rst`, `+orphan.misc`: the type; null when the name has none, or an unknown one. */
function typeIn(name: string, mayBeOwn = false): string | null {
  const parts = name.replace(/\.(?:md|rst|txt)$/, '').split('.');
  if (parts.length > 2 && /^\d+$/.test(parts.at(-1) ?? '')) parts.pop();
  const type = parts.length > 1 ? (parts.at(-1) ?? '').toLowerCase() : '';
  const isKnownType = TYPES.some(([words]) => words.test(type));
  return isKnownType || (mayBeOwn && /^[a-z]{2,20}$/.test(type)) ? type : null;
}

function kindOf(type: string): { readonly group: string; readonly bump: Bump } {
  const words = type.trim().toLowerCase();
  const own = type.trim().replace(/^[a-z]/, (letter) => letter.toUpperCase());
  const [, group = own, bump = 'patch' as const] = TYPES.find(([known]) => known.test(words)) ?? [];
  return { group, bump };
}

function inChangeset(text: string): readonly Change[] | null {
  const [, head, summary = ''] = /^\s*---[ \t]*\n((?:[^\n]*\n)*?)---[ \t]*(?:\n([\s\S]*))?$/.exec(text) ?? [];
  if (head === undefined) return null;
  const bumps = head.split('\n').flatMap((line): Bump[] => {
    const word = /:\s*["']?(major|minor|patch)["']?\s*$/.exec(line)?.[1];
    return word === 'major' || word === 'minor' || word === 'patch' ? [word] : [];
  });
  const [bump] = bumps.sort((a, b) => compareBumps(b, a));
  const entry = summary.trim();
  if (bump === undefined) return [];
  return [{ group: kindOf(bump).group, bump, text: entry === '' ? 'No summary.' : entry }];
}

function inChangie(text: string): readonly Change[] | null {
  let read: unknown;
  try {
    // Keys that are maps would be written out as text, each twice for each level.
    read =
      text.length > 5_000 ? null : parse(text, { maxAliasCount: 0, prettyErrors: false, stringKeys: true });
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null) return null;
  const { kind, body } = read as { readonly kind?: unknown; readonly body?: unknown };
  if (typeof body !== 'string' || body.trim() === '') return null;
  return [{ ...kindOf(typeof kind === 'string' ? kind : 'Changed'), text: body.trim() }];
}

/** Groups with their lists: `### Added`, `- coupons`; comments of the template say nothing. */
function inScriv(text: string): readonly Change[] {
  const changes: { group: string; bump: Bump; lines: string[] }[] = [];
  let group: string | null = null;
  let isComment = false;
  const lines = text.split('\n');
  lines.forEach((line, at) => {
    if (isComment || line.startsWith('<!--')) {
      isComment = !line.includes('-->');
      return;
    }
    const isTitle = /^[-=~^.]{3,}\s*$/.test(lines[at + 1] ?? '') && /^\w/.test(line);
    const title = titleOf(line) ?? (isTitle ? line.trim() : undefined);
    if (title !== undefined) group = title;
    else if (group !== null && /^[-*+] /.test(line)) {
      changes.push({ ...kindOf(group), lines: [line.slice(2)] });
    } else if (/^\s+\S/.test(line)) changes.at(-1)?.lines.push(line.trim());
  });
  return changes.map(({ lines: own, ...kind }) => ({ ...kind, text: own.join('\n') }));
}

/** Words of a line `## Added ##`; undefined for other lines. */
function titleOf(line: string): string | undefined {
  const words = /^#{1,6} +(\S[\s\S]*)$/.exec(line)?.[1]?.trimEnd();
  if (words === undefined) return undefined;
  const open = withoutTrailing(words, '#');
  return open.endsWith(' ') ? open.trimEnd() : words;
}

function isKnown(folder: string): boolean {
  return FRAGMENT_FOLDERS.some((known) => known === folder);
}
