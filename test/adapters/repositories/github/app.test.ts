import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '../../../../demo/github/access.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { type Signed, signedIn } from './login.ts';

const MINUTE = 60_000;

let remote: GitRemote;
let github: Github;
let app: App;
let base: Sha;
let signed: Signed;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 24, 9) });
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  app = github.access.app();
  base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
});
afterEach(async () => {
  vi.useRealTimers();
  await github.close();
  expect(github.violations).toEqual([]);
  expect(remote.fsck()).toBe('');
  remote.remove();
});

function open(as: Partial<App> = {}): Repository {
  signed = signedIn(github, { ...app, ...as });
  return openGithubRepository(signed.settings, signed.context);
}

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function sentenceOf(work: Promise<unknown>): Promise<{ code: string; text: string; hint?: string }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error(`no refusal: ${String(error)}`);
  return { code: error.code, ...explain(error) };
}

describe('the JSON web token of the app', () => {
  test('is signed with its key, names it, and is good for at most ten minutes', async () => {
    // The small GitHub checks RS256 with the public key, `iss`, `iat` and `exp`; see the refusals below.
    await open().refs();
    const [first] = github.requests;
    expect(first).toMatchObject({
      operation: 'POST /app/installations/{installation_id}/access_tokens',
      status: 201,
    });
  });

  const claims = (change: object) => {
    const now = Math.floor(Date.now() / 1_000);
    return { iat: now - 30, exp: now + 540, iss: app.id, ...change };
  };
  test.each([
    [
      'that lasts longer',
      () => claims({ exp: Math.floor(Date.now() / 1_000) + 700 }),
      401,
      /too far in the future/,
    ],
    ['of the future', () => claims({ iat: Math.floor(Date.now() / 1_000) + 60 }), 401, /'Issued at' claim/],
    [
      'that is over',
      () => claims({ exp: Math.floor(Date.now() / 1_000) - 1 }),
      401,
      /'Expiration time' claim/,
    ],
    ['of nobody', () => claims({ iss: 7 }), 404, /Integration not found/],
  ])('one %s is refused', async (_name, make, status, message) => {
    const jwt = jwtOf(app.privateKey, make());
    const response = await fetch(`${github.api}/app`, { headers: { authorization: `Bearer ${jwt}` } });
    expect(response.status).toBe(status);
    expect(((await response.json()) as { message: string }).message).toMatch(message);
  });

  test('signed with another key it is refused, and people read what to check', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { code, text, hint } = await sentenceOf(open({ privateKey: pem }).refs());
    expect(code).toBe('github-credentials');
    expect(text).toBe(
      'GitHub did not accept the GitHub App of Slipway for acme/shop (A JSON web token could not be decoded).',
    );
    expect(hint).toMatch(/private key/);
  });

  test('by a clock that is ahead it is refused, and people read that it may be the clock', async () => {
    // GitHub's clock stays behind: what this machine signs is of its future.
    await github.close();
    const behind = Date.now() - 5 * MINUTE;
    github = await startGithub({ path: remote.path, now: () => behind });
    app = github.access.app();
    const { text, hint } = await sentenceOf(open().refs());
    expect(text).toMatch(/'Issued at' claim/);
    expect(hint).toMatch(/clock of this machine/);
  });
});

describe('the installation token', () => {
  test('is asked for once, also by those who come at the same time, and used until shortly before its hour is over', async () => {
    const repository = open();
    await Promise.all([
      repository.refs(),
      repository.refs(),
      repository.list(base, []),
      repository.writable('main'),
    ]);
    later(54 * MINUTE);
    await repository.refs();
    expect(github.access.issued).toHaveLength(1);
    later(2 * MINUTE);
    await repository.refs();
    expect(github.access.issued).toHaveLength(2);
    const refused = github.requests.filter(({ status }) => status === 401);
    expect(refused).toEqual([]);
  });

  test('lasts an hour and not longer', async () => {
    await open().refs();
    const [token = ''] = github.access.issued;
    const status = async () => {
      const headers = { authorization: `token ${token}` };
      return (await fetch(`${github.api}/repos/acme/shop`, { headers })).status;
    };
    later(59 * MINUTE);
    expect(await status()).toBe(200);
    later(2 * MINUTE);
    expect(await status()).toBe(401);
  });

  test('revoked in the middle of a release it is renewed, once for all requests: one commit, one tag', async () => {
    const repository = open();
    await repository.refs();
    await Promise.all([repository.refs(), repository.list(base, [])]);
    later(10_000);
    github.access.revokeInstallationTokens();
    await Promise.all([repository.refs(), repository.refs(), repository.writable('main')]);
    expect(github.access.issued).toHaveLength(2);
    const cut = {
      base,
      branch: 'main',
      version: '1.1.0',
      tag: 'v1.1.0',
      message: 'chore(release): v1.1.0',
      tagMessage: 'Release v1.1.0\n',
      files: [{ path: 'VERSION', text: '1.1.0\n' }],
    };
    later(10_000);
    github.faults.next('POST /repos/{owner}/{repo}/git/tags', '401');
    const { commit } = await repository.cutRelease(cut, 'p1');
    expect(github.access.issued).toHaveLength(3);
    expect(remote.git('rev-parse', 'main')).toBe(commit);
    expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(commit);
    expect(remote.git('rev-list', '--count', 'main')).toBe('2');
  });

  test('that not all of GitHub knows yet is tried again, and no other one is asked for', async () => {
    const repository = open();
    github.faults.next('GET', '401', 2);
    expect((await repository.refs()).branches).toEqual({ main: base });
    expect(github.access.issued).toHaveLength(1);
  });

  test('refused again and again, it is given up with a sentence', async () => {
    const repository = open();
    github.faults.next('GET', '401', 10);
    expect((await sentenceOf(repository.refs())).code).toBe('github-credentials');
    expect(github.access.issued.length).toBeLessThan(6);
  });

  test('is in no log, whatever fails', async () => {
    const repository = open();
    for (const fault of ['401', '403-permission', '404', '422'] as const) {
      github.faults.next('GET', fault, 2);
      await repository.refs().catch(() => null);
      github.faults.clear();
    }
    later(10_000);
    github.access.revokeInstallationTokens();
    await vi.waitFor(() => repository.refs());
    const log = signed.logged.join('');
    expect(log).toContain('GitHub refused a request');
    expect(github.access.issued.length).toBeGreaterThan(1);
    for (const token of github.access.issued) expect(log).not.toContain(token);
    expect(log).not.toMatch(/PRIVATE KEY|eyJ[\w-]+\.[\w-]+\./);
  });
});

describe('where the app cannot work', () => {
  test('not installed on the repository', async () => {
    github.access.change(app, { installed: false });
    const { code, text, hint } = await sentenceOf(open().refs());
    expect(code).toBe('github-app-not-installed');
    expect(text).toBe('The GitHub App of Slipway is not installed on acme/shop.');
    expect(hint).toMatch(/^Install it there, or add the repository to it/);
  });

  test('taken away from it in the middle', async () => {
    const repository = open();
    await repository.refs();
    github.access.change(app, { installed: false });
    expect((await sentenceOf(repository.refs())).code).toBe('github-app-not-installed');
  });

  test('no such installation', async () => {
    const { text } = await sentenceOf(open({ installation: 4_711 }).refs());
    expect(text).toBe(
      'The GitHub App of Slipway has no installation 4711, which the config names for acme/shop: it was uninstalled, or the number belongs to another app.',
    );
  });

  test('suspended before it begins, and in the middle', async () => {
    const repository = open();
    await repository.refs();
    github.access.change(app, { suspended: true });
    const text =
      'The installation of the GitHub App of Slipway for acme/shop is suspended: GitHub answers nothing that it asks.';
    expect(await sentenceOf(repository.refs())).toMatchObject({
      text,
      hint: expect.stringMatching(/Unsuspend/),
    });
    expect(await sentenceOf(open().refs())).toMatchObject({ text });
    github.access.change(app, { suspended: false });
    expect(await repository.refs()).toMatchObject({ branches: { main: base } });
  });
});

function jwtOf(key: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${body}.${createSign('RSA-SHA256').update(body).sign(key, 'base64url')}`;
}

test('what an app commits is signed by GitHub, and the release says so', async () => {
  const cut = { base, branch: 'main', version: '1.1.0', tag: 'v1.1.0', message: 'm', tagMessage: 't' };
  const order = { ...cut, files: [{ path: 'VERSION', text: '1.1.0\n' }] };
  const repository = open();
  const made = await repository.cutRelease(order, 'p1');
  expect(made.signature).toMatch(/^the commit has a signature that GitHub has verified/);
  expect(await open().cutRelease(order, 'p1')).toEqual(made);
});
