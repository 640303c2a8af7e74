import type { PageEvent } from '../../protocol/events.ts';
import { readAddress } from '../state/address.ts';
import { channelInView, empty, type State } from '../state/state.ts';
import { createBlockActions } from './blocks.ts';
import { createCalls } from './calls.ts';
import { connect } from './connection.ts';
import { createHistory } from './history.ts';
import { createMessages } from './messages.ts';
import { createNavigation } from './navigation.ts';
import { createPermalinks } from './permalinks.ts';
import { createReceiver } from './receive.ts';
import { createStore } from './store.ts';
import { createToasts } from './toasts.ts';

/** Everything the page can do, over one state that views read and nobody else writes. */
export type Workspace = ReturnType<typeof createWorkspace>;

export function createWorkspace() {
  const wanted = readAddress(window.location);
  const store = createStore({ ...empty, place: wanted.place, thread: wanted.thread });
  const { state, set, subscribe } = store;
  /** Who to be when the connection is opened again. */
  let user = wanted.user;
  const toasts = createToasts(store);
  const connection = connect({
    user: () => user,
    onEvent: (event) => take(event),
    onChange: (open) => {
      const before = state().connection;
      set({ connection: open ? 'open' : before === 'connecting' ? 'connecting' : 'lost' });
    },
  });
  const calls = createCalls(store, toasts, connection);
  const history = createHistory(store, calls);
  const navigation = createNavigation(store, calls, history);
  const receive = createReceiver(store, toasts, history, navigation);

  function take(event: PageEvent): void {
    if (event.type === 'snapshot') user = event.me;
    receive(event);
  }

  window.addEventListener('focus', () => {
    const channel = channelInView(state());
    if (channel !== undefined && state().unread[channel] !== undefined) history.markRead(channel);
  });

  return {
    state,
    subscribe,
    ...toasts,
    goTo: navigation.goTo,
    openThread: navigation.openThread,
    closeThread: navigation.closeThread,
    openPerson: navigation.openPerson,
    ...createMessages(store, calls, toasts),
    ...createBlockActions(store, calls),
    loadOlder: history.loadOlder,
    openPermalink: createPermalinks(store, history, navigation),
    async actAs(id: string): Promise<void> {
      if (id === state().me) return;
      if ((await calls.ask('act_as', { user: id })) !== undefined) user = id;
    },
    join: (channel: string) => calls.ask('join', { channel }),
    setSwitch: (id: string, value: string) => calls.once(`switch ${id}`, 'set_switch', { id, value }),
    showSheet: (sheet: State['sheet']) => set({ sheet }),
  };
}
