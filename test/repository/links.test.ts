import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const PAGES = [
  ...readdirSync(ROOT)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(ROOT, name)),
  ...markdownIn(join(ROOT, 'docs')),
  ...markdownIn(join(ROOT, 'demo')),
];

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('site'))
    .map((name) => join(folder, name));
}

/** Text outside fenced code. */
function prose(page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
}

/** Targets of links and pictures, and addresses in angle brackets. */
function linksOf(page: string): string[] {
  const text = prose(page).replaceAll(/`[^`\n]*`/g, '');
  return [
    ...text.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\))?)\)|<(https?:[^>\s]+)>|^\[[^\]]+\]:\s+(\S+)/gm),
  ].map(([, inline, bare, reference]) => inline ?? bare ?? reference ?? '');
}

/** Ids of headings as GitHub and GitLab make them. */
function anchorsOf(page: string): Set<string> {
  const headings = prose(page).matchAll(/^#{1,6} +(.+?) *$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function problemWith(page: string, link: string): string | null {
  if (/^https?:/.test(link)) return URL.canParse(link) ? null : 'is not an address';
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : resolve(dirname(page), decodeURIComponent(path));
  if (!existsSync(target)) return 'leads nowhere';
  if (anchor === undefined || statSync(target).isDirectory()) return null;
  return anchorsOf(target).has(anchor) ? null : `has no heading #${anchor}`;
}

describe('links in the documentation', () => {
  test.each(PAGES.map((page) => relative(ROOT, page)))('%s', (name) => {
    const page = join(ROOT, name);
    const broken = linksOf(page).flatMap((link) => {
      const problem = problemWith(page, link);
      return problem === null ? [] : [`${link} ${problem}`];
    });
    expect(broken).toEqual([]);
  });

  test('are found at all', () => {
    expect(linksOf(join(ROOT, 'README.md')).length).toBeGreaterThan(15);
    expect(problemWith(join(ROOT, 'README.md'), 'docs/nothing.md')).toBe('leads nowhere');
    expect(problemWith(join(ROOT, 'README.md'), 'docs/operating.md#nothing')).toBe('has no heading #nothing');
  });

  test('every picture is used', () => {
    const used = PAGES.flatMap((page) => linksOf(page).map((link) => resolve(dirname(page), link)));
    const pictures = readdirSync(join(ROOT, 'docs', 'images')).map((name) =>
      join(ROOT, 'docs', 'images', name),
    );
    expect(pictures.filter((picture) => !used.includes(picture))).toEqual([]);
  });
});

test('every decision has a number of its own, in its name and in its title', () => {
  const folder = join(ROOT, 'docs', 'decisions');
  const names = readdirSync(folder).sort();
  const numbers = names.map((name) => Number(name.slice(0, 4)));
  expect(numbers.length).toBeGreaterThan(40);
  expect(numbers.filter((number, index) => !(number > (numbers[index - 1] ?? 0)))).toEqual([]);
  for (const [index, name] of names.entries()) {
    expect(readFileSync(join(folder, name), 'utf8')).toMatch(new RegExp(`^# ${numbers[index]}\\. \\S`));
  }
});
