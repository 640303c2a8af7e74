import type { PageEvent } from '../../protocol/events.ts';
import type { PageMessage } from '../../protocol/messages.ts';
import { plainLine } from '../state/plain-line.ts';
import { channelInView, nameOf, received, type State } from '../state/state.ts';
import type { History } from './history.ts';
import type { Navigation } from './navigation.ts';
import type { Store } from './store.ts';
import type { Toasts } from './toasts.ts';

/** Takes what the server says into the state, and does what follows from it. */
export function createReceiver(
  { state, set }: Store,
  { toast }: Toasts,
  history: History,
  navigation: Pick<Navigation, 'goTo' | 'openThread'>,
): (event: PageEvent) => void {
  function arrived(anotherUser: boolean): void {
    const { me, channels, start, place: before, thread } = state();
    if (anotherUser) set({ announcement: `You are ${nameOf(state(), me)}` });
    const first =
      (start === undefined ? undefined : channels.get(start)) ??
      [...channels.values()].find((c) => c.kind !== 'im' && c.members.includes(me)) ??
      [...channels.values()][0];
    const place = before ?? (first === undefined ? null : { kind: 'channel' as const, id: first.id });
    if (place !== null) navigation.goTo(place);
    if (thread !== null) void navigation.openThread(thread.channel, thread.ts);
  }

  /** New messages by others in view are read out, and count as read. */
  function heard(before: State, message: PageMessage): void {
    const known = before.logs.get(message.channel)?.messages.has(message.ts) ?? false;
    if (known || message.user === state().me || message.channel !== channelInView(state())) return;
    set({ announcement: `${nameOf(state(), message.user)}: ${plainLine(state(), message.text)}` });
    history.markRead(message.channel);
  }

  return (event) => {
    if (event.type === 'toast') toast(event.kind, event.text);
    const before = state();
    set(received(before, event));
    if (event.type === 'snapshot') arrived(before.me !== event.me);
    if (event.type === 'message') heard(before, event.message);
  };
}
