import type { Container, ElementValue, PageOption } from '../protocol.ts';
import type { Core } from './core.ts';
import type { Ack } from './delivery.ts';
import type { PlacedElement } from './form.ts';
import { elementsOf, formErrors, initialState } from './form.ts';
import { slackMessage, slackView } from './format.ts';
import type { Channel, Message, StateValues, View, ViewDefinition } from './model.ts';
import { SlackError } from './model.ts';
import { checkContent, checkView } from './strict/content.ts';
import type { JsonObject } from './strict/problem.ts';
import { isJsonObject } from './strict/problem.ts';

/** What became of a submitted modal. */
export type Submitted =
  | { readonly kind: 'closed' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'updated' | 'pushed'; readonly view: View }
  | { readonly kind: 'cleared' };

/** An element that is used: what the person chose, and all values of its surroundings. */
export interface Use {
  readonly container: Container;
  readonly blockId: string;
  readonly actionId: string;
  readonly value?: ElementValue | undefined;
  readonly state?: StateValues | undefined;
  /** The element as the person saw it, for a click on a message that has changed since. */
  readonly seen?: PlacedElement | undefined;
}

/**
 * Everything a person can do that the app must answer, with the payloads Slack would send.
 * A failure is a SlackError: what the app did not answer in time (`operation_timeout`, `dispatch_failed`) or
 * what does not exist (`unknown_command`, `element_not_found`, …).
 */
export class Interactions {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** `line` as typed, with the slash. The message the acknowledgement asked for, if any. */
  async command(userId: string, channelId: string, line: string): Promise<Message | undefined> {
    const { manifest, store, responseUrls, triggers } = this.#core;
    const [name = '', ...words] = line.trim().split(/(\s+)/);
    if (!manifest.commands.some((entry) => entry.command === name)) throw new SlackError('unknown_command');
    const channel = this.#visible(userId, channelId);
    const ack = await this.#core.delivery.request('slash_commands', {
      ...this.#flatIdentity(userId),
      channel_id: channel.id,
      channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
      command: name,
      text: words.join('').trim(),
      is_enterprise_install: 'false',
      response_url: responseUrls.issue({ channel: channel.id, user: userId }),
      trigger_id: triggers.issue(userId),
    });
    const payload = accepted(ack);
    if (Object.keys(payload).length === 0) return undefined;
    const { response_type: type, text, blocks, attachments } = payload;
    const content = { ...(typeof text === 'string' ? { text } : {}), blocks, attachments };
    this.#checked('slash_commands', () => checkContent(content, 'post', this.#core.strictness));
    return store.post({
      channel: channel.id,
      user: store.identity.botUser,
      text: content.text ?? '',
      blocks: blocks as readonly unknown[] | undefined,
      attachments: attachments as readonly unknown[] | undefined,
      ...(type === 'in_channel' ? {} : { ephemeralTo: userId }),
    });
  }

  async blockAction(userId: string, use: Use): Promise<void> {
    const place = this.#place(userId, use.container);
    const placed =
      elementsOf(place.blocks).find(
        (entry) => entry.blockId === use.blockId && entry.actionId === use.actionId,
      ) ?? use.seen;
    if (placed === undefined) throw new SlackError('element_not_found');
    if (place.view !== undefined && use.state !== undefined) this.#core.views.setState(place.view, use.state);
    const state = place.view?.state ?? use.state ?? initialState(place.blocks);
    const ack = await this.#core.delivery.request('interactive', {
      type: 'block_actions',
      ...this.#identity(userId),
      trigger_id: this.#core.triggers.issue(userId),
      ...place.payload,
      ...(place.view === undefined ? { state: { values: state } } : {}),
      ...this.#viewPart(place.view),
      actions: [actionOf(placed, use.value, this.#core.ids.ts())],
    });
    accepted(ack);
  }

  async options(
    userId: string,
    use: {
      readonly container: Container;
      readonly blockId: string;
      readonly actionId: string;
      readonly typed: string;
    },
  ): Promise<{
    options: readonly PageOption[];
    groups?: readonly { label: PageOption['text']; options: PageOption[] }[];
  }> {
    const place = this.#place(userId, use.container);
    const ack = await this.#core.delivery.request('interactive', {
      type: 'block_suggestion',
      ...this.#identity(userId),
      ...place.payload,
      ...this.#viewPart(place.view),
      block_id: use.blockId,
      action_id: use.actionId,
      value: use.typed,
    });
    const { options, option_groups: groups } = accepted(ack);
    return {
      options: (options ?? []) as readonly PageOption[],
      ...(groups === undefined
        ? {}
        : { groups: groups as { label: PageOption['text']; options: PageOption[] }[] }),
    };
  }

  /** Empty required inputs are refused here, without asking the app. */
  async submit(userId: string, viewId: string, state: StateValues): Promise<Submitted> {
    const { views, triggers, changes } = this.#core;
    const view = this.#ownView(userId, viewId);
    views.setState(view, state);
    const local = formErrors(view.definition.blocks, state);
    if (Object.keys(local).length > 0) {
      changes.emit({ kind: 'view-errors', user: userId, viewId, errors: local });
      return { kind: 'errors', errors: local };
    }
    const ack = await this.#core.delivery.request('interactive', {
      type: 'view_submission',
      ...this.#identity(userId),
      trigger_id: triggers.issue(userId),
      view: slackView(this.#core, view),
      response_urls: [],
    });
    return this.#submitted(view, accepted(ack));
  }

  /** By the person. The app hears of it when the view asked for that. */
  async close(userId: string, viewId: string, clear: boolean): Promise<void> {
    const { views } = this.#core;
    const view = this.#ownView(userId, viewId);
    const all = clear || view.definition.clear_on_close === true;
    const asking = views.close(view, all).filter((entry) => entry.definition.notify_on_close === true);
    for (const entry of asking) {
      await this.#core.delivery.request('interactive', {
        type: 'view_closed',
        ...this.#identity(userId),
        view: slackView(this.#core, entry),
        is_cleared: all,
      });
    }
  }

  async globalShortcut(userId: string, callbackId: string): Promise<void> {
    const { manifest, triggers, ids } = this.#core;
    if (!manifest.globalShortcuts.some((entry) => entry.callbackId === callbackId)) {
      throw new SlackError('unknown_shortcut');
    }
    accepted(
      await this.#core.delivery.request('interactive', {
        type: 'shortcut',
        ...this.#identity(userId),
        callback_id: callbackId,
        trigger_id: triggers.issue(userId),
        action_ts: ids.ts(),
      }),
    );
  }

  async messageShortcut(userId: string, callbackId: string, channelId: string, ts: string): Promise<void> {
    const { manifest, triggers, ids, store, responseUrls } = this.#core;
    if (!manifest.messageShortcuts.some((entry) => entry.callbackId === callbackId)) {
      throw new SlackError('unknown_shortcut');
    }
    const channel = this.#visible(userId, channelId);
    const message = store.message(channel.id, ts);
    accepted(
      await this.#core.delivery.request('interactive', {
        type: 'message_action',
        ...this.#identity(userId),
        callback_id: callbackId,
        trigger_id: triggers.issue(userId),
        action_ts: ids.ts(),
        channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
        message_ts: message.ts,
        message: slackMessage(this.#core, message, false),
        response_url: responseUrls.issue({ channel: channel.id, user: userId }),
      }),
    );
  }

  #submitted(view: View, payload: JsonObject): Submitted {
    const { views, changes } = this.#core;
    switch (payload['response_action']) {
      case undefined:
        views.close(view, false);
        return { kind: 'closed' };
      case 'clear':
        views.close(view, true);
        return { kind: 'cleared' };
      case 'errors': {
        const errors = this.#viewErrors(view, payload['errors']);
        changes.emit({ kind: 'view-errors', user: view.user, viewId: view.id, errors });
        return { kind: 'errors', errors };
      }
      case 'update':
      case 'push': {
        this.#checked('view_submission', () => checkView(payload['view'], 'modal'));
        const definition = payload['view'] as ViewDefinition;
        return payload['response_action'] === 'update'
          ? { kind: 'updated', view: views.update(view, definition) }
          : { kind: 'pushed', view: views.push(view.user, definition) };
      }
      default:
        throw this.#violation('view_submission', new SlackError('invalid_response_action'));
    }
  }

  /** Errors must belong to input blocks of the view: Slack shows "trouble connecting" otherwise. */
  #viewErrors(view: View, errors: unknown): Record<string, string> {
    const inputs = view.definition.blocks
      .filter((block) => block.type === 'input')
      .map((block) => block.block_id);
    const valid =
      isJsonObject(errors) &&
      Object.entries(errors).length > 0 &&
      Object.entries(errors).every(
        ([block, message]) => inputs.includes(block) && typeof message === 'string',
      );
    if (!valid) throw this.#violation('view_submission', new SlackError('invalid_view_errors', { errors }));
    return errors as Record<string, string>;
  }

  /** An acknowledgement that Slack would not take goes into the journal like a refused call. */
  #checked(method: string, check: () => void): void {
    try {
      check();
    } catch (error) {
      throw error instanceof SlackError ? this.#violation(method, error) : error;
    }
  }

  #violation(method: string, error: SlackError): SlackError {
    this.#core.journal.add({
      at: new Date(this.#core.ids.now()).toISOString(),
      direction: 'in',
      method: `ack:${method}`,
      args: {},
      response: { ok: false, error: error.code, ...error.more },
    });
    return error;
  }

  #place(userId: string, container: Container) {
    const { store, responseUrls } = this.#core;
    if (container.type === 'view') {
      const view = this.#ownView(userId, container.viewId);
      const payload: JsonObject = { container: { type: 'view', view_id: view.id } };
      return { view, blocks: view.definition.blocks, payload };
    }
    const channel = this.#visible(userId, container.channel);
    const message = store.message(channel.id, container.ts);
    if (message.ephemeralTo !== undefined && message.ephemeralTo !== userId) {
      throw new SlackError('message_not_found');
    }
    const thread = message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts };
    const payload: JsonObject = {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: message.ephemeralTo !== undefined,
        ...thread,
      },
      channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
      ...(message.ephemeralTo === undefined ? { message: slackMessage(this.#core, message, false) } : {}),
      response_url: responseUrls.issue({
        channel: channel.id,
        user: userId,
        messageTs: message.ts,
        ...(message.thread_ts === undefined ? {} : { threadTs: message.thread_ts }),
      }),
    };
    const inner = (message.attachments ?? []).flatMap((attachment) => attachment.blocks ?? []);
    const blocks = [...(message.blocks ?? []), ...inner] as ViewDefinition['blocks'];
    return { view: undefined, blocks, payload };
  }

  #viewPart(view: View | undefined): JsonObject {
    return view === undefined ? {} : { view: slackView(this.#core, view) };
  }

  #ownView(userId: string, viewId: string): View {
    const view = this.#core.views.get(viewId);
    if (view.user !== userId) throw new SlackError('not_found');
    return view;
  }

  #visible(userId: string, channelId: string): Channel {
    const { store } = this.#core;
    const channel = store.channel(channelId);
    if (!store.canSee(userId, channel)) throw new SlackError('channel_not_found');
    return channel;
  }

  #identity(userId: string): JsonObject {
    const { store } = this.#core;
    const { team, appId } = store.identity;
    const user = store.user(userId);
    return {
      user: { id: user.id, username: user.name, name: user.name, team_id: team.id },
      team: { id: team.id, domain: team.domain },
      api_app_id: appId,
      token: 'legacy-verification-token',
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  #flatIdentity(userId: string): JsonObject {
    const { store } = this.#core;
    const { team, appId } = store.identity;
    return {
      token: 'legacy-verification-token',
      team_id: team.id,
      team_domain: team.domain,
      user_id: userId,
      user_name: store.user(userId).name,
      api_app_id: appId,
    };
  }
}

function accepted(ack: Ack): JsonObject {
  if (!ack.ok) throw new SlackError(ack.error);
  return ack.payload;
}

/** The `actions` entry: what the element is, and what was chosen. */
function actionOf(placed: PlacedElement, value: ElementValue | undefined, ts: string): JsonObject {
  const { element, blockId, actionId } = placed;
  const shown = Object.fromEntries(
    ['text', 'value', 'url', 'style', 'confirm', 'placeholder', 'icon']
      .filter((key) => element[key] !== undefined)
      .map((key) => [key, element[key]]),
  );
  return { ...shown, ...value, type: element['type'], block_id: blockId, action_id: actionId, action_ts: ts };
}
