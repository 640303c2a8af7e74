import { Refusal } from '../../refusals/refusal.ts';
import type { FileTexts } from './cargo.ts';
import { findJsonString, isJson, type TextRange } from './json-text.ts';

const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/** Packages of a workspace whose version a release raises. */
export interface RaisedPackage {
  /** From the folder of the lock: `packages/a`, empty for the root. */
  readonly folder: string;
  readonly name: string | null;
  readonly version: string | null;
}

/**
 * The version of a package.json, and what it requires of other packages that are raised.
 *
 * @throws Refusal `version-file-broken`
 */
export function packageRanges(path: string, text: string, texts: FileTexts): readonly TextRange[] {
  checkJson(path, text);
  return [...at(text, ['version']), ...requirements(text, [], raisedPackages('', texts))];
}

/**
 * The versions in a package-lock.json of the root and of the workspace packages that are raised, and what these require
 * of each other.
 *
 * @throws Refusal `version-file-broken`
 */
export function packageLockRanges(
  path: string,
  text: string,
  folder: string,
  texts: FileTexts,
): readonly TextRange[] {
  checkJson(path, text);
  const packages = raisedPackages(folder, texts);
  // Of a workspace whose root is not raised, only entries of packages follow.
  const isRaised = packages.length === 0 || packages.some((one) => one.folder === '');
  return [
    ...(isRaised ? at(text, ['version']) : []),
    // A package without a version of its own has none to follow.
    ...packages.flatMap((one) => (one.version === null ? [] : at(text, ['packages', one.folder, 'version']))),
    ...packages.flatMap((one) => requirements(text, ['packages', one.folder], packages)),
  ];
}

/** The same in bun.lock, which is JSON but for the commas at the end of lists; a broken or a binary one has none. */
export function bunLockRanges(text: string, folder: string, texts: FileTexts): readonly TextRange[] {
  if (!/^\uFEFF?\s*\{/.test(text)) return [];
  const packages = raisedPackages(folder, texts);
  try {
    return packages.flatMap((one) => [
      ...(one.version === null ? [] : at(text, ['workspaces', one.folder, 'version'])),
      ...requirements(text, ['workspaces', one.folder], packages),
    ]);
  } catch {
    return [];
  }
}

/** Where a package asks for the present version of one that is raised: `^1.2.3`, `workspace:1.2.3`. */
function requirements(
  text: string,
  above: readonly string[],
  packages: readonly RaisedPackage[],
): readonly TextRange[] {
  return packages.flatMap(({ name, version }) =>
    name === null || version === null
      ? []
      : DEPENDENCIES.flatMap((kind) => at(text, [...above, kind, name])).flatMap(({ start, end }) => {
          const asked = /^(?:workspace:)?[\^~=]?(.+)$/.exec(text.slice(start, end))?.[1];
          return asked === version ? [{ start: end - asked.length, end }] : [];
        }),
  );
}

/** The packages below a folder that a release raises, as their manifests say. */
export function raisedPackages(folder: string, texts: FileTexts): readonly RaisedPackage[] {
  return [...texts].flatMap(([path, text]) => {
    const isPackage = path === 'package.json' || path.endsWith('/package.json');
    if (text === null || !isPackage || !path.startsWith(folder) || !isJson(text)) return [];
    const held = (key: string) => at(text, [key]).map(({ start, end }) => text.slice(start, end))[0] ?? null;
    const own = path.slice(folder.length).replace(/\/?package\.json$/, '');
    return [{ folder: own, name: held('name'), version: held('version') }];
  });
}

function at(text: string, keys: readonly string[]): readonly TextRange[] {
  const found = findJsonString(text, keys);
  return found === null ? [] : [found];
}

function checkJson(path: string, text: string): void {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'not JSON';
    throw new Refusal('version-file-broken', { path, reason });
  }
}
