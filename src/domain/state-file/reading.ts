import type { Sha } from '../release/release.ts';

/** A place in a file, `specs/014-checkout/state.yaml:12`; lines count from 1. */
type Source = string;

/** What a state file says, word for word, and where. */
export interface Statement {
  /** `manual_gates.staging_validation.status: approved`; raw outside text, shortened. */
  readonly quote: string;
  readonly source: Source;
}

/** One fact of the state files. Only `value` was said; the others are never read as a yes. */
export type Reading<T> =
  | { readonly kind: 'value'; readonly value: T; readonly source: Source; readonly quote: string }
  | { readonly kind: 'missing'; readonly looked: readonly string[] }
  | { readonly kind: 'contradiction'; readonly statements: readonly Statement[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What the files say of the build on staging. */
export interface StagingDeployment {
  /** False when the file says `deployed: false`. */
  readonly deployed: boolean;
  readonly url?: string;
  readonly deploymentId?: string;
  /** ISO time, as written. */
  readonly deployedAt?: string;
  readonly commit?: Sha;
}

/** What the files say of an earlier production deployment of the same feature. */
export interface ProductionRecord {
  readonly rolledBack: boolean;
  readonly version?: string;
  /** ISO times, as written. */
  readonly deployedAt?: string;
  readonly rolledBackAt?: string;
}

/** What a gate of staging says of the approval. */
export interface StagingApproval {
  /** As written. */
  readonly at: string | null;
  /** The commit that was approved: it is approved whenever it was deployed. */
  readonly commit: Sha | null;
}

/** All facts that Slipway takes from the state files of one feature. Gate words are in lower case. */
export interface StateReading {
  /** The files that were there, in the order of precedence. */
  readonly files: readonly string[];
  /** Lower case, `-` for `_`, without a `ship:` prefix: `ship-prod`. */
  readonly phase: Reading<string>;
  /** `approved`, `pending`, `rejected`, … */
  readonly stagingValidation: Reading<string>;
  /** What the gates of staging say of it, those of shared files that name no feature only where no other gate does. */
  readonly approvals: readonly StagingApproval[];
  /** `passed`, `failed`, …; `passed: true` reads as `passed`. */
  readonly rollbackGate: Reading<string>;
  /** When a rollback was tested, as written, where only shared files that name no feature say so: only the time ties it to a build. */
  readonly rollbackTestedAt: readonly string[];
  readonly stagingDeployment: Reading<StagingDeployment>;
  /** The commit on staging that people validated; at least 7 hex digits. */
  readonly validatedCommit: Reading<Sha>;
  readonly production: Reading<ProductionRecord>;
  /** True when a list of finished phases has ship-prod in it. */
  readonly shipProdDone: boolean;
  /** `current_feature` of these files: a slug or an id. */
  readonly currentFeature: Reading<string>;
}

/** A file of a feature folder that may hold its state, canonical name first. */
export const STATE_FILE_NAMES = [
  'state.yaml',
  'state.yml',
  'workflow-state.yaml',
  'workflow-state.yml',
] as const;
