import type { Route } from '../fake-platform.ts';
import type { Pipelines } from './pipelines.ts';
import type { GitlabWorld } from './world.ts';

/** Merge requests, their approvals, and merge trains. */
export class MergeRequests {
  /** How the project merges. */
  method: 'merge' | 'rebase_merge' | 'ff' = 'merge';
  readonly routes: readonly Route[] = [];
  readonly gitlab: GitlabWorld;
  readonly pipelines: Pipelines;

  constructor(gitlab: GitlabWorld, pipelines: Pipelines) {
    this.gitlab = gitlab;
    this.pipelines = pipelines;
  }
}
