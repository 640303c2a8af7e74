import { basename, resolve } from 'node:path';
import { protocolOf } from '../../adapters/repositories/git/remote.ts';
import { VersionSettings } from '../../config/settings/release.ts';
import { CONVENTIONAL_FILES } from '../../domain/release/version-files/conventional.ts';
import { STATE_FILE_NAMES } from '../../domain/state-file/reading.ts';
import { healthIn } from './address.ts';
import { deployIn } from './deploys.ts';
import { gitFacts, textsOf } from './git.ts';
import { repositoryOf, serviceNameIn } from './repository.ts';

/** What the five questions are about. */
export const INIT_SUBJECTS = ['service', 'repository', 'channel', 'deploy', 'health'] as const;
export type InitSubject = (typeof INIT_SUBJECTS)[number];

/** What a repository says of itself. */
export interface Found {
  /** Absolute. */
  readonly folder: string;
  /** Likely answers to the questions. */
  readonly answers: Readonly<Partial<Record<InitSubject, string>>>;
  readonly branch: string;
  /** How tags are named, where that is not `v1.2.3`. */
  readonly tag: string | null;
  /** The same where no setting can say it, so that releases would have tags of their own. */
  readonly otherTag: string | null;
  readonly tags: number;
  readonly versionFiles: readonly string[];
  /** Null when there is none. */
  readonly changelog: string | null;
  /** Folders that hold feature folders with a state file. */
  readonly stateFolders: readonly string[];
}

const VERSION_FILES = ['package.json', 'pyproject.toml', 'Cargo.toml', 'VERSION', ...CONVENTIONAL_FILES];
const CHANGELOG = /^(?:docs\/)?(?:changelog|changes|history|news)(?:\.md|\.markdown)$/i;

/** Reads what a repository says; a folder that is none says nothing. */
export async function lookAt(given: string): Promise<Found> {
  const folder = resolve(given);
  const texts = textsOf(folder);
  const git = await gitFacts(folder);
  const origin = git.remotes.get('origin') ?? [...git.remotes.values()][0];
  const remote = origin !== undefined && protocolOf(origin) === 'path' ? resolve(folder, origin) : origin;
  const repository = remote === undefined ? null : repositoryOf(remote);
  const [deploy, health, pack] = await Promise.all([
    deployIn(git, repository?.host, texts),
    healthIn(git, texts),
    texts('package.json'),
  ]);
  const [, packageName = ''] = /"name"\s*:\s*"([^"]{1,200})"/.exec(pack) ?? [];
  const names = [remote ?? '', packageName, basename(folder)].map(serviceNameIn);
  const service = names.find((name) => name !== null);
  const form = tagFormOf(git.tags);
  const isForm = form === null || VersionSettings.safeParse({ tag: form }).success;
  const changelogs = git.files.filter((path) => CHANGELOG.test(path));
  return {
    folder,
    answers: {
      ...(service ? { service } : {}),
      ...(remote !== undefined && repository !== null ? { repository: remote } : {}),
      channel: '#ship',
      ...(deploy === null ? {} : { deploy }),
      ...(health === null ? {} : { health }),
    },
    branch: git.branch,
    tag: isForm ? form : null,
    otherTag: isForm ? null : form,
    tags: git.tags.length,
    versionFiles: VERSION_FILES.filter((path) => git.files.includes(path)),
    changelog: changelogs.includes('CHANGELOG.md') ? 'CHANGELOG.md' : (changelogs[0] ?? null),
    stateFolders: stateFoldersIn(git.files),
  };
}

/** The form that most of the newest tags with a version in them have; null for `v1.2.3` and where there are none. */
function tagFormOf(tags: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const tag of tags.slice(0, 50)) {
    const [, prefix] = /^(.*?)\d+\.\d+(?:\.\d+)?$/.exec(tag) ?? [];
    // What has a number of its own before the version, such as 1.2.3.4 or v1.2.3-rc1.2, is in another scheme.
    if (prefix !== undefined && !/\d\./.test(prefix)) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most === undefined || most[0] === 'v' ? null : `${most[0]}{version}`;
}

function stateFoldersIn(files: readonly string[]): readonly string[] {
  const folders = files.flatMap((path) => {
    const parts = path.split('/');
    const isState = (STATE_FILE_NAMES as readonly string[]).includes(parts.at(-1) ?? '');
    return isState && parts.length > 2 && !path.startsWith('.') ? [parts.slice(0, -2).join('/')] : [];
  });
  return [...new Set(folders)].slice(0, 10);
}
