import type { Core } from '../core.ts';
import type { Channel, FileRecord, Message, User, UserGroup, View } from '../state/model.ts';
import type { JsonObject } from '../strict/json.ts';
import { composed } from './composed.ts';

/** The workspace's records in the shapes of Slack's Web API. */

export function slackUser(core: Core, user: User): JsonObject {
  return {
    id: user.id,
    team_id: user.team ?? core.store.identity.team.id,
    name: user.name,
    deleted: user.deleted,
    color: user.color.replace('#', ''),
    real_name: user.realName,
    tz: user.timeZone,
    tz_label: user.timeZone,
    tz_offset: zoneOffset(user.timeZone, core.ids.now()),
    is_bot: user.kind === 'bot',
    is_app_user: false,
    is_admin: false,
    is_owner: false,
    is_restricted: user.kind === 'guest',
    is_ultra_restricted: false,
    ...membership(core, user),
    updated: core.ids.seconds(),
    profile: {
      real_name: user.realName,
      display_name: user.name,
      title: user.title,
      ...(core.scopes.has('users:read.email') && user.email !== '' ? { email: user.email } : {}),
      team: core.store.identity.team.id,
      ...(user.kind === 'bot'
        ? { bot_id: core.store.identity.botId, api_app_id: core.store.identity.appId }
        : {}),
    },
  };
}

/** Of which organisation somebody is, and whether they are a stranger here. */
function membership(core: Core, user: User): JsonObject {
  const ours = core.store.identity.organisation?.id;
  const theirs = user.organisation ?? (user.team === undefined ? ours : undefined);
  const team = user.team ?? core.store.identity.team.id;
  return {
    ...(theirs === undefined
      ? {}
      : { enterprise_user: { id: user.id, enterprise_id: theirs, teams: [team], is_admin: false } }),
    ...(user.team === undefined || (ours !== undefined && theirs === ours) ? {} : { is_stranger: true }),
  };
}

/** Seconds east of UTC. */
function zoneOffset(timeZone: string, now: number): number {
  const text = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).format(now);
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(text);
  if (match === null) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60;
  return match[1] === '-' ? -seconds : seconds;
}

export function slackChannel(core: Core, channel: Channel): JsonObject {
  const bot = core.store.identity.botUser;
  const common = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.archived,
    is_im: channel.kind === 'im',
    is_mpim: false,
    context_team_id: core.store.identity.team.id,
  };
  if (channel.kind === 'im') {
    const partner = [...channel.members].find((member) => member !== bot) ?? bot;
    return { ...common, user: partner, is_user_deleted: core.store.users.get(partner)?.deleted ?? true };
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_private: channel.kind === 'private',
    is_general: channel.name === 'general',
    is_member: channel.members.has(bot),
    is_shared: false,
    is_ext_shared: false,
    creator: channel.creator,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: channel.purpose, creator: '', last_set: 0 },
    num_members: channel.members.size,
  };
}

export function slackGroup(core: Core, group: UserGroup, withUsers: boolean): JsonObject {
  return {
    id: group.id,
    team_id: core.store.identity.team.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    description: '',
    date_delete: 0,
    user_count: group.members.length,
    ...(withUsers ? { users: [...group.members] } : {}),
  };
}

/** `metadata` only when asked for, as Slack does; thread counters on parents. */
export function slackMessage(core: Core, message: Message, withMetadata: boolean): JsonObject {
  const { channel, broadcast, ephemeralTo, files, metadata, ...rest } = message;
  const replies =
    message.thread_ts === message.ts
      ? core.store.thread(core.store.channel(channel), message.ts).slice(1)
      : [];
  return {
    ...structuredClone(rest),
    ...(message.bot_id === undefined
      ? { blocks: message.blocks ?? composedBlocks(message) }
      : { bot_profile: botProfile(core) }),
    team: core.store.identity.team.id,
    ...(broadcast === true ? { subtype: 'thread_broadcast' } : {}),
    ...(ephemeralTo === undefined ? {} : { is_ephemeral: true }),
    ...(files === undefined ? {} : { files: files.map((file) => slackFile(core, file)) }),
    ...(message.reactions === undefined
      ? {}
      : { reactions: message.reactions.map((entry) => ({ ...entry, count: entry.users.length })) }),
    ...(withMetadata && metadata !== undefined ? { metadata: structuredClone(metadata) } : {}),
    ...(replies.length === 0
      ? {}
      : {
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((reply) => reply.user))],
          reply_users_count: new Set(replies.map((reply) => reply.user)).size,
          latest_reply: replies.at(-1)?.ts,
        }),
  };
}

/** What people write arrives as rich text too. Its block_id stays the same from call to call. */
function composedBlocks(message: Message): unknown[] {
  return [{ ...composed(message.text), block_id: message.ts.slice(-5) }];
}

function botProfile(core: Core): JsonObject {
  const { identity } = core.store;
  return {
    id: identity.botId,
    app_id: identity.appId,
    name: core.manifest.botName,
    deleted: false,
    team_id: identity.team.id,
  };
}

export function slackFile(core: Core, file: FileRecord): JsonObject {
  const isLookedThrough = Date.now() >= file.lookedThroughAt;
  const url = `${core.address.url}/files/${file.id}/${encodeURIComponent(file.name)}`;
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: isLookedThrough ? file.mimetype : '',
    filetype: isLookedThrough ? file.filetype : '',
    user: file.user,
    size: file.size,
    mode: 'hosted',
    is_external: false,
    url_private: url,
    url_private_download: `${url}?download=1`,
    permalink: url,
    channels: [...file.channels],
    ...(file.altText === undefined ? {} : { alt_txt: file.altText }),
  };
}

export function slackView(core: Core, view: View): JsonObject {
  const { definition, id, hash, type, rootViewId, previousViewId, state } = view;
  return {
    id,
    team_id: core.store.identity.team.id,
    app_id: core.store.identity.appId,
    app_installed_team_id: core.store.identity.organisation?.id ?? core.store.identity.team.id,
    bot_id: core.store.identity.botId,
    type,
    hash,
    callback_id: definition.callback_id ?? '',
    external_id: definition.external_id ?? '',
    private_metadata: definition.private_metadata ?? '',
    title: definition.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    submit: definition.submit ?? null,
    close: definition.close ?? null,
    blocks: structuredClone(definition.blocks),
    state: { values: structuredClone(state) },
    clear_on_close: definition.clear_on_close ?? false,
    notify_on_close: definition.notify_on_close ?? false,
    root_view_id: rootViewId,
    previous_view_id: previousViewId,
  };
}
