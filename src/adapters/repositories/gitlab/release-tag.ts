import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { path } from '../../shared/platform/api.ts';
import type { ReleaseCut } from '../port.ts';
import { ruleFact } from '../push-rule.ts';
import type { GitlabClient } from './client.ts';

/** @see https://docs.gitlab.com/api/tags/ */
const Tag = z.object({ commit: z.object({ id: z.string() }) });

/** The commit that a tag names; null when there is no such tag. */
export async function commitOfTag(client: GitlabClient, tag: string): Promise<Sha | null> {
  const doing = `read the tag ${tag}`;
  const found = await client.find({ path: path`/repository/tags/${tag}`, reply: Tag, doing });
  return found?.commit.id ?? null;
}

/** An annotated tag on what a release was merged as. Refusals `tag-exists`, and `tag-refused` with that commit. */
export async function tagMerged(client: GitlabClient, cut: ReleaseCut, commit: Sha): Promise<void> {
  const { tag, branch, tagMessage: message } = cut;
  const made = client.get({
    method: 'POST',
    path: '/repository/tags',
    body: { tag_name: tag, ref: commit, message },
    reply: Tag,
    doing: `make the tag ${tag}`,
  });
  try {
    await made;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const there = await commitOfTag(client, tag);
    if (there === commit) return;
    if (there !== null) throw new Refusal('tag-exists', { tag });
    if (error.code !== 'platform-refused' && error.code !== 'platform-forbidden') throw error;
    const reason = String(error.facts['said'] ?? '');
    throw new Refusal('tag-refused', {
      tag,
      remote: client.web,
      reason,
      ...ruleFact(reason),
      commit,
      branch,
    });
  }
}
