import { type AuditEntry, type AuditSource, byPerson } from '../audit/entry.ts';
import { given } from '../text/given.ts';
import type { Release } from './release.ts';

/** The row of the audit for a release that a person vouched for. */
export function adoptionAudit(
  service: string,
  { version, tag, commit, build }: Release,
  by: string,
  source: AuditSource | undefined,
): AuditEntry {
  const detail = { version, tag, commit, ...(build ? { build: build.commit } : {}) };
  return { ...byPerson(by, 'release.adopted', detail), service, ...given({ source }) };
}
