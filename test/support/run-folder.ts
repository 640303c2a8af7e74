import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'slipway-test-';
const MEMORY = '/dev/shm';
/** What a run keeps at most, in bytes. */
const NEEDED = 3 * 2 ** 30;

/**
 * A new folder for everything that a run keeps in the system's temporary folder, which it becomes (`TMPDIR`): in
 * memory, where the system lets us keep files and run programs there. Remove it at the end.
 */
export function openRunFolder(): string {
  const { TMPDIR: chosen } = process.env;
  const inMemory = chosen === undefined ? openIn(MEMORY) : null;
  const folder = inMemory ?? mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(ownerOf(folder), String(process.pid));
  Object.assign(process.env, { TMPDIR: folder });
  return folder;
}

/** Folders of runs that were killed, in either place. */
export function orphanedRunFolders(): readonly string[] {
  const places = [...new Set([MEMORY, tmpdir()])].filter(existsSync);
  return places
    .flatMap((place) => readdirSync(place).map((name) => join(place, name)))
    .filter((folder) => folder.includes(PREFIX) && existsSync(ownerOf(folder)))
    .filter((folder) => !isAlive(Number(readFileSync(ownerOf(folder), 'utf8'))));
}

/** Null when there is too little room, or when programs cannot be started from there. */
function openIn(place: string): string | null {
  try {
    const { bavail, bsize } = statfsSync(place);
    if (bavail * bsize < NEEDED) return null;
    const folder = mkdtempSync(join(place, PREFIX));
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    if (spawnSync(program).status === 0) return folder;
    rmSync(folder, { recursive: true });
    return null;
  } catch {
    return null;
  }
}

function ownerOf(folder: string): string {
  return join(folder, 'owner');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
