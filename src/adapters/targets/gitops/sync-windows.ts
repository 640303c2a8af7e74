import { z } from 'zod';

const Windows = z
  .array(
    z.object({
      kind: z.string().nullish(),
      schedule: z.string().nullish(),
      duration: z.string().nullish(),
    }),
  )
  .nullish();

/** The sync windows of an Application, and whether it may be synced by hand now. */
export const SyncWindows = z.object({
  canSync: z.boolean().nullish(),
  activeWindows: Windows,
  assignedWindows: Windows,
});

/** Why it would not be synced now: words after its name; null where nothing stops it. `alone`: it syncs by itself. */
export function stoppedBy(windows: z.infer<typeof SyncWindows>, alone: boolean): string | null {
  const [active, all] = [windows.activeWindows ?? [], windows.assignedWindows ?? []];
  const denied = active.filter(({ kind }) => kind === 'deny');
  const isAllowed = active.some(({ kind }) => kind === 'allow');
  const later = isAllowed ? [] : all.filter(({ kind }) => kind === 'allow');
  const [window] = [...denied, ...later];
  if (!window || (!alone && windows.canSync !== false)) return null;
  const when = `${window.kind} at \`${window.schedule ?? ''}\` for ${window.duration ?? 'a while'}`;
  return `a sync window keeps it from syncing now (${when})`;
}
