import { checkBlocks, checkMessage, checkPictures } from './content.ts';
import { fileMethods } from './file-methods.ts';
import type { Answer, Args, Method } from './method.ts';
import { APP, type OpenView, type SentMessage, SlackNo, type State, TEAM } from './state.ts';

const word = (value: unknown): string => (typeof value === 'string' ? value : '');
const isYes = (value: unknown): boolean => value === true || value === 'true' || value === '1';

export const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': {
    needs: [],
    run: () => ({
      url: `https://${TEAM.domain}.slack.example/`,
      team: TEAM.domain,
      user: 'slipway',
      team_id: TEAM.id,
      user_id: APP.user,
      bot_id: APP.bot,
      is_enterprise_install: false,
    }),
  },
  'bots.info': { needs: ['bot'], run: () => ({ bot: { id: APP.bot, app_id: APP.id, deleted: false } }) },
  'chat.postMessage': { needs: ['channel'], run: postMessage },
  'chat.update': { needs: ['channel', 'ts'], run: update },
  'chat.postEphemeral': {
    needs: ['channel', 'user'],
    run: (state, args) => {
      checkMessage(args);
      checkPictures(state, args['blocks']);
      const channel = state.channel(word(args['channel']));
      if (!channel.members.has(word(args['user']))) throw new SlackNo('user_not_in_channel');
      const sent = state.whisper({ ...contentOf(channel.id, args), ephemeralTo: word(args['user']) });
      return { message_ts: sent.ts };
    },
  },
  'conversations.history': {
    needs: ['channel'],
    run: (state, args) => {
      const { messages } = state.channel(word(args['channel']));
      const shown = messages.filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.broadcast);
      return paged(
        [...shown].reverse().filter((one) => isWithin(one, args)),
        args,
        100,
      );
    },
  },
  'conversations.replies': {
    needs: ['channel', 'ts'],
    run: (state, args) => {
      const { messages } = state.channel(word(args['channel']));
      const root = messages.find(({ ts }) => ts === args['ts']);
      if (!root) throw new SlackNo('thread_not_found');
      const replies = messages.filter((one) => one.thread_ts === root.ts && one.ts !== root.ts);
      return paged([root, ...replies.filter((one) => isWithin(one, args))], args, 1_000);
    },
  },
  'conversations.list': { needs: [], run: (state, args) => channels(state, args) },
  'users.conversations': { needs: [], run: (state, args) => channels(state, args) },
  'conversations.members': {
    needs: ['channel'],
    run: (state, args) => ({
      members: [...state.channel(word(args['channel'])).members],
      response_metadata: { next_cursor: '' },
    }),
  },
  'users.info': {
    needs: ['user'],
    run: (state, args) => ({ user: userOf(state, word(args['user'])) }),
  },
  'users.lookupByEmail': {
    needs: ['email'],
    run: (state, args) => {
      const found = [...state.people.values()].find(({ name }) => `${name}@double.example` === args['email']);
      if (!found) throw new SlackNo('users_not_found');
      return { user: userOf(state, found.id) };
    },
  },
  'usergroups.list': {
    needs: [],
    run: (state, args) => ({
      usergroups: state.groups.map(({ users, ...group }) => ({
        ...group,
        date_delete: 0,
        ...(isYes(args['include_users']) ? { users } : {}),
      })),
    }),
  },
  'views.open': {
    needs: ['trigger_id', 'view'],
    run: (state, args) => {
      const trigger = state.triggers.get(word(args['trigger_id']));
      if (trigger === undefined) throw new SlackNo('invalid_trigger_id');
      if (trigger.until < Date.now()) throw new SlackNo('expired_trigger_id');
      state.triggers.delete(word(args['trigger_id']));
      return { view: shown(state, trigger.user, args['view'], state.views, state.id('V')) };
    },
  },
  'views.update': {
    needs: ['view'],
    run: (state, args) => {
      const known = state.views.get(word(args['view_id']));
      if (known === undefined) throw new SlackNo('not_found');
      if (args['hash'] !== undefined && args['hash'] !== known.hash) throw new SlackNo('hash_conflict');
      return { view: shown(state, known.user, args['view'], state.views, known.id) };
    },
  },
  'views.publish': {
    needs: ['user_id', 'view'],
    run: (state, args) => {
      const user = word(args['user_id']);
      const known = state.homes.get(user);
      if (known && args['hash'] !== undefined && args['hash'] !== known.hash)
        throw new SlackNo('hash_conflict');
      return { view: shown(state, user, args['view'], state.homes, user) };
    },
  },
  ...fileMethods,
};

function contentOf(channel: string, args: Args): Omit<SentMessage, 'ts' | 'type'> {
  return {
    channel,
    user: APP.user,
    text: word(args['text']),
    ...(args['blocks'] === undefined ? {} : { blocks: args['blocks'] as NonNullable<SentMessage['blocks']> }),
    ...(args['metadata'] === undefined
      ? {}
      : { metadata: args['metadata'] as NonNullable<SentMessage['metadata']> }),
    ...(args['thread_ts'] === undefined ? {} : { thread_ts: word(args['thread_ts']) }),
    ...(isYes(args['reply_broadcast']) ? { broadcast: true } : {}),
  };
}

function postMessage(state: State, args: Args): Answer {
  checkMessage(args);
  checkPictures(state, args['blocks']);
  const channel = state.people.has(word(args['channel']))
    ? directMessage(state, word(args['channel']))
    : word(args['channel']);
  const { id, messages, members } = state.channel(channel);
  if (!members.has(APP.user)) throw new SlackNo('not_in_channel');
  if (args['thread_ts'] !== undefined && !messages.some(({ ts }) => ts === args['thread_ts']))
    throw new SlackNo('thread_not_found');
  const sent = state.post(contentOf(id, args));
  return { channel: id, ts: sent.ts, message: asSlack(sent, true) };
}

function directMessage(state: State, user: string): string {
  const id = `D${user.slice(1)}`;
  if (!state.channels.has(id)) state.addChannel(id, id);
  return id;
}

function update(state: State, args: Args): Answer {
  checkMessage(args);
  checkPictures(state, args['blocks']);
  const message = state.message(word(args['channel']), word(args['ts']));
  if (message.user !== APP.user) throw new SlackNo('cant_update_message');
  const { text, blocks, metadata } = contentOf(message.channel, args);
  Object.assign(message, { text, blocks: blocks ?? [], ...(metadata ? { metadata } : {}) });
  state.changed();
  return { channel: message.channel, ts: message.ts, text };
}

function shown(state: State, user: string, view: unknown, views: Map<string, OpenView>, id: string) {
  const definition = view as OpenView['definition'];
  checkBlocks(definition.blocks, 'view');
  checkPictures(state, definition.blocks);
  const hash = `${Date.now()}.${state.id('h')}`;
  const open = { id, user, hash, definition };
  views.set(id, open);
  state.changed();
  return { id, hash, team_id: TEAM.id, app_id: APP.id, bot_id: APP.bot, ...definition };
}

function userOf(state: State, id: string) {
  const person = state.people.get(id);
  if (id === APP.user) return { id, team_id: TEAM.id, name: 'slipway', is_bot: true, is_restricted: false };
  if (!person) throw new SlackNo('user_not_found');
  return {
    id,
    team_id: TEAM.id,
    name: person.name,
    real_name: person.real,
    deleted: false,
    is_bot: false,
    is_restricted: person.isGuest ?? false,
    is_ultra_restricted: false,
    profile: { display_name: person.name, real_name: person.real, email: `${person.name}@double.example` },
  };
}

function channels(state: State, args: Args): Answer {
  const user = args['user'];
  const all = [...state.channels.values()].filter(
    ({ id, members }) => id.startsWith('C') && (typeof user !== 'string' || members.has(user)),
  );
  const items = all.map(({ id, name, members }) => ({
    id,
    name,
    is_channel: true,
    is_private: false,
    is_archived: false,
    is_member: members.has(APP.user),
  }));
  const { from, to, next } = slice(items.length, args, 100);
  return { channels: items.slice(from, to), response_metadata: { next_cursor: next } };
}

function isWithin({ ts }: SentMessage, args: Args): boolean {
  const oldest = Number(args['oldest'] ?? 0);
  const latest = Number(args['latest'] ?? 99_999_999_999);
  const at = Number(ts);
  return isYes(args['inclusive']) ? at >= oldest && at <= latest : at > oldest && at < latest;
}

function paged(messages: readonly SentMessage[], args: Args, standard: number): Answer {
  const { from, to, next } = slice(messages.length, args, standard);
  const withMetadata = isYes(args['include_all_metadata']);
  return {
    messages: messages.slice(from, to).map((message) => asSlack(message, withMetadata)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
}

function slice(length: number, args: Args, standard: number) {
  const limit = Math.min(Number(args['limit'] ?? standard), Number(args['most'] ?? 1_000));
  const from = args['cursor']
    ? Number(Buffer.from(word(args['cursor']), 'base64').toString().split(':')[1])
    : 0;
  if (!Number.isInteger(from)) throw new SlackNo('invalid_cursor');
  const to = from + limit;
  return { from, to, next: to < length ? Buffer.from(`at:${to}`).toString('base64') : '' };
}

/** A message as Slack writes it in answers, events and payloads. */
export function asSlack(message: SentMessage, withMetadata = false): Record<string, unknown> {
  const { channel: _channel, metadata, broadcast, files, ephemeralTo, ...rest } = message;
  return {
    ...rest,
    team: TEAM.id,
    ...(message.user === APP.user ? { bot_id: APP.bot, app_id: APP.id } : {}),
    ...(broadcast ? { subtype: 'thread_broadcast' } : {}),
    ...(files ? { files: files.map(({ id, name, title }) => ({ id, name, title })), upload: false } : {}),
    ...(ephemeralTo ? { is_ephemeral: true } : {}),
    ...(withMetadata && metadata ? { metadata } : {}),
  };
}
