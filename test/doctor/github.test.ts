import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { ALL_PERMISSIONS, type App, type Permissions } from '../../demo/github/access.ts';
import { type Github, startGithub } from '../../demo/github/server.ts';
import { createShopRemote } from '../../demo/shop/remote.ts';
import { examineInstallation } from '../../src/doctor/doctor.ts';
import type { DoctorFinding } from '../../src/doctor/finding.ts';

let dir: string;
let github: Github;
let looks = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  const remote = await createShopRemote(dir, { workflow: true });
  github = await startGithub({ path: remote.path });
});
afterAll(async () => {
  await github.close();
  await rm(dir, { recursive: true, force: true });
});

/** What the doctor says of repository and target. */
async function look(login: string | App, more: object = {}): Promise<readonly DoctorFinding[]> {
  // A process reads its environment once: another login is another variable.
  const name = `GH_${++looks}`;
  const isToken = typeof login === 'string';
  const app = isToken
    ? { token: { env: name } }
    : { app: { id: login.id, installation: login.installation, 'private-key': { env: name } } };
  const shop = {
    repository: { use: 'github', repository: github.name, api: github.api, ...app, ...more },
    target: { use: 'github-actions', workflow: 'deploy.yml' },
    checks: [],
  };
  const config = join(dir, 'slipway.yaml');
  await writeFile(config, stringify({ slack: { channel: '#ship' }, services: { shop } }));
  const findings = await examineInstallation({
    PATH: process.env['PATH'],
    SLIPWAY_CONFIG: config,
    DATABASE_URL: inject('serverUrl'),
    [name]: isToken ? login : login.privateKey,
  });
  return findings.filter(
    ({ area, detail }) => area === 'service shop' && /^(repository|target)/.test(detail),
  );
}

const problems = (findings: readonly DoctorFinding[]) =>
  findings.filter(({ status }) => status === 'problem');

function less(...names: readonly string[]): Permissions {
  return Object.fromEntries(Object.entries(ALL_PERMISSIONS).filter(([name]) => !names.includes(name)));
}

it.each([
  ['an app', () => github.access.app()],
  ['a token', () => github.access.token()],
])('finds %s with all permissions fine', async (_name, login) => {
  const findings = await look(login());
  expect(problems(findings)).toEqual([]);
  expect(findings.map(({ detail }) => detail)).toContain(
    'repository: the login has all permissions that this service needs',
  );
  expect(findings.map(({ detail }) => detail)).toContain('repository: main can be pushed to');
});

it('names every permission that an app lacks, and where to add it', async () => {
  const found = problems(await look(github.access.app(less('deployments', 'actions', 'statuses'))));
  expect(found.map(({ detail }) => detail)).toEqual([
    'repository: The GitHub App of Slipway lacks a permission: deployments: write on acme/shop.',
    'repository: The GitHub App of Slipway lacks a permission: statuses: read on acme/shop.',
    'target: The GitHub App of Slipway lacks a permission: actions: write on acme/shop.',
  ]);
  for (const { fix } of found) expect(fix).toMatch(/^Add it under Permissions of the app, then accept/);
});

it('tells a fine-grained token, which gets no checks on a private repository, what to use instead', async () => {
  const token = github.access.token(less('checks'));
  const [found] = problems(await look(token));
  expect(found?.detail).toContain('lacks a permission: checks: read');
  expect(found?.fix).toMatch(/Use a GitHub App, or name the checks/);
  expect(problems(await look(token, { ci: ['build'] }))).toEqual([]);
});

it('says that an app is not installed, or suspended, once for each part', async () => {
  const app = github.access.app();
  github.access.change(app, { installed: false });
  const gone = problems(await look(app));
  expect(new Set(gone.map(({ detail }) => detail.replace(/^\w+: /, '')))).toEqual(
    new Set(['The GitHub App of Slipway is not installed on acme/shop.']),
  );
  github.access.change(app, { installed: true, suspended: true });
  const [suspended] = problems(await look(app));
  expect(suspended).toMatchObject({
    detail: expect.stringContaining('is suspended: GitHub answers nothing'),
    fix: expect.stringContaining('Unsuspend'),
  });
});

it('never prints a token or a key', async () => {
  const token = github.access.token(less('contents', 'checks'));
  const app = github.access.app(less('actions'));
  const text = JSON.stringify([await look(token), await look(app)]);
  expect(text).toContain('lacks a permission');
  for (const secret of [token, 'PRIVATE KEY', ...github.access.issued]) expect(text).not.toContain(secret);
});
