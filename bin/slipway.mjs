#!/usr/bin/env node
// The command of a checkout: makes sure that the program is installed and compiled, then runs it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
if (existsSync(at('.git')) || !existsSync(at('dist/src/cli.js'))) {
  const { status } = spawnSync(process.execPath, [at('scripts/ensure.mjs'), '--build'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
await import('../dist/src/cli.js');
