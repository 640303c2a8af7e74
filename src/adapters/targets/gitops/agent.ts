/** What brings a repository into a cluster. */
export interface Agent {
  readonly name: string;
  readonly url?: string;
  /** A sentence; Refusal `target-misconfigured` when the branch would never be deployed. */
  preflight(branch: WatchedBranch, signal?: AbortSignal): Promise<string>;
  /** The commits that it has deployed, of whatever repositories. */
  deployed(signal?: AbortSignal): Promise<readonly string[]>;
  follow(order: FollowedOrder): Promise<AgentStatus>;
  /** Tries once more what it has given up on; for a commit that is there already. */
  tryAgain?(isOurs: IsOurs): Promise<void>;
}
/** The branch that is written to. */
export interface WatchedBranch {
  readonly name: string;
  /** Whether a revision of its repository has the file. */
  readonly has: IsOurs;
  /** Whether its repository has a branch of that name. */
  readonly hasBranch: (name: string) => Promise<boolean>;
  /** The branch that HEAD leads to; null where nobody says. */
  readonly head: () => Promise<string | null>;
}
/** What is waited for. */
export interface FollowedOrder {
  readonly isOurs: IsOurs;
  /** What was written. */
  readonly value: string;
  /** When it began, ms since the epoch; failures from long before are not its own. */
  readonly since: number;
}
/** Whether a revision has what an order wants. */
export type IsOurs = (revision: string) => Promise<boolean>;

export interface AgentStatus {
  readonly state: 'running' | 'done' | 'failed';
  readonly detail: string;
  /** It waits until somebody starts the sync. */
  readonly needsSync?: true;
}

export async function oursOf(revisions: readonly string[], isOurs: IsOurs): Promise<Set<string>> {
  const ours = new Set<string>();
  for (const revision of revisions) if (await isOurs(revision)) ours.add(revision);
  return ours;
}
