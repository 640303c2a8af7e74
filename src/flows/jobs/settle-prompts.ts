import type { PromptSender } from '../../adapters/slack/port.ts';
import { type StoredPrompt, startedSince } from '../../domain/promotion/asking/prompt.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { RequestContext } from '../requests/request.ts';
import { forEach } from '../run/for-each.ts';
import { onceEach } from '../run/once-each.ts';

/** How long a process has for posting before another one tries, in ms. Longer than the calls that it takes last. */
const POSTING_MS = 60_000;
/** Among so many promotions of a service the one is looked for that answers a prompt. */
const RECENT = 20;

type Store = Pick<RequestContext, 'ledger'>;

/**
 * Posts the messages with buttons that are to be posted outside of threads, and lets the buttons of those that were
 * answered give way to what became of them. All of that is stored, so any process does it for any other. Throws at the
 * end what went wrong; the others are done all the same.
 */
export async function settlePrompts(store: Store, sender: PromptSender): Promise<void> {
  const open = await store.ledger.openPrompts();
  const recent = recentOnce(store);
  await forEach(open, (prompt) => settle(store, sender, prompt, recent));
}

/** Posts one that was just stored, now; what does not get through throws, and is tried again by a later look. */
export async function postPrompt(store: Store, sender: PromptSender, key: string): Promise<void> {
  const stored = await store.ledger.openPrompt(key);
  if (stored) await settle(store, sender, stored, recentOnce(store));
}

/** The newest promotions of a service; read once, however many prompts are of it. */
function recentOnce({ ledger }: Store): (service: string) => Promise<readonly Promotion[]> {
  const once = onceEach();
  return (service) => once(service, () => ledger.recent({ service, limit: RECENT }));
}

async function settle(
  { ledger }: Store,
  sender: PromptSender,
  stored: StoredPrompt,
  recent: ReturnType<typeof recentOnce>,
): Promise<void> {
  const { key, prompt } = stored;
  const outcome = stored.outcome ?? startedSince(stored, await recent(prompt.service));
  if (outcome !== null && stored.outcome === null) await ledger.settlePrompt(key, outcome);
  if (stored.posted === null) {
    if (outcome !== null && stored.attemptedAt === null) return ledger.closePrompt(key);
    if (stored.snoozedUntil !== undefined) return;
    if (!(await ledger.tryPrompt(key, POSTING_MS))) return;
    const posted = await sender.post({ ...stored, outcome });
    if (posted === null) return ledger.closePrompt(key);
    await ledger.promptPosted(key, posted);
    // What was found may show its buttons still: the next look updates it.
    return;
  }
  if (outcome === null) return;
  await sender.update({ ...stored, outcome });
  await ledger.closePrompt(key);
}
