import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bump } from '../../src/domain/release/version.ts';

const PACKAGES = [
  'release-please@17',
  'conventional-commits-parser@6',
  'conventional-commits-filter@5',
  'conventional-changelog-conventionalcommits@9',
  'conventional-changelog-angular@8',
];

/** A commit as all of them get it. */
export interface Told {
  readonly sha: string;
  readonly message: string;
}

export interface Peer {
  readonly name: string;
  /** The step between two releases; null: none. Newest commit first. */
  decide(commits: readonly Told[]): Bump | null;
}

interface Preset {
  readonly parser: object;
  whatBump(commits: readonly object[]): { readonly level?: number } | null | undefined;
}

/** Installs them into a folder, once; install scripts are not run. */
export async function openPeers(folder: string): Promise<readonly Peer[]> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    writeFileSync(join(folder, 'package.json'), '{ "name": "peers", "private": true }\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...flags, ...PACKAGES], { cwd: folder, stdio: ['ignore', 2, 2] });
  }
  const require = createRequire(join(folder, 'package.json'));
  // They are modules only, which `require.resolve` does not find.
  const load = (name: string, file: string) =>
    import(pathToFileURL(join(folder, 'node_modules', name, file)).href);
  const { CommitParser } = await load('conventional-commits-parser', 'dist/index.js');
  const { filterRevertedCommitsSync } = await load('conventional-commits-filter', 'dist/index.js');
  const presets = ['conventionalcommits', 'angular'].map(async (name): Promise<Peer> => {
    const preset = (await (await load(`conventional-changelog-${name}`, 'src/index.js')).default()) as Preset;
    const parser = new CommitParser(preset.parser);
    return {
      name: `conventional-changelog, ${name}`,
      decide: (commits) => {
        const parsed = commits.map(({ sha, message }) => ({ ...parser.parse(message), hash: sha }));
        const level = preset.whatBump([...filterRevertedCommitsSync(parsed)])?.level;
        return level === undefined ? null : ((['major', 'minor', 'patch'] as const)[level] ?? null);
      },
    };
  });
  return [releasePlease(require), ...(await Promise.all(presets))];
}

function releasePlease(load: NodeJS.Require): Peer {
  const { parseConventionalCommits } = load('release-please/build/src/commit.js');
  const { DefaultVersioningStrategy } = load('release-please/build/src/versioning-strategies/default.js');
  const { Version } = load('release-please/build/src/version.js');
  const strategy = new DefaultVersioningStrategy();
  const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };
  /** Types that its changelog shows by itself: without one of them it proposes no release. */
  const SHOWN = new Set(['feat', 'feature', 'fix', 'perf', 'deps', 'revert']);
  return {
    name: 'release-please',
    decide: (commits) => {
      const parsed = parseConventionalCommits(commits, quiet) as { type: string; breaking: boolean }[];
      if (!parsed.some(({ type, breaking }) => breaking || SHOWN.has(type))) return null;
      const next = strategy.bump(Version.parse('1.2.3'), parsed).toString();
      return next === '2.0.0' ? 'major' : next === '1.3.0' ? 'minor' : 'patch';
    },
  };
}
