import { isGreen, isOf } from './branch-rules.ts';
import { GithubError, type Pull, type RepositoryState } from './model.ts';

/** Whether the base of a pull request leads changes through a merge queue. */
export function hasQueue({ rules }: RepositoryState, { base }: Pull): boolean {
  return rules.some((rule) => isOf(rule, base) && rule.type === 'merge_queue');
}

/** Those in the queue of the same base, first come first. */
export function queueOf({ mergeQueue }: RepositoryState, base: string) {
  return mergeQueue.filter(({ pull }) => pull.base === base);
}

/** Puts a pull request into the queue of its base; GithubError with what GitHub says against it. */
export async function enterQueue(
  repository: RepositoryState,
  pull: Pull,
  head: string | undefined,
): Promise<void> {
  const refuse = (message: string) => new GithubError(422, message);
  const tip = (await repository.store.ref(`heads/${pull.head}`))?.sha ?? '';
  if (!hasQueue(repository, pull)) throw refuse('The merge queue is not enabled for the base branch.');
  if (pull.state === 'closed') throw refuse('Pull request is closed');
  if (head !== undefined && head !== tip)
    throw refuse('The head of the pull request is not the expected one');
  if (repository.mergeQueue.some((one) => one.pull === pull))
    throw refuse('Pull request is already in the queue');
  const missing = repository.rules
    .filter((rule) => isOf(rule, pull.base) && rule.type === 'required_status_checks')
    .flatMap(({ contexts }) => contexts)
    .filter((name) => !isGreen(repository, tip, name));
  if (missing.length > 0) throw refuse(`Required status check "${missing[0]}" is expected.`);
  repository.mergeQueue.push({ pull, state: 'AWAITING_CHECKS' });
  pull.queueEvents = [...(pull.queueEvents ?? []), {}];
}

/** The first of the queue gets onto its base as a squashed commit, or goes with a reason. */
export async function leaveQueue(
  repository: RepositoryState,
  how: 'merged' | { readonly reason: string },
): Promise<void> {
  const first = repository.mergeQueue.shift();
  if (!first) throw new Error('the merge queue is empty');
  const { pull } = first;
  pull.queueEvents = [...(pull.queueEvents ?? []), { reason: how === 'merged' ? 'MERGE' : how.reason }];
  if (how !== 'merged') return;
  const { store } = repository;
  const head = (await store.ref(`heads/${pull.head}`))?.sha ?? '';
  const base = (await store.ref(`heads/${pull.base}`))?.sha ?? '';
  const tree = await store.mergeTree(base, head);
  if (!tree) throw new Error('it does not merge');
  const { author } = await store.commit(head);
  const sha = await store.writeCommit({
    tree,
    parents: [base],
    author,
    committer: author,
    message: `${pull.title} (#${pull.number})`,
  });
  await store.moveRef(`refs/heads/${pull.base}`, sha, base);
  Object.assign(pull, { state: 'closed', merged: true, mergeCommit: sha, lastHead: head });
}

/** Whoever pushes to the branch of a pull request takes it out of the queue. */
export function leaveByPush({ mergeQueue }: RepositoryState, ref: string): void {
  const at = mergeQueue.findIndex(({ pull }) => ref === `heads/${pull.head}`);
  const [gone] = at < 0 ? [] : mergeQueue.splice(at, 1);
  if (gone) gone.pull.queueEvents = [...(gone.pull.queueEvents ?? []), { reason: 'MANUAL' }];
}
