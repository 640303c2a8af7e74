import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../demo/project-root.ts';
import { compile } from '../../scripts/compile.mjs';

const FOLDER = join('node_modules', '.cache', 'modules');

/** The address of a module of `src/` that Node can load as it is, for a process of its own: `adapters/charts/draw`. */
export async function compiledModule(name: string): Promise<string> {
  await compile(projectRoot, [`src/${name}.ts`], { folder: FOLDER, parts: 'parts' });
  return pathToFileURL(join(projectRoot, FOLDER, 'src', `${name}.js`)).href;
}
