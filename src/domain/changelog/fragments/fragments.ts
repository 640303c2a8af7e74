import type { ChangelogGroup } from '../../release/commits.ts';
import type { FileChange } from '../../release/release.ts';
import { type Bump, type BumpReason, compareBumps } from '../../release/version.ts';
import { withoutTrailing } from '../../text/trailing.ts';
import { smallYaml } from '../../text/yaml-limits.ts';
import { bumpOfGroup, isBreakingEntry } from '../entries.ts';
import { readChangeset } from './changesets.ts';
import type { Towncrier } from './towncrier.ts';

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

/** Whose fragments they are. */
export interface FragmentSettings {
  /** In a repository of several services, the packages of this one: what a changeset says of others stays. */
  readonly packages?: ReadonlySet<string> | null;
  /** The folder of the service, with a slash at its end; empty for the whole repository. */
  readonly home?: string;
  readonly towncrier?: Towncrier | null;
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

/** Whether a file is one that a release takes out, by its path in the project with these settings of towncrier. */
export function isFragment(path: string, towncrier: Towncrier | null = null): boolean {
  const [dir, name] = parted(path);
  if (/^(?:readme|template|\.|_)/i.test(name)) return false;
  if (dir === '.changeset') return name.endsWith('.md');
  if (dir === '.changes/unreleased') return /\.ya?ml$/.test(name);
  if (titleIn(path, towncrier) !== null) return true;
  return dir === 'changelog.d' && /\.(?:md|rst)$/.test(name);
}

/**
 * Reads changesets (`.changeset/*.md`), fragments of towncrier (`newsfragments/12.feature.md`), scriv
 * (`changelog.d/*.md`) and changie (`.changes/unreleased/*.yaml`). A changeset that names no package says nothing, and is
 * taken out all the same.
 */
export function readFragments(
  files: readonly { readonly path: string; readonly text: string }[],
  { packages = null, home = '', towncrier = null }: FragmentSettings = {},
): Fragments {
  const groups = new Map<string, string[]>();
  const reasons: BumpReason[] = [];
  const left: FileChange[] = [];
  for (const { path, text } of files) {
    const read = path.startsWith('.changeset/')
      ? inChangeset(path, text, packages)
      : { changes: changesIn(path.slice(home.length), plain(text), towncrier), others: null };
    if (!read?.changes) continue;
    left.push({ path, text: read.others });
    for (const { group, bump, text: entry } of read.changes) {
      const breaking = bump === 'major' && group === 'Changed' ? '**BREAKING** ' : '';
      const entries = groups.get(group) ?? [];
      entries.push(breaking + entry);
      groups.set(group, entries);
      reasons.push({
        bump: saysBreaking(entry) ? 'major' : bump,
        text: `${path}: ${entry.split('\n', 1)[0]}`,
      });
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

function inChangeset(path: string, text: string, packages: ReadonlySet<string> | null) {
  const read = readChangeset(path, text, packages);
  if (read === null) return null;
  const { bump, summary, others } = read;
  const entry = summary === '' ? 'No summary.' : summary;
  return { changes: bump === null ? [] : [{ group: kindOf(bump).group, bump, text: entry }], others };
}

/** Whether one of its lines does, as one of a changelog would; what is shown as code is only spoken of. */
function saysBreaking(entry: string): boolean {
  let isCode = false;
  return entry.split('\n').some((line, index) => {
    const isFence = /^\s*(?:```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return !isFence && !isCode && isBreakingEntry(index === 0 ? `- ${line}` : line.trim());
  });
}

function plain(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** Null for a file that is no fragment after all. */
function changesIn(path: string, text: string, towncrier: Towncrier | null): readonly Change[] | null {
  const [dir, name] = parted(path);
  if (dir === '.changes/unreleased') return inChangie(text);
  const title = titleIn(path, towncrier);
  if (title !== null) {
    const issue = /^#?(\d+)\./.exec(name)?.[1];
    const entry = text.trim().replace(/^[-*] /, '');
    return entry === ''
      ? []
      : [{ ...kindOf(title), text: issue === undefined ? entry : withIssue(entry, issue) }];
  }
  const collected = inScriv(text);
  return collected.length > 0 ? collected : null;
}

function withIssue(entry: string, issue: string): string {
  if (entry.includes(`#${issue}`)) return entry;
  const [first = '', ...more] = entry.split('\n');
  return more.length === 0 ? `${first} (#${issue})` : `${entry} (#${issue})`;
}

function parted(path: string): readonly [dir: string, name: string] {
  const cut = path.lastIndexOf('/');
  return [path.slice(0, cut), path.slice(cut + 1)];
}

/**
 * `12.feature.md`, `12.bugfix.1.rst`, `+orphan.misc`: what its group is called. Null for a name without a type. Behind an
 * issue any word is one, behind anything else those that are known or named in the settings.
 */
function titleIn(path: string, towncrier: Towncrier | null): string | null {
  const [dir, name] = parted(path);
  const isTowncriers = dir === 'newsfragments' || (towncrier?.folders.includes(dir) ?? false);
  if (!isTowncriers && dir !== 'changelog.d') return null;
  const parts = name.replace(/\.(?:md|rst|txt)$/, '').split('.');
  if (parts.length > 2 && /^\d+$/.test(parts.at(-1) ?? '')) parts.pop();
  const type = parts.length > 1 ? (parts.pop() ?? '').toLowerCase() : '';
  if (TYPES.some(([words]) => words.test(type))) return type;
  if (!isTowncriers) return null;
  const isOwn = /^[a-z]{2,20}$/.test(type) && /^(?:#?\d+|[A-Z][A-Z\d]*-\d+|\+[^.]*)$/.test(parts.join('.'));
  return towncrier?.types.get(type) ?? (isOwn ? type : null);
}

function kindOf(type: string): { readonly group: string; readonly bump: Bump } {
  const words = type.trim().toLowerCase();
  const own = type.trim().replace(/^[a-z]/, (letter) => letter.toUpperCase());
  const [, group = own, bump = bumpOfGroup(words)] = TYPES.find(([known]) => known.test(words)) ?? [];
  return { group, bump };
}

function inChangie(text: string): readonly Change[] | null {
  const read = smallYaml(text, 5_000);
  if (typeof read !== 'object' || read === null) return null;
  const { kind, body } = read as { readonly kind?: unknown; readonly body?: unknown };
  if (typeof body !== 'string' || body.trim() === '') return null;
  return [{ ...kindOf(typeof kind === 'string' ? kind : 'Changed'), text: body.trim() }];
}

/** What is no text: rules, lines under titles, anchors. */
const NO_TEXT = /^(?:([-=~^.*_+#"'`])\1{2,}|<a [^<>]*><\/a>)\s*$/;
const BULLET = /^(?:[-*+]|\d{1,3}[.)]) /;

/**
 * Groups with their entries: `### Added`, `- coupons`, or a paragraph. Comments of the template say nothing. Nothing for a
 * file without groups; else every line is read, as the file is taken out.
 */
function inScriv(text: string): readonly Change[] {
  const changes: { group: string; bump: Bump; lines: string[] }[] = [];
  let group: string | null = null;
  let isComment = false;
  let isAside = false;
  let fence = '';
  let isOpen = false;
  const lines = text.split('\n');
  lines.forEach((line, at) => {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1] ?? '';
    if (fence !== '') {
      changes.at(-1)?.lines.push(line);
      if (mark === fence) fence = '';
      return;
    }
    if (isComment || line.startsWith('<!--')) {
      isComment = !line.includes('-->');
      return;
    }
    isAside = /^\.\.(?: |$)/.test(line) || (isAside && /^(?:\s|$)/.test(line));
    if (isAside) return;
    const isTitle = /^[-=~^.]{3,}\s*$/.test(lines[at + 1] ?? '') && /^\w/.test(line);
    const title = titleOf(line) ?? (isTitle ? line.trim() : undefined);
    if (title !== undefined) group = title;
    if (title !== undefined || line.trim() === '' || (mark === '' && NO_TEXT.test(line))) {
      isOpen = false;
      return;
    }
    fence = mark;
    const last = changes.at(-1);
    const goesOn = last !== undefined && (isOpen || /^\s/.test(line)) && !BULLET.test(line);
    isOpen = true;
    if (goesOn) last.lines.push(mark === '' ? line.trim() : line);
    else changes.push({ ...kindOf(group ?? 'Misc'), lines: [line.replace(BULLET, '')] });
  });
  if (group === null) return [];
  return changes.map(({ lines: own, ...kind }) => ({ ...kind, text: own.join('\n') }));
}

/** Words of a line `## Added ##`; undefined for other lines. */
function titleOf(line: string): string | undefined {
  const words = /^#{1,6} +(\S[\s\S]*)$/.exec(line)?.[1]?.trimEnd();
  if (words === undefined) return undefined;
  const open = withoutTrailing(words, '#');
  return open.endsWith(' ') ? open.trimEnd() : words;
}
