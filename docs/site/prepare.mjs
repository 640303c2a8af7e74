// Writes what VitePress is given: the pages of the repository, a page for each kind from the reference, and a copy of each file that a
// page links to. Links are rewritten, so that they lead to the same in another place.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GROUPS, placeOf, REFERENCE, titleOf } from './outline.mjs';
import { PORTS, referencePages } from './reference.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const link = (page) => `/${page.replace(/(?:(^|\/)index)?\.md$/, '$1')}`;

/** Writes the content into a folder; answers with the sidebar, as VitePress takes it. */
export function prepare(folder) {
  rmSync(folder, { recursive: true, force: true });
  const decisions = readdirSync(join(root, 'docs/decisions'))
    .sort()
    .map((name) => `docs/decisions/${name}`);
  const written = GROUPS.flatMap(({ pages }) => pages);
  const sources = new Map([...written, REFERENCE, ...decisions].map((source) => [source, read(source)]));
  const guides = new Map(
    written.filter((source) => source.startsWith('docs/')).map((one) => [one, sources.get(one)]),
  );
  const site = new Site(folder, sources);
  for (const [source, text] of sources) site.page(placeOf(source), source, text);
  const reference = referencePages(read(REFERENCE), guides);
  for (const { path, text } of reference) site.page(path, path, text);
  const list = decisions
    .map((source) => `- [${titleOf(sources.get(source))}](${posix.basename(source)})`)
    .join('\n');
  site.page('decisions/index.md', 'docs/decisions/index.md', `# Decisions\n\n${list}\n`);
  return sidebar(sources, reference, decisions);
}

function sidebar(sources, reference, decisions) {
  const item = (source) => ({ text: titleOf(sources.get(source)), link: link(placeOf(source)) });
  const groups = GROUPS.map(({ text, pages }) => ({
    text,
    collapsed: text !== 'Begin',
    items: pages.map(item),
  }));
  const ports = Object.entries(PORTS).map(([port, text]) => {
    const [index, ...kinds] = reference.filter((page) => page.port === port);
    const items = kinds.map(({ kind, path }) => ({ text: kind, link: link(path) }));
    return { text, collapsed: true, link: link(index.path), items };
  });
  const all = { text: 'Every setting', link: link(placeOf(REFERENCE)) };
  return [
    ...groups.slice(0, 3),
    { text: 'Reference', collapsed: true, items: [all, ...ports] },
    ...groups.slice(3),
    {
      text: 'Decisions',
      collapsed: true,
      items: [{ text: 'All', link: '/decisions/' }, ...decisions.map(item)],
    },
  ];
}

class Site {
  constructor(folder, sources) {
    this.folder = folder;
    this.sources = sources;
  }

  write(path, content) {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  /** Writes a page; its links are relative to `source`, or to the root of the repository when they begin with a slash. */
  page(path, source, text) {
    const linked = text.replaceAll(
      /(`[^`\n]*`)|^ *```[\s\S]*?^ *```|\]\(([^()\s]+)\)/gm,
      (whole, code, target) =>
        code !== undefined || target === undefined || /^(https?:|mailto:|#)/.test(target)
          ? whole
          : `](${this.rewritten(target, path, source)})`,
    );
    this.write(path, linked);
  }

  rewritten(target, path, source) {
    const [file = '', anchor] = target.split('#');
    const found = file.startsWith('/')
      ? file.slice(1)
      : posix.normalize(posix.join(posix.dirname(source), decodeURIComponent(file)));
    const hash = anchor === undefined ? '' : `#${anchor}`;
    if (source.startsWith('reference/') && !file.startsWith('/')) return target;
    if (found.replace(/\/$/, '') === 'docs/decisions') return '/decisions/';
    if (this.sources.has(found) || found.startsWith('docs/decisions/')) return `/${placeOf(found)}${hash}`;
    if (!existsSync(join(root, found))) throw new Error(`${source} links to ${target}, which is not there`);
    if (/\.(webp|png|svg)$/.test(found)) return this.picture(found, path);
    return statSync(join(root, found)).isDirectory() ? this.listing(found) : this.copy(found);
  }

  /** Pictures become part of the site beside the page. */
  picture(found, path) {
    const place = placeOf(found);
    mkdirSync(dirname(join(this.folder, place)), { recursive: true });
    cpSync(join(root, found), join(this.folder, place));
    const relative = posix.relative(posix.dirname(path), place);
    return relative.startsWith('.') ? relative : `./${relative}`;
  }

  /** A file as it is, to be read as text. */
  copy(found) {
    const place = `files/${found.replace(/^\./, '')}.txt`;
    this.write(`public/${place}`, readFileSync(join(root, found)));
    return `/${place}`;
  }

  /** The files of a folder. */
  listing(found) {
    const folder = found.replace(/\/$/, '');
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, folder, name)).isFile())
      .sort();
    const lines = files.map((name) => `- [${name}](${this.copy(`${folder}/${name}`)})`);
    this.write(`files/${folder}.md`, `# ${folder}\n\n${lines.join('\n')}\n`);
    return `/files/${folder}.md`;
  }
}
