import picomatch from 'picomatch';

/** Which files of a repository belong to a service that shares it with others. */
export interface PathFilter {
  readonly matches: (path: string) => boolean;
  /** Folders and files below which all that match are; one that is empty stands for the whole repository. */
  readonly roots: readonly string[];
  /** Whether everything below the roots matches. */
  readonly isWhole: boolean;
  /** Folder in which the service keeps its own package, ends with a slash; empty: the root, or none is named. */
  readonly home: string;
}

const OPTIONS = { dot: true, nonegate: true, strictBrackets: true, nocase: false } as const;

/**
 * The filter of a list of folders, files and globs: `apps/api`, `packages/*`, `!apps/api/docs`. What is named or matched
 * counts with everything below it; of several that match, the last decides. Null without a list, and for one that names the
 * whole repository: every file and every commit belongs.
 */
export function pathFilter(paths: readonly string[] | undefined): PathFilter | null {
  if (paths === undefined) return null;
  const rules = paths.map((path) => {
    const counts = !path.startsWith('!');
    const pattern = bare(path);
    return { counts, pattern, matches: matcherOf(pattern), base: picomatch.scan(pattern).base };
  });
  const counting = rules.filter(({ counts }) => counts);
  const roots = withoutNested(counting.map(({ base }) => base));
  const isPlain =
    counting.length === rules.length && rules.every(({ pattern, base }) => isWhole(pattern, base));
  if (isPlain && roots.includes('')) return null;
  return {
    matches: (path) => rules.findLast(({ matches }) => matches(path))?.counts ?? false,
    roots,
    isWhole: isPlain,
    home: homeOf(paths.filter((path) => !path.startsWith('!'))),
  };
}

/** Why a text cannot be one of the paths of a service, as what is expected instead; null when it can. */
export function pathProblem(path: string): string | null {
  const pattern = bare(path);
  if (pattern === '' && !/^!?\.?\/?$/.test(path)) return 'a folder, a file or a glob';
  if (path.trim() !== path || path === '' || path === '!') return 'a folder, a file or a glob';
  if (/[\\\0\n]/.test(path)) return 'a path with forward slashes';
  if (pattern.startsWith('/')) return 'a path that begins below the root of the repository, without a slash';
  if (pattern.split('/').some((part) => part === '..' || part === '.')) {
    return 'a path inside the repository, without . or .. in it';
  }
  try {
    if (pattern !== '') picomatch(pattern, OPTIONS);
  } catch {
    return 'a glob whose brackets are closed';
  }
  return null;
}

/** Without `!`, `./` and the slash at the end; the root is empty. */
function bare(path: string): string {
  const pattern = path.replace(/^!/, '').replace(/^(?:\.\/)+/, '');
  const short = pattern.replace(/(?<=[^/])\/$/, '');
  return short === '.' || pattern === '' ? '' : short;
}

function matcherOf(pattern: string): (path: string) => boolean {
  if (pattern === '') return () => true;
  // Folders are called `[id]` and `(shop)` too: what is named is meant, whatever it means as a glob.
  const named = (path: string) => path === pattern || isBelow(path, pattern);
  if (!picomatch.scan(pattern).isGlob) return named;
  const exact = picomatch(pattern, OPTIONS);
  const below = picomatch(`${pattern}/**`, OPTIONS);
  return (path) => named(path) || exact(path) || below(path);
}

/** A folder or file by its name, or a glob for all of a folder. */
function isWhole(pattern: string, base: string): boolean {
  return pattern === base || pattern === `${base}/**` || (base === '' && pattern === '**');
}

/** The first that can be a folder: names of files end in a dot and a few letters. */
function homeOf(paths: readonly string[]): string {
  for (const path of paths) {
    const pattern = bare(path);
    const { isGlob, base } = picomatch.scan(pattern);
    const isFile = !isGlob && !path.endsWith('/') && /[^/]\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(pattern);
    if (isFile) continue;
    return base === '' ? '' : `${base}/`;
  }
  return '';
}

function withoutNested(roots: readonly string[]): readonly string[] {
  const all = [...new Set(roots)];
  return all.filter((root) => !all.some((other) => other !== root && isBelow(root, other)));
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
