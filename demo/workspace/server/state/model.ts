import type { KnownBlock, MessageAttachment } from '@slack/types';
import type { PageBookmark } from '../../protocol/directory.ts';
import type { ElementValue } from '../../protocol/views.ts';
import type { JsonObject } from '../strict/json.ts';

/** The workspace as Slack would store it. Names are Slack's own, because the Web API shows them. */
export interface User {
  readonly id: string;
  name: string;
  realName: string;
  title: string;
  email: string;
  color: string;
  /** A guest sees only the channels they are in. */
  kind: 'member' | 'guest' | 'bot';
  deleted: boolean;
  timeZone: string;
  /** Id of their own workspace, for people of another one who are here through a shared channel. */
  readonly team?: string;
  /** Id of the organisation of that workspace, when it is in one. */
  readonly organisation?: string;
}

export interface UserGroup {
  readonly id: string;
  handle: string;
  name: string;
  members: string[];
}

export interface Channel {
  readonly id: string;
  name: string;
  readonly kind: 'public' | 'private' | 'im';
  topic: string;
  purpose: string;
  archived: boolean;
  /** Unix seconds. */
  readonly created: number;
  readonly creator: string;
  readonly members: Set<string>;
  readonly bookmarks: PageBookmark[];
  /** Timestamps of messages. */
  readonly pins: string[];
  /** By ts, in order of arrival, replies among them. */
  readonly messages: Map<string, Message>;
  /** Last ts seen, by user. */
  readonly read: Map<string, string>;
}

export interface Message {
  readonly type: 'message';
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  /** Present when the app said it. */
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly subtype?: string;
  text: string;
  blocks?: KnownBlock[];
  attachments?: MessageAttachment[];
  metadata?: { event_type: string; event_payload: JsonObject };
  /** Of the parent; a parent with replies carries its own ts. */
  thread_ts?: string;
  /** A reply that the channel shows too. */
  broadcast?: boolean;
  edited?: { user: string; ts: string };
  files?: FileRecord[];
  reactions?: { name: string; users: string[] }[];
  /** Only this user sees it; it is in no history. */
  readonly ephemeralTo?: string;
}

export interface FileRecord {
  readonly id: string;
  name: string;
  title: string;
  mimetype: string;
  filetype: string;
  size: number;
  readonly user: string;
  /** Unix seconds. */
  readonly created: number;
  bytes: Buffer;
  altText?: string;
  /** Channels it was shared to. */
  readonly channels: Set<string>;
  /** pending until the bytes came and files.completeUploadExternal was called. */
  state: 'pending' | 'uploaded' | 'complete';
  /** Before it nobody is told what kind of file it is, and no block may name it; ms since the epoch. */
  lookedThroughAt: number;
}

export type StateValues = Record<string, Record<string, ElementValue>>;

export interface View {
  readonly id: string;
  readonly type: 'modal' | 'home';
  /** Who looks at it. */
  readonly user: string;
  hash: string;
  /** As the app gave it, ids filled in. */
  definition: ViewDefinition;
  readonly rootViewId: string;
  readonly previousViewId: string | null;
  /** Kept from the last submission or action. */
  state: StateValues;
}

export interface ViewDefinition {
  readonly type: 'modal' | 'home';
  readonly blocks: KnownBlock[];
  readonly title?: PlainText;
  readonly submit?: PlainText;
  readonly close?: PlainText;
  readonly callback_id?: string;
  readonly private_metadata?: string;
  readonly external_id?: string;
  readonly clear_on_close?: boolean;
  readonly notify_on_close?: boolean;
}

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji?: boolean;
}

/** What happened in the workspace. Everybody who must know listens: the page, the app's events, tests. */
export type Change =
  | { readonly kind: 'message'; readonly message: Message; readonly before?: Message }
  | { readonly kind: 'message-deleted'; readonly message: Message }
  | {
      readonly kind: 'reaction';
      readonly message: Message;
      readonly user: string;
      readonly name: string;
      readonly on: boolean;
    }
  | { readonly kind: 'channel'; readonly channel: Channel }
  | { readonly kind: 'member-joined'; readonly channel: Channel; readonly user: string }
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'user-group'; readonly group: UserGroup }
  | { readonly kind: 'views'; readonly user: string }
  | {
      readonly kind: 'view-errors';
      readonly user: string;
      readonly viewId: string;
      readonly errors: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'home'; readonly user: string }
  | { readonly kind: 'read'; readonly channel: string; readonly user: string }
  | { readonly kind: 'bot'; readonly online: boolean }
  | { readonly kind: 'toast'; readonly user: string; readonly error: string; readonly text: string }
  | { readonly kind: 'switches' };
