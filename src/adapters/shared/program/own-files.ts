import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with this program's package.json, whether it runs from its source or compiled. */
function programFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** A file of this program: `manifest.yml`. */
export function ownFile(path: string): string {
  return join(programFolder(), path);
}

/** A compiled program of it that is started by its path: `adapters/charts/draw-process`. */
export function ownProgram(name: string): string {
  return ownFile(join('dist', 'src', `${name}.js`));
}
