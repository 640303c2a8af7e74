import type { GateResult } from '../gates/gate.ts';
import type { Judgement, JudgeVerdict } from '../judge/verdict.ts';
import type { Override } from '../policy/override.ts';
import type { Deployment, Live, Release, Sha } from '../release/release.ts';
import type { Stage } from '../release/stages.ts';
import type { Bump } from '../release/version.ts';
import type { UserReport } from '../reports/report.ts';
import type { Alarm, AskedDecision, AskedPeople } from './alarm.ts';
import type { HealthResult } from './health.ts';
import type { ComingHotfix, Hotfix } from './hotfix.ts';
import type { Plan } from './plan.ts';
import type { Risk } from './risk-facts.ts';

export const OPEN_STATES = [
  'checking',
  'blocked',
  'awaiting-approval',
  'releasing',
  'deploying',
  'verifying',
  'monitoring',
  'rolling-back',
] as const;
export const CLOSED_STATES = ['shipped', 'rolled-back', 'failed', 'cancelled', 'expired'] as const;

export type OpenState = (typeof OPEN_STATES)[number];
type ClosedState = (typeof CLOSED_STATES)[number];
export type PromotionState = OpenState | ClosedState;

/** It waits for a gate or for people; when a lock is taken or taken off it looks at its gates again. */
export const WAITING_STATES: readonly PromotionState[] = ['blocked', 'awaiting-approval'];

/** What a person asked for. */
export interface PromotionRequest {
  readonly service: string;
  /** Feature folder `014-checkout`; absent: `current_feature`, else the highest ready one. */
  readonly feature?: string;
  readonly bump: 'auto' | Bump;
  readonly note?: string;
  /** Slack user id, or a pipeline; see `pipelineActor`. */
  readonly by: string;
  /** Name of the token of the API that was used for it. */
  readonly token?: string;
  /** The person confirmed a bump below the evidence. */
  readonly lowerConfirmed?: boolean;
  /** What was broken to start at all, and since. */
  readonly overrides?: readonly Override[];
  /** It mends a release that is live, or was. */
  readonly hotfix?: Hotfix;
}

export type StepName =
  | 'verify'
  | 'approve'
  | 'release'
  | 'deploy'
  | 'health'
  | 'report'
  | 'monitor'
  | 'rollback';

/** One line of the card's progress. Times are ms since the epoch. */
export interface StepProgress {
  readonly name: StepName;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Last line of what is going on; raw outside text. */
  readonly detail?: string;
  readonly link?: string;
}

/** A vote on a digest. */
export interface Approval {
  readonly by: string;
  readonly digest: string;
  readonly decision: 'approve' | 'decline';
  readonly reason?: string;
  readonly at: number;
  /** True while it counts: its digest is the promotion's and nobody voided it. */
  readonly valid: boolean;
  /** It is stored as valid, but the audit has no signed entry for it: whoever wrote it, the bot did not. */
  readonly unproven?: boolean;
}

/** What the monitor shows on the card. */
export interface MonitorView {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly tick: number;
  readonly judgement: Judgement;
  /** `hold`: the window does not close by itself. */
  readonly held: boolean;
  /** Grows each time that people change the window; absent before they did. */
  readonly window?: number;
  /** Error rate of the last ticks, ratio 0..1 or null where nothing was seen; newest last, at most 60. */
  readonly errorRates: readonly (number | null)[];
  /** Ticks in a row without a sample. */
  readonly blind: number;
  /** Ticks in a row in which a source did not answer; absent: all answered in the last one. */
  readonly absent?: number;
  /** Ticks in a row in which some alert or log source has not answered; absent: all have. */
  readonly silent?: number;
  /** Problems that people reported during the window. */
  readonly reports: number;
  /** Somebody prepares a hotfix. */
  readonly hotfix?: ComingHotfix;
  /** What people have to decide; absent: nothing. */
  readonly alarm?: Alarm;
  /** How many alarms are over. */
  readonly alarms?: number;
  /** Slack user id of who stopped the rollback that Slipway had begun by itself: from then on people decide. */
  readonly stopped?: string;
}

/** What a person took on themselves when they went on with a production that was not proven healthy. */
export interface Accepted {
  /** Slack user id. */
  readonly by: string;
  readonly verdict: JudgeVerdict;
  /** What was wrong, each in a sentence; raw outside text. */
  readonly what: readonly string[];
  /** Id of the promotion that is to mend it. */
  readonly hotfix?: string;
}

/** A rollback as it was asked for. */
export interface RollbackOrder {
  /** Slack user id; null when the judge or a failed health check asked. */
  readonly by: string | null;
  readonly reason: string;
  /** Version to return to; absent: what was live before the promotion. */
  readonly to?: string;
  /** The commit of that version that the person was shown: with another one nothing is deployed. */
  readonly commit?: Sha;
}

export interface RollbackRecord {
  readonly to: Release;
  /** Slack user id, or null when the judge or a failed health check started it. */
  readonly by: string | null;
  readonly reason: string;
  readonly startedAt: number;
  /** When the release was proven healthy again, ms since the epoch; absent until then. */
  readonly finishedAt?: number;
  /** What the target said was live when it began; absent until it was asked. */
  readonly from?: Live | null;
  /** What an earlier rollback of the same promotion went to, and when that was live: this one goes on from there. */
  readonly after?: { readonly release: Release; readonly at: number };
  readonly deployment?: Deployment;
  readonly health?: readonly HealthResult[];
  readonly incidentPath?: string;
}

/** What a further rollback of the same promotion goes on from. */
export function rolledBackSoFar(record: RollbackRecord | undefined): Pick<RollbackRecord, 'after'> {
  if (record?.finishedAt !== undefined) return { after: { release: record.to, at: record.finishedAt } };
  return record?.after === undefined ? {} : { after: record.after };
}

/** One durable run of the workflow for one service, as stored. */
export interface Promotion {
  /** Also the id of its workflow. */
  readonly id: string;
  readonly service: string;
  readonly state: PromotionState;
  /** Grows with every stored change. */
  readonly revision: number;
  /** Grows with every change that makes earlier buttons mean something else; see `movesOn`. */
  readonly turn: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly request: PromotionRequest;
  readonly channel: string;
  readonly digest: string | null;
  readonly data: PromotionData;
}

/** How long a service takes, ms; absent where nothing of it was measured. */
export interface UsualDurations {
  /** From the order until the release before was proven healthy. */
  readonly rollbackMs?: number;
  readonly deployMs?: number;
}

/** The part of a promotion that is stored as one JSON document. */
export interface PromotionData {
  readonly gates?: readonly GateResult[];
  readonly plan?: Plan;
  /** What the release commit and its tag would hold, as far as Details shows it. */
  readonly preview?: { readonly patch: string; readonly tagMessage: string; readonly isCut: boolean };
  /** What people look at besides the plan before they approve it. */
  readonly risk?: Risk;
  /** When the commits of the release were made, ms since the epoch, for the figures of the service. */
  readonly commitTimes?: readonly number[];
  readonly steps?: readonly StepProgress[];
  /** How long the service takes, by what was measured of it before. */
  readonly usual?: UsualDurations;
  /** What was live before the deploy; absent when nothing was. */
  readonly before?: Live;
  readonly release?: Release;
  readonly deployment?: Deployment;
  /** Only a part of the requests goes to the release, in stages. */
  readonly stage?: Stage;
  /** What the target said last of a deployment or rollback that failed, until it is tried again; raw outside text. */
  readonly failure?: { readonly log: readonly string[]; readonly logUrl?: string };
  readonly health?: readonly HealthResult[];
  readonly reportPath?: string;
  readonly reportUrl?: string;
  /** Why the page of the release on the host could not be written, and what to do; raw. */
  readonly pageProblem?: string;
  readonly monitor?: MonitorView;
  /** The problems that were reported during the watch, oldest first, the first of them only. */
  readonly reports?: readonly UserReport[];
  /** Who ended the watch, over what. */
  readonly accepted?: Accepted;
  readonly rollback?: RollbackRecord;
  /** Why the promotion is where it is, when that needs words: blocked, failed, cancelled, waiting for a remote. */
  readonly notice?: { readonly kind: 'info' | 'problem'; readonly text: string };
  /** The digest that approvals were given on before it changed, with what changed. */
  readonly voided?: { readonly was: string; readonly changes: readonly string[]; readonly at: number };
  /** Where the glass was broken, oldest first. */
  readonly overrides?: readonly Override[];
  /** Buttons that are valid now beyond what the state says. */
  readonly decision?: AskedDecision;
  /** Since when people are asked for that decision, and who looks after it. */
  readonly asked?: AskedPeople;
  /** Somebody pressed Retry after a failed deployment, and the target has not been told yet. */
  readonly retrying?: true;
  /** Slipway is about to roll back by itself, and people may stop it until then, ms since the epoch. */
  readonly stoppable?: number;
  /** How many approvals are missing, and of whom besides the number: names of the policy's requirements. */
  readonly voteCount?: {
    readonly missing: number;
    readonly wanted: readonly string[];
    /** How many approvals were counted; with another number of them it is out of date. */
    readonly of: number;
    /** Authors whom nobody knows, in words: each takes one approval more. */
    readonly unknown?: readonly string[];
  };
  /** The size of the bump that people chose since they asked. */
  readonly wish?: {
    readonly bump: PromotionRequest['bump'];
    readonly lowerConfirmed: boolean;
    /** Slack user id. */
    readonly by: string;
  };
  /** When approvals expire, ms since the epoch. */
  readonly expiresAt?: number;
  readonly closedAt?: number;
  /** Id of the run in charge, when it is not the promotion's own (a rollback after the end). */
  readonly run?: string;
  /** What that run was asked to do. */
  readonly rollbackOrder?: RollbackOrder;
  /** The lock of its rollback was taken off. */
  readonly unlocked?: boolean;
  /** Version of a later promotion that is live in its place. */
  readonly superseded?: string;
}

/**
 * Whether a change asks people something new: it names a state (also the one that is), another digest, or
 * another decision. Mere progress does not.
 */
export function movesOn(
  before: Pick<Promotion, 'digest' | 'data'>,
  change: {
    readonly to?: PromotionState;
    readonly digest?: string | null;
    readonly data?: { readonly decision?: PromotionData['decision'] | null };
  },
): boolean {
  if (change.to !== undefined) return true;
  if (change.digest !== undefined && change.digest !== before.digest) return true;
  const decision = change.data?.decision;
  return decision !== undefined && (decision ?? undefined) !== before.data.decision;
}

/** Whether a no still counts: while approvals are asked for, and until the release is cut. */
export function mayStillSayNo({ state, data }: Pick<Promotion, 'state' | 'data'>): boolean {
  return state === 'awaiting-approval' || (state === 'releasing' && data.release === undefined);
}

/** How often people have changed the monitor's window. */
export function windowOf({ data }: Pick<Promotion, 'data'>): number {
  return data.monitor?.window ?? 0;
}

export function isOpen(state: PromotionState): state is OpenState {
  return (OPEN_STATES as readonly string[]).includes(state);
}

/** Id of the run that messages go to: the promotion's own, or that of a later rollback. */
export function runOf(promotion: Promotion): string {
  return promotion.data.run ?? promotion.id;
}
