import type { AuditEntry } from './entry.ts';

/** The "service" of what is about all of them, such as the lock that stops everything. No service of the config can have this name. */
export const EVERYTHING = '*';

/** Whether an entry is about this service: by itself, as one of several that are planned, or as a part of everything. */
export function concerns({ service, detail }: Pick<AuditEntry, 'service' | 'detail'>, name: string): boolean {
  const planned = detail?.['services'];
  return service === name || service === EVERYTHING || (Array.isArray(planned) && planned.includes(name));
}
