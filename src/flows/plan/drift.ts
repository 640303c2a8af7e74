import type { Drift } from '../../domain/gates/candidate-validated.ts';
import { Refusal, whenRefused } from '../../domain/refusals/refusal.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { Sha } from '../../domain/release/release.ts';
import { versionScope } from '../../domain/release/version-files/more-paths.ts';
import { setVersion } from '../../domain/release/version-files/version-files.ts';
import type { Facts } from './facts.ts';
import { resolveCommit } from './known-releases.ts';
import { oursBy } from './own-commits.ts';
import { commitsOf } from './own-paths.ts';
import { isFragmentOf, readVersionTexts, versionPlaces } from './release-files.ts';

const SHOWN = 50;
/** Stands where a release writes its version. */
const NO_VERSION = '0.0.0-version';

/** What lies between the commit that was validated and the commit that would be released. */
export async function driftOf(facts: Facts): Promise<Drift> {
  const { repository, service, ledger } = facts.ports;
  const [{ reading, places }, base] = await Promise.all([facts.feature(), facts.base()]);
  const validated = reading.validatedCommit;
  const nothing = { validated, base, changed: [], commits: [], harmless: () => false };
  if (validated.kind !== 'value') return { ...nothing, resolved: null };

  const resolved = await resolveCommit(facts.ports, base, validated.value);
  if (resolved === null || resolved === base) return { ...nothing, resolved };
  const changed = await repository.changed(resolved, base).catch(whenRefused(null));
  if (changed === null) return { ...nothing, resolved: null };
  const commits: { sha: Sha; subject: string }[] = [];
  const released = new Set<string>();
  const ours = oursBy(ledger);
  for await (const { commit, isOurs } of commitsOf(repository, service, resolved, base)) {
    const { sha, message } = commit;
    const own = await ours(commit);
    if (own?.version) released.add(own.version);
    if (isOurs && commits.length < SHOWN) commits.push({ sha, subject: message.split('\n', 1)[0] ?? '' });
  }
  const onlyVersion =
    released.size > 0
      ? await onlyVersionChanged(facts, { from: resolved, to: base }, released)
      : new Set<string>();
  const dirs = service.featureDirs.map((dir) => dir.replace(/\/$/, ''));
  const named = [...dirs, service.changelog, ...service.sharedStateFiles];
  const at = await repository.placesOf(base, named);
  const folders = [...dirs, ...at.slice(0, dirs.length)].map((dir) => `${dir}/`);
  const files = new Set([...named.slice(dirs.length), ...at.slice(dirs.length), ...places]);
  const scope = versionScope(pathFilter(service.paths));
  const compareUrl = repository.links.compare(resolved, base);
  return {
    validated,
    resolved,
    base,
    changed,
    commits,
    harmless: (path) =>
      folders.some((folder) => path.startsWith(folder)) ||
      files.has(path) ||
      isFragmentOf(path, scope) ||
      onlyVersion.has(path) ||
      !(scope.filter?.matches(path) ?? true),
    ...(compareUrl === undefined ? {} : { compareUrl }),
  };
}

/**
 * Files that differ in nothing but the places that releases write their version to, and name there what one of the
 * releases in between wrote.
 */
async function onlyVersionChanged(
  facts: Facts,
  { from, to }: { readonly from: Sha; readonly to: Sha },
  released: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const [before, after] = await Promise.all([versionsAt(facts, from), versionsAt(facts, to)]);
  return new Set(
    [...after].flatMap(([path, { neutral, version }]) =>
      version !== null && released.has(version) && before.get(path)?.neutral === neutral ? [path] : [],
    ),
  );
}

/** Of each file with a version, by path: that version, and the text without it. Empty where files cannot be read. */
async function versionsAt(
  facts: Facts,
  commit: Sha,
): Promise<ReadonlyMap<string, { readonly neutral: string; readonly version: string | null }>> {
  const { repository, service } = facts.ports;
  try {
    const { texts } = await readVersionTexts(repository, service, commit);
    const places = versionPlaces(texts, service, null);
    const named = places.flatMap(({ version, hint }) => version ?? hint ?? []);
    return new Map(
      places.map((place) => {
        const [written] = setVersion([place], NO_VERSION, named);
        return [place.path, { neutral: written?.text ?? place.text, version: place.version ?? place.hint }];
      }),
    );
  } catch (error) {
    if (error instanceof Refusal) return new Map();
    throw error;
  }
}
