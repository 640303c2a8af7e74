import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { refusal } from '../../../contracts/repository.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

let world: GitlabRepositoryWorld;
beforeEach(async () => {
  world = await gitlabWorld();
  world.push('main', 'feat: a', { a: '1' });
});
afterEach(() => world.remove());

const coming = { tag: 'v1.1.0', message: 'chore(release): v1.1.0' };
const writable = (settings = {}) => world.open(settings).writable('main', undefined, coming);

describe('whether a release can be written to GitLab', () => {
  test('there is nothing to say of a branch that can be pushed to', async () => {
    expect(await writable()).toBeUndefined();
    expect(await world.repository.lacking?.('main')).toEqual([]);
  });

  test('a protected branch is reached by merge request, or refused where that is not wanted', async () => {
    world.protect('main');
    expect(await writable()).toMatch(
      /^main is protected \(.*\): the release goes through a merge request\.$/,
    );
    expect(await refusal(writable({ protected: 'refuse' }))).toMatchObject({
      code: 'not-writable',
      facts: { branch: 'main', reason: 'the account of the token may not push to it' },
    });
  });

  test.each([
    ['a role', { name: 'v*', create_access_levels: [{ id: 1, access_level: 40 }] }],
    ['nobody', { name: '*', create_access_levels: [{ id: 1, access_level: 0 }] }],
    ['another account', { name: 'v1.*', create_access_levels: [{ id: 1, access_level: null, user_id: 3 }] }],
  ])('a tag that is protected for %s is found before anything is written', async (_whom, rule) => {
    world.gitlab.role = 30;
    world.gitlab.protectedTags = [
      { name: 'api/*', create_access_levels: [{ id: 9, access_level: 0 }] },
      rule,
    ];
    expect(await refusal(writable())).toMatchObject({ code: 'tag-refused', facts: { tag: 'v1.1.0' } });
  });

  test.each([
    ['its role', 40, { id: 1, access_level: 40 }],
    ['itself', 30, { id: 1, access_level: null, user_id: 77 }],
    ['perhaps its group', 30, { id: 1, access_level: null, group_id: 5 }],
  ])('a tag that is protected for all but %s is none', async (_whom, role, level) => {
    world.gitlab.role = role;
    world.gitlab.protectedTags = [{ name: 'v*', create_access_levels: [level] }];
    expect(await writable()).toBeUndefined();
  });

  test('of several rules for one tag, one that lets it be made is enough', async () => {
    world.gitlab.protectedTags = [
      { name: '*', create_access_levels: [{ id: 1, access_level: 0 }] },
      { name: 'v*', create_access_levels: [{ id: 2, access_level: 40 }] },
    ];
    expect(await writable()).toBeUndefined();
    world.gitlab.role = 30;
    expect(await refusal(writable())).toMatchObject({
      code: 'tag-refused',
      facts: { reason: 'tags called * or v* are protected, and it may not make them' },
    });
  });

  test('of several rules for the branch of a release, one that lets it be pushed is enough', async () => {
    world.protect('main');
    const nobody = { name: 'slipway/*', push_access_levels: [{ id: 1, access_level: 0 }] };
    world.gitlab.protectedPatterns = [
      { name: 'release/*', push_access_levels: [{ id: 1, access_level: 0 }] },
      nobody,
    ];
    expect(await refusal(writable())).toMatchObject({
      code: 'not-writable',
      facts: { reason: expect.stringMatching(/through slipway\/release\/v1\.1\.0, which is protected/) },
    });
    const maintainers = { name: '*/v*', push_access_levels: [{ id: 2, access_level: 40 }] };
    world.gitlab.protectedPatterns = [nobody, maintainers];
    expect(await writable()).toMatch(/goes through a merge request/);
  });

  test.each([
    [
      'a protected tag',
      () =>
        (world.gitlab.protectedTags = [{ name: 'v*', create_access_levels: [{ id: 1, access_level: 40 }] }]),
    ],
    ['a push rule', () => (world.gitlab.pushRule = { deny_delete_tag: true })],
  ])('that %s keeps the tag of a release that is rolled back is said', async (_what, given) => {
    given();
    const deleting = world.open().writable('main', undefined, { ...coming, deletesTag: true });
    expect(await deleting).toMatch(/^The tag stays after a rollback although `rollback\.tag` is delete: /);
    expect(await writable()).toBeUndefined();
  });

  test('rules that the token may not see are left to the push', async () => {
    world.gitlab.protectedTags = [{ name: 'v*', create_access_levels: [{ id: 1, access_level: 0 }] }];
    world.gitlab.seesRules = false;
    expect(await writable()).toBeUndefined();
  });

  test.each([
    [{ commit_message_regex: '^JIRA-\\d+' }, 'commit messages must match ^JIRA-\\d+', 'message'],
    [{ commit_message_negative_regex: 'chore' }, 'commit messages must not match chore', 'message'],
    [
      { author_email_regex: '@acme\\.test$' },
      'the address of an author must match @acme\\.test$',
      'identity',
    ],
    [{ reject_unsigned_commits: true }, 'commits must be signed', 'signature'],
    [{ reject_non_dco_commits: true }, 'commit messages must have a line Signed-off-by', 'sign-off'],
  ])('a push rule is found before anything is written: %j', async (rule, reason, kind) => {
    world.gitlab.pushRule = rule;
    expect(await refusal(writable())).toMatchObject({ code: 'not-writable', facts: { reason, rule: kind } });
  });

  test('what is said to do about sign-offs is something that GitLab has', async () => {
    world.gitlab.pushRule = { reject_non_dco_commits: true };
    const found = await refusal(writable());
    expect(explain(found).hint).toContain('in the push rules of this project');
  });

  test('a push rule about names of branches is about the one of the merge request, and not the default branch', async () => {
    world.gitlab.pushRule = { branch_name_regex: '^(?:feature|slipway/records)/' };
    expect(await writable()).toBeUndefined();
    world.protect('main');
    expect(await refusal(writable())).toMatchObject({
      code: 'not-writable',
      facts: { reason: expect.stringContaining('slipway/release/v1.1.0 does not') },
    });
    world.gitlab.pushRule = { branch_name_regex: '^(?:feature|slipway)/' };
    expect(await writable()).toMatch(/merge request/);
    world.push('next', 'feat: b', { b: '1' });
    expect(await refusal(world.open().writable('next', undefined, coming))).toMatchObject({
      facts: { reason: expect.stringContaining('and next does not') },
    });
  });

  test.each([
    [
      { commit_committer_check: true },
      {},
      'the committer address slipway@users.noreply.invalid must be a confirmed one of the account of the token',
    ],
    [
      { commit_committer_check: true },
      { committer: { name: 'bot', email: 'BOT@noreply.gitlab.test' } },
      null,
    ],
    [{ commit_committer_check: true }, { committer: { name: 'bot', email: 'ship@acme.test' } }, null],
    [
      { commit_committer_check: true },
      { committer: { name: 'bot', email: 'kim@acme.test' } },
      /^the committer address kim/,
    ],
    [
      { commit_committer_name_check: true },
      {},
      'the author name must be the one of the account of the token: slipway',
    ],
    [{ commit_committer_name_check: true }, { committer: { name: 'slipway', email: 'kim@acme.test' } }, null],
    [
      { member_check: true },
      {},
      'the author address slipway@users.noreply.invalid must be one of a user of this GitLab',
    ],
    [{ member_check: true }, { committer: { name: 'bot', email: 'kim@acme.test' } }, null],
  ])('a push rule about who commits is held against the account: %j %j', async (rule, settings, reason) => {
    world.gitlab.pushRule = rule;
    world.gitlab.emails = { ...world.gitlab.emails, others: ['ship@acme.test'] };
    if (reason === null) return expect(await writable(settings)).toBeUndefined();
    const facts = { reason: expect.stringMatching(reason), rule: 'identity' };
    expect(await refusal(writable(settings))).toMatchObject({ code: 'not-writable', facts });
  });

  test('an address that is not confirmed yet commits nothing that has to be', async () => {
    world.gitlab.pushRule = { commit_committer_check: true };
    world.gitlab.emails = { ...world.gitlab.emails, confirmed_at: null };
    const committer = { name: 'bot', email: world.gitlab.emails.primary };
    expect(await refusal(writable({ committer }))).toMatchObject({ code: 'not-writable' });
  });

  test('a push rule about addresses is held against the merge too, which GitLab commits for the account', async () => {
    world.gitlab.pushRule = { author_email_regex: '@users\\.noreply\\.invalid$' };
    world.protect('main');
    expect(await refusal(writable())).toMatchObject({
      facts: {
        reason: expect.stringContaining('77-project_1_bot@users.noreply.gitlab.test'),
        rule: 'identity',
      },
    });
    world.gitlab.merging.method = 'ff';
    expect(await writable()).toMatch(/merge request/);
  });

  test('a push rule about messages is about each of their lines', async () => {
    world.gitlab.pushRule = { commit_message_regex: '^Slipway-Promotion: ' };
    const message = 'chore(release): v1.1.0\n\nSlipway-Promotion: p1';
    expect(await world.open().writable('main', undefined, { ...coming, message })).toBeUndefined();
    world.gitlab.pushRule = { commit_message_negative_regex: '(?i)^slipway-promotion: ' };
    const found = await refusal(world.open().writable('main', undefined, { ...coming, message }));
    expect(found).toMatchObject({ code: 'not-writable', facts: { rule: 'message' } });
  });

  test('a push rule that the release keeps is none', async () => {
    world.gitlab.pushRule = {
      commit_message_regex: '^(chore|feat)\\(',
      commit_message_negative_regex: 'WIP',
      author_email_regex: '@users\\.noreply\\.invalid$',
      reject_unsigned_commits: false,
    };
    expect(await writable()).toBeUndefined();
  });

  test('a project that was archived is not written to', async () => {
    world.gitlab.archived = true;
    expect(await refusal(writable())).toMatchObject({ facts: { reason: 'the project is archived' } });
  });

  test('a project that was moved is said with its new address, whatever is asked of it', async () => {
    world.gitlab.movedTo = 'acme/new/shop';
    const moved = {
      code: 'repository-redirects',
      facts: { remote: world.gitlab.web, to: `${world.gitlab.base}/acme/new/shop` },
    };
    expect(await refusal(writable())).toMatchObject(moved);
    const commit = world.remote.tip('main') ?? '';
    const checks = world.repository.checks?.(commit) as Promise<unknown>;
    expect(await refusal(checks)).toMatchObject(moved);
    const record = { kind: 'deploy', commit, tag: 'v1', state: 'running', description: 'x' } as const;
    const recorded = world.repository.recordDeployment?.(record, 'p1') as Promise<unknown>;
    expect(await refusal(recorded)).toMatchObject(moved);
  });

  test('a project that is moved between a question and what follows it is said too', async () => {
    const message = 'Non GET methods are not allowed for moved projects';
    world.gitlab.inject({ status: 405, message }, { method: 'POST', path: /deployments$/ });
    const commit = world.remote.tip('main') ?? '';
    const record = { kind: 'deploy', commit, tag: 'v1', state: 'running', description: 'x' } as const;
    const recorded = world.repository.recordDeployment?.(record, 'p1') as Promise<unknown>;
    expect(await refusal(recorded)).toMatchObject({ code: 'repository-redirects' });
  });

  test('nobody is sent on to an address that no project of this GitLab has', async () => {
    const headers = { location: 'https://login.test/?back=1' };
    world.gitlab.inject({ status: 302, headers }, { method: 'GET', path: /branches/ });
    const { code, facts } = await refusal(writable());
    expect([code, facts]).toEqual(['repository-redirects', { remote: world.gitlab.web }]);
  });
});

describe('the token', () => {
  test('needs the scope api and the role Developer, and the doctor names what it lacks', async () => {
    world.gitlab.scopes = ['read_api', 'write_repository'];
    const lacks = async () => (await world.repository.lacking?.('main'))?.map((one) => explain(one));
    expect(await lacks()).toEqual([
      {
        text: 'GitLab does not let Slipway write releases and deployments (“it has read_api, write_repository”).',
        hint: 'The token in GITLAB_TOKEN needs the scope api. Give that to it, or to the account it belongs to, then re-check.',
      },
    ]);
    world.gitlab.scopes = ['api'];
    world.gitlab.role = 20;
    expect((await lacks())?.[0]?.text).toBe('GitLab does not let Slipway push to main.');
    expect(await refusal(writable())).toMatchObject({ code: 'platform-forbidden' });
  });

  test.each([
    ['by an invited group', null, 30],
    ['by an invited group, more than by itself', 20, 40],
  ])('of an account that has access %s is enough', async (_how, role, invited) => {
    world.gitlab.role = role;
    world.gitlab.invitedRole = invited;
    world.gitlab.protectedTags = [{ name: 'v*', create_access_levels: [{ id: 1, access_level: invited }] }];
    expect(await world.repository.lacking?.('main')).toEqual([]);
    expect(await writable()).toBeUndefined();
  });

  test('of an administrator, who is no member, is enough', async () => {
    world.gitlab.role = null;
    expect(await world.repository.lacking?.('main')).toEqual([]);
    expect(await writable()).toBeUndefined();
  });

  test('of an account whose role an invited group does not raise either is not', async () => {
    world.gitlab.role = null;
    world.gitlab.invitedRole = 20;
    expect(await world.repository.lacking?.('main')).toHaveLength(1);
    expect(await refusal(writable())).toMatchObject({ code: 'platform-forbidden' });
  });

  test('is spoken of before it expires', async () => {
    const day = (days: number) =>
      new Date(Date.now() + days * 86_400_000 + 60_000).toISOString().slice(0, 10);
    world.gitlab.expires_at = day(40);
    expect(await writable()).toBeUndefined();
    world.gitlab.expires_at = day(1);
    expect(await writable()).toBe('The token in GITLAB_TOKEN expires within a day: make a new one.');
    world.gitlab.expires_at = day(5);
    expect(await writable()).toMatch(/expires in [45] days: make a new one\.$/);
  });

  test('that has expired is said as that, and shown nowhere', async () => {
    world.gitlab.acceptsToken = false;
    const found = await refusal(writable());
    expect(found).toMatchObject({ code: 'repository-auth', facts: { remote: world.gitlab.web } });
    const { text } = explain(found);
    expect(text).toMatch(/did not accept the credentials of Slipway \(Token … is expired/);
    expect(JSON.stringify([text, found.facts, found.message])).not.toContain(TOKEN);
  });
});

describe('GitLab that does not answer now', () => {
  test.each([
    ['retry-after', () => '7', 7_000],
    ['ratelimit-reset', () => String(Math.ceil(Date.now() / 1_000) + 600), 600_000],
  ])('says by %s when to come back', async (header, value, wait) => {
    world.gitlab.inject({ status: 429, headers: { [header]: value() } }, { method: 'GET', path: /branches/ });
    const error = await writable().catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Unavailable);
    const { retryAfterMs = 0 } = error as Unavailable;
    expect(Math.abs(retryAfterMs - wait)).toBeLessThan(15_000);
  });

  test.each([[500], [502], ['reset-before'], ['reset-after']] as const)(
    'a passing fault: %s',
    async (fault) => {
      const planned = typeof fault === 'number' ? { status: fault } : fault;
      world.gitlab.inject(planned, { method: 'GET', path: /branches/ });
      await expect(writable()).rejects.toBeInstanceOf(Unavailable);
      expect(await writable()).toBeUndefined();
    },
  );

  test('also git, while its API answers', async () => {
    world.gitlab.gitFault = 502;
    await expect(writable()).rejects.toBeInstanceOf(Unavailable);
    world.gitlab.gitFault = null;
    expect(await writable()).toBeUndefined();
  });
});

test('a file of the authority that is not there is named', async () => {
  expect(await refusal(writable({ ca: '/nowhere/ca.pem' }))).toMatchObject({
    code: 'repository-auth',
    facts: { reason: '/nowhere/ca.pem cannot be read' },
  });
});
