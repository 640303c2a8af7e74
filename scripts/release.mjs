// Makes what a release consists of: the package, its bill of materials, and their checksums. Usage: node scripts/release.mjs FOLDER
// The same commit and the same Node give the same bytes, on whatever machine, in whatever folder and at whatever time: files are
// packed in one order, with one time and with one of two modes. Prints the checksums.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withRepository } from './package-repository.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [given] = process.argv.slice(2);
if (given === undefined) {
  console.error('Name the folder to write to: node scripts/release.mjs out');
  process.exit(2);
}
const out = resolve(given);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function run(program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  console.error(`${program} ${args.join(' ')} failed:\n${stderr}`);
  process.exit(1);
}

/** The package from a copy in which only its files are, each with the mode that it should have. */
function pack() {
  const staging = mkdtempSync(join(tmpdir(), 'slipway-release-'));
  try {
    const [{ files }] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], root));
    for (const { path } of files) {
      const copy = join(staging, path);
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(join(root, path), copy);
      if (path === 'package.json')
        writeFileSync(copy, withRepository(readFileSync(copy, 'utf8'), process.env));
      chmodSync(copy, path === 'bin/slipway.mjs' ? 0o755 : 0o644);
    }
    run('npm', ['pack', '--ignore-scripts', '--pack-destination', out], staging);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

run(process.execPath, [join(root, 'scripts', 'ensure.mjs'), '--build'], root);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
pack();
writeFileSync(
  join(out, `slipway-${version}.cdx.json`),
  run(process.execPath, [join(root, 'scripts', 'sbom.mjs')], root),
);
const sums = readdirSync(out)
  .sort()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')}  ${name}\n`,
  )
  .join('');
writeFileSync(join(out, 'SHA256SUMS'), sums);
process.stdout.write(sums);
