import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitHttp } from '../../../fakes/git-http.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

const TOKEN = 'ghp_S3cretToken1234567890';

let remote: GitRemote;
let host: GitHttp;
let dataDir: string;
let tip: Sha;

beforeEach(async () => {
  remote = new GitRemote();
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
    tip = remote.push('main', `feat: ${version}`, {
      VERSION: `${version}\n`,
      'src/a.txt': `needle ${version}\n`,
    });
  }
  remote.git('config', 'uploadpack.allowFilter', 'true');
  host = new GitHttp(remote.path, TOKEN);
  await host.listen();
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
});
afterEach(async () => {
  await host.close();
  remote.remove();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

function open(url: string): Repository {
  const token = url.startsWith('http') ? { token: { env: 'TOKEN' } } : {};
  const settings = GitRepositorySettings.parse({ use: 'git', url, ...token, timeout: '20s' });
  return openGitRepository(settings, adapterContext({ dataDir, env: { TOKEN } }));
}

const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => 'it went through',
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

/** Loses the object as a broken disk does; returns how to bring it back. */
function lose(object: string): void {
  const packs = join(remote.path, 'objects', 'pack');
  const aside = join(remote.folder, 'pack-aside');
  if (existsSync(packs) && readdirSync(packs).some((name) => name.endsWith('.pack'))) {
    renameSync(packs, aside);
    for (const name of readdirSync(aside).filter((one) => one.endsWith('.pack'))) {
      execFileSync('git', ['--git-dir', remote.path, 'unpack-objects', '-q'], {
        input: readFileSync(join(aside, name)),
      });
    }
  }
  rmSync(join(remote.path, 'objects', object.slice(0, 2), object.slice(2)), { force: true });
}

/** Makes the remote one that was cloned with a part of its history. */
function makeShallow(): void {
  const whole = join(remote.folder, 'whole.git');
  renameSync(remote.path, whole);
  execFileSync('git', ['clone', '--quiet', '--bare', '--depth', '2', `file://${whole}`, remote.path]);
  remote.git('config', 'uploadpack.allowFilter', 'true');
  remote.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
}

/** Processes of git that work on our copies. */
const running = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir);
    } catch {
      return false;
    }
  }).length;

describe('a shallow remote', () => {
  test.each([
    ['http', () => host.url],
    ['file', () => `file://${remote.path}`],
    ['a path', () => remote.path],
  ])('over %s is refused before anything is fetched', async (_name, url) => {
    makeShallow();
    const repository = open(url());
    expect(await refusalOf(repository.refs())).toBe('repository-shallow');
    expect(await refusalOf(repository.read(tip, ['VERSION']))).toBe('repository-shallow');
    expect(running()).toBe(0);
  });

  test('that was whole at first is stopped before it fills the machine', async () => {
    const repository = open(host.url);
    await repository.refs();
    remote.push('main', 'feat: next', { VERSION: '1.3.0\n' });
    const next = remote.push('main', 'feat: after next', { VERSION: '1.4.0\n' });
    const last = remote.push('main', 'feat: last', { VERSION: '1.5.0\n' });
    makeShallow();
    expect(next).not.toBe(last);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, running());
    }, 20);
    const code = await refusalOf(repository.refs());
    clearInterval(watch);
    // Newer versions of git do not start the fetches at all and say that the remote is not whole in their own words.
    expect(code).not.toBe('it went through');
    expect(most).toBeLessThan(150);
    for (let waited = 0; running() > 0 && waited < 4_000; waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(running()).toBe(0);
  });
});

describe('a remote that lost objects', () => {
  test.each([
    ['a commit', () => remote.git('rev-parse', 'main~1')],
    ['a folder', () => remote.git('rev-parse', 'main^{tree}')],
  ])('%s: is said to be damaged, and not waited for', async (_name, object) => {
    lose(object());
    expect(await refusalOf(open(host.url).refs())).toBe('repository-damaged');
    expect(running()).toBe(0);
  });

  test('a file: is said when the file is read', async () => {
    const repository = open(host.url);
    await repository.refs();
    lose(remote.git('rev-parse', 'main:VERSION'));
    expect(await refusalOf(repository.read(tip, ['VERSION']))).toBe('repository-damaged');
    expect((await repository.read(tip, ['src/a.txt']))[0]?.bytes.toString()).toBe('needle 1.2.0\n');
  });
});

describe('a remote that speaks only the first version of the protocol', () => {
  test('leaves out file contents, but does not give single ones: all are fetched once', async () => {
    host.isOld = true;
    const repository = open(host.url);
    await repository.refs();
    const read = async (commit: Sha) => (await repository.read(commit, ['VERSION']))[0]?.bytes.toString();
    expect(await read(tip)).toBe('1.2.0\n');
    const before = host.requests.length;
    expect(await read(remote.git('rev-parse', 'main~2'))).toBe('1.0.0\n');
    expect(await repository.containing(tip, 'needle 1.2')).toEqual(['src/a.txt']);
    expect(host.requests.length).toBe(before);
    tip = remote.push('main', 'feat: more', { VERSION: '1.3.0\n' });
    await repository.refs();
    expect(await read(tip)).toBe('1.3.0\n');
  });
});

describe('a page instead of git', () => {
  test.each([
    ['text/html; charset=utf-8', '<html><body>Sign in</body></html>'],
    ['text/html', ''],
    ['text/plain', 'Sign in first'],
    ['text/plain', `${'a'.repeat(40)}\trefs/heads/main\n`],
    ['application/json', '{"message": "Sign in"}'],
  ])('of type %s is said to be one', async (type, body) => {
    host.page = { type, body };
    const failure = await open(host.url)
      .refs()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'repository-no-git', facts: { type: type.split(';')[0] } });
  });
});

describe('a repository with SHA-256 ids', () => {
  test('is read, and released to', async () => {
    rmSync(remote.path, { recursive: true });
    remote.git('init', '--quiet', '--bare', '--object-format=sha256', '--initial-branch=main', remote.path);
    const base = remote.push('main', 'feat: begin', { VERSION: '1.0.0\n' });
    remote.tag('v1.0.0', base);
    const head = remote.push('main', 'feat: more', { 'src/a.txt': 'more\n' });
    expect(head).toHaveLength(64);
    const repository = open(host.url);
    const refs = await repository.refs();
    expect(refs.branches['main']).toBe(head);
    expect((await repository.read(head, ['VERSION']))[0]?.bytes.toString()).toBe('1.0.0\n');
    const subjects: string[] = [];
    for await (const commit of repository.commits(base, head)) subjects.push(commit.message);
    expect(subjects.map((one) => one.trim())).toEqual(['feat: more']);
    const release = await repository.cutRelease(
      {
        base: head,
        branch: 'main',
        tag: 'v1.1.0',
        version: '1.1.0',
        message: 'chore(release): 1.1.0',
        tagMessage: 'v1.1.0',
        files: [{ path: 'VERSION', text: '1.1.0\n' }],
      },
      'p1',
    );
    expect(remote.tip('main')).toBe(release.commit);
    expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(release.commit);
    expect(remote.fsck()).toBe('');
  });
});
