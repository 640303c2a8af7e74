import { describe, expect, test } from 'vitest';
import { type PathFilter, pathFilter, pathProblem } from '../../../src/domain/release/paths.ts';

function filterOf(...paths: readonly string[]): PathFilter {
  const filter = pathFilter(paths);
  if (filter === null) throw new Error('no filter');
  return filter;
}

describe('pathFilter', () => {
  test.each<[paths: string[], path: string, counts: boolean]>([
    [['apps/api'], 'apps/api/src/a.ts', true],
    [['apps/api'], 'apps/api', true],
    [['apps/api'], 'apps/api-two/a.ts', false],
    [['apps/api'], 'apps/apis', false],
    [['apps/api'], 'other/apps/api/a.ts', false],
    [['apps/api'], 'Apps/Api/a.ts', false],
    [['apps/api/'], 'apps/api/.env.example', true],
    [['./apps/api'], 'apps/api/a.ts', true],
    [['package-lock.json', 'apps/api'], 'package-lock.json', true],
    [['packages/*'], 'packages/a/src/x.ts', true],
    [['packages/*'], 'packages.md', false],
    [['packages/*/src/**'], 'packages/a/src/deep/x.ts', true],
    [['packages/*/src/**'], 'packages/a/test/x.ts', false],
    [['packages/{a,b}'], 'packages/b/x', true],
    [['packages/{a,b}'], 'packages/c/x', false],
    [['**/*.proto'], 'api/v1/shop.proto', true],
    [['**/*.proto'], '.hidden/shop.proto', true],
    [['**/*.proto'], 'shop.proto.ts', false],
    [['apps/web/app/[id]'], 'apps/web/app/[id]/page.tsx', true],
    [['apps/web/(shop)'], 'apps/web/(shop)/page.tsx', true],
    [['packages/@acme/ui'], 'packages/@acme/ui/x', true],
    [['apps/api', '!apps/api/docs'], 'apps/api/docs/a.md', false],
    [['apps/api', '!apps/api/docs', 'apps/api/docs/openapi.yaml'], 'apps/api/docs/openapi.yaml', true],
    [['apps/api', '!**/*.md'], 'apps/api/README.md', false],
    [['**', '!apps/web'], 'package.json', true],
    [['**', '!apps/web'], 'apps/web/x', false],
  ])('%j and %s: %s', (paths, path, counts) => {
    expect(filterOf(...paths).matches(path)).toBe(counts);
  });

  test.each<[paths: string[], home: string]>([
    [['apps/api'], 'apps/api/'],
    [['apps/api/', 'packages/shared'], 'apps/api/'],
    [['apps/api/**'], 'apps/api/'],
    [['package-lock.json', 'apps/api'], 'apps/api/'],
    [['package-lock.json'], ''],
    [['**', '!apps/web'], ''],
    [['apps/shop.com/'], 'apps/shop.com/'],
    [['apps/v1.2'], 'apps/v1.2/'],
  ])('the home of %j is %s', (paths, home) => {
    expect(filterOf(...paths).home).toBe(home);
  });

  test('without paths, and with the root as one, everything belongs', () => {
    for (const paths of [undefined, ['.'], ['./'], ['**'], ['apps/api', '.']]) {
      expect(pathFilter(paths), String(paths)).toBeNull();
    }
  });

  test('what is below another root is asked for once', () => {
    expect(filterOf('apps', 'apps/api', 'lock').roots).toEqual(['apps', 'lock']);
    expect(filterOf('apps/*/src', '!x').roots).toEqual(['apps']);
  });
});

test.each([
  ['', 'a folder, a file or a glob'],
  ['!', 'a folder, a file or a glob'],
  [' apps', 'a folder, a file or a glob'],
  ['/apps/api', 'a path that begins below the root of the repository, without a slash'],
  ['!/apps/api', 'a path that begins below the root of the repository, without a slash'],
  ['apps\\api', 'a path with forward slashes'],
  ['../web', 'a path inside the repository, without . or .. in it'],
  ['apps/../web', 'a path inside the repository, without . or .. in it'],
  ['apps/./web', 'a path inside the repository, without . or .. in it'],
  ['apps/{api', 'a glob whose brackets are closed'],
  ['apps/[a', 'a glob whose brackets are closed'],
  ['apps/api', null],
  ['.', null],
  ['./apps', null],
  ['!apps/api/docs/', null],
  ['**', null],
])('pathProblem(%j): %s', (path, problem) => {
  expect(pathProblem(path)).toBe(problem);
});
