import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../demo/project-root.ts';

const run = promisify(execFile);
const PATIENCE_MS = 500_000;
const modules = join(projectRoot, 'node_modules');
mkdirSync(join(modules, '.cache'), { recursive: true });
/** On the disk of the packages, so that they can be linked and need not be copied. */
const dir = mkdtempSync(join(modules, '.cache', 'reproducible-'));
const VERSION = '9.8.7';

interface Job {
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}

/** Scripts of a job of the release's workflow, by the names of their steps. */
function scriptsOf(job: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(projectRoot, '.github/workflows/release.yml'), 'utf8');
  const { jobs } = parse(text) as { jobs: Record<string, Job> };
  return new Map(jobs[job]?.steps.flatMap(({ name, run: script }) => (script ? [[name ?? '', script]] : [])));
}

/** What git knows of, and what was not committed yet, as a checkout that was tagged. */
async function checkout(folder: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectRoot,
    maxBuffer: 16 * 1024 * 1024,
  });
  mkdirSync(folder, { recursive: true });
  const needed = /^(bin|src|demo|scripts|schema|examples)\/|^[^/]+$/;
  for (const path of stdout.split('\0').filter((one) => needed.test(one)))
    cpSync(join(projectRoot, path), join(folder, path), { recursive: true });
  await run('npm', ['version', VERSION, '--no-git-tag-version', '--ignore-scripts'], { cwd: folder });
  const git = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
  await run('git', ['add', '--all'], { cwd: folder });
  await run('git', [...git, 'commit', '--quiet', '--message', 'release'], { cwd: folder });
  await run('git', [...git, 'tag', '--annotate', `v${VERSION}`, '--message', 'release'], { cwd: folder });
  mkdirSync(join(folder, 'node_modules'));
  const packages = readdirSync(modules).filter((name) => !/^\.(cache|vite|slipway-lock)/.test(name));
  await run('cp', ['-al', ...packages.map((name) => join(modules, name)), join(folder, 'node_modules')]);
  // What `npm ci` installed by is another lock file, as far as the version goes.
  cpSync(join(folder, 'package-lock.json'), join(folder, 'node_modules', '.slipway-lock'));
}

beforeAll(() => checkout(join(dir, 'work')), PATIENCE_MS);
afterAll(() => rmSync(dir, { recursive: true, force: true }), PATIENCE_MS);

const script = (job: string, name: string, cwd: string) =>
  run('bash', ['-e', '-c', scriptsOf(job).get(name) ?? 'exit 9'], {
    cwd,
    env: { ...process.env, VERSION },
    maxBuffer: 16 * 1024 * 1024,
  });

test(
  'the steps of the release give the same bytes from two checkouts, whenever and however they were made',
  async () => {
    const work = join(dir, 'work');
    await script('build', 'The tag is annotated, and the package has its version', work);
    await script('build', 'Build', work);
    // The second checkout is of another time, with other rights.
    const usual = process.umask(0o077);
    try {
      await script('build', 'Build once more, elsewhere, to the same bytes', work);
    } finally {
      process.umask(usual);
    }
    expect(readdirSync(join(work, 'out')).sort()).toEqual([
      'SHA256SUMS',
      `slipway-${VERSION}.cdx.json`,
      `slipway-${VERSION}.tgz`,
    ]);
    await script('publish', 'What was built is what was checked', work);

    cpSync(join(projectRoot, 'LICENSE'), join(dir, 'again', 'README.md'));
    const other = await run(process.execPath, ['scripts/release.mjs', 'other'], { cwd: join(dir, 'again') });
    expect(other.stdout).not.toBe(readFileSync(join(work, 'out', 'SHA256SUMS'), 'utf8'));
  },
  PATIENCE_MS,
);

test('a checkout of another version is not released', async () => {
  const name = 'The tag is annotated, and the package has its version';
  const other = run('bash', ['-e', '-c', scriptsOf('build').get(name) ?? ''], {
    cwd: join(dir, 'work'),
    env: { ...process.env, VERSION: '9.8.6' },
  });
  await expect(other).rejects.toThrow();
});
