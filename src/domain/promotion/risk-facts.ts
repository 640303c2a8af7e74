/** What is looked at before an approval, besides the plan: how large it is, what it touches, how the last ones went. */
export interface Risk {
  /** Files that differ from what is live; absent where that cannot be told. */
  readonly files?: number;
  /** Those of them that break things more often, by what they are. */
  readonly touched: readonly TouchedFiles[];
  /** Names as the commits have them, the most commits first; raw outside text. */
  readonly authors: readonly string[];
  /** Its commits, newest first, the first of them; absent where they could not be read. */
  readonly commits?: readonly ChangedCommit[];
  /** The last releases of the service, newest first. */
  readonly last: readonly { readonly version: string; readonly end: ReleaseEnd }[];
  /** Of the last releases, the median; absent where nothing is known of them. */
  readonly usual?: { readonly commits?: number; readonly files?: number };
}

/** A commit of the release; raw outside text. */
export interface ChangedCommit {
  readonly sha: string;
  readonly subject: string;
  readonly author: string;
}

export type RiskKind = 'migrations' | 'infrastructure' | 'dependencies' | 'configuration';

export interface TouchedFiles {
  readonly kind: RiskKind;
  readonly total: number;
  /** The first of them; raw outside text. */
  readonly paths: readonly string[];
}

/** `accepted`: shipped on somebody's word. */
export type ReleaseEnd = 'shipped' | 'accepted' | 'rolled-back' | 'failed';
