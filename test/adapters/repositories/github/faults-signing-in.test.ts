import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_PERMISSIONS } from '../../../../demo/github/access.ts';
import { FAULTS } from '../../../../demo/github/faults.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { sampled } from '../../../support/whole.ts';
import { type Signed, signedIn } from './login.ts';
import { PASSING } from './passing-faults.ts';

let remote: GitRemote;
let github: Github;
let base: Sha;
let skipped = 0;

beforeAll(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
  github.protect('main');
  github.actions.addPast(
    { name: 'CI', runName: '', inputs: null, jobs: [{ name: 'build', steps: [] }] },
    { path: '.github/workflows/ci.yml', ref: 'main', sha: base, inputs: {} },
  );
});
afterAll(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

type Login = Parameters<typeof signedIn>[1];

function open(login: Login, more: object = {}): { readonly repository: Repository; readonly signed: Signed } {
  const signed = signedIn(github, login, { timeout: '10s', ...more });
  const context = { ...signed.context, now: () => Date.now() + skipped };
  return { repository: openGithubRepository(signed.settings, context), signed };
}

const app = () => github.access.app();
const token = () => github.access.token();
const blind = () => {
  const { checks: _none, ...rest } = ALL_PERMISSIONS;
  return github.access.token(rest);
};

interface Asked {
  readonly name: string;
  readonly request: RegExp;
  readonly login: () => Login;
  readonly settings?: object;
  call(repository: Repository): Promise<unknown> | undefined;
  /** What it answers in the end. */
  readonly answer: unknown;
}

const DOOR = expect.stringMatching(/goes through a pull request/);
const ASKED: readonly Asked[] = [
  {
    name: 'the installation token',
    request: /access_tokens$/,
    login: app,
    call: (repository) => repository.writable('main'),
    answer: DOOR,
  },
  {
    name: 'the installation',
    request: /shop\/installation$/,
    login: app,
    call: (repository) => repository.writable('main'),
    answer: DOOR,
  },
  {
    name: 'the repository',
    request: /^GET \/repos\/acme\/shop$/,
    login: token,
    call: (repository) => repository.writable('main'),
    answer: DOOR,
  },
  {
    name: 'the runs of a commit',
    request: /^GET .*\/actions\/runs$/,
    login: blind,
    settings: { ci: ['build'] },
    call: (repository) => repository.checks?.(base),
    answer: [expect.objectContaining({ name: 'build', state: 'passed' })],
  },
  ...['POST .*/git/blobs', 'POST .*/pulls', 'POST .*/deployments', 'GET .*/deployments', 'GET .*/status'].map(
    (request): Asked => ({
      name: `the permission for ${request}`,
      request: new RegExp(`^${request}$`),
      login: token,
      settings: { 'staging-environment': 'staging' },
      call: (repository) => repository.lacking?.('main'),
      answer: [],
    }),
  ),
];

const TABLE = sampled(
  ASKED.flatMap((asked) => FAULTS.map((fault) => ({ ...asked, fault }))),
  ({ name, fault }) => [`${name}, ${PASSING.includes(fault)}`, fault],
);

test.each(TABLE)(
  '$name: $fault is waited for or refused with a sentence, and works afterwards',
  async ({ request, login, settings, call, answer, fault }) => {
    // Short where the request is to run into it: on a busy machine others must not.
    const patience = fault === 'timeout' ? { timeout: '500ms' } : {};
    const { repository, signed } = open(login(), { ...settings, ...patience });
    const before = github.requests.length;
    github.faults.next(request, fault);
    const refusals: Refusal[] = [];
    let said: unknown;
    for (let attempt = 0; ; attempt++) {
      expect(attempt).toBeLessThan(5);
      try {
        said = await call(repository);
        // A permission that seems to be lacking is an answer.
        const seemed = Array.isArray(said) ? said.filter((one) => one instanceof Refusal) : [];
        if (seemed.length === 0) break;
        refusals.push(...seemed);
      } catch (error) {
        if (error instanceof Refusal) refusals.push(error);
        else if (error instanceof Unavailable) skipped += error.retryAfterMs ?? 0;
        else throw error;
      }
    }
    expect(said).toEqual(answer);
    const met = github.requests.slice(before).filter((one) => one.fault === fault);
    expect(met, 'the request was made').toHaveLength(1);

    if (PASSING.includes(fault)) expect(refusals.map(({ code }) => code)).toEqual([]);
    if (fault === '403-permission') expect(refusals[0]?.code).toMatch(/^github-(permission|credentials)$/);
    const texts = refusals.map((refusal) => JSON.stringify([refusal.message, explain(refusal)]));
    for (const text of texts) expect(text).not.toMatch(/This was refused/);
    const everything = [...texts, ...signed.logged].join('\n');
    for (const secret of github.access.secrets) expect(everything).not.toContain(secret);
  },
);
