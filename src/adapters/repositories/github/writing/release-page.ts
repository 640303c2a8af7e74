import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Release } from '../../../../domain/release/release.ts';
import { withinTag } from '../../../../domain/release/tag-form.ts';
import { byVersion, compareVersions, isPrerelease } from '../../../../domain/release/version-key.ts';
import { isOurPage, markedPage } from '../../page-mark.ts';
import type { ReleasePage } from '../../port.ts';
import type { GithubClient } from '../api/client.ts';
import type { GithubClientSet } from '../client-set.ts';

const Page = z.object({
  id: z.number(),
  html_url: z.string(),
  name: z.string().nullable(),
  body: z.string().nullable().optional(),
  prerelease: z.boolean(),
  immutable: z.boolean().optional(),
});
type Page = z.infer<typeof Page>;

/** GitHub takes 125,000 characters. */
const LONGEST = 120_000;
/** So many later versions are looked at: those without a page are few. */
const MOST_LATER = 5;

/**
 * Makes the page of a tag, or brings it up to date. It becomes the latest of the repository unless a later version of the
 * same service has a page: a release of an older line is none that people should take. A page with other people's text is only linked. `published`: tags
 * whose pages are known to be there; what they hold by now is asked.
 */
export async function publishRelease(
  { client, refs }: Pick<GithubClientSet, 'client' | 'refs'>,
  release: Pick<Release, 'tag' | 'version'>,
  { title, body, withheld }: ReleasePage,
  published: Set<string>,
): Promise<{ readonly url: string }> {
  const { tag } = release;
  const wanted = { name: title, body: markedPage(body, LONGEST), prerelease: withheld };
  const found = published.has(tag) ? await byTag(client, tag) : null;
  if (found) return bringUpToDate(client, found, wanted);
  const later = laterTags(await refs.tagNames(), release);
  // Of itself GitHub calls the page that was made last the latest.
  const latest = (await hasPage(client, later)) ? { make_latest: 'false' } : {};
  published.add(tag);
  const reply = await client.send(
    'POST /repos/{owner}/{repo}/releases',
    { tag_name: tag, draft: false, ...wanted, ...latest },
    Page,
    { expect: [422] },
  );
  if (reply.kind === 'ok') return { url: reply.data.html_url };
  const other = await byTag(client, tag);
  if (other) return bringUpToDate(client, other, wanted);
  throw new Refusal('github-refused', {
    repository: client.name,
    what: `the release page of ${tag}`,
    reason: reply.message,
  });
}

/** Whether the newest release is immutable, and so is its tag; of the next one nobody is told without administration rights. */
export async function areImmutable(client: GithubClient, signal: AbortSignal | undefined): Promise<boolean> {
  const route = 'GET /repos/{owner}/{repo}/releases';
  const [newest] = await client.get(route, { per_page: 1 }, z.array(Page), { signal });
  return newest?.immutable === true;
}

async function bringUpToDate(
  client: GithubClient,
  page: Page,
  wanted: { readonly name: string; readonly body: string; readonly prerelease: boolean },
): Promise<{ readonly url: string }> {
  const said = (page.body ?? '').trim();
  // Of an immutable release GitHub changes only title and notes.
  const prerelease = page.immutable ? page.prerelease : wanted.prerelease;
  const isSame = said === wanted.body.trim() && page.name === wanted.name && page.prerelease === prerelease;
  if (isOurPage(said) && !isSame) {
    const route = 'PATCH /repos/{owner}/{repo}/releases/{release_id}';
    await client.send(route, { release_id: page.id, ...wanted, prerelease }, Page, { again: true });
  }
  return { url: page.html_url };
}

/** Tags of later versions of the same service, the latest first; only of those that are final. */
function laterTags(names: readonly string[], { tag, version }: Pick<Release, 'tag' | 'version'>) {
  const lead = Math.max(0, tag.lastIndexOf(version));
  const form = { tagPrefix: tag.slice(0, lead), tagSuffix: tag.slice(lead + version.length) };
  const found = names.flatMap((name) => {
    const other = withinTag(form, name) ?? '';
    return compareVersions(other, version) > 0 && !isPrerelease(other) ? [{ name, other }] : [];
  });
  return byVersion(found, ({ other }) => other)
    .slice(0, MOST_LATER)
    .map(({ name }) => name);
}

/** Whether one of the tags has a page, which is not withheld. */
async function hasPage(client: GithubClient, tags: readonly string[]): Promise<boolean> {
  for (const tag of tags) if ((await byTag(client, tag))?.prerelease === false) return true;
  return false;
}

async function byTag(client: GithubClient, tag: string): Promise<Page | null> {
  const route = 'GET /repos/{owner}/{repo}/releases/tags/{tag}';
  const reply = await client.ask(route, { tag }, Page, { expect: [404] });
  return reply.kind === 'ok' ? reply.data : null;
}
