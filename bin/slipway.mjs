#!/usr/bin/env node
// The command. In a checkout it first makes sure that the program is installed and compiled.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
if (existsSync(at('.git')) || !existsSync(at('dist/src/cli.js'))) {
  const { status } = spawnSync(process.execPath, [at('scripts/ensure.mjs'), '--build'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const command = process.argv[2];
if (command === '--version') {
  console.log(JSON.parse(readFileSync(at('package.json'), 'utf8')).version);
} else if (command !== 'demo') {
  await import('../dist/src/cli.js');
} else if (existsSync(at('dist/demo/main.js'))) {
  process.argv.splice(2, 1);
  await import('../dist/demo/main.js');
} else {
  console.error("The demo is not in this package: clone Slipway's repository and run `npm run demo` there.");
  process.exitCode = 1;
}
