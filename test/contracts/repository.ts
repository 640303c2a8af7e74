import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReleaseCut, Repository } from '../../src/adapters/repositories/port.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { pathFilter } from '../../src/domain/release/paths.ts';
import type { Commit, Sha } from '../../src/domain/release/release.ts';

/** A repository with people who push to it, and a repository that works on it. */
export interface RepositoryWorld {
  readonly repository: Repository;
  /** A repository that knows nothing of what the first one did: another process, another machine. */
  another(): Repository;
  push(
    branch: string,
    message: string,
    files?: Readonly<Record<string, string | null>>,
    author?: { name: string; email: string },
  ): Sha;
  tag(name: string, commit: Sha, annotated?: boolean): void;
  /** Pushes to the branch are refused from now on. */
  protect(branch: string): void;
  /** The next push arrives, but its answer does not. */
  loseNextAnswer(): void;
  remove(): Promise<void>;
}

export interface RepositoryDescriptor {
  readonly name: string;
  readonly make: () => Promise<RepositoryWorld>;
  /** It tells only of the branch that releases are cut on, where there is one. */
  readonly tellsOneBranch?: true;
}

/** What every repository promises. */
export function repositoryContract(descriptor: RepositoryDescriptor): void {
  describe(`${descriptor.name} keeps the contract of a repository`, () => {
    let world: RepositoryWorld;
    let repository: Repository;

    beforeEach(async () => {
      world = await descriptor.make();
      repository = world.repository;
    });
    afterEach(async () => {
      await repository.close();
      await world.remove();
    });

    const start = () =>
      world.push('main', 'chore: start', { 'package.json': '{"version":"1.0.0"}\n', 'src/a.ts': 'a\n' });
    const cut = (base: Sha, over: Partial<ReleaseCut> = {}): ReleaseCut => ({
      base,
      branch: 'main',
      version: '1.1.0',
      tag: 'v1.1.0',
      message: 'chore(release): v1.1.0',
      tagMessage: 'Release v1.1.0\n\n### Added\n\n- Coupons\n',
      files: [{ path: 'package.json', text: '{"version":"1.1.0"}\n' }],
      ...over,
    });

    describe('reading', () => {
      test('says where branches and tags are, and which tags are annotated', async () => {
        const first = start();
        const second = world.push('main', 'feat: b');
        world.push('next', 'feat: other', { x: 'y' });
        world.tag('v1.0.0', first);
        world.tag('light', second, false);
        const refs = await repository.refs();
        const next = { next: expect.stringMatching(/^[0-9a-f]{40}$/) };
        const others = descriptor.tellsOneBranch ? {} : next;
        expect(refs.branches).toEqual({ main: second, ...others });
        expect([...refs.tags].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
          { name: 'light', commit: second, annotated: false },
          { name: 'v1.0.0', commit: first, annotated: true },
        ]);
      });

      test('knows which branch HEAD is, where it knows that at all', async () => {
        start();
        world.push('next', 'feat: other', { x: 'y' });
        expect((await repository.defaultBranch?.()) ?? 'main').toBe('main');
      });

      test('sees what others push meanwhile', async () => {
        start();
        await repository.refs();
        const second = world.push('main', 'feat: b');
        world.tag('v1.0.0', second);
        const refs = await repository.refs();
        expect(refs.branches['main']).toBe(second);
        expect(refs.tags).toEqual([{ name: 'v1.0.0', commit: second, annotated: true }]);
        expect(await all(repository.commits(null, second))).toHaveLength(2);
      });

      test('refuses an empty repository', async () => {
        expect(await refusal(repository.refs())).toMatchObject({ code: 'repository-empty' });
      });

      test('reads files at a commit, in the order asked, null for what is no file', async () => {
        const first = start();
        const second = world.push('main', 'feat: b', {
          'src/a.ts': 'changed\n',
          'ünï çødé/–.md': 'ø\n',
          'package.json': null,
        });
        await repository.refs();
        const text = async (commit: Sha, paths: string[]) =>
          (await repository.read(commit, paths)).map((blob) => blob && new TextDecoder().decode(blob.bytes));
        expect(await text(first, ['src/a.ts', 'none', 'src', 'package.json'])).toEqual([
          'a\n',
          null,
          null,
          '{"version":"1.0.0"}\n',
        ]);
        expect(await text(second, ['package.json', 'ünï çødé/–.md', 'src/a.ts', 'src/a.ts/x', ''])).toEqual([
          null,
          'ø\n',
          'changed\n',
          null,
          null,
        ]);
        const [before, after] = await Promise.all([
          repository.read(first, ['src/a.ts']),
          repository.read(second, ['src/a.ts']),
        ]);
        expect(before[0]?.blob).not.toBe(after[0]?.blob);
        expect(before[0]).toMatchObject({ path: 'src/a.ts', blob: expect.stringMatching(/^[0-9a-f]{40}$/) });
      });

      test('lists files below folders', async () => {
        const first = world.push('main', 'x', {
          'specs/2/state.yaml': '1',
          'specs/1/a': '1',
          'epics/x': '1',
          spec: '1',
        });
        await repository.refs();
        expect(await repository.list(first, ['specs'])).toEqual(['specs/1/a', 'specs/2/state.yaml']);
        expect(await repository.list(first, ['specs', 'epics', 'none'])).toEqual([
          'epics/x',
          'specs/1/a',
          'specs/2/state.yaml',
        ]);
        expect(await repository.list(first, [])).toEqual([
          'epics/x',
          'spec',
          'specs/1/a',
          'specs/2/state.yaml',
        ]);
      });

      test('streams commits newest first, whole', async () => {
        const first = start();
        const message =
          'feat(cart): ünïcode “quotes”\n\nBody: with\n\n  indented text\n\nSigned-off-by: A <a@b.c>';
        const second = world.push(
          'main',
          message,
          { a: '1' },
          { name: 'Ada Łovelace', email: 'ada@shop.test' },
        );
        const third = world.push('main', 'fix: c', { a: '2' });
        await repository.refs();
        const commits = await all(repository.commits(first, third));
        expect(commits.map(({ sha }) => sha)).toEqual([third, second]);
        expect(commits[1]).toMatchObject({
          authorName: 'Ada Łovelace',
          authorEmail: 'ada@shop.test',
          parents: [first],
          at: expect.any(Number),
        });
        expect(commits[1]?.message.trimEnd()).toBe(message);
        expect(await all(repository.commits(third, third))).toEqual([]);
        expect((await all(repository.commits(null, third))).map(({ sha }) => sha)).toEqual([
          third,
          second,
          first,
        ]);
      });

      test('a reader of commits may stop early', async () => {
        start();
        const tip = world.push('main', 'fix: c', { a: '2' });
        await repository.refs();
        for await (const { sha } of repository.commits(null, tip)) {
          expect(sha).toBe(tip);
          break;
        }
      });

      test('knows ancestors', async () => {
        const first = start();
        const second = world.push('main', 'b');
        const other = world.push('other', 'c', { z: '1' });
        await repository.refs();
        expect(await repository.firstAncestor(second, [other, first])).toBe(first);
        expect(await repository.firstAncestor(second, [second, first])).toBe(second);
        expect(await repository.firstAncestor(second, [other])).toBeNull();
        expect(await repository.firstAncestor(first, [second])).toBeNull();
        world.tag('v1', first);
        world.tag('v2', other);
        await repository.refs();
        expect(await repository.firstAncestor(second, [other, other, other, first])).toBe(first);
        expect(await repository.firstAncestor(second, [])).toBeNull();
      });

      test('finds files that contain a text, taken literally', async () => {
        const first = world.push('main', 'x', {
          'a.ts': 'v // x-marker',
          'd/b.ts': 'x.marker',
          'd/c.ts': '\nfoo x-marker',
        });
        await repository.refs();
        expect(await repository.containing(first, 'x-marker')).toEqual(['a.ts', 'd/c.ts']);
        expect(await repository.containing(first, 'x.marker')).toEqual(['d/b.ts']);
        expect(await repository.containing(first, '--no such text')).toEqual([]);
      });

      test('says which paths differ', async () => {
        const first = start();
        const second = world.push('main', 'b', { 'src/a.ts': 'b', 'new/ø': '1', 'package.json': null });
        await repository.refs();
        expect(await repository.changed(first, second)).toEqual(['new/ø', 'package.json', 'src/a.ts']);
        expect(await repository.changed(second, first)).toEqual(['new/ø', 'package.json', 'src/a.ts']);
        expect(await repository.changed(first, first)).toEqual([]);
      });

      test('says which commits touch a folder, a file or a glob, whatever they did there', async () => {
        const first = world.push('main', 'root', {
          'apps/api/a.ts': '1\n',
          'apps/web/a.ts': '1\n',
          lock: '1',
        });
        const api = world.push('main', 'api', { 'apps/api/a.ts': '2\n' });
        const beside = world.push('main', 'beside', { 'apps/api-two/a.ts': '1\n', 'apps/apis': '1' });
        const moved = world.push('main', 'moved', { 'apps/api/a.ts': null, 'apps/web/moved.ts': '2\n' });
        const docs = world.push('main', 'docs', { 'apps/api/docs/ø\tx.md': '1\n' });
        const gone = world.push('main', 'gone', { 'apps/api/docs/ø\tx.md': null });
        const empty = world.push('main', 'empty');
        const lock = world.push('main', 'lock', { lock: '2' });
        await repository.refs();
        const touching = async (paths: readonly string[], after: Sha | null = first, until = lock) => {
          const filter = pathFilter(paths);
          if (filter === null) throw new Error('no filter');
          return repository.touching(after, until, filter);
        };
        expect(await touching(['apps/api'])).toEqual(new Set([api, moved, docs, gone]));
        expect(await touching(['apps/web', 'lock'])).toEqual(new Set([moved, lock]));
        expect(await touching(['apps/api', '!apps/api/docs'])).toEqual(new Set([api, moved]));
        expect(await touching(['apps/*/docs/*.md'])).toEqual(new Set([docs, gone]));
        expect(await touching(['apps/api*'])).toEqual(new Set([api, beside, moved, docs, gone]));
        expect(await touching(['apps/api'], null)).toEqual(new Set([first, api, moved, docs, gone]));
        expect(await touching(['**', '!apps/web'], first, moved)).toEqual(new Set([api, beside, moved]));
        expect(await touching(['none'])).toEqual(new Set());
        expect(await touching(['apps/api'], gone, lock)).toEqual(new Set());
        expect(await touching(['apps'], lock, lock)).toEqual(new Set());
        expect((await touching(['**', '!none'])).has(empty)).toBe(false);
      });

      test('refuses commits that do not exist', async () => {
        start();
        await repository.refs();
        const nowhere = 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef';
        expect(await refusal(repository.read(nowhere, ['a']))).toMatchObject({
          code: 'commit-unknown',
          facts: { commit: nowhere },
        });
        expect(await refusal(all(repository.commits(null, nowhere)))).toMatchObject({
          code: 'commit-unknown',
        });
        expect(await refusal(repository.list('--output=/tmp/x', []))).toMatchObject({
          code: 'commit-unknown',
        });
      });
    });

    describe('releasing', () => {
      test('makes one commit and one annotated tag', async () => {
        const base = start();
        await repository.writable('main');
        const release = await repository.cutRelease(cut(base), 'p1:release');
        expect(release).toMatchObject({
          version: '1.1.0',
          tag: 'v1.1.0',
          commit: expect.stringMatching(/^[0-9a-f]{40}$/),
        });
        const refs = await world.another().refs();
        expect(refs.branches['main']).toBe(release.commit);
        expect(refs.tags).toEqual([{ name: 'v1.1.0', commit: release.commit, annotated: true }]);
        expect(await repository.changed(base, release.commit)).toEqual(['package.json']);
        const [commit] = await all(repository.commits(base, release.commit));
        expect(commit).toMatchObject({ parents: [base] });
        expect(commit?.message.trimEnd()).toBe('chore(release): v1.1.0\n\nSlipway-Promotion: p1:release');
      });

      test.each(['api/v1.1.0', 'api@1.1.0', '1.1.0', '2026.05.01', 'api-1.1.0+b7'])(
        'a tag may be called %s',
        async (tag) => {
          const base = start();
          const release = await repository.cutRelease(cut(base, { tag }), 'p1');
          expect(await world.another().cutRelease(cut(base, { tag }), 'p1')).toEqual(release);
          expect((await repository.refs()).tags).toEqual([
            { name: tag, commit: release.commit, annotated: true },
          ]);
          const title = { title: tag, body: 'x', withheld: false };
          const page = await repository.publishRelease?.(release, title);
          expect(await repository.publishRelease?.(release, { ...title, withheld: true })).toEqual(page);
          await repository.deleteTag(tag);
          expect((await world.another().refs()).tags).toEqual([]);
        },
      );

      test('the same key again finds what it made, also from elsewhere, also when the branch went on', async () => {
        const base = start();
        const release = await repository.cutRelease(cut(base), 'p1');
        expect(await repository.cutRelease(cut(base), 'p1')).toEqual(release);
        const later = world.push('main', 'feat: later', { z: '1' });
        expect(await world.another().cutRelease(cut(base), 'p1')).toEqual(release);
        const refs = await repository.refs();
        expect(refs.branches['main']).toBe(later);
        expect(refs.tags).toHaveLength(1);
      });

      test('takes files out, and knows what it made by that too', async () => {
        const base = world.push('main', 'feat: coupons', { '.changeset/a.md': 'a\n', 'docs/b.md': 'b\n' });
        const files = [
          { path: '.changeset/a.md', text: null },
          { path: 'package.json', text: '{"version":"1.1.0"}\n' },
        ];
        const release = await repository.cutRelease(cut(base, { files }), 'p1');
        expect(await repository.changed(base, release.commit)).toEqual(['.changeset/a.md', 'package.json']);
        expect(await repository.read(release.commit, ['.changeset/a.md'])).toEqual([null]);
        expect(await repository.list(release.commit, ['docs'])).toEqual(['docs/b.md']);
        expect(await world.another().cutRelease(cut(base, { files }), 'p1')).toEqual(release);
        expect(await refusal(world.another().cutRelease(cut(base), 'p1'))).toMatchObject({
          code: 'tag-exists',
        });
      });

      test('an answer that is lost is found again', async () => {
        const base = start();
        world.loseNextAnswer();
        const first = await repository.cutRelease(cut(base), 'p1').catch(() => null);
        const release = await world.another().cutRelease(cut(base), 'p1');
        if (first) expect(release).toEqual(first);
        const refs = await repository.refs();
        expect(refs.branches['main']).toBe(release.commit);
        expect(await all(repository.commits(base, release.commit))).toHaveLength(1);
      });

      test('refuses a tag that is somebody else’s, and pushes nothing', async () => {
        const base = start();
        world.tag('v1.1.0', base);
        expect(await refusal(repository.cutRelease(cut(base), 'p1'))).toMatchObject({
          code: 'tag-exists',
          facts: { tag: 'v1.1.0' },
        });
        expect((await repository.refs()).branches['main']).toBe(base);
        const other = world.push('main', 'x', { y: '1' });
        await repository.cutRelease(cut(other, { tag: 'v9', version: '9.0.0' }), 'p1');
        expect(
          await refusal(repository.cutRelease(cut(other, { tag: 'v9', version: '9.0.0' }), 'p2')),
        ).toMatchObject({ code: 'tag-exists' });
      });

      test('refuses when the branch moved, and leaves nothing behind', async () => {
        const base = start();
        await repository.refs();
        const moved = world.push('main', 'feat: in between', { q: '1' });
        expect(await refusal(repository.cutRelease(cut(base), 'p1'))).toMatchObject({
          code: 'branch-moved',
          facts: { branch: 'main', expected: base, found: moved },
        });
        const refs = await repository.refs();
        expect(refs.branches['main']).toBe(moved);
        expect(refs.tags).toEqual([]);
      });

      test('refuses a branch that is not there', async () => {
        const base = start();
        expect(await refusal(repository.cutRelease(cut(base, { branch: 'none' }), 'p1'))).toMatchObject({
          code: 'branch-missing',
        });
        expect(await refusal(repository.writable('none'))).toMatchObject({ code: 'branch-missing' });
        expect((await repository.refs()).tags).toEqual([]);
      });

      test('refuses a protected branch, and leaves nothing behind', async () => {
        const base = start();
        world.protect('main');
        expect(await refusal(repository.cutRelease(cut(base), 'p1'))).toMatchObject({
          code: 'not-writable',
          facts: { branch: 'main' },
        });
        const edits = [{ path: 'a', edit: () => 'b' }];
        expect(
          await refusal(repository.commitFiles({ branch: 'main', message: 'm', edits }, 'k')),
        ).toMatchObject({
          code: 'not-writable',
        });
        const refs = await repository.refs();
        expect(refs.branches['main']).toBe(base);
        expect(refs.tags).toEqual([]);
      });

      test('hostile text is only text', async () => {
        const base = start();
        const message =
          '--amend "x" $(touch /tmp/owned) `id`\n\n<!channel> *bold* ünï\n\nSlipway-Promotion: forged';
        const files = [
          { path: '-rf', text: '--\n' },
          { path: 'a "quoted" \\ path/\n/ünï', text: 'from :1\ndone\n' },
          { path: 'package.json', text: '' },
        ];
        const release = await repository.cutRelease(
          cut(base, { message, files, tagMessage: '# not a comment\n\n-----\n' }),
          'p1\nSlipway-Promotion: p2',
        );
        expect(await repository.changed(base, release.commit)).toEqual([
          '-rf',
          'a "quoted" \\ path/\n/ünï',
          'package.json',
        ]);
        const blobs = await repository.read(
          release.commit,
          files.map(({ path }) => path),
        );
        expect(blobs.map((blob) => blob && new TextDecoder().decode(blob.bytes))).toEqual(
          files.map(({ text }) => text),
        );
        const [commit] = await all(repository.commits(base, release.commit));
        expect(commit?.message.trimEnd()).toBe(`${message}\nSlipway-Promotion: p1 Slipway-Promotion: p2`);
      });
    });

    describe('committing files', () => {
      const edit = (text: string) => (before: string | null) => `${before ?? ''}${text}`;

      test('edits what is there and makes what is not', async () => {
        const base = start();
        const seen: (string | null)[] = [];
        const becomes = (text: string) => (before: string | null) => {
          seen.push(before);
          return text;
        };
        const { commit } = await repository.commitFiles(
          {
            branch: 'main',
            message: 'docs: ship report',
            edits: [
              { path: 'src/a.ts', edit: becomes('b\n') },
              { path: 'specs/1/report.md', edit: becomes('# Report\n') },
            ],
          },
          'p1:report',
        );
        expect(seen).toEqual(['a\n', null]);
        expect(await repository.changed(base, commit)).toEqual(['specs/1/report.md', 'src/a.ts']);
        const [made] = await all(repository.commits(base, commit));
        expect(made?.message.trimEnd()).toBe('docs: ship report\n\nSlipway-Record: p1:report');
        expect((await world.another().refs()).branches['main']).toBe(commit);
      });

      test('the same key again changes nothing', async () => {
        start();
        const change = { branch: 'main', message: 'm', edits: [{ path: 'log', edit: edit('x') }] };
        const first = await repository.commitFiles(change, 'k');
        const later = world.push('main', 'feat: later', { z: '1' });
        expect(await world.another().commitFiles(change, 'k')).toEqual(first);
        expect((await repository.refs()).branches['main']).toBe(later);
        const other = await repository.commitFiles(change, 'k2');
        expect(new TextDecoder().decode((await repository.read(other.commit, ['log']))[0]?.bytes)).toBe('xx');
      });

      test('an answer that is lost is found again', async () => {
        const base = start();
        const change = { branch: 'main', message: 'm', edits: [{ path: 'log', edit: edit('x') }] };
        world.loseNextAnswer();
        await repository.commitFiles(change, 'k').catch(() => null);
        const { commit } = await world.another().commitFiles(change, 'k');
        expect(await all(repository.commits(base, commit))).toHaveLength(1);
      });

      test('goes on top of what others push at the same time, and loses nothing', async () => {
        start();
        const others = [world.another(), world.another(), repository];
        await Promise.all(
          others.map((one, index) =>
            one.commitFiles(
              { branch: 'main', message: 'm', edits: [{ path: 'log', edit: edit(`${index}\n`) }] },
              `k${index}`,
            ),
          ),
        );
        const tip = (await repository.refs()).branches['main'] ?? '';
        const [blob] = await repository.read(tip, ['log']);
        expect(new TextDecoder().decode(blob?.bytes).trim().split('\n').sort()).toEqual(['0', '1', '2']);
      });

      test('makes no commit when nothing changes', async () => {
        const base = start();
        const edits = [{ path: 'src/a.ts', edit: (before: string | null) => before ?? '' }];
        expect(await repository.commitFiles({ branch: 'main', message: 'm', edits }, 'k')).toEqual({
          commit: base,
        });
      });
    });

    test('deletes a tag, once or twice', async () => {
      const base = start();
      world.tag('v1.0.0', base);
      await repository.deleteTag('v1.0.0');
      await repository.deleteTag('v1.0.0');
      expect((await repository.refs()).tags).toEqual([]);
    });
  });
}

async function all(commits: AsyncIterable<Commit>): Promise<Commit[]> {
  const found: Commit[] = [];
  for await (const commit of commits) found.push(commit);
  return found;
}

export async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const outcome = await work.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Refusal);
  return outcome as Refusal;
}
