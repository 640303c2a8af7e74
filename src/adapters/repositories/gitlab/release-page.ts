import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { path } from '../../shared/platform/api.ts';
import { isOurPage, markedPage } from '../page-mark.ts';
import type { ReleasePage } from '../port.ts';
import type { GitlabClient } from './client.ts';

/** @see https://docs.gitlab.com/api/releases/ */
const Page = z.object({
  tag_name: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  _links: z.object({ self: z.string().nullish() }).nullish(),
});
type Page = z.infer<typeof Page>;

/** GitLab takes a million characters. */
const LONGEST = 900_000;
const LOOK_AGAIN_MS = 2_000;

/** Makes the page of a tag, or brings it up to date; a page with other people's text is only linked. */
export async function publishRelease(
  client: GitlabClient,
  tag: string,
  { title, body, withheld }: ReleasePage,
): Promise<{ readonly url: string }> {
  const wanted = {
    // GitLab knows no prereleases.
    name: withheld ? `${title} (not for use)` : title,
    description: markedPage(body, LONGEST),
  };
  const about = { reply: Page, doing: `write the release page of ${tag}` };
  try {
    const made = await client.get({
      ...about,
      method: 'POST',
      path: '/releases',
      body: { tag_name: tag, ...wanted },
    });
    return { url: addressOf(client, made) };
  } catch (error) {
    const found = error instanceof Refusal ? await pageOf(client, tag) : null;
    if (found === null) throw tagUnseen(error) ?? error;
    const isSame = found.name === wanted.name && found.description?.trim() === wanted.description.trim();
    if (!isSame && isOurPage(found.description)) {
      await client.get({ ...about, method: 'PUT', path: path`/releases/${tag}`, body: wanted });
    }
    return { url: addressOf(client, found) };
  }
}

function pageOf(client: GitlabClient, tag: string): Promise<Page | null> {
  return client.find({ path: path`/releases/${tag}`, reply: Page, doing: `read the release page of ${tag}` });
}

/** The tag was just pushed, and GitLab wants to be told from what to make it. */
function tagUnseen(error: unknown): Unavailable | null {
  if (!(error instanceof Refusal) || !/ref is not specified/i.test(String(error.facts['said']))) return null;
  return new Unavailable('GitLab', 'does not see the tag yet', { retryAfterMs: LOOK_AGAIN_MS, cause: error });
}

function addressOf(client: GitlabClient, { tag_name: tag, _links: links }: Page): string {
  return links?.self ?? `${client.web}/-/releases/${encodeURIComponent(tag)}`;
}
