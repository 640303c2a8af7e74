import { z } from 'zod';
import type { OpenedIssue } from '../port.ts';
import type { GitlabClient } from './client.ts';

/** @see https://docs.gitlab.com/api/issues/#list-project-issues */
const Issue = z.object({
  iid: z.int(),
  title: z.string(),
  web_url: z.string(),
  created_at: z.string(),
  author: z.object({ username: z.string() }).nullish(),
});

/** So many of the newest with a label are looked at. */
const MOST = '20';

/** Issues with one of the labels that were opened since then (ms since the epoch), oldest first. */
export async function openedIssues(
  client: GitlabClient,
  labels: readonly string[],
  sinceMs: number,
  signal?: AbortSignal,
): Promise<readonly OpenedIssue[]> {
  const found = new Map<number, OpenedIssue>();
  for (const label of labels) {
    const issues = await client.get({
      path: '/issues',
      // Several labels would mean all of them.
      query: {
        labels: label,
        created_after: new Date(sinceMs).toISOString(),
        order_by: 'created_at',
        sort: 'desc',
        per_page: MOST,
      },
      reply: z.array(Issue),
      doing: 'list issues',
      needs: 'the scope api and the role Planner or Reporter in the project',
      signal,
    });
    for (const { iid, title, web_url: url, created_at, author } of issues) {
      const at = Date.parse(created_at);
      if (at >= sinceMs) found.set(iid, { number: iid, title, url, at, by: author?.username ?? 'ghost' });
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at || a.number - b.number);
}
