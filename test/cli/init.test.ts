import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/cli/ask.ts';
import { runCli } from '../../src/cli/run.ts';
import { loadConfig } from '../../src/config/load.ts';
import { stagingValidationGate } from '../../src/domain/gates/staging-validation.ts';
import { featureFolders } from '../../src/domain/promotion/feature.ts';
import { readStateFiles } from '../../src/domain/state-file/read.ts';

const BIN = fileURLToPath(new URL('../../bin/slipway.mjs', import.meta.url));
const MANIFEST = readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8');

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function git(dir: string, ...args: string[]): void {
  execFileSync('git', ['-C', dir, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
    stdio: 'ignore',
  });
}

interface Fixture {
  readonly files: Readonly<Record<string, string>>;
  readonly remotes?: Readonly<Record<string, string>>;
  readonly main?: string;
  readonly tags?: readonly string[];
  readonly branches?: readonly string[];
}

function repository({ files, remotes = {}, main = 'main', tags = [], branches = [] }: Fixture): string {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-init-'));
  dirs.push(dir);
  git(dir, 'init', '-q', '-b', main);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  git(dir, 'add', '-A', '-f');
  git(dir, 'commit', '-q', '-m', 'feat: begin');
  for (const [name, url] of Object.entries(remotes)) git(dir, 'remote', 'add', name, url);
  for (const tag of tags) git(dir, 'tag', tag);
  for (const branch of branches) git(dir, 'branch', branch);
  return dir;
}

async function init(dir: string, argv: readonly string[], answers?: readonly (string | Error)[]) {
  let out = '';
  let err = '';
  const asked: string[] = [];
  const env = { PATH: process.env['PATH'], SLIPWAY_CONFIG: join(dir, 'slipway.yaml') };
  const code = await runCli(['init', dir, ...argv], env, {
    result: (text) => {
      out += text;
    },
    message: (text) => {
      err += `${text}\n`;
    },
    ask:
      answers &&
      (async (question) => {
        const answer = answers[asked.push(question) - 1];
        if (answer === undefined) throw new Error(`Nobody answers: ${question}`);
        if (answer instanceof Error) throw answer;
        return answer;
      }),
  });
  return { code, out, err, asked };
}

const written = (dir: string) =>
  (readdirSync(dir, { recursive: true }) as string[]).filter((name) => !name.startsWith('.git')).toSorted();

const SHOP: Fixture = {
  files: {
    'package.json': '{ "name": "@acme/shop", "version": "1.2.0", "homepage": "https://shop.acme.dev" }',
    'CHANGELOG.md': '# Changelog\n',
    'deploy.sh': '#!/bin/sh\n',
    Dockerfile: 'HEALTHCHECK CMD curl -f http://localhost:8080/healthz || exit 1\n',
  },
  remotes: { origin: 'https://x-access-token:s3cretTokenOfAda@git.acme.dev/acme/shop.git' },
  tags: ['v1.1.0', 'v1.2.0'],
};

describe('slipway init reads the repository', () => {
  it('of a Node service that a script deploys', async () => {
    const dir = repository(SHOP);
    const { code, out, err } = await init(dir, ['--yes']);
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringContaining('package.json, CHANGELOG.md, 2 tags'),
    });
    const text = readFileSync(join(dir, 'slipway.yaml'), 'utf8');
    expect(text).not.toContain('s3cret');
    const { services } = await loadConfig(join(dir, 'slipway.yaml'));
    const shop = services.get('shop');
    expect(shop?.repository).toMatchObject({
      use: 'git',
      url: 'https://git.acme.dev/acme/shop.git',
      branch: 'main',
      token: { env: 'GIT_TOKEN' },
    });
    expect(shop?.target).toMatchObject({ use: 'command', deploy: ['./deploy.sh', '{tag}'] });
    expect(shop?.checks).toMatchObject([{ use: 'http', url: 'https://shop.acme.dev/healthz' }]);
    expect(shop?.metrics).toMatchObject([{ use: 'probe', url: 'https://shop.acme.dev' }]);
    expect(shop?.service).toMatchObject({ channel: '#ship', tagPrefix: 'v' });
    expect(readFileSync(join(dir, 'slack-manifest.yml'), 'utf8')).toBe(MANIFEST);
    const next = out.split('\n').filter((line) => line.startsWith('   ') && !line.includes('Invite'));
    expect(next.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^SLACK_BOT_TOKEN: .*OAuth/),
      expect.stringMatching(/^SLACK_APP_TOKEN: .*connections:write/),
      expect.stringMatching(/^GIT_TOKEN: .*push/),
      'export SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… GIT_TOKEN=…',
      'slipway doctor',
      'slipway start',
    ]);
  });

  it('of a Python service on GitHub that a workflow deploys', async () => {
    const dir = repository({
      files: {
        'pyproject.toml': '[project]\nname = "search"\nversion = "0.4.0"\n',
        '.github/workflows/test.yml': 'on: push\n',
        '.github/workflows/deploy-prod.yml':
          'on:\n  workflow_dispatch:\njobs:\n  deploy:\n    environment:\n      name: production\n      url: https://search.acme.dev\n',
        'k8s/app.yaml': 'livenessProbe:\n  httpGet:\n    path: /health/live\n',
      },
      remotes: { origin: 'git@github.com:acme/search.git' },
      main: 'master',
      tags: ['0.3.0', '0.4.0'],
    });
    expect((await init(dir, ['--yes', '--channel', '#search'])).code).toBe(0);
    const search = (await loadConfig(join(dir, 'slipway.yaml'))).services.get('search');
    expect(search?.repository).toMatchObject({ use: 'github', repository: 'acme/search', branch: 'master' });
    expect(search?.target).toMatchObject({ use: 'github-actions', workflow: 'deploy-prod.yml' });
    expect(search?.checks).toMatchObject([{ url: 'https://search.acme.dev/health/live' }]);
    expect(search?.service).toMatchObject({ channel: '#search', tagPrefix: '' });
  });

  it('of a Go service whose production follows a branch', async () => {
    const dir = repository({
      files: { 'go.mod': 'module acme.dev/billing\n', VERSION: '2.0.1\n', 'HISTORY.md': '# History\n' },
      remotes: { origin: 'ssh://git@git.acme.dev:2222/acme/billing.git' },
      branches: ['production'],
      tags: ['billing-v2.0.1'],
    });
    expect((await init(dir, ['-y', '--health', 'https://billing.acme.dev/up'])).code).toBe(0);
    const billing = (await loadConfig(join(dir, 'slipway.yaml'))).services.get('billing');
    expect(billing?.repository).toMatchObject({
      use: 'git',
      url: 'ssh://git@git.acme.dev:2222/acme/billing.git',
    });
    expect(billing?.repository).not.toHaveProperty('token');
    expect(billing?.target).toMatchObject({ use: 'git-branch', branch: 'production' });
    expect(billing?.service).toMatchObject({ tagPrefix: 'billing-v', changelog: 'HISTORY.md' });
  });

  it('through a link, which stays one', async () => {
    const dir = repository({
      files: {
        'package.json': '{"name":"shop"}',
        'deploy.sh': '#!/bin/sh\n',
        'config/slipway.yaml': 'old: 1\n',
      },
      remotes: { origin: 'https://git.acme.dev/shop.git' },
    });
    symlinkSync('config/slipway.yaml', join(dir, 'slipway.yaml'));
    const flags = ['--yes', '--force', '--channel', '#ship', '--health', 'https://shop.acme.dev/up'];
    expect((await init(dir, flags)).code).toBe(0);
    expect(lstatSync(join(dir, 'slipway.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(dir, 'config/slipway.yaml'), 'utf8')).toContain('services:');
  });

  it.each([
    ['1.2.3.4', undefined],
    ['release-2026.11.30.1', undefined],
    ['v1.2.3-rc1.2', undefined],
    ['@acme/shop@1.2.3', '@acme/shop@{version}'],
    ['rel#1.2.3', 'rel#{version}'],
    ['_1.2.3', '_{version}'],
  ])('of a service whose tags are named %s, which is not taken for a form', async (tag, said) => {
    const dir = repository({
      files: { 'package.json': '{"name":"shop"}', 'deploy.sh': '#!/bin/sh\n' },
      remotes: { origin: 'https://git.acme.dev/shop.git' },
      tags: [tag],
    });
    const { code, err } = await init(dir, [
      '--yes',
      '--channel',
      '#ship',
      '--health',
      'https://shop.acme.dev/up',
    ]);
    expect(code, err).toBe(0);
    if (said !== undefined) expect(err).toContain(`Slipway writes none like ${said}`);
    expect(readFileSync(join(dir, 'slipway.yaml'), 'utf8')).not.toContain('version:');
  });

  it('of a site on Vercel', async () => {
    const dir = repository({
      files: {
        'package.json': '{ "name": "site", "homepage": "https://www.acme.dev" }',
        '.vercel/project.json': '{ "projectId": "prj_1", "projectName": "acme-site" }',
      },
      remotes: { origin: 'https://github.com/acme/site' },
    });
    const { code, out } = await init(dir, ['--yes']);
    expect(code).toBe(0);
    expect(out).toContain('GITHUB_TOKEN=… VERCEL_TOKEN=…');
    const site = (await loadConfig(join(dir, 'slipway.yaml'))).services.get('site');
    expect(site?.target).toMatchObject({ use: 'vercel', project: 'acme-site', domain: 'www.acme.dev' });
  });

  it('of an app on Heroku with state files in a folder of its own', async () => {
    const dir = repository({
      files: { Procfile: 'web: node .\n', 'features/003-cart/state.yaml': 'current_phase: implement\n' },
      remotes: {
        origin: 'git@bitbucket.org:acme/mail.git',
        staging: 'https://git.heroku.com/acme-mail-staging.git',
        heroku: 'https://git.heroku.com/acme-mail.git',
      },
    });
    expect((await init(dir, ['--yes', '--health', 'https://mail.acme.dev/'])).code).toBe(0);
    const mail = (await loadConfig(join(dir, 'slipway.yaml'))).services.get('mail');
    expect(mail?.target).toMatchObject({ use: 'heroku', app: 'acme-mail', staging: 'acme-mail-staging' });
    expect(mail?.service.featureDirs).toEqual(['features']);
    expect(existsSync(join(dir, 'specs'))).toBe(false);
  });

  it('and gives an example of a state file that is none, and that says yes to nothing', async () => {
    const dir = repository(SHOP);
    await init(dir, ['--yes']);
    const path = 'specs/state.example.yaml';
    expect(featureFolders([path], ['specs'])).toEqual([]);
    const bytes = readFileSync(join(dir, path));
    const reading = readStateFiles([{ path, bytes }], { slug: '001-a', dir: 'specs/001-a' });
    expect(stagingValidationGate(reading).verdict).not.toBe('passed');
  });
});

describe('slipway init knows how production is deployed', () => {
  const flags = ['--yes', '--health', 'https://shop.acme.dev/up'];
  const shopIn = async (dir: string) => (await loadConfig(join(dir, 'slipway.yaml'))).services.get('shop');

  it('by a pipeline of GitLab, as its file says', async () => {
    const dir = repository({
      files: { '.gitlab-ci.yml': 'ship:\n  environment: { name: production }\n  script: [./deploy.sh]\n' },
      remotes: { origin: 'git@gitlab.acme.dev:acme/shop.git' },
    });
    expect((await init(dir, flags)).code).toBe(0);
    const shop = await shopIn(dir);
    expect(shop?.repository).toMatchObject({
      use: 'gitlab',
      url: 'https://gitlab.acme.dev',
      environment: false,
    });
    expect(shop?.target).toMatchObject({ use: 'gitlab-pipeline', environment: 'production' });
    const { code, out } = await init(dir, [...flags, '--force', '--deploy', 'pipeline:live']);
    expect(code).toBe(0);
    expect(out).toContain('GITLAB_TOKEN: an access token');
    expect((await shopIn(dir))?.target).toMatchObject({ environment: 'live' });
  });

  it('in Kubernetes', async () => {
    const dir = repository(SHOP);
    const deploy = 'kubernetes:shop/web/app ghcr.io/acme/shop:{tag}';
    const { code, err } = await init(dir, [...flags, '--deploy', deploy]);
    expect(code, err).toBe(0);
    expect((await shopIn(dir))?.target).toMatchObject({
      use: 'kubernetes',
      namespace: 'shop',
      workloads: [{ kind: 'deployment', name: 'web', containers: ['app'] }],
      image: 'ghcr.io/acme/shop:{tag}',
    });
    expect(readFileSync(join(dir, 'slipway.yaml'), 'utf8')).toContain('# Reached as a pod of that cluster');
  });

  it('and says in the file what the login, or git alone, cannot see', async () => {
    const plain = repository(SHOP);
    await init(plain, flags);
    expect(readFileSync(join(plain, 'slipway.yaml'), 'utf8')).toMatch(/# Git alone .* CI .*\n +use: git\n/);
    const dir = repository({ ...SHOP, remotes: { origin: 'git@github.com:acme/shop.git' } });
    const { out } = await init(dir, [...flags, '--deploy', 'workflow:deploy.yml']);
    expect(out).toMatch(/GITHUB_TOKEN: .*docs\/github\.md/);
    expect(readFileSync(join(dir, 'slipway.yaml'), 'utf8')).toMatch(
      /# A fine-grained token cannot .*\n.*ci: \[build, test\].*\n +token:/,
    );
  });
});

describe('slipway init where there is a service already', () => {
  it('shows a block for another one, and changes nothing', async () => {
    const dir = repository(SHOP);
    await init(dir, ['--yes']);
    const path = join(dir, 'slipway.yaml');
    const before = readFileSync(path, 'utf8');
    const { code, out, err } = await init(
      dir,
      [],
      ['till', '', '#till', 'make till', 'https://till.acme.dev/up'],
    );
    expect(code).toBe(0);
    expect(err).toContain('has shop, and nothing in it will be changed');
    expect(readFileSync(path, 'utf8')).toBe(before);
    // Two services of one repository need tags of their own.
    expect(out).toContain('would cut the same tags');
    const [, block = ''] = /under `services:`:\n\n([\s\S]*?)\n\nIt takes /.exec(out) ?? [];
    writeFileSync(path, `${before}${block}\n    version: { tag-prefix: till-v }\n`);
    const { services } = await loadConfig(path);
    expect([...services.keys()]).toEqual(['shop', 'till']);
    expect(services.get('till')?.service.channel).toBe('#till');
    expect(services.get('shop')?.service.channel).toBe('#ship');
  });

  it('says what --force would lose', async () => {
    const dir = repository(SHOP);
    await init(dir, ['--yes']);
    const { code, err } = await init(dir, ['--yes', '--channel', '#other']);
    expect(code).toBe(1);
    expect(err).toContain('--force replaces it, and what it has of shop is lost then');
  });
});

describe('slipway init asks', () => {
  it('five questions at most, with what it found as the answer of an empty line', async () => {
    const dir = repository(SHOP);
    const { code, asked } = await init(
      dir,
      [],
      ['till', '', 'ship', '#ship-till', '', 'https://till.acme.dev'],
    );
    expect(code).toBe(0);
    // The fourth is the third once more: a channel begins with #.
    expect(asked).toHaveLength(6);
    expect(asked[3]).toContain('a channel such as "#ship"');
    const till = (await loadConfig(join(dir, 'slipway.yaml'))).services.get('till');
    expect(till?.service.channel).toBe('#ship-till');
    expect(till?.target).toMatchObject({ deploy: ['./deploy.sh', '{tag}'] });
    expect((await init(dir, ['--force'], ['', '', '', '', ''])).asked).toHaveLength(5);
    expect(
      (await init(dir, ['--force', '--service', 'a', '--deploy', 'make ship'], ['', '', ''])).asked,
    ).toHaveLength(3);
  });

  it('before it replaces a file that says something else', async () => {
    const dir = repository(SHOP);
    writeFileSync(join(dir, 'slipway.yaml'), 'mine: true\n');
    const five = ['', '', '', '', ''];
    const no = await init(dir, [], [...five, '']);
    expect(no).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was written; --force') });
    expect(no.asked.at(-1)).toContain('slipway.yaml: there already, with other words in it. Replace it?');
    expect(await init(dir, ['--yes'])).toMatchObject({ code: 1 });
    expect(readFileSync(join(dir, 'slipway.yaml'), 'utf8')).toBe('mine: true\n');
    expect(written(dir)).not.toContain('slack-manifest.yml');
    expect((await init(dir, [], [...five, 'y'])).code).toBe(0);
    expect(await loadConfig(join(dir, 'slipway.yaml'))).toBeTruthy();
    // The same again is no conflict.
    expect((await init(dir, ['--yes'])).code).toBe(0);
  });

  it('and writes nothing when it is broken off', async () => {
    const dir = repository(SHOP);
    const before = written(dir);
    const { code, err } = await init(dir, [], ['', '', new Interrupted()]);
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringMatching(/\nNothing was written\.\n$/),
    });
    expect(written(dir)).toEqual(before);
  });

  it.skipIf(process.platform !== 'linux')(
    'by Ctrl-C in a real terminal',
    async () => {
      const dir = repository(SHOP);
      const before = written(dir);
      const child = spawn('script', ['-qec', `${process.execPath} ${BIN} init`, '/dev/null'], { cwd: dir });
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
        if (text.includes('[shop]')) child.stdin.write('\x03');
      });
      const [status] = await once(child, 'close');
      expect(shown).toContain('What is the service called?');
      expect(shown).toContain('Nothing was written.');
      expect(status).toBe(1);
      expect(written(dir)).toEqual(before);
    },
    60_000,
  );
});

describe('slipway init without a terminal', () => {
  it('says which flags are needed', async () => {
    const dir = repository({ files: { 'a.txt': '' } });
    const plain = await init(dir, ['--service', 'shop']);
    expect(plain.code).toBe(2);
    expect(plain.err).toContain('Nobody can be asked here.');
    for (const flag of ['repository', 'channel', 'deploy', 'health'])
      expect(plain.err).toContain(`--${flag}`);
    expect(plain.err).not.toContain('--service');
    const yes = await init(dir, ['--yes', '--deploy', './ship']);
    expect(yes.err).toMatch(/does not say everything[\s\S]*--repository[\s\S]*--health/);
    expect(yes.err).not.toContain('--channel');
    expect(written(dir)).toEqual(['a.txt']);
  });

  it('takes all of it by flags, in a folder that is no repository', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-init-'));
    dirs.push(dir);
    const flags = [
      '--service',
      'shop',
      '--repository',
      'acme/shop',
      '--channel',
      '#ship',
      '--deploy',
      'branch:live',
      '--health',
      'https://shop.acme.dev/health',
    ];
    expect((await init(dir, flags)).code).toBe(0);
    const shop = (await loadConfig(join(dir, 'slipway.yaml'))).services.get('shop');
    expect(shop?.repository).toMatchObject({ use: 'github', repository: 'acme/shop' });
  });

  it.each([
    ['--service', 'rollback', 'word of /ship-prod'],
    ['--channel', 'ship', 'a channel such as'],
    ['--health', 'shop.acme.dev', 'an address such as'],
    ['--deploy', 'workflow:deploy.yml', 'only what is in a repository on GitHub'],
    ['--deploy', 'ssh host "rm -rf /"', 'without quotes'],
    ['--deploy', 'heroku:shop', 'both apps'],
    ['--deploy', 'pipeline:production', 'only what is in a project on GitLab'],
    ['--deploy', 'kubernetes:shop', 'ghcr.io/acme/shop:{tag}'],
    ['--deploy', 'argo:shop', 'argo: is none of the forms, which are ./deploy.sh {tag}, workflow:deploy.yml'],
    ['--deploy', 'branch:', 'branch: is none of the forms'],
    ['--repository', 'git://old.acme.dev/shop', 'https or ssh address'],
  ])('says what is wrong with %s %s', async (flag, value, said) => {
    const dir = repository(SHOP);
    const { code, err } = await init(dir, ['--yes', flag, value]);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(said) });
    expect(written(dir)).not.toContain('slipway.yaml');
  });
});
