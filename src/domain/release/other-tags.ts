import { compareBuild } from 'semver';
import { Refusal } from '../refusals/refusal.ts';
import { exactVersion, type VersionTag } from './version.ts';

/** Tags whose names end in numbers with dots between, after a name and a `v`, as releases of all kinds have. */
const LOOKS_LIKE = /^(.{0,100}?)(\d{1,8}(?:\.\d{1,8}){1,3})([-+.0-9A-Za-z]{0,60})$/;
/** What is between the name of a part of the repository and the version of its tags. */
const SEPARATORS = /[-_/@.]*v?$/i;

interface OtherTag {
  readonly name: string;
  readonly prefix: string;
  /** As a version of three parts, to compare by: 1.9 → 1.9.0. */
  readonly version: string;
  /** What is behind the prefix is SemVer, so only the prefix has to be told. */
  readonly isReadable: boolean;
}

/**
 * Refusal `tags-otherwise` when the repository has tags that name releases in another way than prefix + SemVer, above
 * the highest that is read: the numbers would start over, or go backwards. `known` are those that are read, the highest
 * first. Tags of other parts of the repository (`api/v1.2.0` for the prefix `web/v`) are none of this service's.
 */
export function refuseOtherTags(
  names: readonly string[],
  prefix: string,
  known: readonly Pick<VersionTag, 'version'>[],
): void {
  const part = prefix.replace(SEPARATORS, '');
  const highest = known[0]?.version;
  const others = names
    .flatMap((name) => otherTag(name, prefix) ?? [])
    .filter((tag) => concerns(tag, { part, prefix, isFirst: highest === undefined }))
    .filter(({ version }) => highest === undefined || compareBuild(version, highest) > 0)
    .sort((a, b) => compareBuild(b.version, a.version) || (a.name < b.name ? -1 : 1));
  const [first] = others;
  if (first === undefined) return;
  throw new Refusal('tags-otherwise', {
    count: others.length,
    tag: first.name,
    prefix,
    ...(highest === undefined ? {} : { highest: prefix + highest }),
    ...(first.isReadable ? { other: first.prefix } : {}),
  });
}

function otherTag(name: string, prefix: string): OtherTag | null {
  if (name.startsWith(prefix) && exactVersion(name.slice(prefix.length)) !== null) return null;
  const [, before = '', numbers = '', after = ''] = LOOKS_LIKE.exec(name) ?? [];
  if (numbers === '') return null;
  const [major = 0, minor = 0, patch = 0] = numbers.split('.').map(Number);
  return {
    name,
    prefix: before,
    version: `${major}.${minor}.${patch}`,
    isReadable: exactVersion(numbers + after) !== null,
  };
}

/** Once a release is known by its tag, only the same prefix is this service's: others are those of other parts. */
function concerns(
  { name, prefix: its }: OtherTag,
  { part, prefix, isFirst }: { readonly part: string; readonly prefix: string; readonly isFirst: boolean },
): boolean {
  if (!isFirst) return its === prefix || its.replace(/v$/i, '') === prefix.replace(/v$/i, '');
  return part === '' || name.startsWith(part);
}
