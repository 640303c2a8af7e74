import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fixture, git, LAST_TAG, NEXT_TAG } from './fixture.ts';
import type { Peers } from './peers.ts';

export interface Contestant {
  readonly name: string;
  /** Not measured: settings, and whatever the tool wants to find. */
  prepare(fixture: Fixture): void;
  command(fixture: Fixture): readonly string[];
  readonly environment?: (fixture: Fixture) => Readonly<Record<string, string>>;
}

/** The same as the floor without a look at whether the remote moved, and from a shell that does nothing else. */
const SHELL = `
set -e
last=$(git describe --tags --abbrev=0 --match 'v*')
git log --format='%H %s%n%b' "$last"..HEAD > /dev/null
cp "$NEXT"/* .
git commit --quiet --all --message 'chore(release): ${NEXT_TAG}'
git tag --annotate --file "$NOTES" ${NEXT_TAG}
git push --quiet --atomic origin main ${NEXT_TAG}
`;

const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const nothing = () => undefined;

function commitSettings(fixture: Fixture, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(fixture.clone, name), `${JSON.stringify(content, null, 2)}\n`);
  }
  // Settings are part of the repository before the release, not of the release.
  git(fixture.clone, 'add', '--all');
  git(fixture.clone, 'commit', '--quiet', '--message', 'chore: settings of the release tool');
  git(fixture.clone, 'push', '--quiet', 'origin', 'main');
}

export function contestants(peers: Peers): readonly Contestant[] {
  return [
    ...floors(peers),
    ...slipway(peers),
    releaseIt(peers),
    semanticRelease(peers),
    commitAndTagVersion(peers),
    changelogen(peers),
  ];
}

function floors(peers: Peers): readonly Contestant[] {
  return [
    {
      name: 'floor: bare git commands',
      prepare: nothing,
      command: ({ next, notes }) => [peers.node, program('floor'), next, notes, NEXT_TAG],
    },
    {
      name: 'floor from a shell, without a fetch',
      prepare: nothing,
      command: () => ['sh', '-c', SHELL],
      environment: ({ next, notes }) => ({ NEXT: next, NOTES: notes }),
    },
  ];
}

function slipway(peers: Peers): readonly Contestant[] {
  return [
    {
      name: 'Slipway',
      prepare: nothing,
      command: ({ remote, data }) => [peers.node, program('slipway'), remote, data, 'planned'],
    },
    {
      name: 'Slipway, started for it',
      prepare: nothing,
      command: ({ remote, data }) => [peers.node, program('slipway'), remote, data],
    },
    {
      name: 'Slipway, first time (no copy yet)',
      prepare: ({ data }) => rmSync(data, { recursive: true }),
      command: ({ remote, data }) => [peers.node, program('slipway'), remote, data],
    },
  ];
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the peers fill them in
function releaseIt(peers: Peers): Contestant {
  return {
    name: `release-it ${peers.version('release-it')}`,
    prepare: (fixture) =>
      commitSettings(fixture, {
        '.release-it.json': {
          git: {
            commitMessage: 'chore(release): v${version}',
            tagName: 'v${version}',
            tagAnnotation: 'Release v${version}\n\n${changelog}',
          },
          npm: { publish: false },
          plugins: {
            '@release-it/conventional-changelog': {
              preset: { name: 'conventionalcommits' },
              infile: false,
            },
            '@release-it/keep-a-changelog': {
              filename: 'CHANGELOG.md',
              addUnreleased: true,
              addVersionUrl: true,
            },
          },
        },
      }),
    command: () => [peers.node, peers.bin('release-it'), '--ci'],
  };
}

function semanticRelease(peers: Peers): Contestant {
  return {
    name: `semantic-release ${peers.version('semantic-release')}`,
    prepare: (fixture) =>
      commitSettings(fixture, {
        '.releaserc.json': {
          branches: ['main'],
          repositoryUrl: `file://${fixture.remote}`,
          plugins: [
            '@semantic-release/commit-analyzer',
            '@semantic-release/release-notes-generator',
            '@semantic-release/changelog',
            ['@semantic-release/npm', { npmPublish: false }],
            ['@semantic-release/git', { message: 'chore(release): ${nextRelease.version}' }],
          ],
        },
      }),
    command: () => [peers.node, peers.bin('semantic-release'), '--no-ci'],
  };
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the peers fill them in

function commitAndTagVersion(peers: Peers): Contestant {
  return {
    name: `commit-and-tag-version ${peers.version('commit-and-tag-version')}`,
    prepare: nothing,
    // It leaves the push to people, with the command that it prints.
    command: () => [
      'sh',
      '-c',
      `'${peers.node}' '${peers.bin('commit-and-tag-version')}' --silent && git push --quiet --follow-tags origin main`,
    ],
  };
}

function changelogen(peers: Peers): Contestant {
  return {
    name: `changelogen ${peers.version('changelogen')}`,
    prepare: nothing,
    command: () => [
      peers.node,
      peers.bin('changelogen'),
      '--release',
      '--push',
      '--noAuthors',
      '--from',
      LAST_TAG,
    ],
  };
}
