// Builds the site into docs/site/dist, or shows it while it is written: node docs/site/build.mjs [dev]. VitePress has packages of its
// own, which are installed at the first time and are no part of Slipway's.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(here, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
const run = (command, args) => {
  const { status } = spawnSync(command, args, {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
};
if (!existsSync(program))
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
run(process.execPath, [program, process.argv[2] === 'dev' ? 'dev' : 'build', '.']);
