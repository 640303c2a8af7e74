import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TagRuleset } from '../../../../demo/github/model.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { ReleaseCut, Repository } from '../../../../src/adapters/repositories/port.ts';
import { fitsRefPattern } from '../../../../src/adapters/repositories/ref-pattern.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

let remote: GitRemote;
let github: Github;
let base: Sha;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

function open(
  settings: Readonly<Record<string, unknown>> = {},
  login: 'token' | 'app' = 'token',
): Repository {
  const { id, installation, privateKey } = github.access.app();
  const app = { id, installation, 'private-key': { env: 'KEY' } };
  const parsed = GithubRepositorySettings.parse({
    use: 'github',
    repository: github.name,
    api: github.api,
    ...(login === 'app' ? { app } : { token: { env: 'TOKEN' } }),
    ...settings,
  });
  const context = { env: { TOKEN: github.access.token(), KEY: privateKey }, now: () => Date.now() + 30_000 };
  return openGithubRepository(parsed, adapterContext(context));
}

const COMING = { tag: 'v1.1.0', message: 'chore(release): v1.1.0\n\nSlipway-Promotion: shop\n' };
const cut = (): ReleaseCut => ({
  base,
  branch: 'main',
  version: '1.1.0',
  tag: 'v1.1.0',
  message: 'chore(release): v1.1.0',
  tagMessage: 'Release v1.1.0\n',
  files: [{ path: 'VERSION', text: '1.1.0\n' }],
});

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

describe('what the rules of tags say is asked before anything', () => {
  test.each<[string, Partial<TagRuleset>, RegExp]>([
    ['nobody may make any', { include: ['~ALL'] }, /“release tags”, nobody may make such a tag/],
    ['nobody may make those', { include: ['refs/tags/v*'] }, /nobody may make such a tag/],
    [
      'a name that it must have',
      { rules: [{ type: 'tag_name_pattern', parameters: { operator: 'starts_with', pattern: 'rel-' } }] },
      /names must begin with “rel-”/,
    ],
    [
      'a name by a regular expression',
      { rules: [{ type: 'tag_name_pattern', parameters: { operator: 'regex', pattern: '^\\d+\\.\\d+$' } }] },
      /names must match/,
    ],
    [
      'a name that it must not have',
      {
        rules: [
          { type: 'tag_name_pattern', parameters: { operator: 'contains', pattern: '1.1', negate: true } },
        ],
      },
      /names must not contain “1\.1”/,
    ],
    ['signed commits', { rules: [{ type: 'required_signatures' }] }, /its commits must be signed/],
    [
      'messages of commits',
      {
        rules: [{ type: 'commit_message_pattern', parameters: { operator: 'regex', pattern: '^SHOP-\\d+' } }],
      },
      /messages of commits must match “\^SHOP-/,
    ],
    ['only by pull request, which no tag is', { bypass: 'pull_requests_only' }, /nobody may make such a tag/],
  ])('%s', async (_name, ruleset, reason) => {
    github.protectTags(ruleset);
    const refusal = await refusalOf(open().writable('main', undefined, COMING));
    expect(refusal).toMatchObject({ code: 'tag-refused', facts: { tag: 'v1.1.0' } });
    expect(explain(refusal).text).toMatch(reason);
    expect(explain(refusal).text).toContain('Nothing was pushed.');
  });

  test.each<[string, Partial<TagRuleset>]>([
    ['other tags', { include: ['refs/tags/nightly-*'] }],
    ['these are left out', { include: ['~ALL'], exclude: ['refs/tags/v*'] }],
    ['a star stops at a slash', { include: ['refs/*'] }],
    ['the login may pass', { bypass: 'always' }],
    ['the login is exempt', { bypass: 'exempt' }],
    ['it is only tried out', { enforcement: 'evaluate' }],
    ['nobody may move or delete them', { rules: [{ type: 'update' }, { type: 'deletion' }] }],
    [
      'a pattern that nobody can read',
      { rules: [{ type: 'tag_name_pattern', parameters: { operator: 'regex', pattern: '(?P<x>v)(' } }] },
    ],
    [
      'messages as ours are, by their first line',
      {
        rules: [
          {
            type: 'commit_message_pattern',
            parameters: { operator: 'regex', pattern: '^(feat|fix|chore)(\\(.+\\))?: [^\\n]+$' },
          },
        ],
      },
    ],
  ])('nothing is in the way: %s', async (_name, ruleset) => {
    github.protectTags(ruleset);
    expect(await open().writable('main', undefined, COMING)).toBeUndefined();
  });

  test('what an app commits is signed by GitHub, but not in the name of somebody', async () => {
    github.protectTags({ rules: [{ type: 'required_signatures' }] });
    expect(await open({}, 'app').writable('main', undefined, COMING)).toBeUndefined();
    const named = open({ committer: { name: 'Bot', email: 'bot@acme.test' } }, 'app');
    expect(await refusalOf(named.writable('main', undefined, COMING))).toMatchObject({ code: 'tag-refused' });
  });

  test('a tag that cannot be deleted again is said where a rollback is to do that', async () => {
    github.protectTags({ rules: [{ type: 'deletion' }] });
    const known = await open().writable('main', undefined, { ...COMING, deletesTag: true });
    expect(known).toMatch(/^The tag stays after a rollback.*“release tags”, nobody may delete it\.$/);
  });

  test('immutable releases: said before that the tag stays, notes still follow, and the rest is left as it is', async () => {
    const repository = open();
    const deletes = { ...COMING, deletesTag: true };
    expect(await repository.writable('main', undefined, deletes)).toBeUndefined();
    github.state.immutableReleases = true;
    const release = await repository.cutRelease(cut(), 'one');
    const page = { title: release.tag, body: 'Notes', withheld: false };
    await repository.publishRelease?.(release, page);
    expect(await repository.writable('main', undefined, { ...deletes, tag: 'v9.9.9' })).toMatch(
      /^The tag stays after a rollback.*releases are immutable here/,
    );
    expect(await repository.writable('main', undefined, { ...COMING, tag: 'v9.9.9' })).toBeUndefined();

    await repository.publishRelease?.(release, { ...page, body: 'Rolled back', withheld: true });
    expect(github.state.releases).toMatchObject([
      { body: expect.stringContaining('Rolled back'), prerelease: false },
    ]);
    const refused = await refusalOf(repository.deleteTag(release.tag));
    expect(explain(refused).text).toContain('immutable');
  });

  test('rules that cannot be read are not known to block; asked again they do not count', async () => {
    github.protectTags();
    github.faults.next('GET /repos/{owner}/{repo}/rulesets', '404');
    const repository = open();
    expect(await repository.writable('main', undefined, COMING)).toBeUndefined();
    await refusalOf(repository.writable('main', undefined, COMING));
    const before = github.requests.length;
    await refusalOf(repository.writable('main', undefined, COMING));
    const rules = github.requests.slice(before).filter(({ operation }) => operation.includes('/rulesets'));
    expect(rules.map(({ unchanged }) => unchanged)).toEqual([true, true]);
  });
});

describe('what the rules of the branch say that no pull request passes', () => {
  test.each([
    [
      'messages',
      { type: 'commit_message_pattern', parameters: { operator: 'contains', pattern: 'SHOP-' } },
      {},
      /messages of commits must contain/,
    ],
    ['signed commits', { type: 'required_signatures' }, {}, /must be signed/],
    ['a history without merges', { type: 'required_linear_history' }, {}, /history must be linear/],
    [
      'another way to merge',
      { type: 'pull_request', parameters: { allowed_merge_methods: ['squash'] } },
      {},
      /merged by squash only/,
    ],
    ['nobody may update it', { type: 'update' }, {}, /nobody may update it/],
  ] as const)('%s', async (_name, rule, settings, reason) => {
    github.protect('main', { type: 'pull_request' });
    github.protect('main', rule);
    const refusal = await refusalOf(open(settings).writable('main', undefined, COMING));
    expect(refusal.code).toBe('not-writable');
    expect(explain(refusal).text).toMatch(reason);
  });

  test('squashed, GitHub signs it, and its history is linear', async () => {
    for (const type of ['pull_request', 'required_signatures', 'required_linear_history'] as const)
      github.protect('main', { type });
    expect(await open({ merge: 'squash' }).writable('main', undefined, COMING)).toMatch(
      /goes through a pull/,
    );
  });
});

describe('a tag that is refused after all', () => {
  test('is named, and nothing was pushed', async () => {
    github.protectTags();
    const refusal = await refusalOf(open().cutRelease(cut(), 'p1'));
    expect(refusal).toMatchObject({ code: 'tag-refused', facts: { tag: 'v1.1.0' } });
    expect(explain(refusal).text).toMatch(
      /^The tag v1\.1\.0 is refused by http.*creations being restricted\. Nothing was pushed\.$/,
    );
    expect(remote.tip('main')).toBe(base);
  });

  test.each(['pull_request', 'required_status_checks'] as const)(
    'after %s brought the commit to the branch: called again it makes the tag only',
    async (type) => {
      github.protect('main', { type });
      const ruleset = github.protectTags();
      const refusal = await refusalOf(open().cutRelease(cut(), 'p1'));
      const commit = remote.tip('main') ?? '';
      expect(commit).not.toBe(base);
      expect(refusal).toMatchObject({
        code: 'tag-refused',
        facts: { tag: 'v1.1.0', commit, branch: 'main' },
      });
      expect(explain(refusal).text).toMatch(/is on main already; only its tag is missing/);
      expect(explain(refusal).text).not.toContain('Nothing was pushed');

      ruleset.bypass = 'always';
      const release = await open().cutRelease(cut(), 'p1');
      expect(release.commit).toBe(commit);
      expect(remote.tip('main')).toBe(commit);
      expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(commit);
      expect(remote.git('for-each-ref', '--format=%(refname:short)', 'refs/heads')).toBe('main');
    },
  );

  test('and one that may not be deleted says so', async () => {
    github.protectTags({ rules: [{ type: 'deletion' }] });
    const repository = open();
    await repository.cutRelease(cut(), 'p1');
    expect(explain(await refusalOf(repository.deleteTag('v1.1.0'))).text).toMatch(
      /^The tag v1\.1\.0 of http.* cannot be deleted: .*Cannot delete this tag\. It stays\.$/,
    );
  });
});

test.each([
  ['refs/tags/v*', 'refs/tags/v1.0', true],
  ['refs/tags/v*', 'refs/tags/v1/0', false],
  ['refs/tags/**/*', 'refs/tags/v1', true],
  ['refs/tags/**/*', 'refs/tags/api/v1', true],
  ['refs/tags/**', 'refs/tags/api/v1', false],
  ['refs/tags/v?.?', 'refs/tags/v1.0', true],
  ['refs/tags/v?', 'refs/tags/v10', false],
  ['refs/tags/v[0-9]*', 'refs/tags/v1', true],
  ['refs/tags/v[!0-9]*', 'refs/tags/v1', false],
  ['refs/tags/v1+2', 'refs/tags/v1+2', true],
  ['refs/tags/v1.0', 'refs/tags/v1x0', false],
  ['refs/tags/\\*', 'refs/tags/*', true],
  ['~ALL', 'refs/tags/v1', true],
  ['~DEFAULT_BRANCH', 'refs/tags/v1', null],
])('the pattern %s and %s: %s', (pattern, ref, fits) => {
  expect(fitsRefPattern(pattern, ref)).toBe(fits);
});
