import { type FileTexts, isManifest, isWorkspace } from './cargo.ts';
import { conventionalPaths } from './conventional.ts';

const MOST_MEMBERS = 300;

/**
 * What of a tree has to be read as well to raise a version, once the files that are always read are known: the members
 * of a Cargo workspace, and files that are conventional by their kind.
 *
 * Refusals: `version-file-broken`.
 */
export function moreVersionPaths(paths: readonly string[], texts: FileTexts): readonly string[] {
  const folders = [...texts].flatMap(([path, text]) =>
    text !== null && isManifest(path) && isWorkspace(path, text) ? [path.slice(0, -'Cargo.toml'.length)] : [],
  );
  const members = paths.filter(
    (path) =>
      isManifest(path) &&
      folders.some((folder) => path.startsWith(folder)) &&
      !/(?:^|\/)(?:target|vendor|node_modules)\//.test(path),
  );
  const wanted = new Set([...members.slice(0, MOST_MEMBERS), ...conventionalPaths(paths)]);
  return [...wanted].filter((path) => !texts.has(path));
}
