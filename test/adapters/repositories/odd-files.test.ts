import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startGithub } from '../../../demo/github/server.ts';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../src/adapters/repositories/git/repository-port.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../src/adapters/repositories/port.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { readFeatures } from '../../../src/flows/plan/facts.ts';
import { planRelease, type ReleasePlan } from '../../../src/flows/plan/release-plan.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { GitHttp } from '../../fakes/git-http.ts';
import { GitRemote } from '../../fakes/git-remote.ts';
import { sampled } from '../../support/whole.ts';

const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n- Coupons\n\n## [1.2.0] - 2026-10-01\n\n- Cart\n';
const PACKAGE = '{ "name": "shop", "version": "1.2.0" }\n';
const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d7a'.repeat(16)}\nsize 12345\n`;

type Files = Parameters<GitRemote['push']>[2] & object;
const link = (to: string) => ({ link: to });

describe.each(sampled(['git', 'git with a partial clone', 'github'], () => ['a forge']))(
  'files that are no plain text, on %s',
  (forge) => {
    let remote: GitRemote;
    let repository: Repository;
    const ends: (() => unknown)[] = [];

    beforeEach(async () => {
      remote = new GitRemote();
      ends.push(() => remote.remove());
      const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
      ends.push(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 }));
      if (forge === 'github') {
        const github = await startGithub({ path: remote.path });
        ends.unshift(() => github.close());
        const settings = { use: 'github', repository: github.name, api: github.api, token: { env: 'TOKEN' } };
        const context = adapterContext({ dataDir, env: { TOKEN: github.access.token() } });
        repository = openGithubRepository(GithubRepositorySettings.parse(settings), context);
        return;
      }
      let url = remote.path;
      if (forge !== 'git') {
        remote.git('config', 'uploadpack.allowFilter', 'true');
        const http = new GitHttp(remote.path, 'secret');
        await http.listen();
        ends.unshift(() => http.close());
        url = http.url;
      }
      const settings = { use: 'git', url, ...(forge === 'git' ? {} : { token: { env: 'TOKEN' } }) };
      const context = adapterContext({ dataDir, env: { TOKEN: 'secret' } });
      repository = openGitRepository(GitRepositorySettings.parse(settings), context);
    });

    afterEach(async () => {
      await repository.close();
      for (const end of ends.splice(0)) await end();
    });

    async function plan(files: Files, over: Partial<Parameters<typeof planRelease>[1]> = {}) {
      remote.tag('v1.2.0', remote.push('main', 'chore: start', { README: 'x' }));
      const base = remote.push('main', 'feat: coupons', files);
      const service = { tagPrefix: 'v', changelog: 'CHANGELOG.md', versionFiles: [] } as const;
      const policy = { breakingBelowOne: 'minor' } as const;
      const question = { base, refs: await repository.refs(), bump: 'auto', lowerConfirmed: false } as const;
      const release = await planRelease(
        repository,
        { ...service, policy, ...over },
        { ...question, at: Date.UTC(2026, 10, 22), ours: async () => null },
      );
      return { base, release };
    }

    function cut(base: string, { version, files, message, tagMessage }: ReleasePlan) {
      const order = { base, branch: 'main', version: version.next, tag: version.tag };
      return repository.cutRelease({ ...order, files, message, tagMessage }, 'p1');
    }

    async function refusal(work: Promise<unknown>): Promise<{ code: string; text: string }> {
      const error = await work.then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(error).toBeInstanceOf(Refusal);
      return { code: (error as Refusal).code, text: explain(error as Refusal).text };
    }

    const show = (path: string, at = 'main') => remote.git('show', `${at}:${path}`);
    const mode = (path: string) => remote.git('ls-tree', 'main', path).slice(0, 6);

    test('links are followed, also in chains and through folders; what they lead to is edited, once', async () => {
      const { base, release } = await plan({
        'CHANGELOG.md': link('docs/history.md'),
        docs: link('site/docs'),
        'site/docs/history.md': link('../../notes/./changes.md'),
        'notes/changes.md': CHANGELOG,
        'package.json': link('app/package.json'),
        'app/package.json': PACKAGE,
        VERSION: link('app/version.txt'),
        'app/version.txt': '1.2.0 # x-slipway-version\n',
      });
      expect(release.changelog).toBe('- Coupons');
      expect(release.files.map(({ path }) => path)).toEqual([
        'app/package.json',
        'app/version.txt',
        'notes/changes.md',
      ]);
      const made = await cut(base, release);
      expect(await cut(base, release)).toEqual(made);
      expect(show('app/package.json')).toContain('"version": "1.3.0"');
      expect(show('app/version.txt')).toBe('1.3.0 # x-slipway-version');
      expect(show('notes/changes.md')).toMatch(/## \[Unreleased\]\n\n## \[1\.3\.0\].*\n\n- Coupons/);
      for (const path of ['CHANGELOG.md', 'docs', 'package.json', 'VERSION', 'site/docs/history.md'])
        expect(mode(path), path).toBe('120000');
    });

    test('a changelog is begun behind a link to its folder', async () => {
      const { base, release } = await plan(
        { docs: link('site'), 'site/index.md': 'x\n' },
        { changelog: 'docs/CHANGELOG.md' },
      );
      expect(release.files.map(({ path }) => path)).toEqual(['site/CHANGELOG.md']);
      await cut(base, release);
      expect(mode('docs')).toBe('120000');
      expect(show('site/CHANGELOG.md')).toContain('1.3.0');
    });

    test.each<[string, Files, RegExp]>([
      [
        'out of the repository',
        { 'CHANGELOG.md': link('../CHANGES') },
        /link to \.\.\/CHANGES, which is outside/,
      ],
      ['an absolute path', { 'package.json': link('/etc/package.json') }, /package\.json is .*outside/],
      ['out behind a folder', { 'package.json': link('a/x'), a: link('../..') }, /lies behind a, .*outside/],
      ['nowhere', { VERSION: link('app/version') }, /VERSION is .* app\/version, which is not there/],
      ['themselves', { 'package.json': link('package.json') }, /the links lead in a circle/],
      ['each other', { VERSION: link('a'), a: link('b'), b: link('a') }, /in a circle/],
      ['a folder', { 'package.json': link('app'), 'app/x': 'x' }, /app, which is no file/],
      [
        'a submodule',
        { 'package.json': link('lib/package.json'), lib: { submodule: 'a'.repeat(40) } },
        /submodule lib/,
      ],
    ])('links that lead to %s are refused', async (_, files, sentence) => {
      const { text } = await refusal(plan(files));
      expect(text).toMatch(sentence);
      expect(text).toContain('Nothing was changed.');
    });

    test.each<[string, Files, RegExp]>([
      ['in a submodule', { docs: { submodule: 'a'.repeat(40) } }, /lies in the submodule docs/],
      ['a folder', { 'docs/CHANGELOG.md/x': 'x' }, /is a folder/],
      ['kept by LFS', { 'docs/CHANGELOG.md': LFS }, /Git LFS/],
      ['UTF-16', { 'docs/CHANGELOG.md': Buffer.from(`\uFEFF${CHANGELOG}`, 'utf16le') }, /it is UTF-16/],
      ['UTF-16 without a mark', { 'docs/CHANGELOG.md': Buffer.from(CHANGELOG, 'utf16le') }, /it is UTF-16/],
      [
        'Latin-1',
        { 'docs/CHANGELOG.md': Buffer.from('## 1.0.0\n\n- Caf\xe9\n', 'latin1') },
        /perhaps Latin-1/,
      ],
    ])('a changelog that is %s is refused', async (_, files, sentence) => {
      expect((await refusal(plan(files, { changelog: 'docs/CHANGELOG.md' }))).text).toMatch(sentence);
    });

    test('a version file that is a pointer is refused', async () => {
      expect((await refusal(plan({ 'package.json': LFS }))).code).toBe('file-in-lfs');
    });

    test('a version file that is named in the config and no text is refused', async () => {
      const files = { 'setup.ini': Buffer.from('v=1.2.0 # x-slipway-version, caf\xe9\n', 'latin1') };
      const named = plan(files, { versionFiles: [{ path: 'setup.ini' }] });
      expect((await refusal(named)).code).toBe('file-not-text');
    });

    test('files that only hold the marker stop no release: they stay, and it is said', async () => {
      const { base, release } = await plan({
        'package.json': PACKAGE,
        'old/setup.txt': Buffer.from('v=1.2.0 # x-slipway-version, caf\xe9\n', 'latin1'),
        'old/notes.txt': Buffer.from('about x-slipway-version, caf\xe9\n', 'latin1'),
        'old/fine.txt': 'v=1.2.0 # x-slipway-version\n',
      });
      expect(release.left.map((one) => explain(one).text)).toEqual([
        expect.stringMatching(/^old\/setup\.txt is not UTF-8 text/),
      ]);
      const before = remote.git('rev-parse', 'main:old/setup.txt');
      await cut(base, release);
      expect(remote.git('rev-parse', 'main:old/setup.txt')).toBe(before);
      expect(show('old/fine.txt')).toContain('1.3.0');
    });

    test('a byte order mark stays', async () => {
      const { base, release } = await plan({
        'package.json': `\uFEFF${PACKAGE}`,
        VERSION: '\uFEFF1.2.0\n',
        'CHANGELOG.md': `\uFEFF${CHANGELOG}`,
        'Cargo.toml': '\uFEFF[package]\nname = "shop"\nversion = "1.2.0"\n',
      });
      await cut(base, release);
      for (const path of ['package.json', 'VERSION', 'CHANGELOG.md', 'Cargo.toml'])
        expect(show(path), path).toMatch(/^\uFEFF[\s\S]*1\.3\.0/);
    });

    test('records go where links lead, state files are found behind links, and the same key finds them', async () => {
      const state = 'status: ready\n';
      const first = remote.push('main', 'chore: start', {
        specs: link('work/specs'),
        'work/specs/014/state.yaml': link('../../state/014.yaml'),
        'work/state/014.yaml': state,
        'work/specs/015': link('../old/015'),
        'work/specs/016': link('014'),
        'work/specs/017/state.yaml': link('gone'),
        'work/old/015/state.yaml': state,
        epics: 'x',
      });
      await repository.refs();
      expect(await repository.list(first, ['specs/'])).toEqual([
        'specs/014/state.yaml',
        'specs/015/state.yaml',
        'specs/017/state.yaml',
      ]);
      expect((await repository.read(first, ['specs/014/state.yaml']))[0]?.at).toBe('work/state/014.yaml');
      const change = {
        branch: 'main',
        message: 'docs: report',
        edits: [
          { path: 'specs/014/report.md', edit: () => 'shipped\n' },
          { path: 'specs/014/state.yaml', edit: (before: string | null) => `${before}shipped: true\n` },
        ],
      };
      const made = await repository.commitFiles(change, 'k1');
      expect(show('work/specs/014/report.md')).toBe('shipped');
      expect(show('work/state/014.yaml')).toBe('status: ready\nshipped: true');
      expect(mode('specs') + mode('work/specs/014/state.yaml')).toBe('120000120000');
      expect(await repository.commitFiles(change, 'k1')).toEqual(made);
      const broken = { ...change, edits: [{ path: 'specs/017/state.yaml', edit: () => 'x' }] };
      expect((await refusal(repository.commitFiles(broken, 'k2'))).code).toBe('link-not-followed');
      expect(remote.tip('main')).toBe(made.commit);
    });

    test('a state file behind a broken link is no reason to refuse other features', async () => {
      const base = remote.push('main', 'x', {
        'specs/014/state.yaml': link('../015/state.yaml'),
        'specs/015/state.yaml': 'current_phase: implement\n',
        'specs/016/state.yaml': link('gone'),
      });
      await repository.refs();
      const service = { featureDirs: ['specs'], sharedStateFiles: [] };
      const { features } = await readFeatures({ service, repository } as unknown as Ports, base);
      expect(
        features.map(({ folder, reading, broken }) => [folder.slug, reading.phase.kind, broken?.code]),
      ).toEqual([
        ['014', 'value', undefined],
        ['015', 'value', undefined],
        ['016', 'missing', 'link-not-followed'],
      ]);
    });

    test('nothing but files is ever replaced', async () => {
      const base = remote.push('main', 'x', {
        a: link('b'),
        b: 'x',
        'c/d': 'x',
        e: { submodule: 'a'.repeat(40) },
      });
      await repository.refs();
      for (const path of ['a', 'a/x', 'b/x', 'c', 'e', 'e/x']) {
        const order = {
          base,
          branch: 'main',
          version: '1.0.0',
          tag: 'v1.0.0',
          message: 'm',
          tagMessage: 't',
        };
        const { code } = await refusal(
          repository.cutRelease({ ...order, files: [{ path, text: 'y' }] }, 'p1'),
        );
        expect(code, path).toBe('not-a-file');
        const edits = [{ path: `${path}/report.md`, edit: () => 'y' }];
        const change = { branch: 'main', message: 'm', edits };
        if (path === 'b/x') await expect(repository.commitFiles(change, 'k')).rejects.toBeInstanceOf(Refusal);
      }
      expect(remote.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    });
  },
);
