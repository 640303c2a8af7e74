import type { ConfirmationDialog } from '@slack/types';
import type {
  PageApp,
  PageChannel,
  PageGauge,
  PageLink,
  PageSwitch,
  PageTeam,
  PageUser,
  PageUserGroup,
} from '../../protocol/directory.ts';
import type { PageEvent, PageSnapshot, PageUnread } from '../../protocol/events.ts';
import type { PageMessage } from '../../protocol/messages.ts';
import type { ElementValue, PageView } from '../../protocol/views.ts';

export type Place =
  | { readonly kind: 'channel'; readonly id: string }
  | { readonly kind: 'app'; readonly tab: 'home' | 'messages' | 'about' };

/** What is known of one channel: replies too, by timestamp. */
export interface ChannelLog {
  readonly messages: ReadonlyMap<string, PageMessage>;
  readonly loaded: boolean;
  /** Older ones can be asked for. */
  readonly more: boolean;
}

interface Toast {
  readonly id: number;
  readonly kind: 'error' | 'info';
  readonly text: string;
}

interface Question {
  readonly confirm: ConfirmationDialog;
  readonly answer: (yes: boolean) => void;
}

/** By `block_id` and `action_id` joined with a space: what a person put in, not yet (or never) told to the app. */
export type Inputs = Readonly<Record<string, ElementValue>>;

export interface State {
  readonly connection: 'connecting' | 'open' | 'lost';
  readonly team: PageTeam;
  readonly me: string;
  readonly users: ReadonlyMap<string, PageUser>;
  readonly groups: ReadonlyMap<string, PageUserGroup>;
  readonly channels: ReadonlyMap<string, PageChannel>;
  readonly unread: Readonly<Record<string, PageUnread>>;
  readonly app: PageApp | null;
  readonly botOnline: boolean;
  readonly views: readonly PageView[];
  readonly home: PageView | null;
  readonly switches: readonly PageSwitch[];
  readonly gauges: readonly PageGauge[];
  readonly links: readonly PageLink[];
  readonly logs: ReadonlyMap<string, ChannelLog>;
  readonly place: Place | null;
  /** Channel to begin in when the address names no place. */
  readonly start: string | undefined;
  readonly thread: { readonly channel: string; readonly ts: string } | null;
  readonly viewErrors: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By container key. */
  readonly inputs: Readonly<Record<string, Inputs>>;
  /** Keys of what is under way: a pressed button, a submitted modal. */
  readonly busy: ReadonlySet<string>;
  readonly toasts: readonly Toast[];
  readonly question: Question | null;
  /** Ephemeral messages put away, as `channel ts`. */
  readonly dismissed: ReadonlySet<string>;
  readonly sheet: 'none' | 'sidebar' | 'panel';
  /** The last thing to read out. */
  readonly announcement: string;
}

export const empty: State = {
  connection: 'connecting',
  team: { id: '', name: '', domain: '' },
  me: '',
  users: new Map(),
  groups: new Map(),
  channels: new Map(),
  unread: {},
  app: null,
  botOnline: true,
  views: [],
  home: null,
  switches: [],
  gauges: [],
  links: [],
  logs: new Map(),
  place: null,
  start: undefined,
  thread: null,
  viewErrors: {},
  inputs: {},
  busy: new Set(),
  toasts: [],
  question: null,
  dismissed: new Set(),
  sheet: 'none',
  announcement: '',
};

const noLog: ChannelLog = { messages: new Map(), loaded: false, more: false };

function byId<Item extends { readonly id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}

function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return new Map(map).set(key, value);
}

/** Adds or replaces messages of one channel. */
export function withMessages(
  state: State,
  channel: string,
  messages: readonly PageMessage[],
  patch: Partial<Pick<ChannelLog, 'loaded' | 'more'>> = {},
): State {
  const log = state.logs.get(channel) ?? noLog;
  const known = new Map(log.messages);
  for (const message of messages) known.set(message.ts, message);
  return { ...state, logs: withEntry(state.logs, channel, { ...log, ...patch, messages: known }) };
}

/** The state after something arrived. Toasts are the caller's, for they go away by themselves. */
export function received(state: State, event: PageEvent): State {
  switch (event.type) {
    case 'snapshot':
      return fromSnapshot(state, event);
    case 'message':
      return withMessages(state, event.message.channel, [event.message]);
    case 'message_deleted': {
      const log = state.logs.get(event.channel);
      if (log === undefined) return state;
      const messages = new Map(log.messages);
      messages.delete(event.ts);
      const gone = state.thread?.channel === event.channel && state.thread.ts === event.ts;
      return {
        ...state,
        thread: gone ? null : state.thread,
        logs: withEntry(state.logs, event.channel, { ...log, messages }),
      };
    }
    case 'views':
      return { ...state, ...viewsChanged(state, event.views) };
    case 'view_errors':
      return { ...state, viewErrors: { ...state.viewErrors, [event.viewId]: event.errors } };
    case 'home':
      return { ...state, home: event.view };
    case 'unread':
      return { ...state, unread: { ...state.unread, [event.channel]: event.unread } };
    case 'channel':
      return { ...state, channels: withEntry(state.channels, event.channel.id, event.channel) };
    case 'user':
      return { ...state, users: withEntry(state.users, event.user.id, event.user) };
    case 'user_group':
      return { ...state, groups: withEntry(state.groups, event.userGroup.id, event.userGroup) };
    case 'bot':
      return { ...state, botOnline: event.online };
    case 'switches':
      return { ...state, switches: event.switches };
    case 'gauges':
      return { ...state, gauges: event.gauges };
    default:
      return state;
  }
}

/** A view that changed has answered its errors; what a person typed stays where the same input is still there. */
function viewsChanged(
  state: State,
  views: readonly PageView[],
): Pick<State, 'views' | 'viewErrors' | 'inputs'> {
  const before = new Map(state.views.map((view) => [view.id, view.hash]));
  const same = new Set(views.filter((view) => before.get(view.id) === view.hash).map((view) => view.id));
  const open = new Set(views.map((view) => view.id));
  const keep = <Value>(record: Readonly<Record<string, Value>>, stays: (id: string) => boolean) =>
    Object.fromEntries(Object.entries(record).filter(([id]) => stays(id)));
  return {
    views,
    viewErrors: keep(state.viewErrors, (id) => same.has(id)),
    inputs: keep(state.inputs, (id) => !before.has(id) || open.has(id)),
  };
}

function fromSnapshot(state: State, snapshot: PageSnapshot): State {
  const channels = byId(snapshot.channels);
  const stays = state.place?.kind === 'app' || (state.place !== null && channels.has(state.place.id));
  const sameUser = snapshot.me === state.me;
  return {
    ...state,
    ...viewsChanged(state, snapshot.views),
    team: snapshot.team,
    me: snapshot.me,
    users: byId(snapshot.users),
    groups: byId(snapshot.userGroups),
    channels,
    start: snapshot.start,
    unread: snapshot.unread,
    app: snapshot.app,
    botOnline: snapshot.botOnline,
    home: snapshot.home,
    switches: snapshot.switches,
    gauges: snapshot.gauges ?? [],
    links: snapshot.links,
    logs: new Map(),
    place: stays ? state.place : null,
    thread: stays && state.thread !== null && channels.has(state.thread.channel) ? state.thread : null,
    busy: new Set(),
    dismissed: sameUser ? state.dismissed : new Set(),
    inputs: sameUser ? state.inputs : {},
  };
}

/** Top-level messages of a channel, oldest first. */
export function timeline(state: State, channel: string): readonly PageMessage[] {
  return listed(
    state,
    channel,
    (m) => m.threadTs === undefined || m.threadTs === m.ts || m.broadcast === true,
  );
}

/** The parent and its replies, oldest first. */
export function conversation(state: State, channel: string, ts: string): readonly PageMessage[] {
  return listed(state, channel, (m) => m.ts === ts || m.threadTs === ts);
}

function listed(state: State, channel: string, wanted: (m: PageMessage) => boolean): readonly PageMessage[] {
  const log = state.logs.get(channel);
  if (log === undefined) return [];
  return [...log.messages.values()]
    .filter((m) => wanted(m) && !state.dismissed.has(`${m.channel} ${m.ts}`))
    .sort((a, b) => Number(a.ts) - Number(b.ts));
}

/** Who and what there is: changes rarely, unlike the rest. */
export type Directory = Pick<State, 'me' | 'users' | 'groups' | 'channels' | 'app'>;

/** What a person is called: the real name, else the handle, else the id. */
export function nameOf(state: Pick<State, 'users'>, user: string): string {
  const found = state.users.get(user);
  return found === undefined ? user : found.realName || found.name;
}

/** The zone whose time this tab shows. */
export function zoneOf(state: Pick<State, 'users' | 'me'>): string {
  return state.users.get(state.me)?.timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "Ada joined": happened, not said. */
export function isNotice(message: PageMessage): boolean {
  return /_(join|leave|topic|purpose|name|archive|unarchive)$/.test(message.subtype ?? '');
}

/** The channel whose messages are on screen; for the app's Messages tab, the conversation with the bot. */
export function channelInView(state: State): string | undefined {
  if (state.place?.kind === 'channel') return state.place.id;
  if (state.place?.kind !== 'app' || state.place.tab !== 'messages') return undefined;
  return [...state.channels.values()].find((c) => c.kind === 'im' && c.partner === state.app?.user)?.id;
}
