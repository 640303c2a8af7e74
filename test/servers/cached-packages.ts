import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../demo/project-root.ts';

const PATIENCE_MS = 120_000;

/**
 * Packages of the npm registry that only one test needs: exact versions by name. They are kept in node_modules/.cache, so
 * that nobody installs them with Slipway. Throws when the registry is not to be had.
 */
export async function cachedPackages(
  name: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string; readonly require: NodeJS.Require }> {
  const versions = Object.values(dependencies).join('-');
  const folder = join(projectRoot, 'node_modules', '.cache', name, versions);
  if (!existsSync(folder)) {
    const fresh = `${folder}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    try {
      await writeFile(join(fresh, 'package.json'), JSON.stringify({ name, private: true, dependencies }));
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
      await promisify(execFile)('npm', ['install', ...options], { cwd: fresh, timeout: PATIENCE_MS });
      await rename(fresh, folder);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }
  return { folder, require: createRequire(join(folder, 'package.json')) };
}
