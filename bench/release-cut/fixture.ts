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
  /** How many there are. */
  readonly tags: number;
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

/** How much there is of everything. */
export interface Size {
  readonly name: string;
  /** Commits since the last tag. */
  readonly commits: number;
  /** Releases before the last one, each with a tag and about 250 bytes of the changelog. */
  readonly releases: number;
}

const SIZES: readonly Size[] = [
  { name: '100 commits', commits: 100, releases: 0 },
  { name: '1,000 commits', commits: 1_000, releases: 0 },
  { name: '10,000 commits', commits: 10_000, releases: 0 },
  { name: '10,000 commits, 20,000 tags, a changelog of 5 MB', commits: 10_000, releases: 20_000 },
];

/** Of those names, separated by commas; `100,large`. */
export function sizesOf(names: string): readonly Size[] {
  return names.split(',').map((name) => {
    const size = name === 'large' ? SIZES.at(-1) : SIZES.find(({ commits }) => commits === Number(name));
    if (size === undefined) throw new Error(`There is no size ${name}: 100, 1000, 10000 or large.`);
    return size;
  });
}

/** The versions before the last one, newest first. */
const olderVersions = (releases: number) =>
  Array.from({ length: releases }, (_, index) => releases - 1 - index).map(
    (number) => `0.${Math.floor(number / 100)}.${number % 100}`,
  );

function olderSections(releases: number): string {
  const text = (version: string) =>
    `\n## [${version}] - 2025-03-14\n\n### Fixed\n\n- Prices of ${version} are shown with the currency of the shop\n- Orders that were paid twice are found by the nightly run and paid back (#${version.length})\n\n### Changed\n\n- The list of orders loads a page at a time\n`;
  return olderVersions(releases).map(text).join('');
}

function changelog(unreleased: string, links: string, releases: number): string {
  return `# Changelog\n\nAll notable changes to this project.\n\n## [Unreleased]\n${unreleased}\n${OLD_SECTION}${olderSections(releases)}\n${links}`;
}

const BODY = `\n### Added\n\n${ENTRIES[0]}\n${ENTRIES[1]}\n\n### Fixed\n\n${ENTRIES[2]}\n`;
const LINK = (from: string, to: string) => `https://git.shop.test/shop/compare/${from}...${to}`;
const before = (releases: number) =>
  changelog(
    BODY,
    `[Unreleased]: ${LINK(LAST_TAG, 'HEAD')}\n[1.0.0]: https://git.shop.test/shop/tag/v1.0.0\n`,
    releases,
  );
const day = new Date().toISOString().slice(0, 10);
const after = (releases: number) =>
  changelog(
    `\n## [${NEXT_VERSION}] - ${day}\n${BODY}`,
    `[Unreleased]: ${LINK(NEXT_TAG, 'HEAD')}\n[${NEXT_VERSION}]: ${LINK(LAST_TAG, NEXT_TAG)}\n[1.0.0]: https://git.shop.test/shop/tag/v1.0.0\n`,
    releases,
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

/** That many commits since the last tag, 50 before it, 60 source files. */
export function makeFixture(folder: string, size: Size): Fixture {
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
  execFileSync('git', ['--git-dir', fixture.remote, 'fast-import', '--quiet'], { input: history(size) });
  git(live, '--git-dir', fixture.remote, 'gc', '--quiet');
  git(live, 'clone', '--quiet', fixture.remote, fixture.clone);
  mkdirSync(fixture.next);
  writeFileSync(join(fixture.next, 'package.json'), PACKAGE(NEXT_VERSION));
  writeFileSync(join(fixture.next, 'package-lock.json'), LOCK(NEXT_VERSION));
  writeFileSync(join(fixture.next, 'CHANGELOG.md'), after(size.releases));
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
    state: () => ({
      main: git(fixture.remote, 'rev-parse', 'main'),
      tags: git(fixture.remote, 'tag', '--list').split('\n').length,
    }),
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

function history({ commits, releases }: Size): string {
  const parts: string[] = [];
  let at = 1_760_000_000;
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commit = (message: string, files: readonly (readonly [string, string])[]) => {
    at += 600;
    const person = `Dev ${at % 7} <dev${at % 7}@shop.test> ${at} +0000`;
    parts.push(`commit refs/heads/main\nauthor ${person}\ncommitter ${person}\n${data(message)}`);
    for (const [path, text] of files) parts.push(`M 100644 inline ${path}\n${data(text)}`);
  };
  const tag = (name: string) =>
    parts.push(
      `tag ${name}\nfrom refs/heads/main\ntagger Dev <dev@shop.test> ${at} +0000\n${data(`Release ${name}\n`)}`,
    );
  const sources = Array.from(
    { length: 60 },
    (_, index) => [`src/part${index % 6}/file${index}.js`, `export default ${index};\n`] as const,
  );
  const old = changelog('', '[1.0.0]: https://git.shop.test/shop/tag/v1.0.0\n', releases);
  commit('chore: start', [
    ['package.json', PACKAGE('1.0.0')],
    ['package-lock.json', LOCK('1.0.0')],
    ['CHANGELOG.md', old],
    ...sources,
  ]);
  for (const version of olderVersions(releases)) tag(`v${version}`);
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
  tag(LAST_TAG);
  for (let index = 0; index < commits - 1; index++) work(index);
  commit('docs: what is new', [['CHANGELOG.md', before(releases)]]);
  return parts.join('');
}
