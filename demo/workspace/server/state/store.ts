import type { KnownBlock, MessageAttachment } from '@slack/types';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Changes } from './changes.ts';
import { fillIds } from './fill-ids.ts';
import type { Ids } from './ids.ts';
import type { Channel, FileRecord, Message, User, UserGroup } from './model.ts';

/** Of several workspaces, with Slack's Enterprise Grid. */
export interface Organisation {
  /** E… */
  readonly id: string;
  readonly name: string;
}

/** Who the workspace and its app are. */
export interface Identity {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  /** When the app is installed in all of it. */
  readonly organisation?: Organisation;
  readonly appId: string;
  readonly botId: string;
  readonly botUser: string;
}

/** What is said, before it has a timestamp. Blocks have passed the checks. */
export interface Draft {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks?: readonly unknown[] | undefined;
  readonly attachments?: readonly unknown[] | undefined;
  readonly metadata?: { event_type: string; event_payload: JsonObject } | undefined;
  readonly threadTs?: string | undefined;
  readonly broadcast?: boolean | undefined;
  readonly ephemeralTo?: string | undefined;
  readonly files?: readonly FileRecord[] | undefined;
  readonly subtype?: string | undefined;
}

/** What an edit replaces; what is undefined stays. */
export interface Edit {
  readonly text?: string | undefined;
  readonly blocks?: readonly unknown[] | undefined;
  readonly attachments?: readonly unknown[] | undefined;
  readonly metadata?: { event_type: string; event_payload: JsonObject } | undefined;
  readonly files?: readonly FileRecord[] | undefined;
}

/** People, channels, messages and files, in memory only. */
export class Store {
  readonly identity: Identity;
  readonly ids: Ids;
  readonly changes: Changes;
  readonly users = new Map<string, User>();
  readonly groups = new Map<string, UserGroup>();
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, FileRecord>();
  /** Ephemeral messages in the order they came. */
  readonly ephemerals: Message[] = [];

  constructor(identity: Identity, ids: Ids, changes: Changes) {
    this.identity = identity;
    this.ids = ids;
    this.changes = changes;
  }

  user(id: string): User {
    const user = this.users.get(id);
    if (user === undefined) throw new SlackError('user_not_found');
    return user;
  }

  /** By id or, as Slack allows in most methods, by name with or without the hash sign. */
  findChannel(idOrName: string): Channel | undefined {
    const name = idOrName.replace(/^#/, '');
    return (
      this.channels.get(idOrName) ??
      [...this.channels.values()].find((channel) => channel.kind !== 'im' && channel.name === name)
    );
  }

  channel(idOrName: string): Channel {
    const channel = this.findChannel(idOrName);
    if (channel === undefined) throw new SlackError('channel_not_found');
    return channel;
  }

  /** Public channels for members, and the channels they are in for everybody. */
  canSee(userId: string, channel: Channel): boolean {
    if (channel.members.has(userId)) return true;
    return channel.kind === 'public' && this.users.get(userId)?.kind === 'member';
  }

  message(channelId: string, ts: string): Message {
    const message =
      this.channels.get(channelId)?.messages.get(ts) ??
      this.ephemerals.find((entry) => entry.channel === channelId && entry.ts === ts);
    if (message === undefined) throw new SlackError('message_not_found');
    return message;
  }

  addUser(user: User): User {
    this.users.set(user.id, user);
    this.changes.emit({ kind: 'user', user });
    return user;
  }

  addGroup(group: UserGroup): UserGroup {
    this.groups.set(group.id, group);
    this.changes.emit({ kind: 'user-group', group });
    return group;
  }

  addChannel(
    given: Pick<Channel, 'id' | 'name' | 'kind'> & {
      readonly members: readonly string[];
      readonly topic?: string;
      readonly purpose?: string;
    },
  ): Channel {
    const channel: Channel = {
      id: given.id,
      name: given.name,
      kind: given.kind,
      topic: given.topic ?? '',
      purpose: given.purpose ?? '',
      archived: false,
      created: this.ids.seconds(),
      creator: given.members[0] ?? this.identity.botUser,
      members: new Set(given.members),
      bookmarks: [],
      pins: [],
      messages: new Map(),
      read: new Map(),
    };
    this.channels.set(channel.id, channel);
    this.changes.emit({ kind: 'channel', channel });
    return channel;
  }

  /** The direct conversation of two users, made at the first call. */
  directMessage(a: string, b: string): Channel {
    const found = [...this.channels.values()].find(
      (channel) => channel.kind === 'im' && channel.members.has(a) && channel.members.has(b),
    );
    return found ?? this.addChannel({ id: this.ids.next('D'), name: '', kind: 'im', members: [a, b] });
  }

  join(channel: Channel, userId: string): void {
    if (channel.members.has(userId)) return;
    channel.members.add(userId);
    this.changes.emit({ kind: 'channel', channel });
    this.changes.emit({ kind: 'member-joined', channel, user: userId });
  }

  leave(channel: Channel, userId: string): void {
    if (channel.members.delete(userId)) this.changes.emit({ kind: 'channel', channel });
  }

  post(draft: Draft): Message {
    const channel = this.channel(draft.channel);
    const parent = draft.threadTs === undefined ? undefined : this.#parent(channel, draft.threadTs);
    const byApp = draft.user === this.identity.botUser;
    const message: Message = {
      type: 'message',
      channel: channel.id,
      ts: this.ids.ts(),
      user: draft.user,
      ...(byApp ? { bot_id: this.identity.botId, app_id: this.identity.appId } : {}),
      ...(draft.subtype === undefined ? {} : { subtype: draft.subtype }),
      text: draft.text,
      ...this.#contents(draft),
      ...(parent === undefined ? {} : { thread_ts: parent.ts }),
      ...(draft.broadcast === true ? { broadcast: true } : {}),
      ...(draft.ephemeralTo === undefined ? {} : { ephemeralTo: draft.ephemeralTo }),
      ...(draft.files === undefined ? {} : { files: [...draft.files] }),
    };
    if (draft.ephemeralTo !== undefined) this.ephemerals.push(message);
    else {
      channel.messages.set(message.ts, message);
      channel.read.set(message.user, message.ts);
    }
    if (parent !== undefined && draft.ephemeralTo === undefined) parent.thread_ts ??= parent.ts;
    this.changes.emit({ kind: 'message', message });
    return message;
  }

  edit(message: Message, change: Edit, by?: string): Message {
    const before = structuredClone({ ...message, files: undefined }) as unknown as Message;
    Object.assign(message, this.#contents(change));
    if (change.text !== undefined) message.text = change.text;
    if (change.files !== undefined) message.files = [...change.files];
    if (by !== undefined) message.edited = { user: by, ts: this.ids.ts() };
    this.changes.emit({ kind: 'message', message, before });
    return message;
  }

  delete(message: Message): void {
    const channel = this.channel(message.channel);
    channel.messages.delete(message.ts);
    const ephemeral = this.ephemerals.indexOf(message);
    if (ephemeral !== -1) this.ephemerals.splice(ephemeral, 1);
    const pin = channel.pins.indexOf(message.ts);
    if (pin !== -1) channel.pins.splice(pin, 1);
    this.changes.emit({ kind: 'message-deleted', message });
  }

  react(message: Message, user: string, name: string, on: boolean): boolean {
    message.reactions ??= [];
    const reaction = message.reactions.find((entry) => entry.name === name);
    if ((reaction?.users.includes(user) ?? false) === on) return false;
    if (reaction === undefined) message.reactions.push({ name, users: [user] });
    else if (on) reaction.users.push(user);
    else reaction.users.splice(reaction.users.indexOf(user), 1);
    message.reactions = message.reactions.filter((entry) => entry.users.length > 0);
    this.changes.emit({ kind: 'reaction', message, user, name, on });
    return true;
  }

  /** Parent first, then the replies in order. */
  thread(channel: Channel, parentTs: string): Message[] {
    return [...channel.messages.values()].filter(
      (message) => message.ts === parentTs || message.thread_ts === parentTs,
    );
  }

  /** What the channel itself shows: no replies but broadcast ones. */
  timeline(channel: Channel): Message[] {
    return [...channel.messages.values()].filter(
      (message) =>
        message.thread_ts === undefined || message.thread_ts === message.ts || message.broadcast === true,
    );
  }

  #parent(channel: Channel, threadTs: string): Message {
    const parent = channel.messages.get(threadTs);
    if (parent === undefined) throw new SlackError('thread_not_found');
    if (parent.thread_ts !== undefined && parent.thread_ts !== parent.ts) {
      throw new SlackError('cannot_reply_to_message');
    }
    return parent;
  }

  #contents(source: Edit): Partial<Message> {
    return {
      ...(source.blocks === undefined ? {} : { blocks: fillIds(source.blocks, this.ids) }),
      ...(source.attachments === undefined ? {} : { attachments: this.#attachments(source.attachments) }),
      ...(source.metadata === undefined ? {} : { metadata: source.metadata }),
    };
  }

  #attachments(attachments: readonly unknown[]): MessageAttachment[] {
    return (attachments as MessageAttachment[]).map((attachment) =>
      attachment.blocks === undefined
        ? attachment
        : { ...attachment, blocks: fillIds(attachment.blocks, this.ids) as KnownBlock[] },
    );
  }
}
