import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('no page and no message fetches the program by its bare name, which is not known to be ours in the public registry', () => {
  const files = ['docs', 'bin', 'demo', 'src', 'deploy', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:md|ts|mjs|ya?ml|txt)$/.test(name))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(500);
  const bare = /\bnpx (?:--?\w+ )*slipway\b|npm (?:install|i) (?:[\w./=-]+ )*slipway(?:@|\b(?![-*./\w]))/;
  expect(bare.test('npx --yes slipway ship')).toBe(true);
  expect(bare.test('npm install --global slipway@1.2.3')).toBe(true);
  expect(bare.test('npm install --global --prefix /opt/slipway ./slipway-1.2.3.tgz')).toBe(false);
  const found = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...files].filter((name) =>
    bare.test(readFileSync(join(ROOT, name), 'utf8')),
  );
  expect(found).toEqual([]);
});
