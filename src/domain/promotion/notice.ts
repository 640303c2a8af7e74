import type { GateResult } from '../gates/gate.ts';
import type { ChartData } from '../judge/chart.ts';
import type { Judgement, JudgeVerdict } from '../judge/verdict.ts';
import type { Debt, Override } from '../policy/override.ts';
import type { Fix } from '../release/fix.ts';
import type { Deployment, Release } from '../release/release.ts';
import type { Stage } from '../release/stages.ts';
import type { ReportPlace } from '../reports/report.ts';
import type { AlarmChange, Called, FailedStep, OwnRollback } from './alarm.ts';
import type { HealthResult, HealthVerdict } from './health.ts';
import type { Hotfix } from './hotfix.ts';
import type { Accepted, PromotionRequest } from './promotion.ts';

/** A ship report or an incident document in the repository. */
interface SaidDocument {
  readonly path: string;
  readonly url?: string;
  /** Of what the thread gets as a file. */
  readonly text?: string;
  /** It could not be committed yet. */
  readonly isLate?: true;
  /** Why, or why the state file does not say the same, and what to do; raw. */
  readonly problem?: string;
}

/** A message in the thread of a promotion. People are Slack user ids; times are ms; outside text is raw. */
export type Notice =
  | {
      readonly kind: 'started';
      readonly by: string;
      /** Name of the token of the API. */
      readonly token?: string;
      readonly note?: string;
      readonly hotfix?: Hotfix;
      /** Who may do what, in words: with the first promotion of a service. */
      readonly rights?: readonly string[];
    }
  | { readonly kind: 'blocked'; readonly gates: readonly GateResult[]; readonly voided?: readonly string[] }
  | {
      readonly kind: 'ready';
      readonly approvals: number;
      readonly approvers: string;
      readonly expiresAt: number;
    }
  | { readonly kind: 'approved'; readonly by: string; readonly missing?: number }
  | { readonly kind: 'withdrawn'; readonly by: string; readonly missing?: number }
  | { readonly kind: 'declined'; readonly by: string; readonly reason?: string }
  /** A vote is stored that the bot did not write: it does not count. */
  | { readonly kind: 'unproven'; readonly by: string; readonly decision: 'approve' | 'decline' }
  | {
      readonly kind: 'voided';
      readonly changes: readonly string[];
      /** Enough had approved, and what they approved holds no longer: `changes` says why. */
      readonly isWithdrawn?: true;
    }
  /** Somebody took a risk on themselves: went on with failed checks, or confirmed a version below the evidence. */
  | {
      readonly kind: 'risk-accepted';
      readonly by: string;
      readonly risk: 'failed-checks' | 'lower-version';
      /** What it is about, each in a sentence; raw outside text. */
      readonly what: readonly string[];
    }
  | { readonly kind: 'releasing'; readonly version: string }
  /** Nothing of it was pushed. */
  | { readonly kind: 'release-refused'; readonly reason: string }
  /** The commit is on the branch and its tag was refused. */
  | { readonly kind: 'tag-missing'; readonly reason: string }
  | { readonly kind: 'released'; readonly release: Release; readonly url?: string }
  | { readonly kind: 'deployed'; readonly release: Release; readonly deployment: Deployment }
  | {
      readonly kind: 'deploy-failed';
      readonly reason: string;
      /** What is live now, as a sentence. */
      readonly production?: string;
      readonly log?: readonly string[];
      readonly logUrl?: string;
    }
  /** Somebody wanted to stop the deployment, and the platform did not; `isLive`: it was over by then. */
  | { readonly kind: 'not-stopped'; readonly reason: string; readonly isLive?: true }
  | {
      readonly kind: 'health';
      readonly verdict: HealthVerdict;
      readonly results: readonly HealthResult[];
      readonly rollsBack?: OwnRollback;
    }
  | { readonly kind: 'report'; readonly path: string; readonly url?: string; readonly text: string }
  | {
      readonly kind: 'watching';
      readonly until: number;
      readonly everyMs: number;
      /** Only a share of the requests goes to the release so far. */
      readonly stage?: Stage;
      /** Absent in what an earlier version stored, which said it before. */
      readonly report?: SaidDocument;
    }
  | {
      readonly kind: 'monitor';
      readonly judgement: Judgement;
      readonly until: number;
      readonly alarm: boolean;
      readonly chart?: ChartData;
      readonly change?: AlarmChange;
      readonly rollsBack?: OwnRollback;
      /** Whether the window was over then; absent in what an earlier version stored. */
      readonly isOver?: boolean;
    }
  | { readonly kind: 'rollback-stopped'; readonly by: string }
  /** Nobody has taken the alarm since then: more people are called. */
  | ({
      readonly kind: 'alarm-untaken';
      readonly since: number;
      readonly forMs: number;
      readonly verdict: JudgeVerdict;
    } & Called)
  /** Nobody decides about what has failed since then, nor looks after it: more people are called. */
  | ({
      readonly kind: 'undecided';
      readonly failed: FailedStep;
      readonly since: number;
      readonly forMs: number;
    } & Called)
  | { readonly kind: 'alarm-taken'; readonly by: string }
  | {
      readonly kind: 'window-changed';
      readonly by: string;
      readonly change: 'extended' | 'held' | 'released';
      readonly until: number;
    }
  | {
      readonly kind: 'rollback-started';
      readonly to: Release;
      readonly by: string | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'rolled-back';
      readonly to: Release;
      /** When it was proven healthy again; absent in what an older version stored. */
      readonly at?: number;
      readonly health: readonly HealthResult[];
      readonly notUndone: readonly string[];
      /** A tag that was to be deleted, and why it could not be. */
      readonly tagStays?: { readonly tag: string; readonly reason: string };
      readonly incident?: SaidDocument;
    }
  | {
      readonly kind: 'rollback-failed';
      readonly reason: string;
      /** What is live now, as a sentence. */
      readonly production?: string;
      readonly log?: readonly string[];
    }
  | {
      readonly kind: 'shipped';
      readonly release: Release;
      readonly judgement: Judgement;
      readonly watchedMs: number;
      readonly chart?: ChartData;
      readonly accepted?: Accepted;
      /** Absent in what an earlier version stored, which gave it with the begin of the watch. */
      readonly report?: SaidDocument;
    }
  | { readonly kind: 'hotfix-announced'; readonly by: string; readonly fix?: Fix }
  /** Another promotion, by its id, began before that of the hotfix. */
  | { readonly kind: 'hotfix-waits'; readonly by: string; readonly open: string }
  | { readonly kind: 'trouble'; readonly what: string; readonly reason: string }
  | { readonly kind: 'recovered'; readonly what: string }
  | {
      readonly kind: 'closed';
      readonly state: 'cancelled' | 'expired' | 'failed';
      readonly by: string | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'user-report';
      readonly by: string;
      readonly text: string;
      /** Absent: by the form. */
      readonly place?: ReportPlace;
      readonly link?: string;
    }
  | {
      readonly kind: 'next-in-queue';
      readonly user: string;
      readonly service: string;
      /** What they wanted to ship when they joined the queue. */
      readonly wish?: Pick<PromotionRequest, 'feature' | 'bump' | 'note'>;
    }
  /** Somebody ships in spite of what stands in the way. */
  | {
      readonly kind: 'override';
      readonly override: Override;
      /** Who may acknowledge it, in words. */
      readonly approvers: string;
    }
  | {
      readonly kind: 'debt-reminder';
      readonly debt: Debt;
      readonly isOverdue: boolean;
      readonly approvers: string;
    }
  | { readonly kind: 'debt-acknowledged'; readonly by: string; readonly owners: readonly string[] }
  /** The lock of the rollback was taken off. */
  | { readonly kind: 'unlocked'; readonly by: string; readonly reason: string }
  | { readonly kind: 'lock-stolen'; readonly by: string; readonly from: string; readonly reason: string };
