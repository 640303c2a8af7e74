import { EVERY_SERVICE } from '../../domain/habits/habits.ts';
import { authorsOf, configuredPeople } from '../../domain/promotion/authors.ts';
import type { Promotion, PromotionState } from '../../domain/promotion/promotion.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import type { Commit } from '../../domain/release/release.ts';
import { serviceCommits } from '../plan/service-commits.ts';
import { asSeenBy } from '../requests/as-seen-by.ts';
import type { RequestContext } from '../requests/request.ts';
import { forEach } from '../run/for-each.ts';
import type { Ports } from '../run/ports.ts';

/** What became of a release longer ago is not told any more, ms: nobody was there to tell it. */
const RECENT_MS = 24 * 3_600_000;
const MOST_COMMITS = 300;
/** How long a process has for telling before another one tries, ms. */
const TELLING_MS = 30_000;

/** What a promotion in this state is told as. */
const NEWS: Partial<Record<PromotionState, AuthorNews['kind']>> = {
  monitoring: 'live',
  shipped: 'live',
  'rolled-back': 'back',
};

/** What somebody is told of their commits. Outside text is raw. */
export interface AuthorNews {
  /** `back`: they were in production, and are not any more. */
  readonly kind: 'live' | 'back';
  readonly promotion: Promotion;
  /** Newest first. */
  readonly commits: readonly { readonly subject: string; readonly url?: string | undefined }[];
}

/**
 * Tells those who want to know that commits of theirs are in production, proven healthy, or were rolled back: each once for a
 * release. Whose a commit is says its address, that of a co-author too, or the configuration; it is not proof of anything.
 * Nobody is told of a service that is hidden from them.
 */
export async function tellAuthors(
  requests: RequestContext,
  tell: (user: string, news: AuthorNews) => Promise<void>,
): Promise<void> {
  const { ledger } = requests;
  const subscriptions = await ledger.subscriptions();
  if (subscriptions.length === 0) return;
  const since = requests.now() - RECENT_MS;
  const ofService = (name: string) =>
    subscriptions.filter(({ service }) => service === name || service === EVERY_SERVICE);
  const news = (await ledger.deliveredOrBack(since)).flatMap(({ id, service, state }) => {
    const kind = NEWS[state];
    return kind && ofService(service).length > 0 ? [{ id, kind, told: `authors:${id}:${kind}` }] : [];
  });
  const over = await ledger.seenAmong(news.map(({ told }) => told));
  await forEach(news, async ({ id, kind, told }) => {
    if (over.has(told)) return;
    const promotion = await ledger.get(id);
    const ports = requests.services.get(promotion.service);
    const at = changedAt(promotion);
    // Whatever it has become since is for the next look.
    if (!ports || at === null || at < since || NEWS[promotion.state] !== kind) return;
    // A part of the requests is not production yet.
    if (promotion.state === 'monitoring' && promotion.data.stage) return;
    const people = ofService(promotion.service)
      .filter((subscription) => subscription.since <= at)
      .map(({ person }) => person);
    if (people.length === 0) return;
    const commits = await releasedCommits(ports, promotion);
    // Whoever another process is about to tell is looked at once more.
    let isOver = true;
    await forEach(new Set(people), async (person) => {
      const own = await commitsBy(requests, ports, person, commits).catch(whenRefused([]));
      const key = `${told}:${person}`;
      if (own.length === 0 || (await ledger.wasSeen(key))) return;
      if (!(await ledger.tryOffer(key, TELLING_MS))) {
        isOver = false;
        return;
      }
      const { links } = ports.repository;
      const shown = own.map(({ sha, message }) => ({
        subject: message.split('\n', 1)[0] ?? '',
        url: links.commit(sha),
      }));
      await tell(person, { kind, promotion, commits: shown });
      await ledger.once(key);
    });
    if (isOver) await ledger.once(told);
  });
}

/** When it came to production, or was taken back; null when it did not. */
function changedAt({ state, data }: Promotion): number | null {
  const { deployment, rollback } = data;
  return (state === 'rolled-back' ? rollback?.finishedAt : deployment?.finishedAt) ?? null;
}

/** What production got with it, as far as the repository has it. */
async function releasedCommits(
  { repository, service }: Ports,
  { data }: Promotion,
): Promise<readonly Commit[]> {
  const { plan } = data;
  if (plan === undefined) return [];
  const live = plan.rollbackTo?.commit || null;
  const range = [repository, service, live, plan.candidate.commit] as const;
  return serviceCommits(MOST_COMMITS, ...range).catch(whenRefused([]));
}

async function commitsBy(
  requests: RequestContext,
  { service: { name, people = {} } }: Ports,
  person: string,
  commits: readonly Commit[],
): Promise<readonly Commit[]> {
  const { reader } = await asSeenBy(requests, person);
  await reader?.look(name);
  if (reader && !reader.mayRead(name)) return [];
  const { email } = await requests.people.forDisplay.profile(person);
  return commits.filter((commit) =>
    authorsOf([commit], null, people).some(
      (author) =>
        (email !== undefined && author.emails.includes(email.toLowerCase())) ||
        configuredPeople(author, people).includes(person),
    ),
  );
}
