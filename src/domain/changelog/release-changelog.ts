import { Refusal } from '../refusals/refusal.ts';
import { emptyChangelog, firstLinks } from './begin.ts';
import { bodyOf, type ChangelogRelease, sectionFor } from './changelog.ts';
import { bareText } from './document.ts';
import { entriesOf, placeholdersOf } from './entries.ts';
import { generatedBody } from './generated.ts';
import { headingFor, newestOf, statusFor } from './heading-style.ts';
import { continueLinks, type LineEdit, moveOn } from './links.ts';
import { type Outline, outlineOf, type Section } from './outline.ts';
import { hasUnreadVersions, isSound } from './sound.ts';

interface Edited {
  readonly edits: readonly LineEdit[];
  readonly body: string;
}

/**
 * The changelog after the release, and the text of the release's section without its heading (LF, trimmed).
 * Only lines are inserted, the link of what is unreleased is pointed at the new tag, and a heading that named the version
 * to come becomes that of the version; everything else stays as it is, byte for byte.
 *
 * - Unreleased with entries: they stand, as they are, under the new version's heading, which is written in
 *   the style of the newest version's heading; an empty Unreleased stays above.
 * - `1.3.0 (unreleased)` with entries: that heading becomes the version's.
 * - Nothing unreleased has entries: the section is made from the commits; nothing in it acts or hides.
 * - Nothing is called unreleased: the section is inserted above the newest version; no Unreleased is added.
 * - No changelog: one is begun, with an Unreleased heading.
 * - A section for this version is there already and nothing is unreleased: it is taken as written.
 *   Something is: Refusal `changelog-has-version`.
 * - Compare links are continued where the newest one can be understood.
 *
 * Refusals: `changelog-form-unknown` where versions stand in a form that is not read, `changelog-unreleased-twice`,
 * `changelog-not-editable` where the edited file would not read as it should.
 */
export function releaseChangelog(
  text: string | null,
  release: ChangelogRelease,
): { readonly text: string; readonly body: string } {
  const { path = 'CHANGELOG.md' } = release;
  const mark = text?.startsWith('\uFEFF') ? '\uFEFF' : '';
  const own = text?.slice(mark.length) ?? '';
  if (own.trim() === '') {
    const begun = edit(emptyChangelog(path), { ...release, outline: null }, { path, isNew: true });
    const links = begun.text.startsWith('#') ? firstLinks(release) : '';
    return { text: begun.text + links, body: begun.body };
  }
  const edited = edit(own, release, { path });
  return { text: mark + edited.text, body: edited.body };
}

/** A file that is new has nothing that could be read otherwise than before. */
function edit(
  text: string,
  release: ChangelogRelease,
  { path, isNew = false }: { readonly path: string; readonly isNew?: boolean },
): { text: string; body: string } {
  const { version } = release;
  const outline =
    release.outline?.lines[0]?.startsWith('\uFEFF') === false ? release.outline : outlineOf(text, path);
  if (outline.sections.length === 0 && hasUnreadVersions(outline, path)) {
    throw new Refusal('changelog-form-unknown', { path });
  }
  const withEntries = outline.unreleased.filter((section) => entriesOf(outline, section).length > 0);
  if (withEntries.length > 1) {
    throw new Refusal('changelog-unreleased-twice', {
      path,
      lines: withEntries.map(({ heading }) => String(heading.at + 1)),
    });
  }
  const [unreleased] = withEntries;
  const collected = release.collected ?? [];
  const present = sectionFor(outline, version);
  if (present) {
    if (unreleased || collected.length > 0) throw new Refusal('changelog-has-version', { version });
    return { text, body: bodyOf(outline, present) };
  }
  const { edits, body } = sectionEdits(outline, release, unreleased ?? null);
  const all = [...edits, ...continueLinks(outline, release)];
  const edited = applied(outline.lines, all, outline.newline);
  if (!isNew && !readsBack(outline, { edits, all, edited }, { path, version, body })) {
    throw new Refusal('changelog-not-editable', { path, version });
  }
  return { text: edited, body };
}

/** Versions of a long file that are read again behind the last change of a section. */
const READ_AGAIN = 50;

/**
 * Reads the edited file again. A heading on the top level ends every block before it, so that of a long file, newest
 * first, the part up to some versions behind the new section tells for all of it.
 */
function readsBack(
  outline: Outline,
  { edits, all, edited }: { edits: readonly LineEdit[]; all: readonly LineEdit[]; edited: string },
  { path, version, body }: { path: string; version: string; body: string },
): boolean {
  const last = Math.max(...edits.map(({ at, replace }) => at + replace));
  const first = outline.versions.findIndex(({ heading }) => heading.at >= last);
  const end = first < 0 || outline.isAscending ? undefined : outline.versions[first + READ_AGAIN]?.top;
  if (end === undefined) return isSound(outline, outlineOf(edited, path), version, body);
  const lines = outline.lines.slice(0, end);
  const near = all.filter(({ at, replace }) => at + replace <= end);
  const after = applied(lines, near, outline.newline);
  return isSound(outlineOf(lines.join(''), path), outlineOf(after, path), version, body);
}

function sectionEdits(outline: Outline, release: ChangelogRelease, filled: Section | null): Edited {
  const own =
    filled ?? outline.unreleased.find(({ written }) => written !== null) ?? outline.unreleased[0] ?? null;
  const collected = release.collected ?? [];
  const isNamed = own !== null && (own.written !== null || own.status?.kind === 'unreleased');
  if (own && isNamed) return takenOver(outline, release, own, filled !== null);
  if (own && filled) return belowUnreleased(outline, release, own);
  const groups = collected.length > 0 ? collected : release.generated;
  return newSection(outline, release, own, groups);
}

/** Unreleased stays, empty, next to the newest version, and what stood below it stands below the heading of that. */
function belowUnreleased(outline: Outline, release: ChangelogRelease, own: Section): Edited {
  const newline = outline.newline;
  const added = generatedFor(outline, release.collected ?? [], own);
  const head = [...headingFor(outline, release, own), ...statusLines(outline, release, own)];
  const isTight = own.heading.form !== 'line' && outline.markup === 'markdown' && head.length === 1;
  const next = outline.lines[own.heading.end] ?? '';
  const gap = isTight || bareText(next).trim() === '' ? [] : [newline];
  const body = bodyOf(outline, own);
  const whole = added.length > 0 ? `${body}\n\n${added.join('\n')}` : body;
  if (outline.isAscending) {
    const { at, end } = own.heading;
    const [moved] = movedUnreleased(outline, release, own);
    const heading = (moved?.insert ?? outline.lines.slice(at, end)).map(bareText);
    const last = added.length > 0 ? [...added, '', ...heading] : heading;
    const insert = [...head.map((line) => line + newline), ...gap];
    return { edits: [{ at, replace: end - at, insert }, ...appended(outline, own, last)], body: whole };
  }
  return {
    edits: [
      ...movedUnreleased(outline, release, own),
      { at: own.heading.end, replace: 0, insert: [newline, ...head.map((line) => line + newline), ...gap] },
      ...appended(outline, own, added),
    ],
    body: whole,
  };
}

/** `1.3.0 (unreleased)` becomes the heading of the version; what stood in for entries goes. */
function takenOver(outline: Outline, release: ChangelogRelease, own: Section, hasEntries: boolean): Edited {
  const { heading, status } = own;
  const collected = release.collected ?? [];
  const groups = hasEntries || collected.length > 0 ? collected : release.generated;
  const added = hasEntries && groups.length === 0 ? [] : generatedFor(outline, groups, own, !hasEntries);
  const gone = placeholdersOf(outline, own);
  const head = headingFor(outline, release, own);
  const kept = bodyOf(outline, own, new Set(gone));
  const day = status ? statusFor(outline, release, own) : null;
  const body = [kept, added.join('\n')].filter((part) => part !== '').join('\n\n');
  return {
    edits: [
      {
        at: heading.at,
        replace: heading.end - heading.at,
        insert: head.map((line) => line + endOf(outline, heading.end - 1)),
      },
      ...(status && day !== null
        ? [{ at: status.at, replace: 1, insert: [day + endOf(outline, status.at)] }]
        : []),
      ...(status ? [] : statusAfter(outline, release, own)),
      ...gone.map((at, index) => ({
        at,
        replace: 1,
        insert: index === 0 && kept === '' ? added.map((line) => line + outline.newline) : [],
      })),
      ...(gone.length > 0 && kept === '' ? [] : appended(outline, own, added)),
    ],
    body,
  };
}

function newSection(
  outline: Outline,
  release: ChangelogRelease,
  own: Section | null,
  groups: ChangelogRelease['generated'],
): Edited {
  const newest = newestOf(outline);
  const first = outline.sections.find((section) => section !== own) ?? null;
  const place = outline.isAscending ? (newest?.end ?? outline.linksAt) : (first?.top ?? outline.linksAt);
  const at = own && !outline.isAscending ? own.end : place;
  const head = [...anchorLike(outline, release), ...headingFor(outline, release, own)];
  const model = newest ?? own;
  const level = own?.heading.level ?? newest?.heading.level ?? 2;
  const generated = generatedBody(outline, groups, model?.heading.form === 'line' ? 2 : level);
  const body = indented(outline, at, generated);
  const status = statusLines(outline, release, own);
  return {
    edits: [
      ...(own ? movedUnreleased(outline, release, own) : []),
      insertion(outline, at, [...head, ...status, '', ...body]),
    ],
    body: body.join('\n'),
  };
}

function generatedFor(
  outline: Outline,
  groups: ChangelogRelease['generated'],
  own: Section,
  always = false,
): string[] {
  if (groups.length === 0 && !always) return [];
  return indented(outline, own.end, generatedBody(outline, groups, own.heading.level));
}

/** Indented as what comes next is: behind a list, an indented heading would be a part of its last item. */
function indented({ lines, markup }: Outline, at: number, body: readonly string[]): string[] {
  let next = at;
  while (next < lines.length && (lines[next] ?? '').trim() === '') next++;
  const [indent = ''] = markup === 'markdown' ? (/^ {1,3}(?=\S)/.exec(lines[next] ?? '') ?? []) : [];
  return body.map((line) => (line === '' ? '' : indent + line));
}

/** `<a name="1.2.0"></a>` above the newest heading: the new one gets its own. */
function anchorLike(outline: Outline, { version }: ChangelogRelease): string[] {
  const newest = newestOf(outline);
  if (!newest || newest.top === newest.heading.at || !newest.written) return [];
  const line = bareText(outline.lines[newest.top] ?? '');
  if (!line.includes(newest.written)) return [];
  const gap = newest.heading.at - newest.top > 1 ? [''] : [];
  return [line.replaceAll(newest.written, () => version), ...gap];
}

function statusLines(outline: Outline, release: ChangelogRelease, own: Section | null): string[] {
  const day = statusFor(outline, release, own);
  return day === null ? [] : ['', day];
}

function statusAfter(outline: Outline, release: ChangelogRelease, own: Section): LineEdit[] {
  const insert = statusLines(outline, release, own).map((line) => line + outline.newline);
  return insert.length === 0 ? [] : [{ at: own.heading.end, replace: 0, insert }];
}

/** `## [Unreleased](…/compare/v1.2.0...HEAD)` compares from the new tag on. */
function movedUnreleased(outline: Outline, release: ChangelogRelease, { heading }: Section): LineEdit[] {
  const own = outline.lines[heading.at] ?? '';
  const url = /\]\(\s*<?([^()\s<>]+)/.exec(own)?.[1] ?? /`[^`<]*<([^<>`]+)>`_/.exec(own)?.[1];
  const moved = url === undefined ? null : moveOn(url, release);
  if (url === undefined || !moved) return [];
  return [{ at: heading.at, replace: 1, insert: [own.replace(url, () => moved.unreleased)] }];
}

/** Lines at the end of a section, one empty line below what stands there. */
function appended(outline: Outline, own: Section, lines: readonly string[]): LineEdit[] {
  if (lines.length === 0) return [];
  let last = own.end;
  while (last > own.heading.end && (outline.lines[last - 1] ?? '').trim() === '') last--;
  return [insertion(outline, last, lines)];
}

/** A block before a line, with one blank line on both sides; at the end the last line end stays or stays away. */
function insertion({ lines, newline }: Outline, at: number, block: readonly string[]): LineEdit {
  const before = lines[at - 1];
  const after = lines[at];
  const insert = block.map((line) => line + newline);
  if (before !== undefined && before.trim() !== '') insert.unshift(newline);
  if (after !== undefined && after.trim() !== '') insert.push(newline);
  return { at, replace: 0, insert };
}

function endOf({ lines, newline }: Outline, at: number): string {
  return /[\r\n]+$/.exec(lines[at] ?? '')?.[0] ?? newline;
}

/** Applies edits from below; a last line without line end stays the one without, whatever it is. */
function applied(lines: readonly string[], edits: readonly LineEdit[], newline: string): string {
  const result = [...lines];
  const isOpen = !/[\r\n]$/.test(lines.at(-1) ?? '\n');
  if (isOpen) result[result.length - 1] += newline;
  const order = edits.map((edit, index) => ({ ...edit, index }));
  for (const { at, replace, insert } of order.sort(
    (a, b) => b.at - a.at || b.replace - a.replace || b.index - a.index,
  )) {
    result.splice(at, replace, ...insert);
  }
  const text = result.join('');
  return isOpen ? text.replace(/(?:\r\n|\n|\r)$/, '') : text;
}
