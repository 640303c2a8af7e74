/**
 * What the page and the server of the local workspace say to each other.
 *
 * One WebSocket, `/page/socket?as=USER`, JSON in both directions. The page sends `PageRequest`s, each answered
 * by one `PageReply` with the same id; everything else arrives as a `PageEvent`. A tab acts as one user at a
 * time; whatever it receives is what that user may see (public and own channels, own ephemeral messages and
 * modals). After a reconnect the page gets a new snapshot and may forget all it knew.
 *
 * HTTP beside it, same origin: `GET /files/FILE_ID/NAME` (the bytes; images too; `?download=1` for an
 * attachment header). Addresses in `PageFile` are relative to the page's origin.
 *
 * Types only: nothing of this file exists at run time.
 */
import type { KnownBlock } from '@slack/types';

// ---------------------------------------------------------------- what there is

export interface PageTeam {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

export interface PageUser {
  readonly id: string;
  /** The handle, without the at sign. */
  readonly name: string;
  readonly realName: string;
  readonly title: string;
  readonly email: string;
  /** `#rrggbb`, for the avatar with the initials. */
  readonly color: string;
  readonly kind: 'member' | 'guest' | 'bot';
  readonly deleted: boolean;
  /** IANA name. Slack date tokens are shown in the zone of the acting user. */
  readonly timeZone: string;
}

export interface PageChannel {
  readonly id: string;
  /** Without the hash sign; for `im` the other user's handle. */
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly topic: string;
  readonly purpose: string;
  readonly archived: boolean;
  /** User ids, the bot's too. */
  readonly members: readonly string[];
  /** For `im`: the user on the other side (the bot, often). */
  readonly partner?: string;
  readonly bookmarks: readonly PageBookmark[];
  /** Timestamps of pinned messages. */
  readonly pins: readonly string[];
}

export interface PageBookmark {
  readonly id: string;
  readonly title: string;
  readonly link: string;
  readonly emoji?: string;
}

export interface PageUserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly members: readonly string[];
}

export interface PageCommand {
  /** With the slash: `/ship-prod`. */
  readonly command: string;
  readonly description: string;
  /** From the manifest: `[service] [bump]`. */
  readonly usageHint: string;
}

export interface PageShortcut {
  readonly name: string;
  readonly callbackId: string;
  readonly description: string;
}

export interface PageApp {
  readonly id: string;
  readonly name: string;
  /** The bot's user. */
  readonly user: string;
  readonly description: string;
  readonly color: string;
  readonly commands: readonly PageCommand[];
  readonly globalShortcuts: readonly PageShortcut[];
  readonly messageShortcuts: readonly PageShortcut[];
  readonly homeTab: boolean;
}

/** Something the demo lets people do to the world outside Slack, e.g. make the shop slow. */
export interface PageSwitch {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  /** With one choice it is a push button, with more a radio group. */
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
}

/** One line about the world outside Slack: "Live version", "v1.4.0"; "Health", "failing". */
export interface PageGauge {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly tone?: 'good' | 'warn' | 'bad' | 'neutral';
}

/** A place outside worth opening from the demo, e.g. the shop's own page. */
export interface PageLink {
  readonly label: string;
  readonly url: string;
}

// ---------------------------------------------------------------- messages

export interface PageFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  /** Bytes. */
  readonly size: number;
  readonly user: string;
  /** Relative address of the bytes. */
  readonly url: string;
  /** Text files: the first 2,000 characters. */
  readonly preview?: string;
  readonly altText?: string;
}

interface PageReaction {
  /** Without colons. */
  readonly name: string;
  readonly users: readonly string[];
}

/** Blocks as Slack stores them: each has a block_id, each interactive element an action_id. */
export interface PageMessage {
  readonly channel: string;
  /** Slack's timestamp, the id of the message in its channel. */
  readonly ts: string;
  readonly user: string;
  /** Raw mrkdwn: `&amp; &lt; &gt;` escaped, `<@U…>`, `<#C…>`, `<!date^…>`, `<https://…|label>`. */
  readonly text: string;
  readonly blocks?: readonly KnownBlock[];
  /** Legacy attachments; blocks inside are shown with a bar in the colour. */
  readonly attachments?: readonly PageAttachment[];
  /** Of the parent. A parent that has replies carries its own ts here. */
  readonly threadTs?: string;
  /** A reply also shown in the channel. */
  readonly broadcast?: boolean;
  readonly edited?: { readonly user: string; readonly ts: string };
  /** Shown to this user only, gone at the next reload. */
  readonly ephemeralTo?: string;
  readonly files?: readonly PageFile[];
  readonly reactions?: readonly PageReaction[];
  /** On parents only. */
  readonly thread?: { readonly replies: number; readonly users: readonly string[]; readonly latest: string };
  /** "Ada joined", not said by anyone. */
  readonly subtype?: string;
}

export interface PageAttachment {
  readonly color?: string;
  readonly fallback?: string;
  readonly text?: string;
  readonly title?: string;
  readonly blocks?: readonly KnownBlock[];
}

// ---------------------------------------------------------------- views

interface PageText {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
  readonly emoji?: boolean;
}

export interface PageView {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly callbackId: string;
  /** Changes at every update. */
  readonly hash: string;
  readonly title?: PageText;
  readonly submit?: PageText;
  readonly close?: PageText;
  readonly blocks: readonly KnownBlock[];
  /** Of the view under it in the stack, when pushed. */
  readonly previousViewId?: string;
  readonly rootViewId: string;
  /** Slack tells the app about a close only when it asked; the page need not care. */
  readonly notifyOnClose: boolean;
}

export interface PageOption {
  readonly text: PageText;
  readonly value?: string;
  readonly description?: PageText;
  readonly url?: string;
}

/** What a person has put into one element: Slack's own `state.values[block_id][action_id]`. */
export type ElementValue =
  | {
      readonly type: 'plain_text_input' | 'number_input' | 'email_text_input' | 'url_text_input';
      readonly value: string | null;
    }
  | {
      readonly type: 'static_select' | 'external_select' | 'radio_buttons' | 'overflow';
      readonly selected_option: PageOption | null;
    }
  | {
      readonly type: 'multi_static_select' | 'multi_external_select' | 'checkboxes';
      readonly selected_options: readonly PageOption[];
    }
  | { readonly type: 'users_select'; readonly selected_user: string | null }
  | { readonly type: 'multi_users_select'; readonly selected_users: readonly string[] }
  | { readonly type: 'conversations_select'; readonly selected_conversation: string | null }
  | { readonly type: 'multi_conversations_select'; readonly selected_conversations: readonly string[] }
  | { readonly type: 'channels_select'; readonly selected_channel: string | null }
  | { readonly type: 'multi_channels_select'; readonly selected_channels: readonly string[] }
  | { readonly type: 'datepicker'; readonly selected_date: string | null }
  | { readonly type: 'timepicker'; readonly selected_time: string | null }
  | { readonly type: 'datetimepicker'; readonly selected_date_time: number | null }
  | { readonly type: 'rich_text_input'; readonly rich_text_value: unknown }
  | { readonly type: 'file_input'; readonly files: readonly string[] };

/** All elements that can hold a value, by block_id and action_id; untouched ones with their initial value. */
export type StateValues = Readonly<Record<string, Readonly<Record<string, ElementValue>>>>;

/** Where an element that was used stands. */
export type Container =
  | { readonly type: 'message'; readonly channel: string; readonly ts: string }
  | { readonly type: 'view'; readonly viewId: string };

// ---------------------------------------------------------------- page -> server

interface Call<Args, Result = null> {
  readonly args: Args;
  readonly result: Result;
}

/** Every call the page can make. A failed one has an error code and a sentence to show. */
export interface PageCalls {
  /** From now on this tab is that user; a new snapshot follows. */
  act_as: Call<{ readonly user: string }>;
  /** Newest first page of a channel, oldest message first; `before` excludes. Ephemeral ones are included. */
  history: Call<
    { readonly channel: string; readonly before?: string; readonly limit?: number },
    { readonly messages: readonly PageMessage[]; readonly more: boolean }
  >;
  /** The parent and all replies, oldest first. */
  replies: Call<
    { readonly channel: string; readonly ts: string },
    { readonly messages: readonly PageMessage[] }
  >;
  /** Says something. The server escapes nothing: send `&amp; &lt; &gt;` escaped text, mentions as `<@U…>`. */
  post: Call<
    {
      readonly channel: string;
      readonly text: string;
      readonly threadTs?: string;
      /** Also to the channel. */
      readonly broadcast?: boolean;
    },
    { readonly ts: string }
  >;
  /** One's own messages only. */
  edit: Call<{ readonly channel: string; readonly ts: string; readonly text: string }>;
  delete: Call<{ readonly channel: string; readonly ts: string }>;
  react: Call<{
    readonly channel: string;
    readonly ts: string;
    readonly name: string;
    readonly on: boolean;
  }>;
  /** The whole line as typed, `/ship-prod shop minor`. Raw text, not escaped. Resolves when the app acked. */
  command: Call<{ readonly channel: string; readonly line: string }>;
  /**
   * A button, or a select, checkbox, date picker that changed (with its `value`). After any confirm dialog,
   * which is the page's business. `state` holds all inputs of the container.
   */
  action: Call<{
    readonly container: Container;
    readonly blockId: string;
    readonly actionId: string;
    readonly value?: ElementValue;
    readonly state: StateValues;
  }>;
  /** Options of an external select for what was typed. */
  options: Call<
    {
      readonly container: Container;
      readonly blockId: string;
      readonly actionId: string;
      readonly typed: string;
    },
    {
      readonly options: readonly PageOption[];
      readonly groups?: readonly { readonly label: PageText; readonly options: readonly PageOption[] }[];
    }
  >;
  /** Missing required inputs come back as `view_errors` without asking the app. */
  submit: Call<{ readonly viewId: string; readonly state: StateValues }>;
  /** The X or Escape (`clear: true` closes the whole stack). */
  close: Call<{ readonly viewId: string; readonly clear: boolean }>;
  shortcut: Call<{ readonly callbackId: string }>;
  message_shortcut: Call<{ readonly callbackId: string; readonly channel: string; readonly ts: string }>;
  /** The Home tab of the app was opened; a `home` event brings the view, now and later. */
  open_home: Call<{ readonly tab: 'home' | 'messages' }>;
  /** The direct conversation with a user or the bot, made when it does not exist. */
  open_dm: Call<{ readonly user: string }, { readonly channel: string }>;
  join: Call<{ readonly channel: string }>;
  /** Everything in the channel was seen. */
  read: Call<{ readonly channel: string }>;
  /** A switch of the demo. */
  set_switch: Call<{ readonly id: string; readonly value: string }>;
}

export type PageCallName = keyof PageCalls;

export type PageRequest = {
  [Name in PageCallName]: {
    readonly id: number;
    readonly call: Name;
    readonly args: PageCalls[Name]['args'];
  };
}[PageCallName];

// ---------------------------------------------------------------- server -> page

export type PageReply =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly result: unknown }
  | {
      readonly type: 'reply';
      readonly id: number;
      readonly ok: false;
      /** Stable: `dispatch_failed`, `operation_timeout`, `unknown_command`, `not_in_channel`, … */
      readonly error: string;
      /** To show, e.g. `/ship-prod failed with the error "operation_timeout"`. */
      readonly text: string;
    };

export interface PageUnread {
  /** Messages not seen. */
  readonly count: number;
  /** Of those, the ones that mention the acting user or are direct. */
  readonly mentions: number;
}

export interface PageSnapshot {
  readonly type: 'snapshot';
  readonly team: PageTeam;
  /** Who this tab acts as. */
  readonly me: string;
  readonly users: readonly PageUser[];
  readonly userGroups: readonly PageUserGroup[];
  readonly channels: readonly PageChannel[];
  /** By channel id; channels without unread messages are left out. */
  readonly unread: Readonly<Record<string, PageUnread>>;
  readonly app: PageApp;
  readonly botOnline: boolean;
  /** Modals open for this user, bottom of the stack first. */
  readonly views: readonly PageView[];
  readonly home: PageView | null;
  readonly switches: readonly PageSwitch[];
  readonly links: readonly PageLink[];
  /** Shown above the switches; absent means none. */
  readonly gauges?: readonly PageGauge[];
}

export type PageEvent =
  | PageSnapshot
  /** New or changed, replace by channel and ts. Thread replies too; their parent follows with new counts. */
  | { readonly type: 'message'; readonly message: PageMessage }
  | { readonly type: 'message_deleted'; readonly channel: string; readonly ts: string }
  /** The whole stack of modals of the acting user, bottom first; empty when the last one closed. */
  | { readonly type: 'views'; readonly views: readonly PageView[] }
  /** Show the errors at the blocks; the modal stays. */
  | {
      readonly type: 'view_errors';
      readonly viewId: string;
      readonly errors: Readonly<Record<string, string>>;
    }
  | { readonly type: 'home'; readonly view: PageView | null }
  | { readonly type: 'unread'; readonly channel: string; readonly unread: PageUnread }
  | { readonly type: 'channel'; readonly channel: PageChannel }
  | { readonly type: 'user'; readonly user: PageUser }
  | { readonly type: 'user_group'; readonly userGroup: PageUserGroup }
  | { readonly type: 'bot'; readonly online: boolean }
  | { readonly type: 'switches'; readonly switches: readonly PageSwitch[] }
  | { readonly type: 'gauges'; readonly gauges: readonly PageGauge[] }
  /** "Slipway did not respond in time", an expired trigger, … */
  | {
      readonly type: 'toast';
      readonly kind: 'error' | 'info';
      readonly error: string;
      readonly text: string;
    };

export type ServerMessage = PageEvent | PageReply;
