import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { planRelease, type ReleasePlan } from '../../../src/flows/plan/release-plan.ts';
import type { Ours } from '../../../src/flows/plan/service-commits.ts';
import { MemoryRepository } from '../../fakes/memory-repository.ts';

const AT = Date.UTC(2026, 10, 22, 23, 59);
const service: Parameters<typeof planRelease>[1] = {
  tagPrefix: 'v',
  changelog: 'CHANGELOG.md',
  versionFiles: [],
  policy: { breakingBelowOne: 'minor' },
};

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- Coupons

## [1.2.0] - 2026-10-01

- Cart

[Unreleased]: https://git.test/shop/compare/v1.2.0...HEAD
[1.2.0]: https://git.test/shop/compare/v1.1.0...v1.2.0
`;

function shop(changelog: string | null = CHANGELOG): MemoryRepository {
  const repository = new MemoryRepository();
  const first = repository.push('main', 'chore: start', {
    'package.json': '{\n\t"name": "shop",\n\t"version": "1.2.0"\n}\n',
    ...(changelog === null ? {} : { 'CHANGELOG.md': changelog }),
  });
  repository.tag('v1.2.0', first);
  return repository;
}

async function plan(
  repository: MemoryRepository,
  question: Partial<Parameters<typeof planRelease>[2]> = {},
  over: Partial<typeof service> = {},
): Promise<ReleasePlan> {
  const refs = await repository.refs();
  const base = question.base ?? refs.branches['main'] ?? '';
  return planRelease(
    repository,
    { ...service, ...over },
    { refs, bump: 'auto', lowerConfirmed: false, at: AT, ours: async () => null, ...question, base },
  );
}

test('numbers do not start over beside tags of another form, unless they are to be ignored', async () => {
  const repository = new MemoryRepository();
  repository.tag('1.4.2', repository.push('main', 'chore: start', { VERSION: '1.4.2\n' }));
  repository.push('main', 'feat: coupons');
  expect(await refusal(plan(repository))).toMatchObject({
    code: 'tags-otherwise',
    facts: { tag: '1.4.2', other: '' },
  });
  expect((await plan(repository, {}, { tagPrefix: '' })).version.next).toBe('1.5.0');
  expect((await plan(repository, {}, { otherTags: 'ignore' })).version.tag).toBe('v1.4.2');
});

test.each(['release-5.0.0', '5.0.0', 'r10.2.0', 'rel/3.0.0', 'version-9.9.9', 'v7.1'])(
  'an older numbering that the last release descends from is history: %s',
  async (old) => {
    const repository = new MemoryRepository();
    repository.tag(old, repository.push('main', 'chore: start'));
    repository.tag('v1.2.0', repository.push('main', 'chore: count anew'));
    repository.push('main', 'feat: coupons');
    expect((await plan(repository)).version.next).toBe('1.3.0');
    // It goes on in the old way.
    repository.tag(old.replace(/\d$/, '10'), repository.push('main', 'feat: more coupons'));
    expect(await refusal(plan(repository))).toMatchObject({ code: 'tags-otherwise' });
  },
);

test('another numbering above the last release stops it also where an older one is history', async () => {
  const repository = new MemoryRepository();
  repository.tag('5.0.0', repository.push('main', 'chore: start'));
  repository.tag('v1.2.0', repository.push('main', 'chore: count anew'));
  repository.tag('release-2.0.0', repository.push('main', 'feat: coupons'));
  expect(await refusal(plan(repository))).toMatchObject({
    code: 'tags-otherwise',
    facts: { tag: 'release-2.0.0', count: 1 },
  });
});

test('a file VERSION that is not read stays as it is, and is named', async () => {
  const repository = shop();
  repository.push('main', 'feat: coupons', { VERSION: '1.2.0\nbuild 7\n' });
  const { files, left } = await plan(repository);
  expect(files.map(({ path }) => path)).toEqual(['CHANGELOG.md', 'package.json']);
  expect(left).toMatchObject([{ code: 'version-file-unread', facts: { path: 'VERSION' } }]);
});

test('a revert by an id of before a rebase is matched by its title, one of what was released is not', async () => {
  const repository = shop('# Changelog\n');
  const released = (await repository.refs()).branches['main'];
  const revertOf = (sha: string | undefined) => `Revert "feat: gifts"\n\nThis reverts commit ${sha}.`;
  repository.push('main', 'feat: gifts', { 'gifts.ts': '1' });
  repository.push('main', revertOf('d'.repeat(40)), { 'gifts.ts': '' });
  repository.push('main', 'fix: rounding', { 'cart.ts': '1' });
  expect((await plan(repository)).changelog).toBe('### Fixed\n\n- rounding');
  repository.push('main', 'feat: gifts', { 'gifts.ts': '2' });
  repository.push('main', revertOf(released), { 'gifts.ts': '' });
  expect((await plan(repository)).changelog).toMatch(/Added\n\n- gifts.*Reverted: feat: gifts/s);
});

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

describe('planRelease', () => {
  test('takes the higher of changelog and commits, and says why', async () => {
    const repository = shop();
    repository.push('main', 'fix(cart): total');
    const { version, lastTag, commits } = await plan(repository);
    expect(version).toMatchObject({ current: '1.2.0', next: '1.3.0', tag: 'v1.3.0', bump: 'minor' });
    expect(version.reasons.map((reason) => reason.text.replace(/^\w{7} /, ''))).toEqual([
      'CHANGELOG: Added',
      'fix(cart): total',
    ]);
    expect(lastTag).toBe('v1.2.0');
    expect(commits).toMatchObject({ total: 1, subjects: [{ subject: 'fix(cart): total' }] });
  });

  test('gives the files as they will be committed, and the excerpt for tag and card', async () => {
    const repository = shop();
    repository.push('main', 'fix(cart): total');
    const { files, changelog, message, tagMessage } = await plan(repository);
    expect(files).toEqual([
      {
        path: 'CHANGELOG.md',
        text: CHANGELOG.replace('## [Unreleased]\n', '## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n')
          .replace('v1.2.0...HEAD', 'v1.3.0...HEAD')
          .replace('[1.2.0]: ', '[1.3.0]: https://git.test/shop/compare/v1.2.0...v1.3.0\n[1.2.0]: '),
      },
      { path: 'package.json', text: '{\n\t"name": "shop",\n\t"version": "1.3.0"\n}\n' },
    ]);
    expect(changelog).toBe('### Added\n\n- Coupons');
    expect(message).toBe('chore(release): v1.3.0');
    expect(tagMessage).toBe('Release v1.3.0\n\n### Added\n\n- Coupons\n');
  });

  test('does not take the newest tag for the last release: a tag of another line is passed over', async () => {
    const repository = shop();
    const fork = repository.branches.get('main') ?? '';
    repository.branches.set('next', fork);
    repository.tag('v2.0.0', repository.push('next', 'feat!: all new'));
    repository.push('main', 'fix: small');
    repository.branches.set('main', repository.branches.get('main') ?? '');
    const { version, commits } = await plan(repository, {}, { changelog: 'NONE.md' });
    expect(version).toMatchObject({ current: '1.2.0', next: '1.2.1' });
    expect(commits.total).toBe(1);
  });

  test('finds marker files wherever they are, and configured patterns', async () => {
    const repository = shop();
    repository.push('main', 'feat: x', {
      'src/deep/version.ts': "export const version = '1.2.0'; // x-slipway-version\n",
      'chart.yaml': 'appVersion: v1.2.0\nversion: 7.0.0\n',
    });
    const { files } = await plan(
      repository,
      {},
      { versionFiles: [{ path: 'chart.yaml', pattern: '^appVersion: (.+)$' }] },
    );
    expect(files.map((file) => file.path)).toEqual([
      'CHANGELOG.md',
      'chart.yaml',
      'package.json',
      'src/deep/version.ts',
    ]);
    expect(files[1]?.text).toBe('appVersion: v1.3.0\nversion: 7.0.0\n');
    expect(files[3]?.text).toBe("export const version = '1.3.0'; // x-slipway-version\n");
  });

  test('finishes a prerelease instead of undercutting it', async () => {
    const repository = shop(null);
    repository.tag('v2.0.0-rc.1', repository.push('main', 'feat: x'));
    repository.push('main', 'fix: y');
    expect((await plan(repository)).version).toMatchObject({ current: '1.2.0', next: '2.0.0' });
  });

  test('refuses less than the evidence until it is confirmed, and records it', async () => {
    const repository = shop(null);
    repository.push('main', 'feat!: drop the old cart');
    const refused = await refusal(plan(repository, { bump: 'minor' }));
    expect(refused).toMatchObject({
      code: 'bump-below-evidence',
      facts: { chosen: 'minor', suggested: 'major' },
    });
    const { version } = await plan(repository, { bump: 'minor', lowerConfirmed: true });
    expect(version).toMatchObject({ next: '1.3.0', suggested: 'major', lowered: true });
    expect((await plan(repository, { bump: 'major' })).version).toMatchObject({
      next: '2.0.0',
      lowered: false,
    });
  });

  test('refuses when nothing happened but commits of Slipway', async () => {
    const repository = shop(null);
    const report = repository.push('main', 'docs: ship report\n\nSlipway-Record: p1:report');
    const ours: Ours = async ({ sha }) => (sha === report ? { sha, version: null } : null);
    expect(await refusal(plan(repository, { ours }))).toMatchObject({
      code: 'nothing-to-release',
      facts: { tag: 'v1.2.0' },
    });
  });

  test('refuses a version below the one in the files', async () => {
    const repository = shop(null);
    repository.push('main', 'fix: y', { 'package.json': '{"version":"3.0.0"}' });
    expect(await refusal(plan(repository))).toMatchObject({
      code: 'version-backwards',
      facts: { next: '1.2.1', path: 'package.json', version: '3.0.0' },
    });
  });

  test('refuses a tag that exists on another line', async () => {
    const repository = shop(null);
    repository.branches.set('fork', repository.branches.get('main') ?? '');
    repository.tag('v1.2.1', repository.push('fork', 'fix: other'));
    repository.push('main', 'fix: y');
    expect(await refusal(plan(repository))).toMatchObject({ code: 'tag-exists', facts: { tag: 'v1.2.1' } });
  });

  test('first release: the version of the files as it is, or raised when the changelog already has it', async () => {
    const repository = new MemoryRepository();
    repository.push('main', 'feat: start', { 'package.json': '{"version": "0.4.0"}' });
    expect((await plan(repository)).version).toMatchObject({ current: null, next: '0.4.0' });
    repository.push('main', 'docs: history', {
      'CHANGELOG.md': '# Changelog\n\n## [0.4.0] - 2026-01-01\n\n- x\n',
    });
    expect((await plan(repository)).version).toMatchObject({ current: null, next: '0.5.0' });
    const bare = new MemoryRepository();
    bare.push('main', 'initial');
    const first = await plan(bare);
    expect(first.version).toMatchObject({ current: null, next: '0.1.0', tag: 'v0.1.0' });
    expect(first.files.map((file) => file.path)).toEqual(['CHANGELOG.md']);
  });

  test('takes fragments into the section, and out of the repository', async () => {
    const repository = shop();
    repository.push('main', 'fix: rounding', {
      '.changeset/README.md': 'how to',
      '.changeset/config.json': '{}',
      '.changeset/brave-lions.md': '---\n"shop": major\n---\n\nThe old cart is gone\n',
      'newsfragments/12.bugfix.md': 'Totals\n',
    });
    const { version, changelog, files, tagMessage } = await plan(repository);
    expect(version).toMatchObject({ next: '2.0.0', suggested: 'major' });
    expect(version.reasons[0]).toEqual({
      bump: 'major',
      text: '.changeset/brave-lions.md: The old cart is gone',
    });
    expect(changelog).toBe(
      '### Added\n\n- Coupons\n\n### Changed\n\n- **BREAKING** The old cart is gone\n\n### Fixed\n\n- Totals (#12)',
    );
    expect(tagMessage).toContain('The old cart is gone');
    expect(files.map(({ path, text }) => [path, text === null])).toEqual([
      ['.changeset/brave-lions.md', true],
      ['CHANGELOG.md', false],
      ['newsfragments/12.bugfix.md', true],
      ['package.json', false],
    ]);
  });

  test('fragments alone take the place of the commits, and are enough for a release', async () => {
    const repository = shop('# Changelog\n\n## [1.2.0] - 2026-10-01\n\n- Cart\n');
    repository.push('main', 'feat: x', {
      'news/3.feature.rst': 'Coupons',
      'pyproject.toml': '[tool.towncrier]\ndirectory = "news"\n',
    });
    const { changelog, files } = await plan(repository);
    expect(changelog).toBe('### Added\n\n- Coupons (#3)');
    expect(files.map(({ path }) => path)).toContain('news/3.feature.rst');
  });

  test.each([
    [
      'the package',
      'src/shop/newsfragments/3.removal.md',
      '[tool.towncrier]\npackage = "shop"\npackage_dir = "src"\n',
    ],
    [
      'a section',
      'news/web/3.removal.md',
      '[tool.towncrier]\ndirectory = "news"\nsection = [{ path = "web" }]\n',
    ],
  ])('finds fragments where towncrier keeps them: %s', async (_name, path, settings) => {
    const repository = shop();
    repository.push('main', 'fix: x', {
      [path]: 'The old cart',
      'towncrier.toml': settings,
      'pyproject.toml': '[tool.towncrier]\ndirectory = "old"\n',
      'old/4.feature.md': 'Never read',
    });
    const { version, files } = await plan(repository);
    expect(version).toMatchObject({ next: '2.0.0', suggested: 'major' });
    expect(files).toContainEqual({ path, text: null });
    expect(files.map((file) => file.path)).not.toContain('old/4.feature.md');
  });

  test('writes the changelog from the commits when Unreleased is empty', async () => {
    const repository = shop('# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-10-01\n\n- Cart\n');
    repository.push('main', 'feat(cart): coupons');
    repository.push('main', 'fix: rounding');
    repository.push('main', 'chore: tidy');
    const { changelog, files } = await plan(repository);
    expect(changelog).toBe('### Added\n\n- **cart:** coupons\n\n### Fixed\n\n- rounding');
    expect(files[0]?.text).toBe(
      '# Changelog\n\n## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n\n### Added\n\n- **cart:** coupons\n\n' +
        '### Fixed\n\n- rounding\n\n## [1.2.0] - 2026-10-01\n\n- Cart\n',
    );
  });

  test('refuses files that are not text, naming them', async () => {
    const repository = shop(null);
    repository.push('main', 'fix: y', { VERSION: '1.2.0\n' });
    const read = repository.read.bind(repository);
    repository.read = async (commit, paths) =>
      (await read(commit, paths)).map((blob) =>
        blob?.path === 'VERSION' ? { ...blob, bytes: new Uint8Array([0xff, 0xfe, 0x31]) } : blob,
      );
    expect(await refusal(plan(repository))).toMatchObject({
      code: 'file-not-text',
      facts: { path: 'VERSION' },
    });
  });
});

describe('the files of other languages', () => {
  test('members of a Cargo workspace and files that are conventional by their kind are found in the tree', async () => {
    const repository = new MemoryRepository();
    const first = repository.push('main', 'chore: start', {
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nversion = "1.2.0"\n',
      'crates/a/Cargo.toml': '[package]\nname = "a"\nversion.workspace = true\n',
      'Cargo.lock': '[[package]]\nname = "a"\nversion = "1.2.0"\n',
      'web/Web.csproj': '<Project><PropertyGroup><Version>1.2.0</Version></PropertyGroup></Project>',
      'deploy/pom.xml': '<project><version>1.2.0</version></project>',
    });
    repository.tag('v1.2.0', first);
    const base = repository.push('main', 'feat: more', { 'a.txt': 'a' });
    const { files } = await planRelease(repository, service, {
      base,
      refs: await repository.refs(),
      bump: 'auto',
      lowerConfirmed: false,
      at: AT,
      ours: async () => null,
    });
    expect(files.map(({ path }) => path)).toEqual([
      'CHANGELOG.md',
      'Cargo.lock',
      'Cargo.toml',
      'web/Web.csproj',
    ]);
  });

  test('a first release takes up the version that such a file names', async () => {
    const repository = new MemoryRepository();
    const base = repository.push('main', 'feat: start', {
      'pom.xml': '<project><version>1.4.0-SNAPSHOT</version></project>',
    });
    const { version, files } = await planRelease(repository, service, {
      base,
      refs: await repository.refs(),
      bump: 'auto',
      lowerConfirmed: false,
      at: AT,
      ours: async () => null,
    });
    expect(version.next).toBe('1.4.0');
    expect(files.find(({ path }) => path === 'pom.xml')?.text).toBe(
      '<project><version>1.4.0</version></project>',
    );
  });

  test('a marked line that holds another version is refused', async () => {
    const repository = shop();
    const base = repository.push('main', 'feat: more', { '.env': 'NODE=20.11.1 # x-slipway-version\n' });
    const plan = planRelease(repository, service, {
      base,
      refs: await repository.refs(),
      bump: 'auto',
      lowerConfirmed: false,
      at: AT,
      ours: async () => null,
    });
    await expect(plan).rejects.toMatchObject({
      code: 'version-not-present',
      facts: { path: '.env', line: 1, found: ['20.11.1'], present: '1.2.0' },
    });
  });
});
