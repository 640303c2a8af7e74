import { describe, expect, test } from 'vitest';
import { sectionOf } from '../../../src/domain/changelog/changelog.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { planRelease, type ReleasePlan } from '../../../src/flows/plan/release-plan.ts';
import { MemoryRepository } from '../../fakes/memory-repository.ts';

type Service = Parameters<typeof planRelease>[1];

const AT = Date.UTC(2026, 10, 28, 12);
const MAY = Date.UTC(2026, 4, 30, 12);

function serviceOf(over: Partial<Service>): Service {
  return {
    tagPrefix: 'v',
    changelog: 'CHANGELOG.md',
    versionFiles: [],
    policy: { breakingBelowOne: 'minor' },
    ...over,
  };
}

/** A repository whose last release has this version and tag. */
function released(
  version: string,
  tag: string,
  files: Readonly<Record<string, string>> = {},
): MemoryRepository {
  const repository = new MemoryRepository();
  const start = repository.push('main', 'chore: start', {
    'CHANGELOG.md': `# Changelog

## [Unreleased]

### Added

- Coupons

## [${version}] - 2026-05-01

- Cart

[Unreleased]: https://git.test/shop/compare/${tag}...HEAD
[${version}]: https://git.test/shop/compare/before...${tag}
`,
    ...files,
  });
  repository.tag(tag, start);
  repository.push('main', 'fix: totals', { 'a.ts': '1' });
  return repository;
}

async function plan(
  repository: MemoryRepository,
  service: Service,
  over: Partial<Parameters<typeof planRelease>[2]> = {},
): Promise<ReleasePlan> {
  const refs = await repository.refs();
  const base = refs.branches['main'] ?? '';
  return planRelease(repository, service, {
    refs,
    base,
    bump: 'auto',
    lowerConfirmed: false,
    at: AT,
    ours: async () => null,
    ...over,
  });
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.catch((cause: unknown) => cause);
  if (!(error instanceof Refusal)) throw new Error(`no refusal: ${JSON.stringify(error)}`);
  return error;
}

const textOf = ({ files }: ReleasePlan, path = 'CHANGELOG.md') =>
  files.find((file) => file.path === path)?.text ?? '';

describe('a release in each form of tags and versions', () => {
  test.each<
    [before: string, tag: string, form: Partial<Service>, next: string, nextTag: string, at?: number]
  >([
    ['1.4.2', '1.4.2', { tagPrefix: '' }, '1.5.0', '1.5.0'],
    ['1.2.0', 'api/v1.2.0', { tagPrefix: 'api/v' }, '1.3.0', 'api/v1.3.0'],
    ['1.2.0', 'api@1.2.0', { tagPrefix: 'api@' }, '1.3.0', 'api@1.3.0'],
    ['1.2.0', 'api-1.2.0-prod', { tagPrefix: 'api-', tagSuffix: '-prod' }, '1.3.0', 'api-1.3.0-prod'],
    ['1.9', 'v1.9', { scheme: 'major.minor' }, '1.10', 'v1.10'],
    ['1.9.1', 'v1.9.1', { scheme: 'major.minor' }, '1.10', 'v1.10'],
    ['2026.11.0', 'v2026.11.0', { scheme: 'YYYY.MM.MICRO' }, '2026.11.1', 'v2026.11.1'],
    ['2026.10.4', 'v2026.10.4', { scheme: 'YYYY.MM.MICRO' }, '2026.11.0', 'v2026.11.0'],
    ['2026.05.1', '2026.05.1', { tagPrefix: '', scheme: 'YYYY.0M.MICRO' }, '2026.05.2', '2026.05.2', MAY],
    ['26.4.0', 'v26.4.0', { scheme: 'YY.MM.MICRO' }, '26.11.0', 'v26.11.0'],
    ['2026.05.01', 'v2026.05.01', { scheme: 'YYYY.0M.0D' }, '2026.05.30', 'v2026.05.30', MAY],
    ['2026.05.30', 'v2026.05.30', { scheme: 'YYYY.0M.0D' }, '2026.05.30.1', 'v2026.05.30.1', MAY],
    ['3.1.0.post1', 'v3.1.0.post1', { scheme: 'pep440' }, '3.2.0', 'v3.2.0'],
  ])('%s as %s %j: %s', async (before, tag, form, next, nextTag, at = AT) => {
    const repository = released(before, tag);
    const service = serviceOf(form);
    const planned = await plan(repository, service, { at });
    expect(planned.version).toMatchObject({ current: before, next, tag: nextTag, suggested: 'minor' });
    expect(planned.message).toBe(`chore(release): ${nextTag}`);
    expect(planned.tagMessage).toBe(`Release ${nextTag}\n\n### Added\n\n- Coupons\n`);
    expect(planned.lastTag).toBe(tag);
    const changelog = textOf(planned);
    const day = new Date(at).toISOString().slice(0, 10);
    expect(changelog).toContain(`\n## [${next}] - ${day}\n`);
    expect(changelog).toContain(`[Unreleased]: https://git.test/shop/compare/${nextTag}...HEAD\n`);
    expect(changelog).toContain(`[${next}]: https://git.test/shop/compare/${tag}...${nextTag}\n`);
    expect(sectionOf(changelog, next)).toBe('### Added\n\n- Coupons');
    expect(sectionOf(changelog, before)).toBe('- Cart');

    // The next one follows it.
    const commit = repository.push('main', planned.message, { 'CHANGELOG.md': changelog });
    repository.tag(nextTag, commit);
    expect(await refusal(plan(repository, service, { at }))).toMatchObject({
      code: 'nothing-to-release',
      facts: { tag: nextTag },
    });
    repository.push('main', 'fix: again', { 'a.ts': '2' });
    const again = await plan(repository, service, { at });
    expect(again.version.current).toBe(next);
    expect(textOf(again)).toContain(`\n## [${again.version.next}] - ${day}\n`);
  });
});

describe('files beside such a version', () => {
  test('those that take SemVer only have it as that', async () => {
    const repository = released('2026.05.1', 'v2026.05.1', {
      'package.json': '{"name":"shop","version":"2026.5.1"}\n',
      'Cargo.toml': '[package]\nname = "shop"\nversion = "2026.5.1"\n',
      VERSION: '2026.05.1\n',
      'pyproject.toml': '[project]\nname = "shop"\nversion = "2026.05.1"\n',
      'a.py': '__version__ = "2026.05.1"  # x-slipway-version\n',
      'composer.json': '{"version":"2026.5.1"}\n',
    });
    const planned = await plan(repository, serviceOf({ scheme: 'YYYY.0M.MICRO' }), { at: MAY });
    expect(planned.version.next).toBe('2026.05.2');
    expect(textOf(planned, 'package.json')).toBe('{"name":"shop","version":"2026.5.2"}\n');
    expect(textOf(planned, 'Cargo.toml')).toContain('version = "2026.5.2"');
    expect(textOf(planned, 'composer.json')).toBe('{"version":"2026.5.2"}\n');
    expect(textOf(planned, 'VERSION')).toBe('2026.05.2\n');
    expect(textOf(planned, 'pyproject.toml')).toContain('version = "2026.05.2"');
    expect(textOf(planned, 'a.py')).toBe('__version__ = "2026.05.2"  # x-slipway-version\n');
  });

  test('two numbers are three for them', async () => {
    const repository = released('1.9', 'v1.9', { 'package.json': '{"version":"1.9.0"}\n', VERSION: '1.9\n' });
    const planned = await plan(repository, serviceOf({ scheme: 'major.minor' }));
    expect(textOf(planned, 'package.json')).toBe('{"version":"1.10.0"}\n');
    expect(textOf(planned, 'VERSION')).toBe('1.10\n');
  });
});

describe('PEP 440 never goes backwards', () => {
  const python = (version: string) => ({
    'pyproject.toml': `[project]\nname = "shop"\nversion = "${version}"\n`,
    'CHANGELOG.md': '# Changelog\n',
  });

  test.each([
    ['3.2.0.dev0', '3.2.0'],
    ['3.2.0rc1', '3.2.0'],
    ['4.0.0a1', '4.0.0'],
    ['3.1.1.dev3', '3.1.1'],
    ['3.1.0.post1', '3.1.1'],
    ['3.1.0', '3.1.1'],
  ])('pyproject.toml says %s: a fix after 3.1.0 is %s', async (inFile, next) => {
    for (const scheme of [undefined, 'pep440']) {
      const service = serviceOf(scheme === undefined ? {} : { scheme });
      const planned = await plan(released('3.1.0', 'v3.1.0', python(inFile)), service);
      expect(planned.version.next, scheme).toBe(next);
      expect(textOf(planned, 'pyproject.toml')).toContain(`version = "${next}"`);
    }
  });

  test('a development version that people pointed out follows as a whole', async () => {
    const files = {
      ...python('3.2.0.dev0'),
      'shop/__init__.py': '__version__ = "3.2.0.dev0"  # x-slipway-version\n',
    };
    const planned = await plan(released('3.1.0', 'v3.1.0', files), serviceOf({}));
    expect(textOf(planned, 'shop/__init__.py')).toBe('__version__ = "3.2.0"  # x-slipway-version\n');
  });

  test.each([
    ['v3.2.0rc1', '3.2.0'],
    ['v3.2.0.dev4', '3.2.0'],
    ['v3.1.0.post1', '3.1.1'],
  ])('after 3.1.0 and the tag %s comes %s', async (tag, next) => {
    const repository = released('3.1.0', 'v3.1.0', python('3.1.0'));
    repository.tag(tag, repository.branches.get('main') ?? '');
    repository.push('main', 'fix: more', { 'b.ts': '1' });
    expect((await plan(repository, serviceOf({ scheme: 'pep440' }))).version.next).toBe(next);
    // Where the scheme is not said, what comes after that tag is the same, or it is asked for.
    const unsaid = await plan(repository, serviceOf({})).catch((error: unknown) => error);
    if (unsaid instanceof Refusal) expect(explain(unsaid).hint).toContain('version.scheme: pep440');
    else expect((unsaid as ReleasePlan).version.next).toBe(next);
  });
});

describe('what was not said is said in a sentence', () => {
  test.each([
    ['1.4.2', 'version.tag: "{version}"'],
    ['api/v1.2.0', 'version.tag: "api/v{version}"'],
    ['v1.9', 'version.scheme: major.minor'],
    ['v2026.05.1', 'version.scheme: YYYY.0M.MICRO'],
    ['v2026.05.01', 'version.scheme: YYYY.0M.0D'],
    ['v2026.5', 'version.scheme: YYYY.MM'],
    ['v2026.5.3', 'version.scheme: YYYY.MM.MICRO'],
    ['v2026.14.3', 'version.scheme: YYYY.MINOR.MICRO'],
  ])('%s: %s', async (tag, hint) => {
    const error = await refusal(plan(released('1.0.0', tag), serviceOf({})));
    expect(explain(error).hint).toContain(hint);
  });

  test('numbers that are no dates are said to be none', async () => {
    const repository = released('2026.5.3', 'v2026.5.3');
    expect((await plan(repository, serviceOf({ scheme: 'semver' }))).version.next).toBe('2026.6.0');
    expect((await plan(repository, serviceOf({ otherTags: 'ignore' }))).version.next).toBe('2026.6.0');
  });
});

describe('a version by the calendar while people think', () => {
  const service = serviceOf({ scheme: 'YYYY.MM.MICRO' });
  const later = { at: Date.UTC(2026, 11, 1) };

  test('it stays when midnight passes, and is another when there was a release', async () => {
    const repository = released('2026.10.4', 'v2026.10.4');
    const asked = (await plan(repository, service)).version;
    expect(asked.next).toBe('2026.11.0');
    expect((await plan(repository, service, later)).version.next).toBe('2026.12.0');
    expect((await plan(repository, service, { ...later, asked })).version).toEqual(asked);
    repository.tag('v2026.11.0', repository.branches.get('main') ?? '');
    repository.push('main', 'fix: more', { 'b.ts': '1' });
    expect((await plan(repository, service, { ...later, asked })).version.next).toBe('2026.12.0');
  });

  test('the first release, also where numbers were counted before', async () => {
    const repository = new MemoryRepository();
    repository.push('main', 'feat: shop', { 'package.json': '{"version":"0.0.0"}\n' });
    expect((await plan(repository, service)).version).toMatchObject({ current: null, next: '2026.11.0' });
    const counted = released('1.4.2', 'v1.4.2', { 'package.json': '{"version":"1.4.2"}\n' });
    const planned = await plan(counted, service);
    expect(planned.version).toMatchObject({ current: '1.4.2', next: '2026.11.0' });
    expect(textOf(planned, 'package.json')).toBe('{"version":"2026.11.0"}\n');
    expect(planned.commits.total).toBe(1);
  });
});
