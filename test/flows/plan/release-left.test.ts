import { describe, expect, test } from 'vitest';
import { planRelease, type ReleasePlan } from '../../../src/flows/plan/release-plan.ts';
import { MemoryRepository } from '../../fakes/memory-repository.ts';

type Texts = Readonly<Record<string, string>>;
const SERVICE: Parameters<typeof planRelease>[1] = {
  tagPrefix: 'v',
  changelog: 'CHANGELOG.md',
  versionFiles: [],
  policy: { breakingBelowOne: 'minor' },
};

/** The release of 1.3.0 on top of 1.2.3 in a repository with these files. */
async function plan(texts: Texts, over: Partial<typeof SERVICE> = {}): Promise<ReleasePlan> {
  const repository = new MemoryRepository();
  repository.tag('v1.2.3', repository.push('main', 'chore: start', texts));
  const base = repository.push('main', 'feat: coupons', { 'src/cart': '1' });
  const question = { bump: 'auto', lowerConfirmed: false, at: 0, ours: async () => null } as const;
  const refs = await repository.refs();
  return planRelease(repository, { ...SERVICE, ...over }, { ...question, refs, base });
}

const leftBy = ({ left }: ReleasePlan) =>
  left.map(({ code, facts }) => [code, facts['path'] ?? facts['count']]);
const changedBy = ({ files }: ReleasePlan) =>
  files.map(({ path }) => path).filter((path) => path !== 'CHANGELOG.md');

test('a snapshot that leads elsewhere stays, and is named', async () => {
  const planned = await plan({ 'pom.xml': '<project><version>2.0.0-SNAPSHOT</version></project>' });
  expect(changedBy(planned)).toEqual([]);
  expect(leftBy(planned)).toEqual([['version-under-work', 'pom.xml']]);
});

describe('many files', () => {
  const poms = (count: number): Texts =>
    Object.fromEntries(
      Array.from({ length: count }, (_none, index) => [
        index === 0 ? 'pom.xml' : `m${String(index).padStart(4, '0')}/pom.xml`,
        '<project><version>1.2.3</version></project>',
      ]),
    );

  test('several hundred all follow', async () => {
    const planned = await plan(poms(400));
    expect(changedBy(planned)).toHaveLength(400);
    expect(leftBy(planned)).toEqual([]);
  });

  test('past the limit it is said that the others stay', async () => {
    const planned = await plan(poms(3_011));
    expect(changedBy(planned)).toHaveLength(3_001);
    expect(leftBy(planned)).toEqual([['version-files-too-many', 3_010]]);
  });
});

describe('a manifest of Cargo that is no TOML', () => {
  const workspace: Texts = {
    'Cargo.toml':
      '[workspace]\nmembers = ["crates/*", "./tools/**", "cli/"]\nexclude = ["crates/old"]\n[workspace.package]\nversion = "1.2.3"\n',
    'crates/core/Cargo.toml': '[package]\nname = "core"\nversion.workspace = true\n',
    'Cargo.lock': '[[package]]\nname = "core"\nversion = "1.2.3"\n',
  };
  const broken = '[package]\nname = {{name}}\n';

  test.each([
    ['templates/new/Cargo.toml', false],
    ['crates/core/tests/fixtures/Cargo.toml', false],
    ['crates/old/Cargo.toml', false],
    ['crates/new/Cargo.toml', true],
    ['tools/a/b/Cargo.toml', true],
    ['cli/Cargo.toml', true],
  ])('%s keeps no release from being cut; named as a member: %s', async (path, isNamed) => {
    const planned = await plan({ ...workspace, [path]: broken });
    expect(changedBy(planned)).toEqual(['Cargo.lock', 'Cargo.toml']);
    expect(leftBy(planned)).toEqual(isNamed ? [['version-file-broken', path]] : []);
  });

  test('the home, what is configured and what has a marker are refused, but not where a pattern reads it', async () => {
    const refused = { code: 'version-file-broken' };
    const path = 'templates/Cargo.toml';
    const text = `${broken}version = "1.2.3"\n`;
    await expect(plan({ 'Cargo.toml': broken })).rejects.toMatchObject(refused);
    await expect(plan({ ...workspace, [path]: text }, { versionFiles: [{ path }] })).rejects.toMatchObject(
      refused,
    );
    await expect(plan({ ...workspace, [path]: `${text}# x-slipway-version 1.2.3\n` })).rejects.toMatchObject(
      refused,
    );
    const byPattern = { versionFiles: [{ path, pattern: 'version = "(.+)"' }] };
    expect(changedBy(await plan({ ...workspace, [path]: text }, byPattern))).toContain(path);
  });
});
