import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, normalize, sep } from 'node:path';
import { projectRoot } from '../../../project-root.ts';
import { kindOfFile } from '../state/file-kinds.ts';

/** The page as the browser loads it: compiled code, then the files beside its sources, and preact itself. */

const compiled = join(projectRoot, 'dist', 'demo', 'workspace');
const sources = join(projectRoot, 'demo', 'workspace');
/** Whatever else lies in the folders is nobody's business. */
const SERVED = /\.(html|css|js|map|svg|png|ico|woff2)$/;

const IMPORT_MAP = `<script type="importmap">${JSON.stringify({
  imports: {
    preact: '/vendor/preact/dist/preact.mjs',
    'preact/hooks': '/vendor/preact/hooks/dist/hooks.mjs',
    'preact/jsx-runtime': '/vendor/preact/jsx-runtime/dist/jsxRuntime.mjs',
  },
})}</script>`;

export interface StaticFile {
  readonly bytes: Buffer | string;
  readonly type: string;
}

/** The page itself; the import map goes in before any script. */
export async function indexPage(): Promise<StaticFile> {
  const html = await readFile(join(sources, 'page', 'index.html'), 'utf8');
  const bytes = html.includes('type="importmap"')
    ? html
    : html.replace('<head>', `<head>\n    ${IMPORT_MAP}`);
  return { bytes, type: 'text/html; charset=utf-8' };
}

/** `/page/main.js`, `/page/page.css`, `/vendor/preact/dist/preact.mjs`; undefined when there is no such file. */
export async function staticFile(path: string): Promise<StaticFile | undefined> {
  const vendor = '/vendor/preact/';
  if (path.startsWith(vendor)) {
    const root = dirname(createRequire(import.meta.url).resolve('preact/package.json'));
    return read(root, path.slice(vendor.length), /\.mjs(\.map)?$/);
  }
  if (!path.startsWith('/page/')) return undefined;
  return (await read(compiled, path, SERVED)) ?? (await read(sources, path, SERVED));
}

async function read(root: string, path: string, served: RegExp): Promise<StaticFile | undefined> {
  const file = normalize(join(root, path));
  if (!file.startsWith(root + sep) || !served.test(file)) return undefined;
  try {
    const { mimetype } = kindOfFile(file);
    const charset = /^text|javascript|json/.test(mimetype) ? '; charset=utf-8' : '';
    return { bytes: await readFile(file), type: mimetype + charset };
  } catch {
    return undefined;
  }
}
