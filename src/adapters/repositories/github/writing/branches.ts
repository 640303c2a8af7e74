import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import { ruleFact } from '../../push-rule.ts';
import type { GithubClient } from '../api/client.ts';
import type { GithubRefs } from '../refs.ts';

/** A branch of ours at this commit, whatever was left there. */
export async function placeBranch(
  refs: GithubRefs,
  name: string,
  commit: Sha,
): Promise<'created' | 'moved' | 'not-forward' | { readonly refused: string }> {
  const created = await refs.create(`heads/${name}`, commit);
  return created === 'exists' ? refs.move(name, commit, true) : created;
}

/** GitHub does not take a tag. `commit`: of the release, where the branch has it already. */
export function tagRefused(
  client: GithubClient,
  tag: string,
  reason: string,
  on?: { readonly commit: Sha; readonly branch: string },
): Refusal {
  return new Refusal('tag-refused', { tag, remote: client.web, reason, ...ruleFact(reason), ...on });
}

/** GitHub takes no change of a branch, with its reason. */
export function notWritable(client: GithubClient, branch: string, reason: string): Refusal {
  return new Refusal('not-writable', { remote: client.web, branch, reason, ...ruleFact(reason) });
}
