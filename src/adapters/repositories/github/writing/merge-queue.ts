import { z } from 'zod';
import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClient } from '../api/client.ts';
import { askGraphql } from '../api/graphql.ts';

/** @see https://docs.github.com/en/graphql/reference/objects#mergequeueentry */
const Entry = z.object({ position: z.number(), state: z.string() });
type Entry = z.infer<typeof Entry>;

const Place = z.object({
  repository: z.object({
    pullRequest: z.object({
      id: z.string(),
      isMergeQueueEnabled: z.boolean(),
      mergeQueue: z.object({ entries: z.object({ totalCount: z.number() }).nullable() }).nullable(),
      mergeQueueEntry: Entry.nullable(),
      timelineItems: z.object({
        nodes: z.array(z.object({ reason: z.string().nullish() }).nullable()).nullable(),
      }),
    }),
  }),
});
const Entered = z.object({
  enqueuePullRequest: z.object({ mergeQueueEntry: Entry.nullable() }).nullable(),
});

const PLACE = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id
      isMergeQueueEnabled
      mergeQueue { entries(first: 1) { totalCount } }
      mergeQueueEntry { position state }
      timelineItems(last: 1, itemTypes: [ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT]) {
        nodes { ... on RemovedFromMergeQueueEvent { reason } }
      }
    }
  }
}`;

const ENTER = `mutation ($pullRequestId: ID!, $expectedHeadOid: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $pullRequestId, expectedHeadOid: $expectedHeadOid }) {
    mergeQueueEntry { position state }
  }
}`;

/** Where a pull request stands with the merge queue of its base. */
export type QueuePlace =
  /** The base has none, or this GitHub does not tell. */
  | { readonly kind: 'no-queue' }
  | { readonly kind: 'in-queue'; readonly words: string }
  /** It was in the queue, and GitHub took it out; `reason` in its words. */
  | { readonly kind: 'removed'; readonly id: string; readonly reason: string }
  /** `others`: how many pull requests are in the queue. */
  | { readonly kind: 'outside'; readonly id: string; readonly others: number };

const STATES: Readonly<Record<string, string>> = {
  QUEUED: 'waiting for its turn',
  AWAITING_CHECKS: 'waiting for its checks',
  LOCKED: 'about to be merged',
  MERGEABLE: 'about to be merged',
  UNMERGEABLE: 'it cannot be merged as it is',
};

/** The merge queue of a branch, which the REST API does not know. */
export class GithubMergeQueue {
  readonly #client: GithubClient;

  constructor(client: GithubClient) {
    this.#client = client;
  }

  async placeOf(number: number): Promise<QueuePlace> {
    const [owner, name] = this.#client.name.split('/');
    const answer = await askGraphql(this.#client, PLACE, { owner, name, number }, Place);
    if ('refused' in answer) return { kind: 'no-queue' };
    const { id, isMergeQueueEnabled, mergeQueue, mergeQueueEntry, timelineItems } =
      answer.data.repository.pullRequest;
    if (mergeQueueEntry !== null) return { kind: 'in-queue', words: inWords(mergeQueueEntry) };
    if (!isMergeQueueEnabled) return { kind: 'no-queue' };
    const [last] = timelineItems.nodes ?? [];
    // An event of entering has no reason.
    if (last?.reason !== undefined) return { kind: 'removed', id, reason: last.reason ?? '' };
    return { kind: 'outside', id, others: mergeQueue?.entries?.totalCount ?? 0 };
  }

  /** Puts it in, as long as its head is this commit; answers with its place, or why GitHub does not. */
  async enter(id: string, head: Sha): Promise<{ readonly words: string } | { readonly refused: string }> {
    const input = { pullRequestId: id, expectedHeadOid: head };
    const answer = await askGraphql(this.#client, ENTER, input, Entered);
    if ('refused' in answer) return answer;
    const entry = answer.data.enqueuePullRequest?.mergeQueueEntry ?? null;
    return entry === null ? { refused: 'it did not say why' } : { words: inWords(entry) };
  }
}

function inWords({ position, state }: Entry): string {
  return `at position ${position}, ${STATES[state] ?? state.toLowerCase()}`;
}
