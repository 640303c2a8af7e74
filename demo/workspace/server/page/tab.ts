import type { WebSocket } from 'ws';
import type { PageCallName, PageCalls } from '../../protocol/calls.ts';
import type { PageEvent, PageReply } from '../../protocol/events.ts';
import type { Core } from '../core.ts';
import type { Interactions } from '../interactivity/interactions.ts';
import { deleteOwn, editOwn, say, threadFor, timelineFor, visibleChannel } from '../interactivity/person.ts';
import type { Events } from '../payloads/events.ts';
import type { Change, Message } from '../state/model.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { PageCall } from './calls.ts';
import { readCall } from './calls.ts';
import { errorText } from './error-texts.ts';
import { pageChannel, pageMessage, pageUser, pageView, snapshot, unread } from './format.ts';

export interface TabParts {
  readonly core: Core;
  readonly interactions: Interactions;
  readonly events: Events;
}

type Handlers = {
  readonly [Name in PageCallName]: (
    args: PageCalls[Name]['args'],
  ) => PageCalls[Name]['result'] | Promise<PageCalls[Name]['result']>;
};

/** One browser tab: it acts as one user, and hears what that user may hear. */
export class PageTab {
  readonly #socket: WebSocket;
  readonly #parts: TabParts;
  readonly #handlers: Handlers;
  #me: string;

  constructor(socket: WebSocket, parts: TabParts, user: string) {
    this.#socket = socket;
    this.#parts = parts;
    this.#me = user;
    this.#handlers = this.#makeHandlers();
    const stop = parts.core.changes.subscribe((change) => {
      for (const event of this.#eventsOf(change)) this.#send(event);
    });
    socket.on('close', stop);
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => void this.#receive(String(data)));
    this.#send(snapshot(parts.core, user));
  }

  async #receive(data: string): Promise<void> {
    const request = readCall(data);
    if (request === null) return;
    if ('invalid' in request) {
      this.#send({
        type: 'reply',
        id: request.id,
        ok: false,
        error: 'invalid_arguments',
        text: request.invalid,
      });
      return;
    }
    this.#send(await this.#answer(request));
  }

  async #answer(request: PageCall): Promise<PageReply> {
    const { id, call, args } = request;
    try {
      const handler = this.#handlers[call] as (args: unknown) => unknown;
      return { type: 'reply', id, ok: true, result: await handler(args) };
    } catch (error) {
      const code = error instanceof SlackError ? error.code : 'internal_error';
      const text =
        error instanceof SlackError
          ? errorText(code, whatOf(request), this.#parts.core.manifest.name)
          : String(error);
      return { type: 'reply', id, ok: false, error: code, text };
    }
  }

  #makeHandlers(): Handlers {
    const { core, interactions, events } = this.#parts;
    const { store } = core;
    return {
      act_as: ({ user }) => {
        if (store.user(user).kind === 'bot') throw new SlackError('user_not_found');
        this.#me = user;
        this.#send(snapshot(core, user));
        return null;
      },
      history: ({ channel, before, limit = 50 }) => {
        const all = timelineFor(core, this.#me, visibleChannel(core, this.#me, channel)).filter(
          (message) => before === undefined || Number(message.ts) < Number(before),
        );
        const messages = all.slice(-limit).map((message) => pageMessage(core, message));
        return { messages, more: all.length > messages.length };
      },
      replies: ({ channel, ts }) => ({
        messages: threadFor(core, this.#me, visibleChannel(core, this.#me, channel), ts).map((message) =>
          pageMessage(core, message),
        ),
      }),
      post: (args) => ({ ts: say(core, this.#me, args).ts }),
      edit: ({ channel, ts, text }) => {
        editOwn(core, this.#me, channel, ts, text);
        return null;
      },
      delete: ({ channel, ts }) => {
        deleteOwn(core, this.#me, channel, ts);
        return null;
      },
      react: ({ channel, ts, name, on }) => {
        store.react(store.message(visibleChannel(core, this.#me, channel).id, ts), this.#me, name, on);
        return null;
      },
      command: async ({ channel, line }) => {
        await interactions.command(this.#me, channel, line);
        return null;
      },
      action: async ({ container, blockId, actionId, value, state }) => {
        await interactions.blockAction(this.#me, {
          container,
          blockId,
          actionId,
          value,
          state: structuredClone(state) as Parameters<Interactions['submit']>[2],
        });
        return null;
      },
      options: (args) => interactions.options(this.#me, args),
      submit: async ({ viewId, state }) => {
        await interactions.submit(
          this.#me,
          viewId,
          structuredClone(state) as Parameters<Interactions['submit']>[2],
        );
        return null;
      },
      close: async ({ viewId, clear }) => {
        await interactions.close(this.#me, viewId, clear);
        return null;
      },
      shortcut: async ({ callbackId }) => {
        await interactions.globalShortcut(this.#me, callbackId);
        return null;
      },
      message_shortcut: async ({ callbackId, channel, ts }) => {
        await interactions.messageShortcut(this.#me, callbackId, channel, ts);
        return null;
      },
      open_home: ({ tab }) => {
        void events.homeOpened(this.#me, tab);
        const home = core.views.home(this.#me);
        this.#send({ type: 'home', view: home === undefined ? null : pageView(home) });
        return null;
      },
      open_dm: ({ user }) => {
        store.user(user);
        return { channel: store.directMessage(this.#me, user).id };
      },
      join: ({ channel }) => {
        store.join(visibleChannel(core, this.#me, channel), this.#me);
        return null;
      },
      read: ({ channel: id }) => {
        const channel = visibleChannel(core, this.#me, id);
        channel.read.set(this.#me, store.timeline(channel).at(-1)?.ts ?? '0');
        core.changes.emit({ kind: 'read', channel: channel.id, user: this.#me });
        return null;
      },
      set_switch: async ({ id, value }) => {
        await core.panel.set(id, value);
        core.changes.emit({ kind: 'switches' });
        return null;
      },
    };
  }

  #eventsOf(change: Change): PageEvent[] {
    const { core } = this.#parts;
    const mine = (user: string) => user === this.#me;
    switch (change.kind) {
      case 'message':
      case 'reaction':
        return this.#messageEvents(change.message);
      case 'message-deleted':
        return this.#sees(change.message)
          ? [
              { type: 'message_deleted', channel: change.message.channel, ts: change.message.ts },
              ...this.#parentEvents(change.message),
            ]
          : [];
      case 'channel':
        return core.store.canSee(this.#me, change.channel)
          ? [{ type: 'channel', channel: pageChannel(core, change.channel, this.#me) }]
          : [];
      case 'user':
        return [{ type: 'user', user: pageUser(change.user) }];
      case 'user-group':
        return [{ type: 'user_group', userGroup: change.group }];
      case 'views':
        return mine(change.user) ? [{ type: 'views', views: core.views.stack(this.#me).map(pageView) }] : [];
      case 'view-errors':
        return mine(change.user)
          ? [{ type: 'view_errors', viewId: change.viewId, errors: change.errors }]
          : [];
      case 'home': {
        const home = core.views.home(this.#me);
        return mine(change.user) ? [{ type: 'home', view: home === undefined ? null : pageView(home) }] : [];
      }
      case 'read':
        return mine(change.user) ? this.#unreadEvents(change.channel) : [];
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

  #messageEvents(message: Message): PageEvent[] {
    if (!this.#sees(message)) return [];
    return [
      { type: 'message', message: pageMessage(this.#parts.core, message) },
      ...this.#parentEvents(message),
      ...this.#unreadEvents(message.channel),
    ];
  }

  /** The parent shows how many replies there are. */
  #parentEvents(message: Message): PageEvent[] {
    const { core } = this.#parts;
    const { thread_ts: threadTs, channel } = message;
    if (threadTs === undefined || threadTs === message.ts || message.ephemeralTo !== undefined) return [];
    const parent = core.store.channels.get(channel)?.messages.get(threadTs);
    return parent === undefined ? [] : [{ type: 'message', message: pageMessage(core, parent) }];
  }

  #unreadEvents(channelId: string): PageEvent[] {
    const { core } = this.#parts;
    const channel = core.store.channel(channelId);
    if (!channel.members.has(this.#me)) return [];
    return [{ type: 'unread', channel: channelId, unread: unread(core, channel, this.#me) }];
  }

  #sees(message: Message): boolean {
    if (message.ephemeralTo !== undefined) return message.ephemeralTo === this.#me;
    const { store } = this.#parts.core;
    return store.canSee(this.#me, store.channel(message.channel));
  }

  #send(message: PageEvent | PageReply): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function whatOf(request: PageCall): string {
  if (request.call === 'command') return request.args.line.split(/\s/)[0] ?? 'The command';
  return 'This';
}
