import type { Stages } from '../release/stages.ts';
import type { Bump } from '../release/version.ts';
import type { VersionFile } from '../release/version-files/version-files.ts';
import type { ReportRules } from '../reports/report.ts';
import type { FreezeRule } from './freeze.ts';
import type { Visibility } from './visibility.ts';

/** Who may do a thing; full members of the workspace only. Nobody named and nothing said: nobody. */
export interface Who {
  /** Slack user ids (U…). */
  readonly users: readonly string[];
  /** Slack user group ids (S…) or handles, resolved when the click arrives. */
  readonly groups: readonly string[];
  /** Besides those who are named: everyone of the service's channel, or of the workspace. */
  readonly everyone?: 'channel' | 'workspace';
}

/** So many different people of these, besides the number of approvals in all. */
export interface Requirement {
  /** In words for people: "release managers". */
  readonly name: string;
  /** Never empty. */
  readonly who: Who;
  readonly count: number;
}

export interface Policy {
  readonly start: Who;
  readonly approve: Who;
  readonly rollback: Who;
  /** Going on with a production that is unhealthy, alarming or not proven. */
  readonly accept: Who;
  /** Breaking the glass. */
  readonly override: Who;
  readonly lock: Who;
  /** Approvals by different people that a promotion needs; 0 ships without asking. */
  readonly approvals: number;
  /** Whose approval is needed among them: "one of the release managers and one of the owners". */
  readonly requirements: readonly Requirement[];
  /** Whether the authors of the promoted commits are kept from approving them. */
  readonly excludeAuthors: boolean;
  /** Slack user id, or `outside`, by account of the host or e-mail address, lower case; only where authors are excluded. */
  readonly people?: Readonly<Record<string, string>>;
  /** Whether the person who asked may approve. */
  readonly selfApproval: boolean;
  /** How long people have to approve, in ms; then the promotion expires. */
  readonly approvalsExpireMs: number;
  /** When nothing is shipped unless somebody breaks the glass; those of all services first. */
  readonly freeze: readonly FreezeRule[];
  /** How soon a second person has to acknowledge that the glass was broken, in ms. */
  readonly acknowledgeWithinMs: number;
  /** What the judge may do by itself when production turns critical or a critical check fails. */
  readonly automaticRollback: 'never' | 'critical';
  /** Whether a monitor that cannot see production fails a gate. */
  readonly blindMonitor: 'refuse' | 'allow';
  /** What a rollback does with the tag of the release it left. */
  readonly rollbackTag: 'keep' | 'delete';
  /** Below 1.0.0, what a breaking change asks for. */
  readonly breakingBelowOne: Extract<Bump, 'major' | 'minor'>;
}

interface Monitoring {
  /** So long after the deploy a rise is no evidence yet, in ms: what starts is slower and fails more. */
  readonly settleMs: number;
  /** How long production is watched after a deploy, in ms. */
  readonly windowMs: number;
  /** Length of one tick, in ms: one sample before and after. */
  readonly tickMs: number;
  /** How much of the time before the deploy is the baseline, in ms. */
  readonly baselineMs: number;
  /** Who is mentioned when production suffers, besides whoever asked; both lists empty: nobody. */
  readonly call: Who;
  /** When nobody takes an alarm for so long more people are called, in ms; again after twice as long, and so on. */
  readonly checkpointMs: number;
  /** Allowed rise of the error rate over the baseline, as a ratio 0..1 (the seed's 1 percentage point is 0.01). */
  readonly errorRateRise: number;
  /** Allowed rise of latency quantiles over the baseline, as a ratio (the seed's 10 % is 0.1). */
  readonly latencyRise: number;
}

export interface CheckTiming {
  /** Pause between the deploy and the first check, in ms. */
  readonly settleMs: number;
  /** Pause between two attempts of one check, in ms. */
  readonly intervalMs: number;
  /** How many attempts in a row must succeed. */
  readonly inARow: number;
  /** After this much time, in ms, a check that has not succeeded has failed. */
  readonly timeoutMs: number;
}

/** One service of the config, as the flows see it: no adapter settings, no secrets. */
export interface Service {
  readonly name: string;
  /** Slack channel id or name (`#ship`) in which the cards of this service live. */
  readonly channel: string;
  /** Who may see its releases; those in its channel where it is not said. */
  readonly visibility?: Visibility;
  /** Branch that releases are cut on. */
  readonly branch: string;
  readonly tagPrefix: string;
  readonly tagSuffix?: string;
  /** Name of the scheme of its versions; absent: SemVer, as far as nothing speaks against it. */
  readonly scheme?: string;
  /** Folders, files and globs of the repository that are this service's, see `pathFilter`; absent: all of it. */
  readonly paths?: readonly string[];
  /** Tags of another form that look like releases stop a release, unless they are to be ignored. */
  readonly otherTags?: 'refuse' | 'ignore';
  /** Folders that hold feature folders, in order: `specs`, `epics`. */
  readonly featureDirs: readonly string[];
  /** Extra state files that gates may live in, e.g. `.spec-flow/memory/state.yaml`. */
  readonly sharedStateFiles: readonly string[];
  readonly changelog: string;
  /** Those of the three that only the repository's own `slipway.yaml` names: whoever pushes there may write them. */
  readonly namedByRepository?: readonly string[];
  readonly versionFiles: readonly VersionFile[];
  /** Where people look at production, dashboards and staging; shown as links. */
  readonly links: { readonly production?: string; readonly dashboard?: string; readonly staging?: string };
  readonly policy: Policy;
  /** Slack user ids by account or address, lower case, also where authors may approve: only to tell people of their commits. */
  readonly people?: Readonly<Record<string, string>>;
  /** How long people have to stop a rollback that began by itself, in ms; absent: not at all. */
  readonly stopWithinMs?: number;
  readonly monitoring: Monitoring;
  /** Absent: a release gets all requests at once. */
  readonly stages?: Stages;
  readonly checkTiming: CheckTiming;
  /** Where users report problems; absent: by the form and nowhere else. */
  readonly reports?: ReportRules;
}
