import type { Build, Release, Sha } from '../release/release.ts';
import { type Stages, stagesInWords } from '../release/stages.ts';
import type { VersionDecision } from '../release/version.ts';
import { few } from '../text/few.ts';
import { hashOf } from '../text/json.ts';
import { authorInWords, type PlannedAuthor, plannedAuthors } from './authors.ts';

/** The commit proposed for production and where it comes from. */
interface Candidate {
  readonly commit: Sha;
  readonly branch: string;
  readonly feature?: { readonly slug: string; readonly dir: string };
  readonly stateFile?: { readonly path: string; readonly blob: Sha };
  /** The commit that was validated on staging, and which field said so. */
  readonly validated?: { readonly commit: Sha; readonly source: string };
  /** What production would run, where the target promotes it. */
  readonly build?: Build;
  readonly staging?: { readonly url?: string; readonly deploymentId?: string; readonly deployedAt?: string };
}

/** What would happen. People approve its digest. */
export interface Plan {
  readonly service: string;
  readonly candidate: Candidate;
  readonly version: VersionDecision;
  /** `cut` makes commit and tag; `existing` deploys a tag that never went live. */
  readonly release: { readonly kind: 'cut' } | { readonly kind: 'existing'; readonly release: Release };
  /** Markdown: the section that goes into CHANGELOG.md and the tag message. */
  readonly changelog: string;
  /** Paths that the release commit changes. */
  readonly files: readonly string[];
  /** How many commits since the last release, and the first 30 subjects for the card (raw). */
  readonly commits: { readonly total: number; readonly subjects: readonly { sha: Sha; subject: string }[] };
  /** Who is behind these commits; only where policy excludes authors. */
  readonly authors?: readonly PlannedAuthor[];
  readonly target: { readonly kind: string; readonly name: string; readonly url?: string };
  /** How it gets the requests of production; absent: all at once. */
  readonly stages?: Stages;
  /** Where a rollback returns to; null only when nothing is live yet. */
  readonly rollbackTo: Release | null;
  /** Releases between what is live and this one, oldest first; absent when there is none. */
  readonly alsoShips?: readonly { readonly version: string; readonly rolledBack: boolean }[];
  /** `pipeline`: one of the approvals is there because a pipeline asked; see `policyFor`. */
  readonly policy: { readonly approvals: number; readonly hash: string; readonly pipeline?: true };
}

/** sha256 over the canonical JSON of the plan, hex. Any change of what would be shipped changes it. */
export function digestOf(plan: Plan): string {
  return hashOf(plan);
}

/** The version that this release takes the place of in production; null for the first one. */
export function liveVersion({ alsoShips, rollbackTo, version }: Plan): string | null {
  return alsoShips?.length && rollbackTo ? rollbackTo.version : version.current;
}

/** What production gets besides this release: `1.3.0 (rolled back before)`, `1.3.1`. */
export function alsoShips(plan: Plan): readonly string[] {
  return (plan.alsoShips ?? []).map(
    ({ version, rolledBack }) => `${version}${rolledBack ? ' (rolled back before)' : ''}`,
  );
}

/** The same as sentences for those who approve; null when production has all releases before this one. Raw text. */
export function alsoShipsInWords(plan: Plan): string | null {
  const { alsoShips = [], rollbackTo } = plan;
  if (alsoShips.length === 0 || rollbackTo === null) return null;
  const named = (wanted: boolean) =>
    few(
      alsoShips.filter(({ rolledBack }) => rolledBack === wanted).map(({ version }) => version),
      5,
      ', ',
      ',',
    );
  const parts = [
    ['again what was rolled back', named(true)],
    ['what was released since and is not live', named(false)],
  ].flatMap(([what, versions]) => (versions === '' ? [] : [`${what}: ${versions}`]));
  return `Production runs ${rollbackTo.version}. This also ships ${parts.join('; and ')}.`;
}

function authorsInWords({ authors }: Plan): string | undefined {
  return authors && plannedAuthors(authors).map(authorInWords).join(', ');
}

/** What differs between two plans, in plain words, for people whose approvals became void. Outside text is raw. */
export function changesBetween(was: Plan, now: Plan): readonly string[] {
  const changes: string[] = [];
  const compare = (what: string, before: string | undefined, after: string | undefined) => {
    if (before !== after) changes.push(`${what}: ${before ?? 'none'} → ${after ?? 'none'}`);
  };
  const short = (sha: string | undefined) => sha?.slice(0, 7);
  compare('candidate', short(was.candidate.commit), short(now.candidate.commit));
  compare('feature', was.candidate.feature?.slug, now.candidate.feature?.slug);
  compare('state file', short(was.candidate.stateFile?.blob), short(now.candidate.stateFile?.blob));
  compare('validated commit', short(was.candidate.validated?.commit), short(now.candidate.validated?.commit));
  compare('staging deployment', was.candidate.staging?.deploymentId, now.candidate.staging?.deploymentId);
  compare('version', was.version.next, now.version.next);
  compare('commits', String(was.commits.total), String(now.commits.total));
  if (was.changelog !== now.changelog) changes.push('changelog: the text changed');
  compare('files', was.files.join(', '), now.files.join(', '));
  compare('authors', authorsInWords(was), authorsInWords(now));
  compare('target', `${was.target.kind} ${was.target.name}`, `${now.target.kind} ${now.target.name}`);
  compare('stages', was.stages && stagesInWords(was.stages), now.stages && stagesInWords(now.stages));
  compare('rollback target', was.rollbackTo?.version, now.rollbackTo?.version);
  compare('also ships', alsoShips(was).join(', ') || undefined, alsoShips(now).join(', ') || undefined);
  compare('policy', was.policy.hash.slice(0, 7), now.policy.hash.slice(0, 7));
  return changes.length > 0 ? changes : ['details of the plan changed'];
}
