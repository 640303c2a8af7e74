// Compiles the benchmarks and runs one: `npm run bench -- release-cut --rounds 9`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = '', ...rest] = process.argv.slice(2);
const folders = readdirSync(join(root, 'bench'), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);
if (!existsSync(join(root, 'bench', name, 'main.ts')) || name === '') {
  console.error(`Which one? ${folders.map((entry) => entry.name).join(', ')}`);
  process.exit(1);
}
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run(join('scripts', 'ensure.mjs'), '--build');
// Installed only now on a fresh clone.
const { compile } = await import('./compile.mjs');
const own = readdirSync(join(root, 'bench'), { recursive: true }).filter((path) => path.endsWith('.ts'));
const sources = [...own.map((path) => `bench/${path}`), 'src/app.ts', 'src/adapters/tables.ts'];
await compile(root, sources, { folder: 'dist/bench', parts: 'parts' });
run(join('dist', 'bench', 'bench', name, 'main.js'), ...rest);
