import type { ConfirmationDialog } from '@slack/types';
import type { PageCallName, PageCalls } from '../../protocol/calls.ts';
import type { PageEvent } from '../../protocol/events.ts';
import type { PageMessage } from '../../protocol/messages.ts';
import type { Container, ElementValue, StateValues } from '../../protocol/views.ts';
import { readAddress, readPermalink, writeAddress } from './address.ts';
import { CallFailed, connect } from './connection.ts';
import { plainLine } from './plain-line.ts';
import { empty, nameOf, type Place, received, type State, withMessages } from './state.ts';

/** Everything the page can do, over one state that views read and nobody else writes. */
export type Workspace = ReturnType<typeof createWorkspace>;

const toastTime = { error: 9000, info: 5000 };
const historyPage = 60;

export function createWorkspace() {
  const wanted = readAddress(window.location);
  let state: State = { ...empty, place: wanted.place, thread: wanted.thread };
  let user = wanted.user;
  let toastId = 0;
  let said = 0;
  const listeners = new Set<() => void>();

  const set = (next: Partial<State>) => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };
  const replace = (next: State) => set(next);

  const connection = connect({
    user: () => user,
    onEvent: (event) => take(event),
    onLine: (open) =>
      set(open ? { line: 'open' } : { line: state.line === 'connecting' ? 'connecting' : 'lost' }),
  });

  // ------------------------------------------------------------ what arrives

  function take(event: PageEvent): void {
    if (event.type === 'toast') toast(event.kind, event.text);
    const before = state;
    replace(received(state, event));
    if (event.type === 'snapshot') arrived(before.me !== event.me);
    if (event.type === 'message') heard(before, event.message);
  }

  function arrived(anotherUser: boolean): void {
    user = state.me;
    if (anotherUser) set({ announcement: `You are ${nameOf(state, state.me)}` });
    const first =
      (state.start === undefined ? undefined : state.channels.get(state.start)) ??
      [...state.channels.values()].find((c) => c.kind !== 'im' && c.members.includes(state.me)) ??
      [...state.channels.values()][0];
    const place = state.place ?? (first === undefined ? null : { kind: 'channel' as const, id: first.id });
    const thread = state.thread;
    if (place !== null) goTo(place);
    if (thread !== null) openThread(thread.channel, thread.ts);
  }

  /** New messages by others in view are read out, and count as read. */
  function heard(before: State, message: PageMessage): void {
    const known = before.logs.get(message.channel)?.messages.has(message.ts) ?? false;
    if (known || message.user === state.me) return;
    if (message.channel === channelInView(state)) {
      set({ announcement: `${nameOf(state, message.user)}: ${plainLine(state, message.text)}` });
      markRead(message.channel);
    }
  }

  function markRead(channel: string): void {
    if (!document.hasFocus() && document.visibilityState === 'hidden') return;
    void quietly('read', { channel });
  }

  // ------------------------------------------------------------ asking the server

  function failed(error: unknown): void {
    if (error instanceof CallFailed) toast('error', error.message);
    else throw error;
  }

  async function ask<Name extends PageCallName>(
    name: Name,
    args: PageCalls[Name]['args'],
  ): Promise<PageCalls[Name]['result'] | undefined> {
    try {
      return await connection.call(name, args);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  async function quietly<Name extends PageCallName>(name: Name, args: PageCalls[Name]['args']) {
    try {
      return await connection.call(name, args);
    } catch {
      return undefined;
    }
  }

  /** True when it went well; the key is busy meanwhile, and pressing again does nothing. */
  async function once<Name extends PageCallName>(
    key: string,
    name: Name,
    args: PageCalls[Name]['args'],
  ): Promise<boolean> {
    if (state.busy.has(key)) return false;
    set({ busy: new Set(state.busy).add(key) });
    try {
      await connection.call(name, args);
      return true;
    } catch (error) {
      failed(error);
      return false;
    } finally {
      const busy = new Set(state.busy);
      busy.delete(key);
      set({ busy });
    }
  }

  function toast(kind: 'error' | 'info', text: string): void {
    const again = state.toasts.find((other) => other.text === text);
    if (again !== undefined) return;
    toastId += 1;
    const id = toastId;
    set({ toasts: [...state.toasts, { id, kind, text }].slice(-4) });
    window.setTimeout(() => dropToast(id), toastTime[kind]);
  }

  function dropToast(id: number): void {
    set({ toasts: state.toasts.filter((other) => other.id !== id) });
  }

  // ------------------------------------------------------------ moving about

  function remember(): void {
    writeAddress({ user: state.me, place: state.place, thread: state.thread });
  }

  function goTo(place: Place): void {
    const inPlace = place.kind === 'channel' && state.thread?.channel === place.id;
    set({ place, sheet: 'none', thread: inPlace ? state.thread : null });
    remember();
    if (place.kind === 'app') return void goToApp(place.tab);
    void load(place.id);
  }

  async function goToApp(tab: 'home' | 'messages' | 'about'): Promise<void> {
    const bot = state.app?.user;
    if (tab === 'home') await ask('open_home', { tab });
    if (tab !== 'messages' || bot === undefined) return;
    void quietly('open_home', { tab });
    const opened = await ask('open_dm', { user: bot });
    if (opened !== undefined) await load(opened.channel);
  }

  async function load(channel: string): Promise<void> {
    const page = await ask('history', { channel, limit: historyPage });
    if (page === undefined) return;
    replace(withMessages(state, channel, page.messages, { loaded: true, more: page.more }));
    markRead(channel);
  }

  async function loadOlder(channel: string, before: string): Promise<void> {
    const page = await ask('history', { channel, before, limit: historyPage });
    if (page !== undefined) replace(withMessages(state, channel, page.messages, { more: page.more }));
  }

  async function openThread(channel: string, ts: string): Promise<void> {
    set({ thread: { channel, ts }, sheet: 'none' });
    remember();
    const found = await ask('replies', { channel, ts });
    if (found !== undefined) replace(withMessages(state, channel, found.messages));
  }

  function closeThread(): void {
    set({ thread: null });
    remember();
  }

  /** True when the link is to a message here, which is then shown instead of opening another tab. */
  function openPermalink(link: string): boolean {
    const found = readPermalink(link);
    if (found === undefined || !state.channels.has(found.channel)) return false;
    void showMessage(found.channel, found.ts, found.threadTs);
    return true;
  }

  async function showMessage(channel: string, ts: string, threadTs?: string): Promise<void> {
    set({ place: { kind: 'channel', id: channel }, sheet: 'none' });
    remember();
    await load(channel);
    const inChannel = state.logs.get(channel)?.messages.has(ts) ?? false;
    if (threadTs !== undefined || !inChannel) await openThread(channel, threadTs ?? ts);
    // Who goes to a thread goes to its end, where one answers.
    if (threadTs === ts) bringIntoView(ts);
    else reveal(ts);
  }

  async function openPerson(id: string): Promise<void> {
    if (id === state.app?.user) return goTo({ kind: 'app', tab: state.app.homeTab ? 'home' : 'messages' });
    const opened = await ask('open_dm', { user: id });
    if (opened !== undefined) goTo({ kind: 'channel', id: opened.channel });
  }

  async function actAs(id: string): Promise<void> {
    if (id === state.me) return;
    if ((await ask('act_as', { user: id })) !== undefined) user = id;
  }

  // ------------------------------------------------------------ saying things

  /** True when it was sent; the composer then forgets it. A line that begins with a slash is a command. */
  async function say(channel: string, text: string, typed: string, threadTs?: string, broadcast?: boolean) {
    // Each its own: the next one is sent while this one is under way, in the order of typing.
    said += 1;
    const key = `say ${channel} ${threadTs ?? ''} ${said}`;
    if (/^\/\S/.test(typed)) {
      const name = typed.split(/\s/)[0] ?? '';
      if (threadTs !== undefined) {
        toast('error', `${name} is not supported in threads. Send it in the channel instead.`);
        return false;
      }
      return once(key, 'command', { channel, line: typed });
    }
    return once(key, 'post', {
      channel,
      text,
      ...(threadTs === undefined ? {} : { threadTs }),
      ...(broadcast ? { broadcast } : {}),
    });
  }

  function dismiss(message: PageMessage): void {
    set({ dismissed: new Set(state.dismissed).add(`${message.channel} ${message.ts}`) });
    void quietly('delete', { channel: message.channel, ts: message.ts });
  }

  // ------------------------------------------------------------ blocks and views

  function question(confirm: ConfirmationDialog): Promise<boolean> {
    return new Promise((resolve) => {
      set({
        question: {
          confirm,
          answer: (yes) => {
            set({ question: null });
            resolve(yes);
          },
        },
      });
    });
  }

  function put(container: Container, blockId: string, actionId: string, value: ElementValue): void {
    const key = containerKey(container);
    const inputs = { ...state.inputs[key], [inputKey(blockId, actionId)]: value };
    set({ inputs: { ...state.inputs, [key]: inputs } });
  }

  function act(
    container: Container,
    blockId: string,
    actionId: string,
    values: StateValues,
    value?: ElementValue,
  ): Promise<boolean> {
    return once(actionKey(container, blockId, actionId), 'action', {
      container,
      blockId,
      actionId,
      state: values,
      ...(value === undefined ? {} : { value }),
    });
  }

  function submit(viewId: string, values: StateValues): Promise<boolean> {
    const { [viewId]: _, ...viewErrors } = state.viewErrors;
    set({ viewErrors });
    return once(`submit ${viewId}`, 'submit', { viewId, state: values });
  }

  window.addEventListener('focus', () => {
    const channel = channelInView(state);
    if (channel !== undefined && state.unread[channel] !== undefined) markRead(channel);
  });

  return {
    state: () => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    goTo,
    loadOlder,
    openThread,
    closeThread,
    openPerson,
    openPermalink,
    actAs,
    say,
    dismiss,
    toast,
    dropToast,
    question,
    put,
    act,
    submit,
    edit: (message: PageMessage, text: string) =>
      once(`edit ${message.ts}`, 'edit', { channel: message.channel, ts: message.ts, text }),
    remove: (message: PageMessage) => ask('delete', { channel: message.channel, ts: message.ts }),
    react: (message: PageMessage, name: string, on: boolean) =>
      ask('react', { channel: message.channel, ts: message.ts, name, on }),
    options: (args: PageCalls['options']['args']) => ask('options', args),
    close: (viewId: string, clear: boolean) => ask('close', { viewId, clear }),
    shortcut: (callbackId: string) => ask('shortcut', { callbackId }),
    messageShortcut: (callbackId: string, message: PageMessage) =>
      ask('message_shortcut', { callbackId, channel: message.channel, ts: message.ts }),
    join: (channel: string) => ask('join', { channel }),
    setSwitch: (id: string, value: string) => once(`switch ${id}`, 'set_switch', { id, value }),
    showSheet: (sheet: State['sheet']) => set({ sheet }),
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

export function containerKey(container: Container): string {
  return container.type === 'view' ? container.viewId : `${container.channel} ${container.ts}`;
}

export function inputKey(blockId: string, actionId: string): string {
  return `${blockId} ${actionId}`;
}

export function actionKey(container: Container, blockId: string, actionId: string): string {
  return `act ${containerKey(container)} ${inputKey(blockId, actionId)}`;
}

/** The channel whose messages are on screen; for the app's Messages tab, the conversation with the bot. */
export function channelInView(state: State): string | undefined {
  if (state.place?.kind === 'channel') return state.place.id;
  if (state.place?.kind !== 'app' || state.place.tab !== 'messages') return undefined;
  return [...state.channels.values()].find((c) => c.kind === 'im' && c.partner === state.app?.user)?.id;
}
