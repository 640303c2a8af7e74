// Installs what is missing and compiles what changed, so that one command is enough on a fresh clone.
import '../bin/node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error(
      `\n"${command} ${args.join(' ')}" failed. Fix what it says above and run the command again.`,
    );
    process.exit(result.status ?? 1);
  }
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** node_modules as the lock file says; install scripts are neither needed nor run. */
function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules', '.slipway-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const whole = existsSync(join(root, 'node_modules', '.package-lock.json'));
  if (
    whole &&
    newest(join(root, 'node_modules', '.package-lock.json')) >= newest(join(root, 'package-lock.json'))
  ) {
    writeFileSync(stamp, lock);
    return;
  }
  console.error('Installing dependencies …');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

/** dist/ from src/ and demo/, when a source is newer than the last build. */
async function build() {
  const stamp = join(root, 'dist', '.built');
  const sources = Math.max(
    newest(join(root, 'src')),
    newest(join(root, 'demo')),
    newest(join(root, 'scripts', 'compile.mjs')),
  );
  if (existsSync(stamp) && newest(stamp) >= sources) return;
  console.error('Compiling …');
  // Installed only now on a fresh clone.
  const { compileAll } = await import('./compile.mjs');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await compileAll(root);
  writeFileSync(stamp, '');
}

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Slipway needs Node 20 or newer; this is ${process.version}.`);
  process.exit(1);
}
install();
if (process.argv.includes('--build')) await build();
