// Makes dist/: few files of our own code, as each module that Node has to find and link costs time at a start. Packages stay
// what they are. Types are checked by `npm run types`.
import { build } from 'esbuild';

/** What is started or loaded by its path; whatever it loads on demand stays a file of its own. */
const PROGRAMS = [
  'src/cli.ts',
  'src/adapters/charts/draw-process.ts',
  'src/adapters/targets/command/supervisor.ts',
  'src/engine/database/binaries.ts',
];
const DEMO = ['demo/main.ts'];
const PAGE = ['demo/workspace/page/main.tsx'];

/** Compiles `entryPoints`, each to the same place below `folder`, and what they share below `parts`. */
export async function compile(root, entryPoints, { folder = 'dist', parts, ...more }) {
  await build({
    absWorkingDir: root,
    entryPoints,
    outbase: '.',
    outdir: folder,
    chunkNames: `${parts}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
    ...more,
  });
}

/** The program, its demo and the page of the local workspace. */
export async function compileAll(root) {
  await compile(root, PROGRAMS, { parts: 'src/parts' });
  await compile(root, DEMO, { parts: 'demo/parts' });
  const page = { platform: 'browser', target: 'es2023', tsconfig: 'demo/workspace/page/tsconfig.json' };
  await compile(root, PAGE, { parts: 'demo/workspace/page/parts', ...page });
}
