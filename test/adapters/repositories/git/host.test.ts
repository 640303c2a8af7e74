import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import type { ReleaseCut, Repository } from '../../../../src/adapters/repositories/port.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { refusal } from '../../../contracts/repository.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitHttp } from '../../../fakes/git-http.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

const TOKEN = 'ghp_S3cretToken1234567890';

let remote: GitRemote;
let http: GitHttp;
let dataDir: string;

beforeEach(async () => {
  remote = new GitRemote();
  remote.git('config', 'uploadpack.allowFilter', 'true');
  http = new GitHttp(remote.path, TOKEN);
  await http.listen();
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  remote.remove();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

function open(settings: object = {}, env: Record<string, string> = { TOKEN }): Repository {
  const parsed = GitRepositorySettings.parse({
    use: 'git',
    url: http.url,
    token: { env: 'TOKEN' },
    timeout: '10s',
    ...settings,
  });
  return openGitRepository(parsed, adapterContext({ dataDir, env }));
}

function cut(base: Sha): ReleaseCut {
  return {
    base,
    branch: 'main',
    version: '1.1.0',
    tag: 'v1.1.0',
    message: 'chore(release): v1.1.0',
    tagMessage: 'Release v1.1.0\n',
    files: [{ path: 'VERSION', text: '1.1.0\n' }],
  };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

/** Texts of all files of the data folder that are not packed objects. */
function everythingStored(): string {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('a partial clone', () => {
  test('has no file contents until they are read, and fetches all that are asked for at once', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`src/${index}.ts`, `// ${index}\n`]),
    );
    const tip = remote.push('main', 'feat: many files', files);
    const repository = open();
    await repository.refs();
    const before = http.requests.length;
    const blobs = await repository.read(tip, Object.keys(files));
    expect(blobs.map((blob) => blob && new TextDecoder().decode(blob.bytes))).toEqual(Object.values(files));
    const fetches = http.requests
      .slice(before)
      .filter((request) => request === 'POST /shop.git/git-upload-pack');
    expect(fetches.length).toBeGreaterThan(0);
    expect(fetches.length).toBeLessThanOrEqual(2);
    const again = http.requests.length;
    await repository.read(tip, Object.keys(files));
    expect(http.requests.length).toBe(again);
  });

  test('releases and records without ever fetching the other files', async () => {
    const tip = remote.push('main', 'feat: a', { 'big.bin': 'x'.repeat(100_000), VERSION: '1.0.0\n' });
    const repository = open();
    await repository.refs();
    const release = await repository.cutRelease(cut(tip), 'p1');
    await repository.commitFiles(
      { branch: 'main', message: 'm', edits: [{ path: 'report.md', edit: () => '# x\n' }] },
      'k',
    );
    expect(remote.git('diff', '--name-only', tip, release.commit)).toBe('VERSION');
    expect(remote.git('show', 'main:big.bin').length).toBe(100_000);
    expect(remote.fsck()).toBe('');
    const [cache = ''] = readdirSync(join(dataDir, 'git')).filter((name) => name.endsWith('.git'));
    const missing = execFileSync(
      'git',
      ['--git-dir', join(dataDir, 'git', cache), 'rev-list', '--objects', '--all', '--missing=print'],
      { encoding: 'utf8' },
    );
    expect(missing.split('\n').filter((line) => line.startsWith('?')).length).toBeGreaterThan(0);
  });

  test('works with a host that does not know partial clones', async () => {
    remote.git('config', 'uploadpack.allowFilter', 'false');
    const tip = remote.push('main', 'feat: a', { a: 'text' });
    const repository = open();
    await repository.refs();
    expect((await repository.read(tip, ['a']))[0]?.bytes.byteLength).toBe(4);
  });
});

describe('the token', () => {
  test('is in no argument list, no file and no message', async () => {
    const shim = join(dataDir, 'bin');
    const seen = join(dataDir, 'seen');
    mkdirSync(shim);
    const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
    writeFileSync(join(shim, 'git'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${seen}'\nexec '${git}' "$@"\n`);
    chmodSync(join(shim, 'git'), 0o755);
    vi.stubEnv('PATH', `${shim}${delimiter}${process.env['PATH']}`);

    const tip = remote.push('main', 'feat: a', { VERSION: '1.0.0\n' });
    const repository = open();
    await repository.refs();
    await repository.read(tip, ['VERSION']);
    await repository.writable('main');
    await repository.cutRelease(cut(tip), 'p1');
    const calls = readFileSync(seen, 'utf8');
    expect(calls).toMatch(/ push .*--atomic/);
    const basic = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
    for (const text of [calls, everythingStored()]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(basic);
    }
  });

  test.each([
    ['wrong', { TOKEN: 'ghp_Wr0ngToken' }, {}],
    ['missing', {}, { token: undefined }],
  ])('%s: refused at once, without a prompt and without quoting it', async (_name, env, settings) => {
    remote.push('main', 'feat: a');
    const refused = await refusal(open(settings, env).refs());
    expect(refused).toMatchObject({ code: 'repository-auth', facts: { remote: http.url } });
    expect(JSON.stringify(refused.facts) + refused.message).not.toContain('Wr0ng');
  });

  test('not set: says which variable', async () => {
    expect(() => open({}, {})).toThrow(new Refusal('secret-missing', { name: 'TOKEN' }));
  });
});

describe('a host in trouble', () => {
  test.each([
    ['500', 500, Unavailable, 'the git remote'],
    ['503', 503, Unavailable, 'the git remote'],
    ['a cut connection', 'cut', Unavailable, 'the git remote'],
    ['403', 403, Refusal, 'repository-auth'],
    ['404', 404, Refusal, 'repository-unreachable'],
  ] as const)('%s', async (_name, fault, kind, says) => {
    const base = remote.push('main', 'feat: a', { VERSION: '1.0.0\n' });
    const repository = open();
    await repository.refs();
    http.fault = fault;
    const works = [
      () => repository.refs(),
      () => repository.cutRelease(cut(base), 'p1'),
      () => repository.writable('main'),
    ];
    for (const work of works) {
      const error = await failure(work());
      expect(error).toBeInstanceOf(kind);
      expect(error instanceof Refusal ? error.code : (error as Unavailable).what).toBe(says);
    }
    http.fault = null;
    expect(await repository.cutRelease(cut(base), 'p1')).toMatchObject({ tag: 'v1.1.0' });
    expect(remote.count(`${base}..main`)).toBe(1);
  });

  test('silence: gives up in time and leaves no process behind', async () => {
    remote.push('main', 'feat: a');
    http.fault = 'hang';
    const repository = open({ timeout: '500ms' });
    const error = await failure(repository.refs());
    expect(error).toBeInstanceOf(Unavailable);
    expect(String(error)).toMatch(/no answer within 1 s/);
    await vi.waitFor(() => expect(processesFor(http.url)).toEqual([]), 5_000);
  });

  test('a caller who gives up', async () => {
    remote.push('main', 'feat: a');
    http.fault = 'hang';
    expect(await failure(open().refs(AbortSignal.timeout(100)))).toBeInstanceOf(Unavailable);
    await vi.waitFor(() => expect(processesFor(http.url)).toEqual([]), 5_000);
  });

  test('nobody there, no such host, no such folder, not a repository', async () => {
    const repository = open();
    await http.close();
    expect(await failure(repository.refs())).toBeInstanceOf(Unavailable);
    expect(await failure(open({ url: 'https://no-such-host.invalid/shop.git' }).refs())).toBeInstanceOf(
      Unavailable,
    );
    expect(await refusal(open({ url: join(dataDir, 'none.git') }).refs())).toMatchObject({
      code: 'repository-unreachable',
    });
    expect(await refusal(open({ url: `file://${dataDir}` }).refs())).toMatchObject({
      code: 'repository-unreachable',
    });
    await http.listen();
  });

  test('a hook that refuses the tag only: the tag is named, and nothing is half done', async () => {
    const base = remote.push('main', 'feat: a');
    remote.hook('update', 'case "$1" in refs/tags/*) exit 1;; esac');
    expect(await refusal(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      code: 'tag-refused',
      facts: { tag: 'v1.1.0' },
    });
    expect(remote.tip('main')).toBe(base);
    expect(remote.git('tag', '--list')).toBe('');
  });

  test('a host that cannot push two refs at once still gets both or none', async () => {
    remote.git('config', 'receive.advertiseAtomic', 'false');
    const base = remote.push('main', 'feat: a');
    const release = await open().cutRelease(cut(base), 'p1');
    expect(remote.tip('main')).toBe(release.commit);
    expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(release.commit);

    const next = { ...cut(release.commit), tag: 'v1.2.0', version: '1.2.0' };
    remote.hook('update', 'test "$1" != refs/heads/main');
    expect(await refusal(open().cutRelease(next, 'p2'))).toMatchObject({ code: 'not-writable' });
    expect(remote.git('tag', '--list')).toBe('v1.1.0');
    expect(remote.tip('main')).toBe(release.commit);
  });

  test('a host that cannot push two refs at once, crashed in between: goes on where it stopped', async () => {
    remote.git('config', 'receive.advertiseAtomic', 'false');
    const base = remote.push('main', 'feat: a');
    // The tag is taken and nobody hears of it: the branch was never pushed.
    http.loseNextPush = true;
    const first = await failure(open().cutRelease(cut(base), 'p1'));
    const release = first ? await open().cutRelease(cut(base), 'p1') : null;
    expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(remote.tip('main'));
    if (release) expect(release.commit).toBe(remote.tip('main'));
    expect(remote.count(`${base}..main`)).toBe(1);
  });
});

describe('the local copy', () => {
  test('is used by many at once, also when it does not exist yet', async () => {
    const tip = remote.push('main', 'feat: a', { a: '1' });
    const repositories = [open(), open(), open({ url: remote.path })];
    const answers = await Promise.all(
      repositories.flatMap((repository) => [
        repository.refs(),
        repository.refs(),
        repository.read(tip, ['a']),
      ]),
    );
    expect(answers).toHaveLength(9);
    expect((answers[0] as { branches: object }).branches).toEqual({ main: tip });
  });

  test('is fetched again when it is damaged', async () => {
    remote.push('main', 'feat: a', { a: '1' });
    await open().refs();
    const [cache = ''] = readdirSync(join(dataDir, 'git')).filter((name) => name.endsWith('.git'));
    for (const broken of ['HEAD', 'objects', 'refs']) {
      rmSync(join(dataDir, 'git', cache, broken), { recursive: true, force: true });
      const tip = remote.push('main', `feat: after losing ${broken}`, { a: broken });
      const repository = open();
      expect((await repository.refs()).branches).toEqual({ main: tip });
      expect(new TextDecoder().decode((await repository.read(tip, ['a']))[0]?.bytes)).toBe(broken);
    }
  });

  test('is fetched again when a lock was left behind', { timeout: 60_000 }, async () => {
    remote.push('main', 'feat: a', { a: '1' });
    await open().refs();
    const [cache = ''] = readdirSync(join(dataDir, 'git')).filter((name) => name.endsWith('.git'));
    writeFileSync(join(dataDir, 'git', cache, 'refs', 'remote', 'heads', 'main.lock'), '');
    const tip = remote.push('main', 'feat: b');
    expect((await open().refs()).branches).toEqual({ main: tip });
  });

  test('does not care for settings, hooks and templates of the person who runs it', async () => {
    const home = join(dataDir, 'home');
    const hooks = join(dataDir, 'hooks');
    for (const folder of [home, hooks]) mkdirSync(folder);
    for (const hook of ['pre-push', 'pre-commit', 'commit-msg', 'reference-transaction']) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch '${join(dataDir, 'hook-ran')}'\nexit 1\n`);
      chmodSync(join(hooks, hook), 0o755);
    }
    writeFileSync(
      join(home, '.gitconfig'),
      `[core]\n\thooksPath = ${hooks}\n[commit]\n\tgpgSign = true\n[tag]\n\tgpgSign = true\n[url "https://evil.invalid/"]\n\tinsteadOf = http://127.0.0.1\n[init]\n\ttemplateDir = ${hooks}\n[user]\n\tname = Somebody\n[push]\n\tfollowTags = true\n`,
    );
    vi.stubEnv('HOME', home);
    vi.stubEnv('GIT_DIR', '/nowhere');
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'core.hooksPath');
    vi.stubEnv('GIT_CONFIG_VALUE_0', hooks);
    const base = remote.push('main', 'feat: a');
    const release = await open().cutRelease(cut(base), 'p1');
    expect(existsSync(join(dataDir, 'hook-ran'))).toBe(false);
    expect(remote.git('log', '-1', '--format=%an <%ae> %cn <%ce>', release.commit)).toBe(
      'Slipway <slipway@users.noreply.invalid> Slipway <slipway@users.noreply.invalid>',
    );
  });

  test('commits in the name that the config gives, and keeps the mode of files', async () => {
    const first = remote.push('main', 'feat: a', { VERSION: '1.0.0\n' });
    const blob = remote.git('rev-parse', `${first}:VERSION`);
    const tree = execFileSync('git', ['--git-dir', remote.path, 'mktree'], {
      input: `100755 blob ${blob}\tVERSION\n`,
      encoding: 'utf8',
    }).trim();
    const base = remote.git(
      '-c',
      'user.name=x',
      '-c',
      'user.email=y',
      'commit-tree',
      '-m',
      'chmod',
      '-p',
      first,
      tree,
    );
    remote.git('update-ref', 'refs/heads/main', base);
    const committer = { name: 'Release <Bot>\n', email: 'bot@shop.test' };
    const release = await open({ committer }).cutRelease(cut(base), 'p1');
    expect(remote.git('log', '-1', '--format=%an <%ae>', release.commit)).toBe('Release Bot <bot@shop.test>');
    expect(remote.git('cat-file', '-p', 'v1.1.0')).toMatch(
      /^tagger Release Bot <bot@shop\.test> \d+ \+0000$/m,
    );
    expect(remote.git('ls-tree', release.commit)).toMatch(/^100755 /);
    expect(remote.fsck()).toBe('');
  });

  test('follows links, and reads no other repositories as files', async () => {
    const first = remote.push('main', 'feat: a', { VERSION: '1.0.0\n' });
    const blob = remote.git('rev-parse', `${first}:VERSION`);
    const tree = execFileSync('git', ['--git-dir', remote.path, 'mktree', '--missing'], {
      input: `120000 blob ${blob}\tlink\n160000 commit ${first}\tmodule\n100644 blob ${blob}\tVERSION\n`,
      encoding: 'utf8',
    }).trim();
    const tip = remote.git(
      '-c',
      'user.name=x',
      '-c',
      'user.email=y',
      'commit-tree',
      '-m',
      'odd',
      '-p',
      first,
      tree,
    );
    remote.git('update-ref', 'refs/heads/main', tip);
    const repository = open();
    await repository.refs();
    expect((await repository.read(tip, ['module', 'VERSION'])).map((one) => one?.path)).toEqual([
      undefined,
      'VERSION',
    ]);
    await expect(repository.read(tip, ['link'])).rejects.toMatchObject({ code: 'link-not-followed' });
    expect(await repository.list(tip, [])).toEqual(['VERSION', 'link']);
  });

  test('knows tags of tags, and a commit that only a force push left behind', async () => {
    const first = remote.push('main', 'feat: a');
    remote.tag('v1.0.0', first);
    remote.git('tag', '-a', '-m', 'outer', 'outer', 'v1.0.0');
    const lost = remote.push('main', 'feat: lost');
    remote.git('update-ref', 'refs/heads/main', first);
    remote.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const repository = open();
    expect((await repository.refs()).tags).toEqual([
      { name: 'outer', commit: first, annotated: true },
      { name: 'v1.0.0', commit: first, annotated: true },
    ]);
    expect(await repository.changed(first, lost)).toEqual([]);
  });
});

function processesFor(url: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(url));
}
