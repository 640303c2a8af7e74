import type { Sha } from './release.ts';
import { versionScheme } from './scheme.ts';
import { byVersion, isSameVersion } from './version-key.ts';

/** No version is as long. */
const LONGEST = 300;

/** How the tags of a service are named: prefix + version + suffix. */
export interface TagForm {
  readonly tagPrefix: string;
  readonly tagSuffix?: string | undefined;
  /** Name of the scheme of its versions; SemVer where it is not said. */
  readonly scheme?: string | undefined;
}

/** A tag whose name is a version in the form of the service. */
export interface VersionTag {
  readonly name: string;
  /** Without prefix and suffix; with prerelease and build metadata when the tag has them. */
  readonly version: string;
  readonly commit: Sha;
}

/** The tag of a version. */
export function tagOf({ tagPrefix, tagSuffix = '' }: TagForm, version: string): string {
  return tagPrefix + version + tagSuffix;
}

/** A tag as releases of this form have. */
export function likelyTag(form: TagForm): string {
  return tagOf(form, versionScheme(form.scheme ?? 'semver')?.example ?? '1.2.3');
}

/** What a tag of this form names, version or not; null for a tag of another form. */
export function withinTag({ tagPrefix, tagSuffix = '' }: TagForm, name: string): string | null {
  const isOurs =
    name.startsWith(tagPrefix) &&
    name.endsWith(tagSuffix) &&
    name.length > tagPrefix.length + tagSuffix.length;
  return isOurs ? name.slice(tagPrefix.length, name.length - tagSuffix.length) : null;
}

/** The version that a tag names; null for a tag of another form or scheme. */
export function versionInTag(form: TagForm, name: string): string | null {
  const version = name.length > LONGEST ? null : withinTag(form, name);
  return version !== null && versionScheme(form.scheme ?? 'semver')?.reads(version) ? version : null;
}

/**
 * The tags that name a version, highest version first; every other tag is ignored. Lightweight tags count:
 * repositories that were released by hand have them.
 */
export function versionTags(
  tags: readonly { readonly name: string; readonly commit: Sha }[],
  form: TagForm,
): readonly VersionTag[] {
  const found: VersionTag[] = [];
  for (const { name, commit } of tags) {
    const version = versionInTag(form, name);
    if (version !== null) found.push({ name, version, commit });
  }
  return byVersion(
    found.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ({ version }) => version,
  );
}

/** The tag of a version among others, also where somebody writes the version otherwise: 2026.5.1 for `2026.05.1`. */
export function tagOfVersion<T extends { readonly name: string }>(
  form: TagForm,
  tags: readonly T[],
  version: string,
): T | undefined {
  const ours = tags.filter(({ name }) => withinTag(form, name) !== null);
  const exact =
    ours.find(({ name }) => name === tagOf(form, version)) ??
    ours.find(({ name }) => name === version) ??
    ours.find(({ name }) => name === tagOf(form, version.replace(/^v(?=\d)/i, '')));
  if (exact || (form.scheme ?? 'semver') === 'semver') return exact;
  return ours.find(({ name }) => {
    const own = versionInTag(form, name);
    return own !== null && isSameVersion(own, version);
  });
}
