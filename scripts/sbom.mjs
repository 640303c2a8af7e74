// Prints the bill of materials of the package (CycloneDX 1.5, JSON): what npm writes, of all that is installed with it.
// Left to itself, npm leaves out packages that are also for development, and names the folder and the time.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionPackages } from './packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const npm = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
if (npm.status !== 0) {
  console.error(`npm sbom failed: it needs npm 10 or newer. ${npm.stderr}`);
  process.exit(1);
}
const { serialNumber, metadata, components, dependencies, ...bom } = JSON.parse(npm.stdout);
const { timestamp, ...about } = metadata;
const own = about.component['bom-ref'];
const wanted = new Set(productionPackages(root).map((one) => `${one.name}@${one.version}`));
const kept = components.filter((one) => wanted.has(`${one.name}@${one.version}`));
const refs = new Set([own, ...kept.map((one) => one['bom-ref'])]);
const missing = wanted.size - new Set(kept.map((one) => `${one.name}@${one.version}`)).size;
if (missing > 0) {
  console.error(`npm sbom left out ${missing} packages of the lock file.`);
  process.exit(1);
}
const result = {
  ...bom,
  metadata: { ...about, component: { ...about.component, name, type: 'application' } },
  components: kept,
  dependencies: dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) })),
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
