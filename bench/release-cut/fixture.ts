import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A repository with its last release behind it: where it lives, and what the next release must look like. */
export interface Fixture {
  /** The bare remote, as every contestant finds it. */
  readonly remote: string;
  /** A clone with a work tree, for those who need one. */
  readonly clone: string;
  /** Slipway's data folder, with its copy of the remote fetched. */
  readonly data: string;
  /** The release files as they should be after the release, for the floor. */
  readonly next: string;
  /** File with the message of the tag, for the floor. */
  readonly notes: string;
  /** Puts everything back as it was. */
  restore(): void;
  state(): RemoteState;
  /** From now on the remote refuses tags: a push of branch and tag must then not move the branch. */
  refuseTags(): void;
}

export interface RemoteState {
  readonly main: string;
}

export const LAST_TAG = 'v1.0.0';
export const NEXT_TAG = 'v1.1.0';
export const NEXT_VERSION = '1.1.0';
export const ENTRIES = ['- Coupons can be combined', '- Gift cards', '- Totals are rounded once'];
export const OLD_SECTION = '## [1.0.0] - 2026-01-05\n\n### Added\n\n- The shop\n';

export const GIT_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Dev',
  GIT_AUTHOR_EMAIL: 'dev@shop.test',
  GIT_COMMITTER_NAME: 'Dev',
  GIT_COMMITTER_EMAIL: 'dev@shop.test',
  GIT_TERMINAL_PROMPT: '0',
};

const PACKAGE = (version: string) =>
  `{\n  "name": "shop",\n  "version": "${version}",\n  "private": true,\n  "type": "module"\n}\n`;
const LOCK = (version: string) =>
  `{\n  "name": "shop",\n  "version": "${version}",\n  "lockfileVersion": 3,\n  "requires": true,\n  "packages": {\n    "": {\n      "name": "shop",\n      "version": "${version}"\n    }\n  }\n}\n`;

function changelog(unreleased: string, links: string): string {
  return `# Changelog\n\nAll notable changes to this project.\n\n## [Unreleased]\n${unreleased}\n${OLD_SECTION}\n${links}`;
}

const BODY = `\n### Added\n\n${ENTRIES[0]}\n${ENTRIES[1]}\n\n### Fixed\n\n${ENTRIES[2]}\n`;
const LINK = (from: string, to: string) => `https://git.shop.test/shop/compare/${from}...${to}`;
const BEFORE = changelog(
  BODY,
  `[Unreleased]: ${LINK(LAST_TAG, 'HEAD')}\n[1.0.0]: https://git.shop.test/shop/tag/v1.0.0\n`,
);
const day = new Date().toISOString().slice(0, 10);
const AFTER = changelog(
  `\n## [${NEXT_VERSION}] - ${day}\n${BODY}`,
  `[Unreleased]: ${LINK(NEXT_TAG, 'HEAD')}\n[${NEXT_VERSION}]: ${LINK(LAST_TAG, NEXT_TAG)}\n[1.0.0]: https://git.shop.test/shop/tag/v1.0.0\n`,
);

const SUBJECTS = [
  'feat(cart): combine coupons',
  'fix(totals): round once',
  'chore: tidy the build',
  'docs: how to pay',
  'fix: sort by price',
  'refactor(api): one place for prices',
  'test: gift cards',
  'Update translations',
];

/** `commits` commits since the last tag, 50 before it, 60 source files. */
export function makeFixture(folder: string, commits: number): Fixture {
  const templates = join(folder, 'templates');
  const live = join(folder, 'live');
  const fixture = {
    remote: join(live, 'remote.git'),
    clone: join(live, 'clone'),
    data: join(live, 'data'),
    next: join(live, 'next'),
    notes: join(live, 'notes'),
  };
  mkdirSync(live, { recursive: true });
  git(live, 'init', '--quiet', '--bare', '--initial-branch=main', fixture.remote);
  execFileSync('git', ['--git-dir', fixture.remote, 'fast-import', '--quiet'], { input: history(commits) });
  git(live, '--git-dir', fixture.remote, 'gc', '--quiet');
  git(live, 'clone', '--quiet', fixture.remote, fixture.clone);
  mkdirSync(fixture.next);
  writeFileSync(join(fixture.next, 'package.json'), PACKAGE(NEXT_VERSION));
  writeFileSync(join(fixture.next, 'package-lock.json'), LOCK(NEXT_VERSION));
  writeFileSync(join(fixture.next, 'CHANGELOG.md'), AFTER);
  writeFileSync(fixture.notes, `Release ${NEXT_TAG}\n${BODY}`);
  return {
    ...fixture,
    restore: () => {
      if (!readdirSync(folder).includes('templates')) cpSync(live, templates, { recursive: true });
      rmSync(live, { recursive: true, force: true });
      cpSync(templates, live, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      git(fixture.clone, 'update-index', '--refresh', '--really-refresh', '-q');
      // Else the first to flush a file pays for all that was copied just now.
      execFileSync('sync');
    },
    state: () => ({ main: git(fixture.remote, 'rev-parse', 'main') }),
    refuseTags: () => {
      const hook = join(fixture.remote, 'hooks', 'update');
      writeFileSync(hook, '#!/bin/sh\ncase "$1" in refs/tags/*) exit 1 ;; esac\n', { mode: 0o755 });
    },
  };
}

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...GIT_ENVIRONMENT, GIT_CONFIG_GLOBAL: '/dev/null' },
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trimEnd();
}

function history(commits: number): string {
  const parts: string[] = [];
  let at = 1_760_000_000;
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commit = (message: string, files: readonly (readonly [string, string])[]) => {
    at += 600;
    const person = `Dev ${at % 7} <dev${at % 7}@shop.test> ${at} +0000`;
    parts.push(`commit refs/heads/main\nauthor ${person}\ncommitter ${person}\n${data(message)}`);
    for (const [path, text] of files) parts.push(`M 100644 inline ${path}\n${data(text)}`);
  };
  const sources = Array.from(
    { length: 60 },
    (_, index) => [`src/part${index % 6}/file${index}.js`, `export default ${index};\n`] as const,
  );
  const old = changelog('', '[1.0.0]: https://git.shop.test/shop/tag/v1.0.0\n');
  commit('chore: start', [
    ['package.json', PACKAGE('1.0.0')],
    ['package-lock.json', LOCK('1.0.0')],
    ['CHANGELOG.md', old],
    ...sources,
  ]);
  const work = (index: number) => {
    const subject = SUBJECTS[index % SUBJECTS.length] ?? '';
    const body =
      index % 3 === 0
        ? `\n\nThe reason, told in a few words, with\na second line of it.\n\nRefs: #${index}`
        : '';
    const path = sources[index % sources.length]?.[0] ?? '';
    commit(`${subject} ${index}${body}`, [
      [path, `export default ${index};\n// ${'x'.repeat(index % 80)}\n`],
    ]);
  };
  for (let index = 0; index < 50; index++) work(index);
  parts.push(
    `tag ${LAST_TAG}\nfrom refs/heads/main\ntagger Dev <dev@shop.test> ${at} +0000\n${data('Release v1.0.0\n')}`,
  );
  for (let index = 0; index < commits - 1; index++) work(index);
  commit('docs: what is new', [['CHANGELOG.md', BEFORE]]);
  return parts.join('');
}
