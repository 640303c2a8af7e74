import type { KnownBlock } from '@slack/types';
import type { PageApp, PageChannel, PageUser } from '../../protocol/directory.ts';
import type { PageSnapshot, PageUnread } from '../../protocol/events.ts';
import type { PageAttachment, PageFile, PageMessage } from '../../protocol/messages.ts';
import type { PageView } from '../../protocol/views.ts';
import type { Core } from '../core.ts';
import type { Channel, FileRecord, Message, User, View } from '../state/model.ts';
import { activations } from '../strict/mrkdwn.ts';

/** The workspace's records in the shapes of the page's protocol. */

const PREVIEW = 2_000;

export function pageUser(user: User): PageUser {
  return { ...user };
}

export function pageChannel(core: Core, channel: Channel, me: string): PageChannel {
  const { members, bookmarks, pins } = channel;
  const partner = channel.kind === 'im' ? ([...members].find((member) => member !== me) ?? me) : undefined;
  return {
    id: channel.id,
    name: partner === undefined ? channel.name : (core.store.users.get(partner)?.name ?? partner),
    kind: channel.kind,
    topic: channel.topic,
    purpose: channel.purpose,
    archived: channel.archived,
    members: [...members],
    bookmarks: [...bookmarks],
    pins: [...pins],
    ...(partner === undefined ? {} : { partner }),
  };
}

function pageFile(file: FileRecord): PageFile {
  const isText = file.mimetype.startsWith('text/') || file.mimetype === 'application/json';
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    size: file.size,
    user: file.user,
    url: `/files/${file.id}/${encodeURIComponent(file.name)}`,
    ...(isText ? { preview: file.bytes.toString('utf8').slice(0, PREVIEW) } : {}),
    ...(file.altText === undefined ? {} : { altText: file.altText }),
  };
}

export function pageMessage(core: Core, message: Message): PageMessage {
  const replies =
    message.thread_ts === message.ts
      ? core.store.thread(core.store.channel(message.channel), message.ts).slice(1)
      : [];
  const latest = replies.at(-1);
  return {
    channel: message.channel,
    ts: message.ts,
    user: message.user,
    text: message.text,
    ...(message.blocks === undefined ? {} : { blocks: message.blocks }),
    ...(message.attachments === undefined
      ? {}
      : {
          attachments: message.attachments.map(
            (entry) => entry as PageAttachment & { blocks?: KnownBlock[] },
          ),
        }),
    ...(message.thread_ts === undefined ? {} : { threadTs: message.thread_ts }),
    ...(message.broadcast === undefined ? {} : { broadcast: message.broadcast }),
    ...(message.edited === undefined ? {} : { edited: message.edited }),
    ...(message.ephemeralTo === undefined ? {} : { ephemeralTo: message.ephemeralTo }),
    ...(message.files === undefined ? {} : { files: message.files.map(pageFile) }),
    ...(message.reactions === undefined ? {} : { reactions: message.reactions }),
    ...(latest === undefined
      ? {}
      : {
          thread: {
            replies: replies.length,
            users: [...new Set(replies.map((reply) => reply.user))],
            latest: latest.ts,
          },
        }),
    ...(message.subtype === undefined ? {} : { subtype: message.subtype }),
  };
}

export function pageView(view: View): PageView {
  const { definition } = view;
  return {
    id: view.id,
    type: view.type,
    callbackId: definition.callback_id ?? '',
    hash: view.hash,
    blocks: definition.blocks,
    rootViewId: view.rootViewId,
    notifyOnClose: definition.notify_on_close ?? false,
    ...(definition.title === undefined ? {} : { title: definition.title }),
    ...(definition.submit === undefined ? {} : { submit: definition.submit }),
    ...(definition.close === undefined ? {} : { close: definition.close }),
    ...(view.previousViewId === null ? {} : { previousViewId: view.previousViewId }),
  };
}

function pageApp(core: Core): PageApp {
  const { manifest, store } = core;
  return {
    id: store.identity.appId,
    name: manifest.name,
    user: store.identity.botUser,
    description: manifest.description,
    color: manifest.color,
    commands: manifest.commands,
    globalShortcuts: manifest.globalShortcuts,
    messageShortcuts: manifest.messageShortcuts,
    homeTab: manifest.homeTab,
  };
}

export function unread(core: Core, channel: Channel, me: string): PageUnread {
  const seen = Number(channel.read.get(me) ?? 0);
  const fresh = core.store
    .timeline(channel)
    .filter((message) => Number(message.ts) > seen && message.user !== me);
  const mentions = fresh.filter((message) => channel.kind === 'im' || mentionsUser(core, message, me));
  return { count: fresh.length, mentions: mentions.length };
}

function mentionsUser(core: Core, message: Message, me: string): boolean {
  return activations(message.text).some((entry) => {
    if (entry.kind === 'broadcast') return true;
    if (entry.kind === 'user') return entry.id === me;
    return entry.kind === 'group' && (core.store.groups.get(entry.id)?.members.includes(me) ?? false);
  });
}

export function snapshot(core: Core, me: string): PageSnapshot {
  const { store, views, panel } = core;
  const channels = [...store.channels.values()].filter((channel) => store.canSee(me, channel));
  const home = views.home(me);
  const counts = channels
    .filter((channel) => channel.members.has(me))
    .map((channel) => [channel.id, unread(core, channel, me)] as const);
  return {
    type: 'snapshot',
    team: store.identity.team,
    me,
    users: [...store.users.values()].map(pageUser),
    userGroups: [...store.groups.values()],
    channels: channels.map((channel) => pageChannel(core, channel, me)),
    ...(channels.some(({ id }) => id === core.start) ? { start: core.start } : {}),
    unread: Object.fromEntries(counts.filter(([, count]) => count.count > 0)),
    app: pageApp(core),
    botOnline: core.delivery.online,
    views: views.stack(me).map(pageView),
    home: home === undefined ? null : pageView(home),
    switches: panel.switches(),
    links: panel.links,
    gauges: panel.gauges?.() ?? [],
  };
}
