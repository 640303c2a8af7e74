import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anchorOf, GROUPS, REFERENCE } from '../../docs/site/outline.mjs';
import { prepare, type SidebarItem } from '../../docs/site/prepare.mjs';
import { PORTS } from '../../docs/site/reference.mjs';
import { configJsonSchema } from '../support/all-adapters.ts';

const ROOT = join(import.meta.dirname, '../..');

const markdownIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const withoutCode = (text: string) =>
  text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '');

describe('the site', () => {
  let folder: string;
  let sidebar: readonly SidebarItem[];
  let pages: readonly string[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-site-'));
    sidebar = prepare(folder);
    pages = markdownIn(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has every page of the documentation', () => {
    const known = [...GROUPS.flatMap((group) => group.pages), REFERENCE];
    const written = markdownIn(join(ROOT, 'docs'))
      .filter((name) => !/^(site|decisions)\//.test(name))
      .map((name) => `docs/${name}`);
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter((page) => !known.includes(page))).toEqual([]);
  });

  test('has every page in the sidebar, and nothing there twice or with nothing behind it', () => {
    const linksIn = (items: readonly SidebarItem[]): readonly string[] =>
      items.flatMap(({ link, items: inner = [] }) => [
        ...(link === undefined ? [] : [link]),
        ...linksIn(inner),
      ]);
    const links = linksIn(sidebar);
    const expected = pages
      .filter((page) => !page.startsWith('files/'))
      .map((page) => `/${page.replace(/\.md$/, '').replace(/(^|\/)index$/, '$1')}`);
    expect([...links].sort()).toEqual([...expected].sort());
    expect(sidebar.flatMap(({ items = [] }) => items).filter(({ text }) => text === '')).toEqual([]);
  });

  test('has a page for each kind of target, source and the like', () => {
    const service = configJsonSchema().properties?.['services']?.additionalProperties;
    if (typeof service !== 'object') throw new Error('there are no services');
    const kinds = Object.entries(service.properties ?? {}).flatMap(([port, schema]) => {
      const lists = [schema, schema.items, ...(schema.anyOf ?? [])];
      const uses = lists.flatMap((one) => one?.oneOf ?? []).map((one) => one.properties?.['use']?.const);
      return uses.filter((use) => typeof use === 'string').map((use) => `reference/${port}/${use}.md`);
    });
    expect(kinds.length).toBeGreaterThan(35);
    expect(kinds.filter((path) => !pages.includes(path))).toEqual([]);
    expect(new Set(kinds.map((path) => path.split('/')[1]))).toEqual(new Set(Object.keys(PORTS)));
  });

  test('shows an example of a target, and where to read more, as the guides have them', () => {
    for (const kind of ['git-branch', 'github-actions', 'kubernetes', 'gitops', 'webhook', 'command']) {
      const text = readFileSync(join(folder, `reference/target/${kind}.md`), 'utf8');
      expect(text).toMatch(
        new RegExp(`^## Example\\n[^]*use: ${kind}\\b[^]*^## More about it\\n\\n- \\[`, 'm'),
      );
    }
  });

  test('has no link that leads nowhere', () => {
    const anchors = (page: string) => {
      const text = readFileSync(join(folder, page), 'utf8').replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
      return [...text.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => anchorOf(heading));
    };
    const broken: string[] = [];
    let checked = 0;
    for (const page of pages)
      for (const [, link = ''] of withoutCode(readFileSync(join(folder, page), 'utf8')).matchAll(
        /\]\(([^()\s]+)\)/g,
      )) {
        if (/^(https?|mailto):/.test(link)) continue;
        const [path = '', anchor] = link.split('#');
        const from =
          path === '' ? page : path.startsWith('/') ? path.slice(1) : posix.join(dirname(page), path);
        const file = from === '' || from.endsWith('/') ? `${from}index.md` : from;
        const there = existsSync(join(folder, file)) || existsSync(join(folder, 'public', file));
        if (!there || (anchor !== undefined && !anchors(file).includes(anchor)))
          broken.push(`${page}: ${link}`);
        checked++;
      }
    expect(checked).toBeGreaterThan(400);
    expect(broken).toEqual([]);
  });
});
