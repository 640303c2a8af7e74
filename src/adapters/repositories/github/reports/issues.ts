import { z } from 'zod';
import type { OpenedIssue } from '../../port.ts';
import type { GithubClient } from '../api/client.ts';

const Issues = z.array(
  z.object({
    number: z.int(),
    title: z.string(),
    html_url: z.string(),
    created_at: z.string(),
    user: z.object({ login: z.string() }).nullable(),
    pull_request: z.unknown().optional(),
  }),
);

/** So many of the newest with a label are looked at. */
const MOST = 20;

/**
 * Issues with one of the labels that were opened since then (ms since the epoch), oldest first. One request for each
 * label, which costs nothing while nothing has changed.
 */
export async function openedIssues(
  client: GithubClient,
  labels: readonly string[],
  sinceMs: number,
  signal?: AbortSignal,
): Promise<readonly OpenedIssue[]> {
  const found = new Map<number, OpenedIssue>();
  for (const label of labels) {
    // GitHub takes several labels for "all of them".
    const params = { labels: label, state: 'all', sort: 'created', direction: 'desc', per_page: MOST };
    const issues = await client.get('GET /repos/{owner}/{repo}/issues', params, Issues, { signal });
    for (const { number, title, html_url: url, created_at, user, pull_request } of issues) {
      const at = Date.parse(created_at);
      // GitHub lists pull requests among the issues.
      if (pull_request !== undefined || !(at >= sinceMs)) continue;
      found.set(number, { number, title, url, at, by: user?.login ?? 'ghost' });
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at || a.number - b.number);
}
