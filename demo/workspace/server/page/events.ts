import type { PageEvent } from '../../protocol/events.ts';
import type { Core } from '../core.ts';
import type { Change, Message } from '../state/model.ts';
import { pageChannel, pageMessage, pageUser, pageView, unread } from './format.ts';

/** What the page of a user hears of a change; nothing of what that user may not see. */
export function eventsFor(core: Core, me: string, change: Change): PageEvent[] {
  const mine = (user: string) => user === me;
  switch (change.kind) {
    case 'message':
    case 'reaction':
      return messageEvents(core, me, change.message);
    case 'message-deleted':
      return sees(core, me, change.message)
        ? [
            { type: 'message_deleted', channel: change.message.channel, ts: change.message.ts },
            ...parentEvents(core, change.message),
          ]
        : [];
    case 'channel':
      return core.store.canSee(me, change.channel)
        ? [{ type: 'channel', channel: pageChannel(core, change.channel, me) }]
        : [];
    case 'user':
      return [{ type: 'user', user: pageUser(change.user) }];
    case 'user-group':
      return [{ type: 'user_group', userGroup: change.group }];
    case 'views':
      return mine(change.user) ? [{ type: 'views', views: core.views.stack(me).map(pageView) }] : [];
    case 'view-errors':
      return mine(change.user) ? [{ type: 'view_errors', viewId: change.viewId, errors: change.errors }] : [];
    case 'home': {
      const home = core.views.home(me);
      return mine(change.user) ? [{ type: 'home', view: home === undefined ? null : pageView(home) }] : [];
    }
    case 'read':
      return mine(change.user) ? unreadEvents(core, me, change.channel) : [];
    case 'bot':
      return [{ type: 'bot', online: change.online }];
    case 'toast':
      return mine(change.user)
        ? [{ type: 'toast', kind: 'error', error: change.error, text: change.text }]
        : [];
    case 'switches':
      return [
        { type: 'switches', switches: core.panel.switches() },
        { type: 'gauges', gauges: core.panel.gauges?.() ?? [] },
      ];
    case 'member-joined':
      return [];
  }
}

function messageEvents(core: Core, me: string, message: Message): PageEvent[] {
  if (!sees(core, me, message)) return [];
  return [
    { type: 'message', message: pageMessage(core, message) },
    ...parentEvents(core, message),
    ...unreadEvents(core, me, message.channel),
  ];
}

/** The parent shows how many replies there are. */
function parentEvents(core: Core, message: Message): PageEvent[] {
  const { thread_ts: threadTs, channel } = message;
  if (threadTs === undefined || threadTs === message.ts || message.ephemeralTo !== undefined) return [];
  const parent = core.store.channels.get(channel)?.messages.get(threadTs);
  return parent === undefined ? [] : [{ type: 'message', message: pageMessage(core, parent) }];
}

function unreadEvents(core: Core, me: string, channelId: string): PageEvent[] {
  const channel = core.store.channel(channelId);
  if (!channel.members.has(me)) return [];
  return [{ type: 'unread', channel: channelId, unread: unread(core, channel, me) }];
}

function sees(core: Core, me: string, message: Message): boolean {
  if (message.ephemeralTo !== undefined) return message.ephemeralTo === me;
  return core.store.canSee(me, core.store.channel(message.channel));
}
