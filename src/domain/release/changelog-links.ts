import { bare, LINK_DEFINITION, type Outline, SEMVER } from './changelog-outline.ts';

/** Lines to put in place of others; positions are those before any edit. */
interface LineEdit {
  readonly at: number;
  readonly replace: number;
  readonly insert: readonly string[];
}

interface Definition {
  readonly at: number;
  readonly label: string;
  readonly url: string;
}

const VERSION = new RegExp(SEMVER);

/**
 * Continues the link definitions of a changelog: `[Unreleased]` compares from the new tag on, and the new
 * version gets a link in the form of the newest one. Understands `a...b`, `a..b` and Bitbucket's `b%0Da`
 * compare pages and pages that name one version. Changes nothing when there is no definition to go by.
 */
export function continueLinks(
  outline: Outline,
  { version, tag }: { readonly version: string; readonly tag: string },
  newline: string,
): readonly LineEdit[] {
  const definitions = definitionsOf(outline);
  const unreleased = definitions.find(({ label }) => label.toLowerCase() === 'unreleased');
  const newest = definitions.find(({ label }) => VERSION.test(label));
  const prefix = newest ? newest.label.slice(0, newest.label.search(VERSION)) : '';
  const label = `${prefix}${version}`;
  if (definitions.some((definition) => definition.label === label)) return [];

  const moved = unreleased ? moveOn(unreleased.url, tag) : null;
  const url = moved?.version ?? (newest ? nextOf(newest, tag) : null);
  const anchor = unreleased ?? newest;
  if (!anchor || url === null) return [];

  const own = outline.lines[anchor.at] ?? '';
  const end = own.endsWith('\n') ? newline : '';
  const added = `[${label}]: ${url}`;
  if (!unreleased) return [{ at: anchor.at, replace: 0, insert: [added + newline] }];
  const kept = moved ? bare(own).replace(unreleased.url, () => moved.unreleased) : bare(own);
  return [
    {
      at: anchor.at,
      replace: 1,
      insert: [kept + (end ? own.slice(bare(own).length) : newline), added + end],
    },
  ];
}

function definitionsOf(outline: Outline): readonly Definition[] {
  return outline.lines.flatMap((line, at) => {
    const [, label, url] = (outline.opaque[at] ? null : LINK_DEFINITION.exec(bare(line))) ?? [];
    return label === undefined || url === undefined ? [] : [{ at, label, url }];
  });
}

/** `…/compare/v1.2.0...HEAD`, v1.3.0 → Unreleased from v1.3.0 on, and the link of 1.3.0 itself. */
function moveOn(url: string, tag: string): { unreleased: string; version: string } | null {
  const parts = compareParts(url);
  if (!parts) return null;
  const { head, left, separator, right } = parts;
  const isLeftOld = VERSION.test(left);
  if (isLeftOld === VERSION.test(right)) return null;
  return isLeftOld
    ? { unreleased: head + tag + separator + right, version: head + left + separator + tag }
    : { unreleased: head + left + separator + tag, version: head + tag + separator + right };
}

/** The link of the version after the one that `label` names, in the same form; null when it is not understood. */
export function nextOf(newest: Pick<Definition, 'label' | 'url'>, tag: string): string | null {
  const version = VERSION.exec(newest.label)?.[0] ?? '';
  const parts = compareParts(newest.url);
  if (!parts) {
    const at = newest.url.lastIndexOf(version);
    if (at < 0) return null;
    const start = Math.max(newest.url.lastIndexOf('/', at - 1), newest.url.lastIndexOf('=', at - 1)) + 1;
    return newest.url.slice(0, start) + tag + newest.url.slice(at + version.length);
  }
  const { head, left, separator, right } = parts;
  if (right.includes(version)) return head + right + separator + tag;
  return left.includes(version) ? head + tag + separator + left : null;
}

/** Splits the address of a compare page at its range; tags may hold slashes. */
function compareParts(url: string) {
  const page = /\/compare\//i.exec(url);
  return (page && partsFrom(url, page.index + page[0].length)) ?? partsFrom(url, url.lastIndexOf('/') + 1);
}

function partsFrom(url: string, start: number) {
  const range = url.slice(start);
  // A name has at least one character, so the separator is not looked for in the first.
  const found = /\.{2,3}|%0D/i.exec(range.slice(1));
  if (start === 0 || !found) return null;
  const at = found.index + 1;
  const [separator] = found;
  const right = range.slice(at + separator.length);
  return right === '' ? null : { head: url.slice(0, start), left: range.slice(0, at), separator, right };
}
