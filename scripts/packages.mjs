// What of the lock file is installed with the package: all but what is only for development.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names, versions and licences, once each, in order. */
export function productionPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = new Map();
  for (const [path, { version, license, dev, devOptional, link }] of Object.entries(packages)) {
    if (path === '' || dev || devOptional || link) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(`${name}@${version}`, { name, version, license: license ?? null });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
