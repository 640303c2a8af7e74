import type { Commit } from '../../release/release.ts';
import { given } from '../../text/given.ts';
import type { Promotion, PromotionState } from '../promotion.ts';
import type { ChangedCommit, ReleaseEnd, Risk, RiskKind, TouchedFiles } from '../risk-facts.ts';
import { median } from './usual-durations.ts';

const MOST_PATHS = 20;
const MOST_RELEASES = 5;
const MOST_AUTHORS = 20;
const MOST_COMMITS = 30;
const LONGEST_SUBJECT = 200;
/** Of a path, in characters: a longer one is looked at by its end. */
const LONGEST = 400;

/** A file is of the first kind that it fits; none of the patterns can look back. */
const KINDS: readonly (readonly [RiskKind, RegExp])[] = [
  [
    'migrations',
    /(?:^|\/)(?:migrations?|migrate|alembic|flyway|liquibase)\/|\.sql$|(?:^|\/)schema\.(?:rb|prisma)$/,
  ],
  [
    'infrastructure',
    /(?:^|\/)(?:Dockerfile[^/]*|docker-compose[^/]*\.ya?ml|Procfile|Jenkinsfile)$|\.tf$|\.tfvars$|(?:^|\/)(?:k8s|kubernetes|helm|charts|terraform|ansible|deploy)\/|^\.github\/workflows\/|(?:^|\/)\.gitlab-ci\.ya?ml$|(?:^|\/)(?:vercel|netlify)\.(?:json|toml)$/,
  ],
  [
    'dependencies',
    /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|requirements[^/]*\.txt|pyproject\.toml|poetry\.lock|uv\.lock|Pipfile(?:\.lock)?|Cargo\.(?:toml|lock)|go\.(?:mod|sum)|Gemfile(?:\.lock)?|composer\.(?:json|lock)|pom\.xml|build\.gradle(?:\.kts)?|mix\.(?:exs|lock))$/,
  ],
  [
    'configuration',
    /(?:^|\/)(?:config|conf|settings)\/|(?:^|\/)\.env[^/]*$|(?:^|\/)(?:config|settings|application)[^/]*\.(?:ya?ml|json|toml|ini|properties|js|ts|py)$/,
  ],
];

/** What the changed files are, the most telling first. Paths are outside text. */
export function touchedFiles(paths: readonly string[]): readonly TouchedFiles[] {
  const found = new Map<RiskKind, string[]>();
  for (const path of paths) {
    const end = path.slice(-LONGEST);
    const kind = KINDS.find(([, pattern]) => pattern.test(end))?.[0];
    if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), path]);
  }
  return KINDS.flatMap(([kind]) => {
    const all = found.get(kind);
    return all === undefined ? [] : [{ kind, total: all.length, paths: all.slice(0, MOST_PATHS) }];
  });
}

/** Everybody who wrote one of these commits, the most commits first. */
export function authorsOf(names: readonly string[]): readonly string[] {
  const commits = new Map<string, number>();
  for (const name of names) commits.set(name, (commits.get(name) ?? 0) + 1);
  return [...commits]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_AUTHORS)
    .map(([name]) => name);
}

/** What is shown of the commits of a release. Outside text, cut. */
export function changedCommits(commits: readonly Commit[]): readonly ChangedCommit[] {
  return commits.slice(0, MOST_COMMITS).map(({ sha, message, authorName }) => ({
    sha,
    subject: (message.split('\n', 1)[0] ?? '').slice(0, LONGEST_SUBJECT),
    author: authorName.slice(0, LONGEST_SUBJECT),
  }));
}

/** How the last releases of a service ended; `promotions` newest first. */
export function lastReleases(promotions: readonly Pick<Promotion, 'state' | 'data'>[]): Risk['last'] {
  return promotions
    .flatMap(({ state, data }) => {
      const end = endOf(state, data.accepted !== undefined);
      return end === null || data.release === undefined ? [] : [{ version: data.release.version, end }];
    })
    .slice(0, MOST_RELEASES);
}

function endOf(state: PromotionState, accepted: boolean): ReleaseEnd | null {
  if (state === 'shipped') return accepted ? 'accepted' : 'shipped';
  return state === 'rolled-back' || state === 'failed' ? state : null;
}

/** The size of the last releases; `promotions` newest first. */
export function usualSize(promotions: readonly Pick<Promotion, 'state' | 'data'>[]): Pick<Risk, 'usual'> {
  const released = promotions.filter(({ state, data }) => endOf(state, false) !== null && data.release);
  const commits = median(released.map(({ data }) => data.plan?.commits.total));
  const files = median(released.map(({ data }) => data.risk?.files));
  return commits === undefined && files === undefined ? {} : { usual: given({ commits, files }) };
}

/** So many times the usual size is worth a word. */
const LARGE = 2;

/** Much larger than the last releases. */
export function isLarge({ files, usual }: Risk, commits: number): boolean {
  const over = (now: number | undefined, then: number | undefined) =>
    now !== undefined && then !== undefined && now >= LARGE * Math.max(1, then) && now > 5;
  return over(files, usual?.files) || over(commits, usual?.commits);
}
