import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { isHeld } from './held-socket.ts';
import { putFile } from './put-file.ts';

const BEAT_MS = 2_000;
/** An owner whom we cannot see, and who was silent while we watched for so long, is gone. */
const SILENT_MS = 7_000;
/** How long another one that takes the folder at the same time may need. */
const SETTLE_MS = 150;

const Owner = z.object({
  /** Which processes see each other's pids. */
  space: z.string(),
  host: z.string(),
  pid: z.int(),
});
type Owner = z.infer<typeof Owner>;

export interface FolderOwner {
  /** Where our pids mean something. */
  readonly space: string;
  /** Refusal `data-folder-in-use` once somebody else has taken the folder while we stood still. */
  mustBeOurs(): void;
  /** Leaves it to those processes beside this one that use it too. */
  leave(): void;
  /** Nobody uses it any more. */
  release(): void;
}

/**
 * Takes the folder of an embedded server for the processes of this machine or container. In the file that says which process
 * is the server there is only a pid, which means nothing, or another process, in another container; and PostgreSQL itself
 * looks no further. So whoever uses the folder touches a file, and the server holds a socket, which all containers of one
 * machine can see. Refusal `data-folder-in-use`. `onLost` is called once when somebody else has taken it after all.
 */
export async function ownFolder(
  home: string,
  { space = ownSpace(), onLost }: { readonly space?: string; readonly onLost: () => void },
): Promise<FolderOwner> {
  const path = fileIn(home);
  const ours: Owner = { space, host: hostname(), pid: process.pid };
  await take(home, path, ours);
  let lost = false;
  const beat = () => {
    const now = read(path);
    if (now === null) putFile(path, JSON.stringify(ours), linkSync);
    else if (now.space !== space && !lost) {
      lost = true;
      clearInterval(timer);
      onLost();
    } else touch(path);
  };
  const timer = setInterval(() => {
    try {
      beat();
    } catch {
      // The disk may be full, or the folder gone: the next time is soon.
    }
  }, BEAT_MS);
  timer.unref();
  const leave = () => clearInterval(timer);
  return {
    space,
    mustBeOurs: () => {
      const now = read(path);
      if (now !== null && now.space !== space) throw inUse(now);
    },
    leave,
    release: () => {
      leave();
      if (read(path)?.space === space) rmSync(path, { force: true });
    },
  };
}

async function take(home: string, path: string, ours: Owner): Promise<void> {
  for (;;) {
    const found = read(path);
    if (found?.space === ours.space) {
      touch(path);
      return;
    }
    if (found !== null) await mustBeGone(home, found, ours);
    const isNew = putFile(path, JSON.stringify(ours), found === null ? linkSync : renameSync);
    // Another one may have seen the same, and have taken it a moment later.
    if (isNew && found !== null) await pause(SETTLE_MS);
  }
}

/** Returns when the owner is gone. */
async function mustBeGone(home: string, owner: Owner, ours: Owner): Promise<void> {
  const path = fileIn(home);
  const held = await isHeld(home);
  if (held === true) throw inUse(owner);
  const { mtimeMs } = statSync(path);
  // On one machine with one clock, where its server would still hold its socket.
  const isNear = machineOf(owner.space) === machineOf(ours.space);
  if (held === false && isNear && Date.now() - mtimeMs > 2 * BEAT_MS) return;
  const deadline = performance.now() + SILENT_MS;
  while (performance.now() < deadline) {
    await pause(100);
    if (statSync(path, { throwIfNoEntry: false })?.mtimeMs !== mtimeMs) throw inUse(read(path) ?? owner);
  }
}

/** Null when there is none that can be read. */
function read(path: string): Owner | null {
  try {
    return Owner.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && code !== 'ENOENT') throw error;
    if (code === undefined) rmSync(path, { force: true });
    return null;
  }
}

function fileIn(home: string): string {
  return join(home, 'owner.json');
}

function touch(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}

function inUse({ host, pid }: Owner): Refusal {
  return new Refusal('data-folder-in-use', { process: `process ${pid} on ${host}` });
}

/** One kernel since its start, and one of its namespaces of pids. Elsewhere a machine has one. */
function ownSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

function machineOf(space: string): string {
  return space.split(' ')[0] ?? space;
}
