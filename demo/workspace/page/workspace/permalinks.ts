import { readPermalink } from '../state/address.ts';
import type { History } from './history.ts';
import type { Navigation } from './navigation.ts';
import type { Store } from './store.ts';

/** True when the link is to a message here, which is then shown instead of opening another tab. */
type OpenPermalink = (link: string) => boolean;

export function createPermalinks(
  { state, set }: Store,
  history: History,
  { openThread, remember }: Pick<Navigation, 'openThread' | 'remember'>,
): OpenPermalink {
  async function showMessage(channel: string, ts: string, threadTs?: string): Promise<void> {
    set({ place: { kind: 'channel', id: channel }, sheet: 'none' });
    remember();
    await history.load(channel);
    const inChannel = state().logs.get(channel)?.messages.has(ts) ?? false;
    if (threadTs !== undefined || !inChannel) await openThread(channel, threadTs ?? ts);
    // Who goes to a thread goes to its end, where one answers.
    if (threadTs === ts) bringIntoView(ts);
    else reveal(ts);
  }

  return (link) => {
    const found = readPermalink(link);
    if (found === undefined || !state().channels.has(found.channel)) return false;
    void showMessage(found.channel, found.ts, found.threadTs);
    return true;
  };
}

/** Brings a message of the channel into view, once it is drawn. */
function bringIntoView(ts: string): void {
  window.requestAnimationFrame(() => {
    const found = document.querySelector(`.conversation [data-ts="${CSS.escape(ts)}"]`);
    found?.scrollIntoView({ block: 'nearest' });
  });
}

/** Brings a message into view and gives it the focus, once it is drawn. */
function reveal(ts: string): void {
  window.requestAnimationFrame(() => {
    const found = [...document.querySelectorAll<HTMLElement>(`[data-ts="${CSS.escape(ts)}"]`)].at(-1);
    found?.scrollIntoView({ block: 'center' });
    found?.focus({ preventScroll: true });
    found?.classList.add('found');
    window.setTimeout(() => found?.classList.remove('found'), 2500);
  });
}
