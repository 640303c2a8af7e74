/** GitHub lists pull requests among the issues. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  /** Account; null for one that is gone. */
  readonly by: string | null;
  readonly labels: readonly string[];
  readonly state: 'open' | 'closed';
  readonly createdAt: number;
  readonly isPull: boolean;
}

/** What somebody says of a commit. */
export interface Status {
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string;
  readonly url: string;
}
