import { versionKey } from '../version-key.ts';
import { cargoLockRanges, cargoRanges, type FileTexts, type VersionRange } from './cargo.ts';
import { type CheckedPlace, markedPlaces, VERSION_MARKER } from './checked.ts';
import { conventionalRanges } from './conventional.ts';
import type { Gems } from './gems.ts';
import type { TextRange } from './json-text.ts';
import type { Poms } from './maven.ts';
import { bunLockRanges, packageLockRanges, packageRanges } from './node.ts';
import { pyprojectRanges, uvLockRanges } from './python.ts';
import { pnpmLockRanges, yarnLockRanges } from './workspace-locks.ts';

/** Where a version stands in a text. */
export interface Places {
  /** Where the format of the file says that its version stands. */
  readonly ranges: readonly VersionRange[];
  /** Where a marker or a pattern says so. */
  readonly checked: readonly CheckedPlace[];
  /** Where files of its kind keep it by convention; it follows when it is the present version. */
  readonly conventional: readonly TextRange[];
  /** Where a file of the home itself says its own version by convention; null for any other file. */
  readonly telling: TextRange | null;
}

export const NOWHERE: Places = { ranges: [], checked: [], conventional: [], telling: null };

/** What the files know of each other. */
export interface Context {
  readonly texts: FileTexts;
  /** Manifests whose own version is raised, beside those of crates that inherit it. */
  readonly own: ReadonlySet<string>;
  readonly home: string;
  readonly cargo: () => Parameters<typeof cargoRanges>[3];
  readonly poms: () => Poms;
  readonly gems: () => Gems;
}

export function isDirectlyIn(path: string, home: string): boolean {
  return path.startsWith(home) && !path.slice(home.length).includes('/');
}

/**
 * @param meant whether the configuration names the file: then its version is its own, whatever it is
 */
export function placesIn(path: string, text: string, context: Context, meant: boolean): Places {
  const ranges = rangesOf(path, text, context);
  if (ranges !== null) return { ...NOWHERE, ranges, checked: besideRanges(path, text, ranges) };
  const found = conventionalRanges(path, text, context);
  const checked = markedPlaces(path, text);
  if (found === null) return { ...NOWHERE, checked };
  const [own = null, ...others] = found;
  const conventional = others.flatMap((range) => range ?? []);
  if (own === null) return { ...NOWHERE, checked, conventional };
  return meant && checked.length === 0
    ? { ...NOWHERE, ranges: [own], conventional }
    : {
        ...NOWHERE,
        checked,
        conventional: [own, ...conventional],
        telling: isDirectlyIn(path, context.home) ? own : null,
      };
}

/** Marked lines but for those that hold what the format says, which follows in any case. */
function besideRanges(path: string, text: string, ranges: readonly TextRange[]): readonly CheckedPlace[] {
  if (!text.includes(VERSION_MARKER)) return [];
  const isIn = ({ start, end }: TextRange) => ranges.some((range) => start < range.end && range.start < end);
  return markedPlaces(path, text).filter(({ candidates }) => !candidates.some(isIn));
}

/** Where the format of a well-known file says that its version stands; null for any other file. */
function rangesOf(path: string, text: string, context: Context): readonly VersionRange[] | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, path.length - name.length);
  switch (name) {
    case 'package.json':
      return packageRanges(path, text, context.texts);
    case 'package-lock.json':
    case 'npm-shrinkwrap.json':
      return packageLockRanges(path, text, folder, context.texts);
    case 'bun.lock':
      return bunLockRanges(text, folder, context.texts);
    case 'pnpm-lock.yaml':
      return pnpmLockRanges(text, folder, context.texts);
    case 'yarn.lock':
      return yarnLockRanges(text, folder, context.texts);
    case 'VERSION':
      return within(text, /^\uFEFF?\s*v?(\S+)\s*$/d);
    case 'pyproject.toml':
      return pyprojectRanges(path, text);
    case 'uv.lock':
      return uvLockRanges(path, text, context.texts);
    case 'Cargo.toml':
      return cargoRanges(path, text, context.own.has(path), context.cargo());
    case 'Cargo.lock':
      return cargoLockRanges(path, text, context.cargo().crates);
    default:
      return null;
  }
}

/** Ranges of the first capture group that hold a version. */
function within(text: string, pattern: RegExp): readonly TextRange[] {
  const range = pattern.exec(text)?.indices?.[1];
  if (!range) return [];
  const [start, end] = range;
  return versionKey(text.slice(start, end)) === null ? [] : [{ start, end }];
}
