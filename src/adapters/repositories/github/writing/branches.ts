import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
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

/** GitHub takes no change of a branch or tag, with its reason. */
export function notWritable(client: GithubClient, branch: string, reason: string): Refusal {
  return new Refusal('not-writable', { remote: client.web, branch, reason });
}
