#!/usr/bin/env node
// The command. In a checkout it first makes sure that the program is installed and compiled. An old Node must be able to
// read this file to be told that it is too old.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
if (existsSync(at('.git')) || !existsSync(at('dist/src/cli.js'))) {
  const { status } = spawnSync(process.execPath, [at('scripts/ensure.mjs'), '--build'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
function load(path) {
  import(path).catch((error) => {
    console.error(error);
    process.exitCode = 3;
  });
}

const command = process.argv[2];
if (command === '--version') {
  console.log(JSON.parse(readFileSync(at('package.json'), 'utf8')).version);
} else if (command !== 'demo') {
  load('../dist/src/cli.js');
} else if (existsSync(at('dist/demo/main.js'))) {
  process.argv.splice(2, 1);
  load('../dist/demo/main.js');
} else {
  console.error('The demo is not in this installation. The package of npm has it: docs/install.md.');
  process.exitCode = 1;
}
