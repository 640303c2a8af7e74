import type { Drift } from '../../domain/gates/candidate-validated.ts';
import { Refusal, whenRefused } from '../../domain/refusals/refusal.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { Sha } from '../../domain/release/release.ts';
import { setVersion, type VersionPlaces } from '../../domain/release/version-files/version-files.ts';
import { isStateFile } from '../../domain/state-file/is-state.ts';
import { given } from '../../domain/text/given.ts';
import type { Facts } from './facts.ts';
import { resolveCommit } from './known-releases.ts';
import { isFragmentOf, readEach, readVersionTexts, towncrierAt, versionPlaces } from './release-files.ts';
import { commitsOf, oursBy } from './service-commits.ts';

const SHOWN = 50;
const NONE: ReadonlySet<string> = new Set();

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
      ? await onlyVersionChanged(facts, { from: resolved, to: base }, released).catch(whenRefused(NONE))
      : NONE;
  const { isSpecOrState, onlyOwnSays } = await specsAndState(facts, resolved, base);
  const files = new Set(places);
  const filter = pathFilter(service.paths);
  const home = filter?.home ?? '';
  const towncrier = await towncrierAt(repository, base, home);
  return {
    validated,
    resolved,
    base,
    changed,
    commits,
    harmless: (path) =>
      isSpecOrState(path) ||
      files.has(path) ||
      isFragmentOf(path, home, towncrier) ||
      onlyVersion.has(path) ||
      !(filter?.matches(path) ?? true),
    onlyOwnSays,
    ...given({ compareUrl: repository.links.compare(resolved, base) }),
  };
}

/** What the repository's own file calls a changelog or a folder of state holds text for people and state, and no code. */
const TEXT =
  /\.(?:adoc|markdown|md|rst|txt)$|(?:^|\/)(?:CHANGELOG|CHANGES|HISTORY|NEWS|RELEASES|(?:workflow-)?state\.ya?ml)$/i;
const IMAGE = /\.(?:gif|jpe?g|png|webp)$/i;

/** Which paths are of the feature folders, the changelog and the shared state files, links followed. */
async function specsAndState({ ports }: Facts, validated: Sha, base: Sha) {
  const { repository, service } = ports;
  const dirs = service.featureDirs.map((dir) => dir.replace(/\/$/, ''));
  const named = [...dirs, service.changelog, ...service.sharedStateFiles];
  const at = await repository.placesOf(base, named);
  const own = new Set(service.namedByRepository);
  const all = named.flatMap((name, index) =>
    [name, at[index] ?? name].map((place) => ({
      covers: (path: string) => (index < dirs.length ? path.startsWith(`${place}/`) : path === place),
      isOwn: own.has(index < dirs.length ? (service.featureDirs[index] ?? name) : name),
      isFolder: index < dirs.length,
    })),
  );
  const ownState = service.sharedStateFiles.filter(
    (path) => own.has(path) && /\.(?:ya?ml|json)$/i.test(path),
  );
  const [before, after] = await Promise.all(
    [validated, base].map((commit) => readEach(ports.repository, commit, ownState)),
  );
  const state = ownState.filter((path, index) => {
    const versions = [before?.[index], after?.[index]].filter((file) => file != null);
    return (
      versions.length > 0 &&
      versions.every((file) => !(file instanceof Refusal) && isStateFile(path, file.bytes))
    );
  });
  const isPlain = (path: string, isFolder: boolean): boolean =>
    TEXT.test(path) || (isFolder ? IMAGE.test(path) : state.includes(path));
  return {
    isSpecOrState: (path: string) =>
      all.some(({ covers, isOwn, isFolder }) => covers(path) && (!isOwn || isPlain(path, isFolder))),
    onlyOwnSays: (path: string) => all.some(({ covers, isOwn }) => isOwn && covers(path)),
  };
}

/** Files that one of the releases in between would have written like this: they differ in nothing but its version. */
async function onlyVersionChanged(
  facts: Facts,
  { from, to }: { readonly from: Sha; readonly to: Sha },
  released: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const [before, after] = await Promise.all([versionsAt(facts, from), versionsAt(facts, to)]);
  const texts = new Map(after.map(({ path, text }) => [path, text]));
  const present = before.flatMap(({ version, hint }) => version ?? hint ?? []);
  const written = [...released].map(
    (version) => new Map(setVersion(before, version, present).map(({ path, text }) => [path, text])),
  );
  const isOnly = ({ path, text }: VersionPlaces) =>
    written.some((files) => (files.get(path) ?? text) === texts.get(path));
  return new Set(before.filter(isOnly).map(({ path }) => path));
}

async function versionsAt({ ports }: Facts, commit: Sha): Promise<readonly VersionPlaces[]> {
  const { texts } = await readVersionTexts(ports.repository, ports.service, commit);
  return versionPlaces(texts, ports.service, null);
}
