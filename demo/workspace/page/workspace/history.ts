import { withMessages } from '../state/state.ts';
import type { Calls } from './calls.ts';
import type { Store } from './store.ts';

const historyPage = 60;

/** Messages that the page does not have yet, and which of them were seen. */
export interface History {
  /** The newest messages of a channel, which count as read then. */
  load(channel: string): Promise<void>;
  loadOlder(channel: string, before: string): Promise<void>;
  loadThread(channel: string, ts: string): Promise<void>;
  /** Nothing counts as read while the tab is hidden. */
  markRead(channel: string): void;
}

export function createHistory({ state, set }: Store, { ask, quietly }: Calls): History {
  const markRead = (channel: string) => {
    if (!document.hasFocus() && document.visibilityState === 'hidden') return;
    void quietly('read', { channel });
  };
  return {
    async load(channel) {
      const page = await ask('history', { channel, limit: historyPage });
      if (page === undefined) return;
      set(withMessages(state(), channel, page.messages, { loaded: true, more: page.more }));
      markRead(channel);
    },
    async loadOlder(channel, before) {
      const page = await ask('history', { channel, before, limit: historyPage });
      if (page !== undefined) set(withMessages(state(), channel, page.messages, { more: page.more }));
    },
    async loadThread(channel, ts) {
      const found = await ask('replies', { channel, ts });
      if (found !== undefined) set(withMessages(state(), channel, found.messages));
    },
    markRead,
  };
}
