import { writeAddress } from '../state/address.ts';
import type { Place } from '../state/state.ts';
import type { Calls } from './calls.ts';
import type { History } from './history.ts';
import type { Store } from './store.ts';

/** Where one is: the place, the thread beside it, and the address that leads back there. */
export interface Navigation {
  goTo(place: Place): void;
  openThread(channel: string, ts: string): Promise<void>;
  closeThread(): void;
  /** The conversation with somebody; for the app, its own place. */
  openPerson(id: string): Promise<void>;
  remember(): void;
}

export function createNavigation(
  { state, set }: Store,
  { ask, quietly }: Calls,
  history: History,
): Navigation {
  const remember = () => {
    const { me, place, thread } = state();
    writeAddress({ user: me, place, thread });
  };

  function goTo(place: Place): void {
    const { thread } = state();
    const inPlace = place.kind === 'channel' && thread?.channel === place.id;
    set({ place, sheet: 'none', thread: inPlace ? thread : null });
    remember();
    if (place.kind === 'app') return void goToApp(place.tab);
    void history.load(place.id);
  }

  async function goToApp(tab: 'home' | 'messages' | 'about'): Promise<void> {
    const bot = state().app?.user;
    if (tab === 'home') await ask('open_home', { tab });
    if (tab !== 'messages' || bot === undefined) return;
    void quietly('open_home', { tab });
    const opened = await ask('open_dm', { user: bot });
    if (opened !== undefined) await history.load(opened.channel);
  }

  return {
    goTo,
    remember,
    async openThread(channel, ts) {
      set({ thread: { channel, ts }, sheet: 'none' });
      remember();
      await history.loadThread(channel, ts);
    },
    closeThread() {
      set({ thread: null });
      remember();
    },
    async openPerson(id) {
      const { app } = state();
      if (id === app?.user) return goTo({ kind: 'app', tab: app.homeTab ? 'home' : 'messages' });
      const opened = await ask('open_dm', { user: id });
      if (opened !== undefined) goTo({ kind: 'channel', id: opened.channel });
    },
  };
}
