import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What npm says when there is no registry to talk to. */
const NO_REGISTRY =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** The package as its users get it, in an empty folder with its production dependencies. */
export interface InstalledPackage {
  readonly manifest: Manifest;
  /** What is in the package; sizes in bytes. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** The folder in which it was installed. */
  readonly dir: string;
  /** Set when nothing could be installed because the registry does not answer. */
  readonly unreachable: string | null;
  remove(): Promise<void>;
}

export async function installPackage(): Promise<InstalledPackage> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-package-'));
  // Started as root, the database has an account of its own, which must get to its files in here.
  await chmod(dir, 0o711);
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const packed = await run('npm', ['pack', '--json', '--pack-destination', dir], ROOT);
    const [{ filename, files }] = JSON.parse(packed.out) as [
      { filename: string; files: InstalledPackage['files'] },
    ];
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
    await writeFile(join(dir, 'package.json'), JSON.stringify(project(filename)));
    await writeFile(join(dir, 'package-lock.json'), JSON.stringify(lock(filename, manifest)));
    const unreachable = await install(dir);
    return { manifest, files, dir, unreachable, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function project(tarball: string) {
  return { name: 'empty', private: true, dependencies: { slipway: `file:${tarball}` } };
}

/** Ours without what is only for development: versions are those that were tested, and npm has them at hand. */
function lock(tarball: string, { version, dependencies, bin }: Manifest) {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { dev?: boolean }> };
  const others = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  return {
    name: 'empty',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': project(tarball),
      'node_modules/slipway': { version, resolved: `file:${tarball}`, dependencies, bin },
      ...Object.fromEntries(others),
    },
  };
}

/** Null when it is done; else why there was nothing to install from. */
async function install(dir: string): Promise<string | null> {
  const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const { code, err } = await run('npm', ['ci', ...options, '--fetch-retries=1', '--prefix', dir], dir);
  if (code === 0 && existsSync(join(dir, 'node_modules', 'slipway'))) return null;
  const reason = NO_REGISTRY.exec(err)?.[0];
  if (reason === undefined) throw new Error(`npm ci failed (${code}):\n${err}`);
  const line = `the npm registry cannot be reached (${reason}), so the package was not installed`;
  if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(line);
  process.stderr.write(`skipped, ${line}\n`);
  return line;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, whatever its exit code is. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, maxBuffer: 16 * 1024 * 1024 }, (error, out, err) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}
