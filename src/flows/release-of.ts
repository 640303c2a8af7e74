import type { Refs } from '../adapters/forge/port.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Live, Release } from '../domain/release.ts';
import type { Ports } from './ports.ts';

/** The release with this version, by its tag; Refusal `release-unknown` when there is none. */
export async function releaseOf(ports: Ports, version: string): Promise<Release> {
  const { service, forge } = ports;
  const refs = await forge.refs();
  const bare = version.startsWith(service.tagPrefix) ? version.slice(service.tagPrefix.length) : version;
  const tag = refs.tags.find(({ name }) => name === service.tagPrefix + bare);
  if (!tag) throw new Refusal('release-unknown', { service: service.name, version });
  return named(ports, { version: bare, tag: tag.name, commit: tag.commit });
}

/** What is live, as a release: by the tag at its commit, else by what the target says of itself. */
export function liveRelease(ports: Ports, refs: Refs, live: Live): Release {
  const { tagPrefix } = ports.service;
  const ofService = refs.tags.filter(({ name }) => name.startsWith(tagPrefix));
  // Some targets only know the version that they run.
  const at = live.commit === '' ? [] : ofService.filter(({ commit }) => commit === live.commit);
  const tag =
    (live.commit === '' ? ofService : at).find(({ name }) => name === tagPrefix + (live.version ?? '')) ??
    at[0];
  if (tag) {
    return named(ports, { version: tag.name.slice(tagPrefix.length), tag: tag.name, commit: tag.commit });
  }
  return { version: live.version ?? live.commit.slice(0, 7), tag: '', commit: live.commit };
}

function named(ports: Ports, release: Release): Release {
  const url = ports.forge.links.tag(release.tag);
  return url === undefined ? release : { ...release, url };
}
