import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../demo/project-root.ts';
import { compile } from '../../scripts/compile.mjs';

const FOLDER = join('node_modules', '.cache', 'modules');

/** The path of a module of the project that Node can load as it is, for a process of its own. */
export async function compiled(module: string): Promise<string> {
  await compile(projectRoot, [module], { folder: FOLDER, parts: 'parts' });
  return join(projectRoot, FOLDER, module.replace(/ts$/, 'js'));
}

/** The address of one of `src/`: `adapters/charts/draw`. */
export async function compiledModule(name: string): Promise<string> {
  return pathToFileURL(await compiled(`src/${name}.ts`)).href;
}
