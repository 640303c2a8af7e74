import { buildSchema, type GraphQLError, graphql } from 'graphql';
import { isAllowed } from './access.ts';
import { COMMIT_ON_BRANCH, commitOnBranch } from './commit-on-branch.ts';
import { enterQueue, hasQueue, queueOf } from './merge-queue.ts';
import { type Answer, type Call, GithubError, ok, type Pull } from './model.ts';

/**
 * The part of GitHub's schema that is asked here; whatever else is asked is refused, as GitHub does.
 * @see https://docs.github.com/en/graphql/reference
 */
const SCHEMA = buildSchema(`
  scalar GitObjectID
  scalar DateTime
  type Query { repository(owner: String!, name: String!, followRenames: Boolean = true): Repository }
  type Mutation { enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload }
  input EnqueuePullRequestInput {
    pullRequestId: ID!
    expectedHeadOid: GitObjectID
    jump: Boolean
    clientMutationId: String
  }
  type EnqueuePullRequestPayload { clientMutationId: String, mergeQueueEntry: MergeQueueEntry }
  type Repository { nameWithOwner: String!, pullRequest(number: Int!): PullRequest }
  type PullRequest {
    id: ID!
    number: Int!
    isInMergeQueue: Boolean!
    isMergeQueueEnabled: Boolean!
    mergeQueue: MergeQueue
    mergeQueueEntry: MergeQueueEntry
    timelineItems(
      first: Int, last: Int, after: String, before: String, since: DateTime, skip: Int,
      itemTypes: [PullRequestTimelineItemsItemType!]
    ): PullRequestTimelineItemsConnection!
  }
  type MergeQueue { id: ID!, entries(first: Int, last: Int, after: String, before: String): MergeQueueEntryConnection }
  type MergeQueueEntryConnection { totalCount: Int!, nodes: [MergeQueueEntry] }
  enum MergeQueueEntryState { AWAITING_CHECKS LOCKED MERGEABLE QUEUED UNMERGEABLE }
  type MergeQueueEntry { id: ID!, position: Int!, state: MergeQueueEntryState!, estimatedTimeToMerge: Int }
  enum PullRequestTimelineItemsItemType { ADDED_TO_MERGE_QUEUE_EVENT REMOVED_FROM_MERGE_QUEUE_EVENT }
  type PullRequestTimelineItemsConnection { totalCount: Int!, nodes: [PullRequestTimelineItems] }
  union PullRequestTimelineItems = AddedToMergeQueueEvent | RemovedFromMergeQueueEvent
  type AddedToMergeQueueEvent { id: ID! }
  type RemovedFromMergeQueueEvent { id: ID!, reason: String }
  ${COMMIT_ON_BRANCH}
`);

const LIMITED = 'API rate limit exceeded for user ID 7.';

/** Answers with status 200 also where something is wrong, as GraphQL does. */
export async function graphqlAnswer(call: Call, violations: string[]): Promise<Answer> {
  const { graphqlLimitedUntil: until } = call.repository;
  if (call.now < until) {
    const reset = String(Math.ceil(until / 1_000));
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    return { status: 200, headers, body: { errors: [{ type: 'RATE_LIMITED', message: LIMITED }] } };
  }
  const { query, variables } = call.body as { query?: unknown; variables?: Record<string, unknown> };
  const result = await graphql({
    schema: SCHEMA,
    source: String(query),
    ...(variables === undefined ? {} : { variableValues: variables }),
    rootValue: {
      repository: repositoryOf(call),
      enqueuePullRequest: enqueue(call),
      createCommitOnBranch: commitOnBranch(call),
    },
  });
  const errors = (result.errors ?? []).map((error) => said(error, violations));
  return ok({ data: result.data ?? null, ...(errors.length > 0 ? { errors } : {}) });
}

const TYPES: Readonly<Record<number, string>> = { 403: 'FORBIDDEN', 404: 'NOT_FOUND', 409: 'STALE_DATA' };

/** What is not of GitHub's schema is a fault of whoever asks. */
function said({ message, originalError, path }: GraphQLError, violations: string[]) {
  if (originalError instanceof GithubError) {
    const type = TYPES[originalError.status] ?? 'UNPROCESSABLE';
    return { type, path, message };
  }
  violations.push(`graphql: ${message}`);
  return { message };
}

function repositoryOf(call: Call) {
  return ({ owner, name }: { readonly owner: string; readonly name: string }) => {
    const { repository } = call;
    if (`${owner}/${name}` !== repository.fullName) {
      throw new GithubError(404, `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    }
    return {
      nameWithOwner: repository.fullName,
      pullRequest: ({ number }: { readonly number: number }) => {
        const pull = repository.pulls.find((one) => one.number === number);
        if (!pull)
          throw new GithubError(404, `Could not resolve to a PullRequest with the number of ${number}.`);
        return pullOf(call, pull);
      },
    };
  };
}

function pullOf({ repository }: Call, pull: Pull) {
  const queue = queueOf(repository, pull.base);
  const isEnabled = hasQueue(repository, pull);
  return {
    id: `PR_${pull.number}`,
    number: pull.number,
    isInMergeQueue: queue.some((one) => one.pull === pull),
    isMergeQueueEnabled: isEnabled,
    mergeQueue: isEnabled ? { id: `MQ_${pull.base}`, entries: { totalCount: queue.length } } : null,
    mergeQueueEntry: entryOf(queue, pull),
    timelineItems: ({ first, last }: { readonly first?: number; readonly last?: number }) => {
      const all = (pull.queueEvents ?? []).map((event, index) => ({
        __typename: 'reason' in event ? 'RemovedFromMergeQueueEvent' : 'AddedToMergeQueueEvent',
        id: `EV_${pull.number}_${index}`,
        ...event,
      }));
      if (first === undefined && last === undefined) {
        throw new GithubError(
          422,
          'You must provide a `first` or `last` value to properly paginate the connection.',
        );
      }
      return { totalCount: all.length, nodes: last === undefined ? all.slice(0, first) : all.slice(-last) };
    },
  };
}

function entryOf(queue: ReturnType<typeof queueOf>, pull: Pull) {
  const at = queue.findIndex((one) => one.pull === pull);
  const entry = queue[at];
  return entry
    ? { id: `MQE_${pull.number}`, position: at + 1, state: entry.state, estimatedTimeToMerge: 60 }
    : null;
}

function enqueue(call: Call) {
  return async ({ input }: { readonly input: { pullRequestId: string; expectedHeadOid?: string } }) => {
    const { repository, caller } = call;
    const may =
      caller.kind === 'token' && isAllowed(caller.permissions, { name: 'pull_requests', level: 'write' });
    if (!may) throw new GithubError(403, 'Resource not accessible by integration');
    const pull = repository.pulls.find(({ number }) => `PR_${number}` === input.pullRequestId);
    if (!pull)
      throw new GithubError(
        404,
        `Could not resolve to a node with the global id of '${input.pullRequestId}'`,
      );
    await enterQueue(repository, pull, input.expectedHeadOid);
    return { mergeQueueEntry: entryOf(queueOf(repository, pull.base), pull) };
  };
}
