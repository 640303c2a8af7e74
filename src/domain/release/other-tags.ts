import { Refusal } from '../refusals/refusal.ts';
import type { Sha } from './release.ts';
import { looksLikeCalendar } from './scheme.ts';
import { likelyTag, type TagForm, tagOf, type VersionTag, versionInTag } from './tag-form.ts';
import { byVersion, compareVersions, exactVersion, versionKey } from './version-key.ts';

/** Tags whose names end in numbers with dots between, after a name and a `v`, as releases of all kinds have. */
const LOOKS_LIKE = /^(.{0,100}?)(\d{1,8}(?:\.\d{1,8}){1,3})([-+.0-9A-Za-z]{0,60})$/;
/** What is between the name of a part of the repository and the version of its tags. */
const SEPARATORS = /[-_/@.]*v?$/i;

/** A tag that names a release in another way than those of the service. */
export interface OtherTag {
  readonly name: string;
  readonly commit: Sha;
  /** One numbering has one prefix. */
  readonly prefix: string;
  /** As a version of three parts, to compare by: 1.9 → 1.9.0. */
  readonly version: string;
  readonly written: string;
  /** What is behind the prefix is SemVer, so only the prefix has to be told. */
  readonly isReadable: boolean;
}

type Tag = Pick<VersionTag, 'name' | 'commit'>;
type Known = readonly Pick<VersionTag, 'version'>[];

/**
 * The tags that name releases in another way than prefix + SemVer, above the highest that is read, the highest first:
 * the numbers would start over, or go backwards. `known` are those that are read, the highest first. Tags of other parts
 * of the repository (`api/v1.2.0` for the prefix `web/v`) are none of this service's.
 */
export function otherTags(tags: readonly Tag[], form: TagForm, known: Known): readonly OtherTag[] {
  const { tagPrefix: prefix } = form;
  const part = prefix.replace(SEPARATORS, '');
  const highest = known[0]?.version;
  const found = tags
    .flatMap((tag) => otherTag(tag, form) ?? [])
    .filter((tag) => concerns(tag, { part, prefix, isFirst: highest === undefined }))
    .filter(({ version }) => highest === undefined || compareVersions(version, highest) > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return byVersion(found, ({ version }) => version);
}

/** Refusal `tags-otherwise` when there are such tags. */
export function refuseOtherTags(others: readonly OtherTag[], form: TagForm, known: Known): void {
  const [first] = others;
  if (first === undefined) return;
  const highest = known[0]?.version;
  throw new Refusal('tags-otherwise', {
    count: others.length,
    tag: first.name,
    example: likelyTag(form),
    ...(highest === undefined ? {} : { highest: tagOf(form, highest) }),
    ...(first.isReadable ? { other: first.prefix } : schemeFor(first.written)),
  });
}

function otherTag({ name, commit }: Tag, form: TagForm): OtherTag | null {
  if (versionInTag(form, name) !== null) return null;
  const [, before = '', numbers = '', after = ''] = LOOKS_LIKE.exec(name) ?? [];
  if (numbers === '') return null;
  const [major = 0, minor = 0, patch = 0] = numbers.split('.').map(Number);
  return {
    name,
    commit,
    prefix: before,
    version: `${major}.${minor}.${patch}`,
    written: numbers + after,
    isReadable: exactVersion(numbers + after) !== null,
  };
}

/** A day in one number: 20260501.1.0. */
const DAY = /^20\d{6}\./;

/** What people put before a version that is none of a part of the repository. */
const PLAIN_NAME = /^(?:r|rel|releases?|ver|versions?)?$/i;

/**
 * Once a release is known by its tag, only the same prefix is this service's, and a plain word where its own is one: others
 * are those of other parts.
 */
function concerns(
  { name, prefix: its, version, isReadable }: OtherTag,
  { part, prefix, isFirst }: { readonly part: string; readonly prefix: string; readonly isFirst: boolean },
): boolean {
  if (!isFirst) {
    const isPlain = PLAIN_NAME.test(part) && PLAIN_NAME.test(its.replace(SEPARATORS, ''));
    return (
      (isPlain && isReadable && !looksLikeCalendar(version) && !DAY.test(version)) ||
      its === prefix ||
      its.replace(/v$/i, '') === prefix.replace(/v$/i, '')
    );
  }
  return part === '' || name.startsWith(part);
}

/** The scheme that reads such a version; nothing where none does. */
function schemeFor(written: string): { readonly scheme?: string } {
  const [year = '', second = '', third, ...more] = written.split('.');
  const isYear = /^20\d\d$/.test(year);
  if (isYear && more.length === 0 && /^\d{1,2}$/.test(second) && Number(second) <= 12) {
    const month = /^0/.test(second) ? '0M' : 'MM';
    return { scheme: `YYYY.${month}${third === undefined ? '' : /^\d\d$/.test(third) ? '.0D' : '.MICRO'}` };
  }
  if (/^\d+\.\d+$/.test(written)) return { scheme: 'major.minor' };
  return versionKey(written) !== null && /[a-z]/i.test(written) ? { scheme: 'pep440' } : {};
}

/**
 * Refusal `tags-by-calendar` when the versions are rather dates and nobody has said what they are: 2026.5.3 is not
 * followed by 2026.6.0 because there was a feature.
 */
export function refuseCalendar({ scheme, ...form }: TagForm, known: Known): void {
  const [last] = known;
  if (scheme !== undefined || last === undefined || !looksLikeCalendar(last.version)) return;
  const isMonth = known.slice(0, 20).every(({ version }) => Number(version.split('.')[1]) <= 12);
  const guess = isMonth ? 'YYYY.MM.MICRO' : 'YYYY.MINOR.MICRO';
  throw new Refusal('tags-by-calendar', { tag: tagOf(form, last.version), scheme: guess });
}
