import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ACTORS = [
  'Member',
  'Guest',
  'Committer',
  'Approver',
  'Owner of the database',
  'Owner of a host',
  'Network',
];
const SHOWN_BY = /\[`([^`]+)`\]\(\.\.\/test\/([^)]+)\) “([^”]+)”/g;

/** Heading and rows of each asset. */
const assets = text('docs/threat-model.md')
  .split('\n## ')
  .slice(1)
  .map((section) => {
    const [name = '', ...lines] = section.split('\n');
    const rows = lines.filter((line) => line.startsWith('| ')).slice(2);
    return { name, rows: rows.map((row) => row.slice(2, -2).split(' | ')) };
  });

/** Whether a file has a test of that name. */
function hasTest(file: string, name: string): boolean {
  const path = `test/${file}`;
  if (!existsSync(new URL(`../../${path}`, import.meta.url))) return false;
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // A title is followed by what is run.
  return new RegExp(`(['"\`])${escaped}\\1,\\s*(?:async\\s*)?\\(`).test(text(path));
}

describe('the threat model', () => {
  test('has seven assets, and each actor for each of them', () => {
    expect(assets).toHaveLength(7);
    for (const { name, rows } of assets) expect([name, rows.map(([actor]) => actor)]).toEqual([name, ACTORS]);
  });

  test.each(assets)('shows every line of $name by a test that exists', ({ rows }) => {
    for (const [actor, can, cannot, shown = ''] of rows) {
      expect([actor, can, cannot].every((cell) => cell !== undefined && cell !== '')).toBe(true);
      const tests = [...shown.matchAll(SHOWN_BY)].map(([, label, file = '', name = '']) => ({
        label,
        file,
        name,
      }));
      expect(tests.length, `${actor}`).toBeGreaterThan(0);
      for (const { label, file } of tests) expect(label).toBe(file);
      expect(tests.filter(({ file, name }) => !hasTest(file, name))).toEqual([]);
    }
  });

  test('a test that is not there is found', () => {
    expect(hasTest('repository/threat-model.test.ts', 'a test that is not there is found')).toBe(true);
    expect(hasTest('repository/threat-model.test.ts', 'a test that is not')).toBe(false);
    expect(hasTest('repository/nowhere.test.ts', 'a test')).toBe(false);
  });
});
