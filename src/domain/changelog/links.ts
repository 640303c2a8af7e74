import { compareBuild } from 'semver';
import type { Definition } from './document.ts';
import { comparable, readHeading, WRITTEN_VERSION } from './heading-reading.ts';
import type { Outline } from './outline.ts';

/** Lines to put in place of others; positions are those before any edit. */
export interface LineEdit {
  readonly at: number;
  readonly replace: number;
  readonly insert: readonly string[];
}

/** The release that links lead to. `label` and `from` are what they had before, where something has. */
export interface LinkedRelease {
  readonly version: string;
  readonly tag: string;
  readonly previousTag: string | null;
}

/** A name of a tag or branch in an address. */
interface Ref {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Null for a branch. */
  readonly version: string | null;
}

const REF = new RegExp(String.raw`(?:[\w@%+-]*[^\d\W_]|[\w@%+-]*[-_@])?v?(${WRITTEN_VERSION})`, 'gi');
/** `baseVersion=GTv1.0.0&targetVersion=GBmain`, `from=v1.0.0&to=main`. */
const QUERY =
  /[?&;](?:base|target|from|to|head|old|new|id2?|h2?|since|until|left|right)(?:version|ref|branch|tag)?=([^&#;]*)/gi;

/**
 * Continues the link definitions of a changelog: what is unreleased compares from the new tag on, and the new version
 * gets a link in the form of the newest one. Changes nothing where there is no definition to go by.
 */
export function continueLinks(outline: Outline, release: LinkedRelease): readonly LineEdit[] {
  const { definitions } = outline;
  const unreleased = definitions.find((one) => isUnreleased(outline, one, release)) ?? null;
  const versions = definitions.filter((one) => one !== unreleased && versionIn(one.label) !== null);
  const newest = newestOf(versions);
  const label = labelFor(unreleased && versionIn(unreleased.label) ? unreleased : newest, release.version);
  if (versions.some((definition) => definition.label.trim() === label)) return [];

  const named = unreleased ? versionIn(unreleased.label) : null;
  const moved = unreleased ? moveOn(unreleased.url, release) : null;
  const url = moved?.version ?? (newest ? nextOf({ label: newest.label, url: newest.url }, release) : null);
  if (unreleased && named !== null) {
    // `[1.1.0]: …/v1.0.0...HEAD` becomes the link of the release.
    return url === null ? [] : [rewritten(outline, unreleased, url, label)];
  }
  const anchor = unreleased ?? newest;
  if (!anchor || url === null) return [];
  const added = definitionLike(outline, newest ?? anchor, label, url);
  const kept =
    unreleased && moved ? [rewritten(outline, unreleased, moved.unreleased, unreleased.label)] : [];
  const place = placeOf(outline, unreleased, versions, newest);
  return [...kept, ...(place === null ? [] : [inserted(outline, place, added)])];
}

function versionIn(label: string): string | null {
  const version = new RegExp(WRITTEN_VERSION).exec(label.slice(0, 200))?.[0];
  return version === undefined ? null : comparable(version);
}

function isUnreleased(outline: Outline, { label, url }: Definition, release: LinkedRelease): boolean {
  const words = label.trim().replace(/\s+/g, ' ').toLowerCase();
  if (/^unreleased\b/.test(words)) return true;
  const isNamed = outline.unreleased.some(
    ({ heading, version }) =>
      heading.text.toLowerCase().includes(`[${words}]`) || (version !== null && versionIn(label) === version),
  );
  return isNamed || (readHeading(label)?.kind === 'unreleased' && moveOn(url, release) !== null);
}

function newestOf(definitions: readonly Definition[]): Definition | null {
  return definitions.reduce<Definition | null>((newest, one) => {
    const [a, b] = [versionIn(one.label), newest && versionIn(newest.label)];
    return a !== null && (b === null || compareBuild(a, b) > 0) ? one : newest;
  }, null);
}

function labelFor(model: Definition | null, version: string): string {
  return model ? model.label.trim().replace(new RegExp(WRITTEN_VERSION), () => version) : version;
}

/** The line of a definition with another label and address; what else stands in it stays. */
function rewritten({ lines }: Outline, definition: Definition, url: string, label: string): LineEdit {
  const { at, urlLine, from, to } = definition;
  const own = lines[urlLine] ?? '';
  const line = own.slice(0, from) + url + own.slice(to);
  if (urlLine !== at) return { at: urlLine, replace: 1, insert: [line] };
  return { at, replace: 1, insert: [line.replace(definition.label, () => label)] };
}

/** A definition in the form of another one: indentation, angle brackets, spaces. */
function definitionLike({ lines, markup }: Outline, model: Definition, label: string, url: string): string {
  if (markup === 'rest') {
    const marked = /[^\w. +-]/.test(label) || (lines[model.at] ?? '').includes('`') ? `\`${label}\`` : label;
    return `.. _${marked}: ${url}`;
  }
  const own = lines[model.at] ?? '';
  const isAngled = own[model.from - 1] === '<' && model.urlLine === model.at;
  const [indent = '', space = ' '] = [
    /^[ ]*/.exec(own.replace(/^\uFEFF/, ''))?.[0],
    /\]:([ \t]+)/.exec(own)?.[1],
  ];
  return `${indent}[${label}]:${space}${isAngled ? `<${url}>` : url}`;
}

interface Place {
  readonly at: number;
  readonly after: boolean;
}

/** Below what is unreleased where that comes first, and next to the newest version otherwise. */
function placeOf(
  { isAscending }: Outline,
  unreleased: Definition | null,
  versions: readonly Definition[],
  newest: Definition | null,
): Place | null {
  const [first] = versions;
  const isLast = unreleased !== null && versions.length > 0 && versions.every(({ at }) => at < unreleased.at);
  if (unreleased && isLast) {
    const isDescending = newest === first && versions.length > 1 && !isAscending;
    return isDescending && newest ? { at: newest.at, after: false } : { at: unreleased.at, after: false };
  }
  if (unreleased) return { at: unreleased.end - 1, after: true };
  if (!newest) return null;
  return newest === versions.at(-1) && versions.length > 1
    ? { at: newest.end - 1, after: true }
    : { at: newest.at, after: false };
}

function inserted({ lines, newline }: Outline, { at, after }: Place, text: string): LineEdit {
  if (!after) return { at, replace: 0, insert: [text + newline] };
  const isOpen = !/[\r\n]$/.test(lines[at] ?? '');
  return { at: at + 1, replace: 0, insert: isOpen ? [newline, text] : [text + newline] };
}

/** `…/compare/v1.2.0...HEAD`, v1.3.0 → what is unreleased from v1.3.0 on, and the link of 1.3.0 itself. */
export function moveOn(url: string, release: LinkedRelease): { unreleased: string; version: string } | null {
  const refs = refsOf(url);
  const old = refs?.find(({ version }) => version !== null);
  const open = refs?.find(({ version }) => version === null);
  if (!old || !open) return null;
  const tag = tagLike(old, release.tag);
  const from = laterOf(old, release.previousTag);
  // Azure DevOps: GT is a tag, GB a branch.
  const head = /^G[BTC](?=.)/.test(open.text) && /^GT/.test(old.text) ? 'GT' : '';
  return {
    unreleased: replaced(url, [[old, tag]]),
    version: replaced(url, [
      [old, from],
      [open, head !== '' ? tag : tag.replace(/^GT/, '')],
    ]),
  };
}

/** The address of the version after the one that `label` names, in the same form; null when it is not understood. */
export function nextOf(newest: Pick<Definition, 'label' | 'url'>, release: LinkedRelease): string | null {
  const own = versionIn(newest.label);
  const refs = (refsOf(newest.url) ?? tagsIn(newest.url)).filter(({ version }) => version !== null);
  const right =
    own === null
      ? undefined
      : [...refs].reverse().find((ref) => ref.version !== null && comparable(ref.version) === own);
  if (!right) return null;
  const others = refs.filter((ref) => ref !== right);
  const left = others.find((ref) => ref.version !== right.version);
  if (others.length === 0) {
    // One side of the range is a branch: such an address does not lead from one version to the next.
    return (refsOf(newest.url)?.length ?? 1) > 1
      ? null
      : replaced(newest.url, [[right, tagLike(right, release.tag)]]);
  }
  if (!left || others.length > 1) return everywhere(newest.url, refs, right, release);
  return replaced(newest.url, [
    [left, laterOf(right, release.previousTag)],
    [right, tagLike(right, release.tag)],
  ]);
}

/** An address that names the version more than once, and no other: `/v1.2.0/shop-1.2.0.tgz`. */
function everywhere(url: string, refs: readonly Ref[], own: Ref, release: LinkedRelease): string | null {
  if (refs.some(({ version }) => version !== own.version)) return null;
  return replaced(
    url,
    refs.map((ref) => [
      ref,
      ref.text.slice(0, ref.text.length - (ref.version?.length ?? 0)) + release.version,
    ]),
  );
}

function replaced(url: string, edits: readonly (readonly [Ref, string])[]): string {
  return [...edits]
    .sort(([a], [b]) => b.start - a.start)
    .reduce((text, [{ start, end }, by]) => text.slice(0, start) + by + text.slice(end), url);
}

/** The tag as addresses of this form write it: what stands before the version stays where it is the tag's own. */
function tagLike({ text, version }: Ref, tag: string): string {
  const prefix = version === null ? '' : text.slice(0, text.length - version.length);
  const azure = /^GT(?=.)/.exec(prefix)?.[0] ?? '';
  const isEncoded = /%[0-9a-f]{2}/i.test(prefix);
  return azure + (isEncoded ? encodeURIComponent(tag) : tag);
}

/** The tag that a range begins at: the last release, where it is later than what the address names. */
function laterOf(ref: Ref, previousTag: string | null): string {
  const previous = previousTag === null ? null : versionIn(previousTag);
  const own = ref.version === null ? null : comparable(ref.version);
  const isLater = previous !== null && own !== null && compareBuild(previous, own) > 0;
  return isLater && previousTag !== null ? tagLike(ref, previousTag) : ref.text;
}

/** The two sides of a page that compares; null for other pages. */
function refsOf(url: string): readonly Ref[] | null {
  const sides = [...url.slice(0, 2_000).matchAll(QUERY)].map((found) => {
    const text = found[1] ?? '';
    return refAt(text, found.index + found[0].length - text.length);
  });
  if (sides.length === 2) return sides;
  const page = /\/(?:compare|diff|branches\/compare)\//i.exec(url);
  return (page && rangeFrom(url, page.index + page[0].length)) ?? rangeFrom(url, url.lastIndexOf('/') + 1);
}

/** `v1.2.0...HEAD`, `v1.2.0..HEAD` and Bitbucket's `HEAD%0Dv1.2.0`; tags may hold slashes. */
function rangeFrom(url: string, start: number): readonly Ref[] | null {
  const range = url.slice(start).replace(/[?#].*$/s, '');
  // A name has at least one character, so the separator is not looked for in the first.
  const found = /\.{2,3}|%0D/i.exec(range.slice(1));
  if (start === 0 || !found) return null;
  const at = found.index + 1;
  const right = range.slice(at + found[0].length);
  return right === '' ? null : [refAt(range.slice(0, at), start), refAt(right, start + at + found[0].length)];
}

function refAt(text: string, start: number): Ref {
  const version = new RegExp(`(${WRITTEN_VERSION})$`).exec(text.slice(-200))?.[1] ?? null;
  return { start, end: start + text.length, text, version };
}

/** Versions that stand anywhere in an address, each with what belongs to its tag. */
function tagsIn(url: string): readonly Ref[] {
  return [...url.slice(0, 2_000).matchAll(REF)].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
    text: found[0],
    version: found[1] ?? null,
  }));
}
