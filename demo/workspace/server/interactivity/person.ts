import type { Core } from '../core.ts';
import type { Channel, Message } from '../state/model.ts';
import { SlackError } from '../strict/slack-error.ts';

/** What people do with messages without the app: the rules are Slack's own. */

export function say(
  core: Core,
  user: string,
  given: {
    readonly channel: string;
    /** Stored mrkdwn: already escaped. */
    readonly text: string;
    readonly threadTs?: string | undefined;
    readonly broadcast?: boolean | undefined;
  },
): Message {
  const { store } = core;
  const channel = visibleChannel(core, user, given.channel);
  if (!channel.members.has(user)) throw new SlackError('not_in_channel');
  if (channel.archived) throw new SlackError('is_archived');
  const toBot = channel.kind === 'im' && channel.members.has(store.identity.botUser);
  if (toBot && core.manifest.messagesTab !== 'on') throw new SlackError('messages_tab_disabled');
  if (store.user(user).deleted) throw new SlackError('account_inactive');
  if (given.text.trim() === '') throw new SlackError('no_text');
  return store.post({ user, ...given, channel: channel.id });
}

export function editOwn(core: Core, user: string, channelId: string, ts: string, text: string): Message {
  const message = core.store.message(channelId, ts);
  if (message.user !== user) throw new SlackError('cant_update_message');
  if (text.trim() === '') throw new SlackError('no_text');
  return core.store.edit(message, { text }, user);
}

/** One's own message, or an ephemeral one that one wants to be rid of. */
export function deleteOwn(core: Core, user: string, channelId: string, ts: string): void {
  const message = core.store.message(channelId, ts);
  if (message.user !== user && message.ephemeralTo !== user) throw new SlackError('cant_delete_message');
  core.store.delete(message);
}

export function visibleChannel(core: Core, user: string, idOrName: string): Channel {
  const channel = core.store.channel(idOrName);
  if (!core.store.canSee(user, channel)) throw new SlackError('channel_not_found');
  return channel;
}

/** Channel messages and the user's own ephemeral ones, oldest first. */
export function timelineFor(core: Core, user: string, channel: Channel): Message[] {
  const ephemeral = core.store.ephemerals.filter(
    (message) =>
      message.ephemeralTo === user && message.channel === channel.id && message.thread_ts === undefined,
  );
  return [...core.store.timeline(channel), ...ephemeral].sort((a, b) => Number(a.ts) - Number(b.ts));
}

export function threadFor(core: Core, user: string, channel: Channel, ts: string): Message[] {
  const ephemeral = core.store.ephemerals.filter(
    (message) => message.ephemeralTo === user && message.channel === channel.id && message.thread_ts === ts,
  );
  return [...core.store.thread(channel, ts), ...ephemeral].sort((a, b) => Number(a.ts) - Number(b.ts));
}
