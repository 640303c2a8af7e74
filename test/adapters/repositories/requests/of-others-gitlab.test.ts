import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitlabRepositoryWorld, gitlabWorld } from '../gitlab/gitlab-world.ts';

const REPORT = 'specs/014-checkout/production-ship-report.md';
const RECORDS = 'slipway/records/main';
const RELEASE = 'slipway/release/v1.1.0';

let world: GitlabRepositoryWorld;
let base: string;
beforeEach(async () => {
  world = await gitlabWorld();
  base = world.push('main', 'chore: start', { VERSION: '1.0.0\n', log: '' });
  world.protect('main');
});
afterEach(async () => {
  expect(world.remote.fsck()).toBe('');
  await world.remove();
});

const record = (key: string, text: string) => {
  const edits = [{ path: 'log', edit: (before: string | null) => `${before ?? ''}${text}\n` }];
  const repository = world.open();
  repository.willWrite?.('documents');
  return repository.commitFiles({ branch: 'main', message: 'docs: report', edits }, key);
};
const release = () =>
  world.open().cutRelease(
    {
      base,
      branch: 'main',
      version: '1.1.0',
      tag: 'v1.1.0',
      message: 'chore(release): v1.1.0',
      tagMessage: 'Release v1.1.0\n',
      files: [{ path: 'VERSION', text: '1.1.0\n' }],
    },
    'p1',
  );
/** Merge requests of a fork, whose branch has any name that its owner likes. */
const fromFork = (source: string, count = 1) => {
  const sha = world.push('of-a-fork', 'feat: evil', { 'evil.sh': 'rm -rf /' });
  world.remote.git('update-ref', '-d', 'refs/heads/of-a-fork');
  const given = { source, target: 'main', title: 'x', description: '', sha, fork: 7 };
  for (let nth = 0; nth < count; nth++) world.gitlab.merging.add(given);
};
const logOf = (ref: string) => world.remote.git('show', `${ref}:log`);
const files = (ref: string) => world.remote.git('ls-tree', '-r', '--name-only', ref).split('\n');

describe('a merge request of a fork', () => {
  test('is none of the records, whatever its branch is called', async () => {
    fromFork(RECORDS);
    const theirs = world.gitlab.merging.newest;
    await record('k1', 'one');
    expect(files('main')).toEqual(['VERSION', 'log']);
    expect(theirs.state).toBe('opened');
  });

  test('does not hide that of the release, which was merged or still waits', async () => {
    world.gitlab.merging.approvalsLeft = 1;
    await expect(release()).rejects.toThrow(/1 approval more/);
    fromFork(RELEASE, 21);
    await expect(release()).rejects.toThrow(/!1: it needs 1 approval more/);
    world.gitlab.merging.approvalsLeft = 0;
    const { commit } = await release();
    expect(await release()).toMatchObject({ commit });
    expect(new Set(world.gitlab.merging.all.slice(1).map(({ state }) => state))).toEqual(new Set(['opened']));
  });
});

describe('what others push to where records wait', () => {
  beforeEach(async () => {
    world.gitlab.merging.approvalsLeft = 1;
    await record('k1', 'one');
  });
  const next = async () => {
    world.gitlab.merging.approvalsLeft = 0;
    return record('k2', 'two');
  };

  test.each([
    ['says nothing of a record', 'feat: evil', { log: 'one\nevil\n' }],
    ['claims to be a record', 'docs: report\n\nSlipway-Record: k9', { 'evil.sh': 'rm -rf /' }],
  ])('is not merged by Slipway: it %s', async (_why, message, changed) => {
    world.push(RECORDS, message, changed);
    expect((await next()).waitsIn).toMatch(
      /^merge request !1 \(http\S+\), which somebody has to merge: not all of its commits are Slipway’s$/,
    );
    expect(world.remote.tip('main')).toBe(base);
    expect(logOf(RECORDS)).toMatch(/^one\n(?:evil\n)?two$/);
    world.gitlab.merging.byHand('Merge it');
    expect((await record('k3', 'three')).waitsIn).toBeUndefined();
  });

  test('is not merged when it touches a file too many', async () => {
    world.push(RECORDS, 'docs: report\n\nSlipway-Record: k9', { 'docs/log': 'x', [REPORT]: 'x' });
    expect((await next()).waitsIn).toContain('somebody has to merge');
  });

  test('goes with what the branch itself has', async () => {
    world.push(RECORDS, 'docs: report\n\nSlipway-Record: k9', { [REPORT]: 'x' });
    const main = world.push('main', 'feat: b', { b: '1' });
    merge(main);
    expect((await next()).waitsIn).toBeUndefined();
    expect(files('main')).toEqual(['VERSION', 'b', 'log', REPORT]);
  });

  test('is not merged where a merge takes back what the branch has', async () => {
    world.push('main', 'feat: b', { b: '1' });
    const bad = world.remote.git('rev-parse', `${RECORDS}^{tree}`);
    merge(world.remote.tip('main') ?? '', bad);
    expect((await next()).waitsIn).toContain('somebody has to merge');
    expect(files('main')).toContain('b');
  });

  /** Somebody brings the branch into the request. */
  function merge(other: string, tree?: string): void {
    const { remote } = world;
    const ours = remote.tip(RECORDS) ?? '';
    const merged = tree ?? remote.git('merge-tree', '--write-tree', ours, other);
    const as = ['-c', 'user.name=x', '-c', 'user.email=x@x.test'];
    const commit = remote.git(...as, 'commit-tree', merged, '-p', ours, '-p', other, '-m', 'Merge');
    remote.git('update-ref', `refs/heads/${RECORDS}`, commit);
  }
});

test('a report that came on top while those before it were merged stays', async () => {
  const { merging } = world.gitlab;
  const merge = merging.merge.bind(merging);
  merging.merge = (...given) => {
    merge(...given);
    world.push(RECORDS, 'docs: report\n\nSlipway-Record: k2', { log: 'one\ntwo\n' });
  };
  await record('k1', 'one');
  expect(logOf(RECORDS)).toBe('one\ntwo');
});

test('a report that GitLab has not seen in its request is not lost', async () => {
  world.gitlab.merging.approvalsLeft = 1;
  await record('k1', 'one');
  world.gitlab.merging.seesPushes = false;
  await record('k2', 'two');
  await record('k3', 'three');
  expect(logOf(RECORDS)).toBe('one\ntwo\nthree');
});
