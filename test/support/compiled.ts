import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { projectRoot } from '../../demo/project-root.ts';

/** The address of a module of `src/` that Node can load as it is, for a process of its own: `adapters/charts/draw`. */
export async function compiledModule(name: string): Promise<string> {
  const outfile = join(projectRoot, 'node_modules', '.cache', 'modules', `${name}.mjs`);
  await build({
    entryPoints: [join(projectRoot, 'src', `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  return pathToFileURL(outfile).href;
}
