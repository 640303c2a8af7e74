import type { Drift } from '../../domain/gates/candidate-validated.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { hasTrailer } from '../../domain/release/message.ts';
import type { Sha } from '../../domain/release/release.ts';
import type { Facts } from './facts.ts';
import { resolveCommit } from './known-releases.ts';

const SHOWN = 50;

/** What lies between the commit that was validated and the commit that would be released. */
export async function driftOf(facts: Facts): Promise<Drift> {
  const { repository, service } = facts.ports;
  const [{ reading }, base] = await Promise.all([facts.feature(), facts.base()]);
  const validated = reading.validatedCommit;
  const nothing = { validated, base, changed: [], commits: [], harmless: () => false };
  if (validated.kind !== 'value') return { ...nothing, resolved: null };

  const resolved = await resolveCommit(facts.ports, base, validated.value);
  if (resolved === null || resolved === base) return { ...nothing, resolved };
  let changed: readonly string[];
  try {
    changed = await repository.changed(resolved, base);
  } catch (error) {
    if (error instanceof Refusal) return { ...nothing, resolved: null };
    throw error;
  }
  const commits: { sha: Sha; subject: string }[] = [];
  let releasedBetween = false;
  for await (const { sha, message } of repository.commits(resolved, base)) {
    releasedBetween ||= hasTrailer(message, 'Slipway-Promotion');
    if (commits.length < SHOWN) commits.push({ sha, subject: message.split('\n', 1)[0] ?? '' });
  }
  const onlyVersion = releasedBetween
    ? await onlyVersionChanged(facts, resolved, base, changed)
    : new Set<string>();
  const folders = service.featureDirs.map((dir) => `${dir.replace(/\/$/, '')}/`);
  const compareUrl = repository.links.compare(resolved, base);
  return {
    validated,
    resolved,
    base,
    changed,
    commits,
    harmless: (path) =>
      folders.some((folder) => path.startsWith(folder)) ||
      service.sharedStateFiles.includes(path) ||
      path === service.changelog ||
      onlyVersion.has(path),
    ...(compareUrl === undefined ? {} : { compareUrl }),
  };
}

/** Files in which a release commit between the two changed nothing but this repository's own version numbers. */
async function onlyVersionChanged(
  facts: Facts,
  from: Sha,
  to: Sha,
  paths: readonly string[],
): Promise<Set<string>> {
  const { repository, service } = facts.ports;
  const { tags } = await facts.refs();
  const versions = tags
    .map(({ name }) => name.slice(service.tagPrefix.length))
    .filter((version) => /^\d/.test(version));
  const known = new Set(versions);
  const neutral = (bytes: Uint8Array) =>
    new TextDecoder()
      .decode(bytes)
      .replace(/\d+\.\d+\.\d+(?:-[\w.-]+)?/g, (found) => (known.has(found) ? 'VERSION' : found));
  const [before, after] = await Promise.all([repository.read(from, paths), repository.read(to, paths)]);
  return new Set(
    paths.filter((_path, index) => {
      const [was, is] = [before[index], after[index]];
      return was && is && neutral(was.bytes) === neutral(is.bytes);
    }),
  );
}
