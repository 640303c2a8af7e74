import { compareBuild, parse, prerelease, type SemVer } from 'semver';

const LONGEST = 100;
/** Two to four numbers, and what PEP 440 has behind them: `3.2.0rc1`, `3.2.0.dev0`, `3.2.0.post1`, `1.0a2.dev3`. */
const WRITTEN =
  /^(\d{1,8})\.(\d{1,8})(?:\.(\d{1,8}))?(?:\.(\d{1,8}))?(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d{0,8}))?(?:[-_.]?(?:post|rev|r)[-_.]?(\d{0,8}))?(?:[-_.]?(dev)[-_.]?(\d{0,8}))?(?:\+[0-9A-Za-z.]{1,60})?$/i;
/** In the order in which they come before the release; `dev` comes before all of them. */
const STAGES: Readonly<Record<string, number>> = {
  a: 1,
  alpha: 1,
  b: 2,
  beta: 2,
  c: 3,
  rc: 3,
  pre: 3,
  preview: 3,
};

/** The text when it is a SemVer version and nothing else; semver itself also takes `v1.2.3` and blanks. */
export function exactVersion(text: string): string | null {
  return /^\d\S*$/.test(text) && parse(text)?.raw === text ? text : null;
}

/**
 * A version of any scheme as SemVer, by which versions compare: `1.9` is 1.9.0, `2026.05.01` is 2026.5.1, `1.2.3.4` comes
 * after 1.2.3, and of PEP 440 what is before a release comes before it. Null for what is no version.
 */
export function versionKey(text: string): string | null {
  const exact = exactVersion(text);
  if (exact !== null) return exact;
  if (text.length > LONGEST) return null;
  const [all, major, minor, patch = '0', fourth, stage, stageNumber, post, dev, devNumber] =
    WRITTEN.exec(text) ?? [];
  if (all === undefined) return null;
  const core = [major, minor, patch].map(Number).join('.');
  const build = [fourth, post].some((part) => part !== undefined)
    ? `+${[Number(fourth ?? 0), ...(post === undefined ? [] : ['post', Number(post)])].join('.')}`
    : '';
  const isDev = dev !== undefined;
  if (stage !== undefined) {
    const end = isDev ? [0, Number(devNumber)] : [1];
    return `${core}-${[STAGES[stage.toLowerCase()], Number(stageNumber), ...end].join('.')}${build}`;
  }
  return isDev && post === undefined ? `${core}-0.${Number(devNumber)}${build}` : core + build;
}

function read(text: string): SemVer | null {
  const key = versionKey(text);
  return key === null ? null : parse(key);
}

function compareRead(one: SemVer | null, other: SemVer | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return compareBuild(one, other);
}

/** Of two versions in any scheme; what is no version comes first. */
export function compareVersions(a: string, b: string): number {
  return compareRead(read(a), read(b));
}

/** Highest version first; what is no version comes last, and the same versions stay as they were. */
export function byVersion<T>(items: readonly T[], versionOf: (item: T) => string): T[] {
  // Each is read once: repositories have tens of thousands of tags.
  const known = items.map((item) => ({ item, version: read(versionOf(item)) }));
  return known.sort((a, b) => compareRead(b.version, a.version)).map(({ item }) => item);
}

/** Whether both are the same version, however they are written: `2026.05.1` and 2026.5.1. */
export function isSameVersion(a: string, b: string): boolean {
  const key = versionKey(a);
  return a === b || (key !== null && key === versionKey(b));
}

export function isPrerelease(version: string): boolean {
  const key = versionKey(version);
  return key !== null && prerelease(key) !== null;
}

/** As files need it that take SemVer only: `2026.05.1` is 2026.5.1. */
export function asSemver(version: string): string {
  return exactVersion(version) ?? versionKey(version) ?? version;
}

/** As tools of Python write the version of a release: `2026.05.1` is 2026.5.1, and 1.9 stays 1.9. */
export function asPep440(version: string): string {
  return version.replaceAll(/\d+/g, (number) => String(Number(number)));
}
