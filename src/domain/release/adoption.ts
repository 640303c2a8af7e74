import type { AuditEntry, AuditSource } from '../audit/entry.ts';
import type { Release } from './release.ts';

/** The row of the audit for a release that a person vouched for. */
export function adoptionAudit(
  service: string,
  { version, tag, commit, build }: Release,
  by: string,
  source: AuditSource | undefined,
): AuditEntry {
  return {
    actor: by,
    action: 'release.adopted',
    result: 'done',
    service,
    ...(source ? { source } : {}),
    detail: { version, tag, commit, ...(build ? { build: build.commit } : {}) },
  };
}
