import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { planRelease, type ReleasePlan } from '../../../src/flows/plan/release-plan.ts';
import { MemoryRepository } from '../../fakes/memory-repository.ts';

type Service = Parameters<typeof planRelease>[1];

const AT = Date.UTC(2026, 10, 22);

function serviceOf(name: string, over: Partial<Service> = {}): Service {
  return {
    tagPrefix: `${name}-v`,
    paths: [`apps/${name}`],
    changelog: `apps/${name}/CHANGELOG.md`,
    versionFiles: [],
    policy: { breakingBelowOne: 'minor' },
    ...over,
  };
}

const api = serviceOf('api');
const web = serviceOf('web');

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const manifest = (name: string, version: string) => json({ name: `@shop/${name}`, version });

/** Two services with releases of their own and a root that is nobody's. */
function shop(): MemoryRepository {
  const repository = new MemoryRepository();
  const start = repository.push('main', 'chore: start', {
    'package.json': json({ name: 'root', version: '9.0.0', workspaces: ['apps/*'] }),
    'package-lock.json': json({
      name: 'root',
      version: '9.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'root', version: '9.0.0' },
        'apps/api': { name: '@shop/api', version: '1.4.0' },
        'apps/web': { name: '@shop/web', version: '2.0.1' },
      },
    }),
    'apps/api/package.json': manifest('api', '1.4.0'),
    'apps/web/package.json': manifest('web', '2.0.1'),
  });
  repository.tag('api-v1.4.0', start);
  repository.tag('web-v2.0.1', start);
  return repository;
}

async function plan(repository: MemoryRepository, service: Service): Promise<ReleasePlan> {
  const refs = await repository.refs();
  const base = refs.branches['main'] ?? '';
  const question = { refs, base, bump: 'auto', lowerConfirmed: false, at: AT } as const;
  return planRelease(repository, service, { ...question, ours: async () => null });
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

const paths = ({ files }: ReleasePlan) => files.map(({ path }) => path);
const textOf = ({ files }: ReleasePlan, wanted: string) =>
  files.find(({ path }) => path === wanted)?.text ?? '';

describe('a service with paths in a repository of several', () => {
  test('feat(web)! and fix(api): a patch of the one, a major of the other, each with what is its own', async () => {
    const repository = shop();
    repository.push('main', 'feat(web)!: new checkout', { 'apps/web/a.ts': '1' });
    repository.push('main', 'fix(api): totals', { 'apps/api/a.ts': '1' });
    const ofApi = await plan(repository, api);
    expect(ofApi.version).toMatchObject({
      current: '1.4.0',
      next: '1.4.1',
      tag: 'api-v1.4.1',
      bump: 'patch',
    });
    expect(ofApi.commits).toMatchObject({ total: 1, subjects: [{ subject: 'fix(api): totals' }] });
    expect(ofApi.changelog).toContain('totals');
    expect(ofApi.changelog).not.toContain('checkout');
    expect(ofApi.tagMessage).not.toContain('checkout');
    expect(paths(ofApi)).toEqual(['apps/api/CHANGELOG.md', 'apps/api/package.json', 'package-lock.json']);
    const ofWeb = await plan(repository, web);
    expect(ofWeb.version).toMatchObject({ next: '3.0.0', tag: 'web-v3.0.0', bump: 'major' });
    expect(ofWeb.changelog).not.toContain('totals');
  });

  test('of the lock at the root only its entry follows, and the root’s package.json only when it is named', async () => {
    const repository = shop();
    repository.push('main', 'fix: totals', { 'apps/api/a.ts': '1' });
    const lock = JSON.parse(textOf(await plan(repository, api), 'package-lock.json')) as {
      version: string;
      packages: Record<string, { version: string }>;
    };
    expect(lock.version).toBe('9.0.0');
    expect(Object.entries(lock.packages).map(([path, one]) => [path, one.version])).toEqual([
      ['', '9.0.0'],
      ['apps/api', '1.4.1'],
      ['apps/web', '2.0.1'],
    ]);
    const named = { ...api, versionFiles: [{ path: 'package.json' }] };
    expect(await refusal(plan(repository, named)), 'the root has a version of its own').toMatchObject({
      code: 'version-backwards',
    });
    repository.push('main', 'chore: one version', {
      'package.json': json({ version: '1.4.0' }),
      'package-lock.json': json({ version: '1.4.0', packages: { '': { version: '1.4.0' } } }),
    });
    expect(paths(await plan(repository, named))).toContain('package.json');
  });

  test('what touches only others is nothing to release, also a commit without files', async () => {
    const repository = shop();
    repository.push('main', 'feat(api): only the scope says so', { 'apps/web/a.ts': '1' });
    repository.push('main', 'feat!: root', { 'package.json': json({ name: 'root' }), 'README.md': 'x' });
    repository.push('main', 'feat!: empty');
    repository.push('main', 'feat!: beside', { 'apps/api-gateway/a.ts': '1' });
    expect(await refusal(plan(repository, api))).toMatchObject({
      code: 'nothing-to-release',
      facts: { tag: 'api-v1.4.0' },
    });
  });

  test('a path that several name counts for each of them, and is not raised', async () => {
    const repository = shop();
    const both = [api, web].map((service) => ({
      ...service,
      paths: [...(service.paths ?? []), 'packages/shared'],
    }));
    repository.push('main', 'feat: money', {
      'packages/shared/package.json': manifest('shared', '0.3.0'),
      'packages/shared/Directory.Build.props': '<Project/>',
      'packages/shared/version.txt': '0.3.0 # x-slipway-version\n',
    });
    for (const service of both) {
      const planned = await plan(repository, service);
      expect(planned.version.bump).toBe('minor');
      expect(paths(planned).filter((path) => path.startsWith('packages/'))).toEqual([]);
    }
  });

  test('files that move out or go count where they were', async () => {
    const repository = shop();
    repository.push('main', 'chore: cart', { 'apps/api/cart.ts': '1', 'apps/api/old.ts': '1' });
    repository.tag('api-v1.4.1', repository.branches.get('main') ?? '');
    repository.push('main', 'feat(web): has the cart', { 'apps/api/cart.ts': null, 'apps/web/cart.ts': '1' });
    expect((await plan(repository, api)).version.next).toBe('1.5.0');
    expect((await plan(repository, web)).version.next).toBe('2.1.0');
    repository.tag('api-v1.5.0', repository.branches.get('main') ?? '');
    repository.push('main', 'fix: without the old', { 'apps/api/old.ts': null });
    expect((await plan(repository, api)).version.next).toBe('1.5.1');
  });

  test('what does not count is left out: docs, and tests by a glob', async () => {
    const repository = shop();
    const service = { ...api, paths: ['apps/api', '!apps/api/docs', '!**/*.test.ts'] };
    repository.push('main', 'feat: docs', { 'apps/api/docs/a.md': '1' });
    repository.push('main', 'feat: test', { 'apps/api/src/a.test.ts': '1' });
    expect(await refusal(plan(repository, service))).toMatchObject({ code: 'nothing-to-release' });
    repository.push('main', 'fix: a', { 'apps/api/src/a.ts': '1' });
    expect((await plan(repository, service)).version.next).toBe('1.4.1');
  });

  test('paths that no file has are a mistake', async () => {
    const error = await refusal(plan(shop(), { ...api, paths: ['app/api'] }));
    expect(error).toMatchObject({ code: 'paths-without-files', facts: { paths: ['app/api'] } });
  });

  test('the first release takes the version of its own package', async () => {
    const repository = shop();
    repository.push('main', 'feat: admin', { 'apps/admin/package.json': manifest('admin', '0.4.0') });
    const { version, changelog } = await plan(repository, serviceOf('admin'));
    expect(version).toMatchObject({ current: null, next: '0.4.0', tag: 'admin-v0.4.0' });
    expect(changelog).not.toContain('start');
  });

  test('a root service beside one in a folder leaves that alone', async () => {
    const repository = shop();
    const root: Service = { ...api, tagPrefix: 'v', paths: ['**', '!apps/web'], changelog: 'CHANGELOG.md' };
    repository.tag('v9.0.0', repository.branches.get('main') ?? '');
    repository.push('main', 'feat(web)!: x', { 'apps/web/a.ts': '1', 'apps/web/shop.csproj': '<Project/>' });
    repository.push('main', 'fix: y', { 'src/a.ts': '1' });
    const planned = await plan(repository, root);
    expect(planned.version.next).toBe('9.0.1');
    expect(paths(planned)).toEqual(['CHANGELOG.md', 'package-lock.json', 'package.json']);
  });
});

describe('other ecosystems', () => {
  test('Cargo: the member and its entry in the lock of the workspace', async () => {
    const repository = new MemoryRepository();
    const start = repository.push('main', 'chore: start', {
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
      'Cargo.lock':
        'version = 3\n\n[[package]]\nname = "api"\nversion = "1.4.0"\n\n[[package]]\nname = "web"\nversion = "1.4.0"\n',
      'crates/api/Cargo.toml': '[package]\nname = "api"\nversion = "1.4.0"\n',
      'crates/web/Cargo.toml': '[package]\nname = "web"\nversion = "1.4.0"\n',
    });
    repository.tag('api-v1.4.0', start);
    repository.push('main', 'fix: x', { 'crates/api/src/lib.rs': '1' });
    const service = { ...api, paths: ['crates/api'], changelog: 'crates/api/CHANGELOG.md' };
    const planned = await plan(repository, service);
    expect(paths(planned)).toEqual(['Cargo.lock', 'crates/api/CHANGELOG.md', 'crates/api/Cargo.toml']);
    expect(textOf(planned, 'Cargo.lock')).toBe(
      'version = 3\n\n[[package]]\nname = "api"\nversion = "1.4.1"\n\n[[package]]\nname = "web"\nversion = "1.4.0"\n',
    );
  });

  test('uv: the member and its entry in the lock of the workspace', async () => {
    const repository = new MemoryRepository();
    const entry = (name: string) =>
      `\n[[package]]\nname = "shop-${name}"\nversion = "1.4.0"\nsource = { editable = "apps/${name}" }\n`;
    const project = (name: string) => `[project]\nname = "shop_${name}"\nversion = "1.4.0"\n`;
    const start = repository.push('main', 'chore: start', {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["apps/*"]\n',
      'uv.lock': `version = 1\n${entry('api')}${entry('web')}`,
      'apps/api/pyproject.toml': project('api'),
      'apps/web/pyproject.toml': project('web'),
    });
    repository.tag('api-v1.4.0', start);
    repository.push('main', 'fix: x', { 'apps/api/a.py': '1' });
    const planned = await plan(repository, api);
    expect(textOf(planned, 'uv.lock')).toBe(
      `version = 1\n${entry('api').replace('1.4.0', '1.4.1')}${entry('web')}`,
    );
    expect(paths(planned)).toEqual(['apps/api/CHANGELOG.md', 'apps/api/pyproject.toml', 'uv.lock']);
  });

  test('a module of Maven keeps the version of its parent, which is another service’s', async () => {
    const repository = new MemoryRepository();
    const pom =
      '<project><parent><artifactId>root</artifactId><version>1.4.0</version></parent><version>1.4.0</version></project>\n';
    const start = repository.push('main', 'chore: start', {
      'pom.xml': '<project><version>1.4.0</version></project>\n',
      'apps/api/pom.xml': pom,
    });
    repository.tag('api-v1.4.0', start);
    repository.push('main', 'fix: x', { 'apps/api/A.java': '1' });
    const planned = await plan(repository, api);
    expect(paths(planned)).toEqual(['apps/api/CHANGELOG.md', 'apps/api/pom.xml']);
    expect(textOf(planned, 'apps/api/pom.xml')).toContain(
      '<version>1.4.0</version></parent><version>1.4.1</version>',
    );
  });
});

describe('changesets of all packages at the root', () => {
  const both = '---\n"@shop/api": minor\n"@shop/web": major\n---\n\nOne money type.\n';
  const onlyWeb = '---\n"@shop/web": patch\n---\n\nA typo.\n';

  test('each service takes its part and leaves the rest', async () => {
    const repository = shop();
    repository.push('main', 'chore: changesets', {
      '.changeset/both.md': both,
      '.changeset/web.md': onlyWeb,
      'apps/api/a.ts': '1',
    });
    const planned = await plan(repository, api);
    expect(planned.version.next).toBe('1.5.0');
    expect(planned.changelog).toContain('One money type.');
    expect(planned.changelog).not.toContain('A typo.');
    const { files } = planned;
    expect(files.filter(({ path }) => path.startsWith('.changeset/'))).toEqual([
      { path: '.changeset/both.md', text: '---\n"@shop/web": major\n---\n\nOne money type.\n' },
    ]);
    repository.push('main', 'chore(release)', { '.changeset/both.md': files[0]?.text ?? '' });
    const ofWeb = await plan(repository, web);
    expect(ofWeb.version.next).toBe('3.0.0');
    expect(ofWeb.files.filter(({ path }) => path.startsWith('.changeset/'))).toEqual([
      { path: '.changeset/both.md', text: null },
      { path: '.changeset/web.md', text: null },
    ]);
  });

  test('fragments in its own folder are its own', async () => {
    const repository = shop();
    repository.push('main', 'chore: fragments', {
      'apps/api/newsfragments/12.feature.md': 'Coupons',
      'newsfragments/13.feature.md': 'Not of the api',
      'apps/web/newsfragments/14.feature.md': 'Not either',
    });
    const planned = await plan(repository, api);
    expect(planned.version.next).toBe('1.5.0');
    expect(planned.changelog).toContain('Coupons (#12)');
    expect(planned.changelog).not.toContain('Not');
    expect(planned.files.filter(({ text }) => text === null)).toEqual([
      { path: 'apps/api/newsfragments/12.feature.md', text: null },
    ]);
  });
});
