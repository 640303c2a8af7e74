import type { PageCallName, PageCalls } from '../../protocol/calls.ts';
import type { PageEvent } from '../../protocol/events.ts';
import type { Core } from '../core.ts';
import type { Interactions } from '../interactivity/interactions.ts';
import { deleteOwn, editOwn, say, threadFor, timelineFor, visibleChannel } from '../interactivity/person.ts';
import type { Events } from '../payloads/events.ts';
import type { StateValues } from '../state/model.ts';
import { SlackError } from '../strict/slack-error.ts';
import { pageMessage, pageView, snapshot } from './format.ts';

export interface TabParts {
  readonly core: Core;
  readonly interactions: Interactions;
  readonly events: Events;
}

/** What the calls of one tab need of it. */
export interface Tab extends TabParts {
  /** Id of the user that the tab acts as. */
  me: string;
  send(event: PageEvent): void;
}

type HandlersOf<Name extends PageCallName> = {
  readonly [Call in Name]: (
    args: PageCalls[Call]['args'],
  ) => PageCalls[Call]['result'] | Promise<PageCalls[Call]['result']>;
};
export type Handlers = HandlersOf<PageCallName>;

/** What each call of the page does. A failure is a SlackError. */
export function handlersFor(tab: Tab): Handlers {
  return { ...reading(tab), ...writing(tab), ...asking(tab), ...going(tab) };
}

function reading(tab: Tab): HandlersOf<'history' | 'replies' | 'read'> {
  const { core } = tab;
  return {
    history: ({ channel, before, limit = 50 }) => {
      const all = timelineFor(core, tab.me, visibleChannel(core, tab.me, channel)).filter(
        (message) => before === undefined || Number(message.ts) < Number(before),
      );
      const messages = all.slice(-limit).map((message) => pageMessage(core, message));
      return { messages, more: all.length > messages.length };
    },
    replies: ({ channel, ts }) => ({
      messages: threadFor(core, tab.me, visibleChannel(core, tab.me, channel), ts).map((message) =>
        pageMessage(core, message),
      ),
    }),
    read: ({ channel: id }) => {
      const channel = visibleChannel(core, tab.me, id);
      channel.read.set(tab.me, core.store.timeline(channel).at(-1)?.ts ?? '0');
      core.changes.emit({ kind: 'read', channel: channel.id, user: tab.me });
      return null;
    },
  };
}

function writing(tab: Tab): HandlersOf<'post' | 'edit' | 'delete' | 'react'> {
  const { core } = tab;
  return {
    post: (args) => ({ ts: say(core, tab.me, args).ts }),
    edit: ({ channel, ts, text }) => {
      editOwn(core, tab.me, channel, ts, text);
      return null;
    },
    delete: ({ channel, ts }) => {
      deleteOwn(core, tab.me, channel, ts);
      return null;
    },
    react: ({ channel, ts, name, on }) => {
      const message = core.store.message(visibleChannel(core, tab.me, channel).id, ts);
      core.store.react(message, tab.me, name, on);
      return null;
    },
  };
}

/** What the app is asked. */
function asking(
  tab: Tab,
): HandlersOf<'command' | 'action' | 'options' | 'submit' | 'close' | 'shortcut' | 'message_shortcut'> {
  const { interactions } = tab;
  return {
    command: async ({ channel, line }) => {
      await interactions.command(tab.me, channel, line);
      return null;
    },
    action: async ({ state, ...use }) => {
      await interactions.blockAction(tab.me, { ...use, state: structuredClone(state) as StateValues });
      return null;
    },
    options: (args) => interactions.options(tab.me, args),
    submit: async ({ viewId, state }) => {
      await interactions.submit(tab.me, viewId, structuredClone(state) as StateValues);
      return null;
    },
    close: async ({ viewId, clear }) => {
      await interactions.close(tab.me, viewId, clear);
      return null;
    },
    shortcut: async ({ callbackId }) => {
      await interactions.globalShortcut(tab.me, callbackId);
      return null;
    },
    message_shortcut: async ({ callbackId, channel, ts }) => {
      await interactions.messageShortcut(tab.me, callbackId, channel, ts);
      return null;
    },
  };
}

/** Who one is, and where one goes. */
function going(tab: Tab): HandlersOf<'act_as' | 'open_home' | 'open_dm' | 'join' | 'set_switch'> {
  const { core, events } = tab;
  const { store } = core;
  return {
    act_as: ({ user }) => {
      if (store.user(user).kind === 'bot') throw new SlackError('user_not_found');
      tab.me = user;
      tab.send(snapshot(core, user));
      return null;
    },
    open_home: ({ tab: opened }) => {
      void events.homeOpened(tab.me, opened);
      const home = core.views.home(tab.me);
      tab.send({ type: 'home', view: home === undefined ? null : pageView(home) });
      return null;
    },
    open_dm: ({ user }) => {
      store.user(user);
      return { channel: store.directMessage(tab.me, user).id };
    },
    join: ({ channel }) => {
      store.join(visibleChannel(core, tab.me, channel), tab.me);
      return null;
    },
    set_switch: async ({ id, value }) => {
      await core.panel.set(id, value);
      core.changes.emit({ kind: 'switches' });
      return null;
    },
  };
}
