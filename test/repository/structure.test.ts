import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_LINES = 300;
const MOST_FILES = 20;

/** Paths of all source files and styles below a folder, from the root of the project. */
function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|css)$/.test(name))
    .map((name) => join(folder, name));
}

/** What a file imports of ours: values, types and dynamic imports alike. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(([, to = '']) =>
    join(dirname(file), to),
  );
}

/**
 * For each folder, what its children (files and folders alike) import of each other, as `folder → child → children`.
 * A folder counts with all that is in it.
 */
function siblings(files: readonly string[]): Map<string, Map<string, Set<string>>> {
  const graphs = new Map<string, Map<string, Set<string>>>();
  for (const file of files) {
    for (const imported of importsOf(file)) {
      const from = file.split('/');
      const to = imported.split('/');
      const common = from.findIndex((part, index) => part !== to[index]);
      const [a, b] = [from[common], to[common]];
      if (common < 0 || a === undefined || b === undefined) continue;
      const folder = from.slice(0, common).join('/');
      const graph = graphs.get(folder) ?? new Map<string, Set<string>>();
      graphs.set(folder, graph.set(a, (graph.get(a) ?? new Set()).add(b)));
    }
  }
  return graphs;
}

/** A way from a child back to itself; null when there is none. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>();
  const visit = (child: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(child)) return [...way.slice(way.indexOf(child)), child];
    if (done.has(child)) return null;
    for (const next of graph.get(child) ?? []) {
      const circle = visit(next, [...way, child]);
      if (circle) return circle;
    }
    done.add(child);
    return null;
  };
  for (const child of graph.keys()) {
    const circle = visit(child, []);
    if (circle) return circle;
  }
  return null;
}

describe.each(['src', 'demo', 'bench'])('in %s', (root) => {
  const files = sources(root);

  test('no folder leads back to itself through its siblings', () => {
    const circles = [...siblings(files)].flatMap(([folder, graph]) => {
      const circle = circleIn(graph);
      return circle ? [`${folder}: ${circle.join(' → ')}`] : [];
    });
    expect(files.length).toBeGreaterThan(5);
    expect(circles).toEqual([]);
  });

  test(`no file has more than ${MOST_LINES} lines`, () => {
    const long = files.flatMap((file) => {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1;
      return lines > MOST_LINES ? [`${file}: ${lines}`] : [];
    });
    expect(long).toEqual([]);
  });
});

// Fixtures and snapshots are data: as many as are needed lie side by side.
test.each(['src', 'demo', 'bench', 'test'])(`in %s no folder has more than ${MOST_FILES} files`, (root) => {
  const folders = new Map<string, number>();
  for (const file of sources(root)) {
    const folder = dirname(file);
    if (!/\/(fixtures|__snapshots__)(\/|$)/.test(folder)) folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const crowded = [...folders].filter(([, count]) => count > MOST_FILES);
  expect(folders.size).toBeGreaterThan(2);
  expect(crowded.map(([folder, count]) => `${folder}: ${count}`)).toEqual([]);
});

test('a circle through two folders is found', () => {
  const graph = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c'])],
    ['c', new Set(['b'])],
  ]);
  expect(circleIn(graph)).toEqual(['b', 'c', 'b']);
  expect(circleIn(new Map([['a', new Set(['b'])]]))).toBeNull();
});

test('YAML is parsed in one place, which refuses what is too deep', () => {
  // The second one reads its own manifest only.
  const places = ['src/domain/text/yaml-limits.ts', 'demo/workspace/server/state/manifest.ts'];
  const parsing = ['src', 'demo'].flatMap(sources).filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/import ([^;]*?) from 'yaml';/g)].some(([, names = '']) =>
      /\b(?:parse|parseDocument|parseAllDocuments|Parser|Composer)\b|\*/.test(names),
    );
  });
  expect(parsing.sort()).toEqual(places.sort());
});
