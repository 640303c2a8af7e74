import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../demo/project-root.ts';
import { withRepository } from '../../scripts/package-repository.mjs';

const run = promisify(execFile);
const VERSION = '9.8.7';
const OLDER = '9.8.6';
const REPOSITORY = 'acme/slipway';
const TOKEN = 'npm_token';

interface Packument {
  name: string;
  'dist-tags': Record<string, string>;
  versions: Record<string, { version: string; repository?: { url: string } }>;
}

/** A registry with what `npm view`, `npm publish` and `npm dist-tag` ask, as the public one answers it. */
let registry: Server;
let held: Packument | null;
let outage: boolean;
let asked: string[];
let dir: string;
let address: string;

function answer(method: string, path: string, body: string): readonly [status: number, body: unknown] {
  if (outage) return [503, { error: 'Service Unavailable' }];
  const tag = /^\/-\/package\/slipway\/dist-tags(?:\/(\w+))?$/.exec(path);
  if (tag !== null && held !== null) {
    if (method === 'GET') return [200, held['dist-tags']];
    const version = JSON.parse(body) as string;
    if (held.versions[version] === undefined) return [404, { error: 'version not found' }];
    held['dist-tags'][tag[1] ?? ''] = version;
    return [201, { ok: true }];
  }
  if (path !== '/slipway') return [404, { error: 'Not found' }];
  if (method === 'GET') return held === null ? [404, { error: 'Not found' }] : [200, held];
  const sent = JSON.parse(body) as Packument;
  for (const [version, manifest] of Object.entries(sent.versions)) {
    if (held?.versions[version])
      return [403, { error: 'You cannot publish over the previously published versions' }];
    // With a provenance the public one compares it with the repository that the package names.
    if (!manifest.repository?.url.includes(REPOSITORY))
      return [422, { error: 'Error verifying sigstore provenance bundle: "repository.url" is ""' }];
  }
  held = {
    name: 'slipway',
    'dist-tags': { ...held?.['dist-tags'], ...sent['dist-tags'] },
    versions: { ...held?.versions, ...sent.versions },
  };
  return [201, { ok: true }];
}

beforeAll(async () => {
  registry = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const path = decodeURIComponent(url.split('?')[0] ?? '');
      asked.push(`${method} ${path}`);
      const mayWrite = method === 'GET' || request.headers.authorization === `Bearer ${TOKEN}`;
      const [status, body] = mayWrite
        ? answer(method, path, Buffer.concat(parts).toString())
        : [401, { error: 'Unauthorized' }];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  dir = mkdtempSync(join(tmpdir(), 'slipway-publish-'));
  // As actions/setup-node leaves it behind.
  writeFileSync(
    join(dir, 'npmrc'),
    `registry=${address}\n${address.replace('http:', '')}:_authToken=\${NODE_AUTH_TOKEN}\n`,
  );
  for (const version of [VERSION, OLDER]) await packed(version, { GITHUB_REPOSITORY: REPOSITORY });
});
afterAll(async () => {
  await new Promise((resolve) => registry.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  held = null;
  outage = false;
  asked = [];
});

/** The package of a version, as the release makes it, with only some of its files. */
async function packed(version: string, env: Readonly<Record<string, string>>): Promise<void> {
  const folder = mkdtempSync(join(dir, 'package-'));
  const own = { ...JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')), version };
  writeFileSync(join(folder, 'package.json'), withRepository(JSON.stringify(own), env));
  cpSync(join(projectRoot, 'bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(dir, 'out'), { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', join(dir, 'out')], { cwd: folder });
}

/** A step of the workflow; what only a runner of GitHub has, the provenance, is left out. */
async function step(job: string, name: string, version: string) {
  const text = readFileSync(join(projectRoot, '.github/workflows/release.yml'), 'utf8');
  const { jobs } = parse(text) as { jobs: Record<string, { steps: { name?: string; run?: string }[] }> };
  const script = jobs[job]?.steps.find((one) => one.name === name)?.run ?? 'exit 9';
  const env = {
    PATH: process.env['PATH'],
    HOME: dir,
    VERSION: version,
    NODE_AUTH_TOKEN: TOKEN,
    NPM_CONFIG_USERCONFIG: join(dir, 'npmrc'),
    NPM_CONFIG_FETCH_RETRIES: '0',
    NPM_CONFIG_CACHE: mkdtempSync(join(dir, 'cache-')),
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };
  return run('bash', ['-e', '-o', 'pipefail', '-c', script.replace(' --provenance', '')], { cwd: dir, env });
}
const publish = (version: string) => step('publish', 'Publish, once', version);
const writes = () => asked.filter((one) => !one.startsWith('GET'));

test('the first version is published from the file that was built, and names its repository', async () => {
  await publish(VERSION);
  expect(Object.keys(held?.versions ?? {})).toEqual([VERSION]);
  expect(held?.versions[VERSION]?.repository?.url).toBe(`git+https://github.com/${REPOSITORY}.git`);
  expect(writes()).toEqual(['PUT /slipway']);
});

test('the newest stays the newest until all of the next is there', async () => {
  await publish(OLDER);
  await step('latest', 'Make it the newest', OLDER);
  await publish(VERSION);
  expect(held?.['dist-tags']['latest']).toBe(OLDER);
  await step('latest', 'Make it the newest', VERSION);
  expect(held?.['dist-tags']['latest']).toBe(VERSION);
});

test('one that is published stays as it is, and a rollback only moves `latest`', async () => {
  await publish(OLDER);
  await publish(VERSION);
  asked = [];
  const { stdout } = await publish(OLDER);
  expect(stdout).toContain(`slipway@${OLDER} is there already`);
  await step('latest', 'Make it the newest', OLDER);
  expect(writes()).toEqual(['PUT /-/package/slipway/dist-tags/latest']);
  expect(held?.['dist-tags']['latest']).toBe(OLDER);
});

test('a registry that does not answer fails the step, and nothing is published', async () => {
  outage = true;
  await expect(publish(VERSION)).rejects.toThrow();
  expect(writes()).toEqual([]);
});

test('a copy that is built elsewhere names no repository, nor does the repository itself', () => {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8');
  expect(withRepository(text, {})).toBe(text);
  expect(text).not.toContain('"repository"');
});
