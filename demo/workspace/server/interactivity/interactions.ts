import type { Container, ElementValue, PageOption } from '../../protocol/views.ts';
import type { Core } from '../core.ts';
import { slackMessage, slackView } from '../payloads/format.ts';
import type { PlacedElement } from '../state/form.ts';
import { elementsOf, formErrors, initialState } from '../state/form.ts';
import type { Message, StateValues } from '../state/model.ts';
import { checkContent } from '../strict/content.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Submitted } from './acknowledgements.ts';
import { accepted, checked, settleSubmission } from './acknowledgements.ts';
import { actionOf, escapedText, flatIdentity, identity, ownView, placeOf } from './payload-parts.ts';
import { visibleChannel } from './person.ts';

/** An element that is used: what the person chose, and all values of its surroundings. */
export interface Use {
  readonly container: Container;
  readonly blockId: string;
  readonly actionId: string;
  readonly value?: ElementValue | undefined;
  readonly state?: StateValues | undefined;
  /** The `value` of the button as the person saw it. */
  readonly rendered?: string | undefined;
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
    const channel = visibleChannel(this.#core, userId, channelId);
    const ack = await this.#core.delivery.request('slash_commands', {
      ...flatIdentity(this.#core, userId),
      channel_id: channel.id,
      channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
      command: name,
      text: manifest.escapedCommands.includes(name) ? escapedText(store, words) : words.join('').trim(),
      is_enterprise_install: 'false',
      response_url: responseUrls.issue({ channel: channel.id, user: userId }),
      trigger_id: triggers.issue(userId),
    });
    const payload = accepted(ack);
    if (Object.keys(payload).length === 0) return undefined;
    const { response_type: type, text, blocks, attachments } = payload;
    const content = { ...(typeof text === 'string' ? { text } : {}), blocks, attachments };
    checked(this.#core, 'slash_commands', () => checkContent(content, 'post', this.#core.strictness));
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
    if (use.container.type === 'view' && use.state !== undefined) {
      this.#core.views.setState(ownView(this.#core, userId, use.container.viewId), use.state);
    }
    const place = placeOf(this.#core, userId, use.container);
    const placed = pressed(elementsOf(place.blocks), use);
    const state = place.view?.state ?? use.state ?? initialState(place.blocks);
    const ack = await this.#core.delivery.request('interactive', {
      type: 'block_actions',
      ...identity(this.#core, userId),
      trigger_id: this.#core.triggers.issue(userId),
      ...place.payload,
      ...(place.view === undefined ? { state: { values: state } } : {}),
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
    const place = placeOf(this.#core, userId, use.container);
    const ack = await this.#core.delivery.request('interactive', {
      type: 'block_suggestion',
      ...identity(this.#core, userId),
      ...place.payload,
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
    const view = ownView(this.#core, userId, viewId);
    views.setState(view, state);
    const local = formErrors(view.definition.blocks, state);
    if (Object.keys(local).length > 0) {
      changes.emit({ kind: 'view-errors', user: userId, viewId, errors: local });
      return { kind: 'errors', errors: local };
    }
    const ack = await this.#core.delivery.request('interactive', {
      type: 'view_submission',
      ...identity(this.#core, userId),
      trigger_id: triggers.issue(userId),
      view: slackView(this.#core, view),
      response_urls: [],
    });
    return settleSubmission(this.#core, view, accepted(ack));
  }

  /** By the person. The app hears of it when the view asked for that. */
  async close(userId: string, viewId: string, clear: boolean): Promise<void> {
    const { views } = this.#core;
    const view = ownView(this.#core, userId, viewId);
    const all = clear || view.definition.clear_on_close === true;
    const asking = views.close(view, all).filter((entry) => entry.definition.notify_on_close === true);
    for (const entry of asking) {
      await this.#core.delivery.request('interactive', {
        type: 'view_closed',
        ...identity(this.#core, userId),
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
        ...identity(this.#core, userId),
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
    const channel = visibleChannel(this.#core, userId, channelId);
    const message = store.message(channel.id, ts);
    accepted(
      await this.#core.delivery.request('interactive', {
        type: 'message_action',
        ...identity(this.#core, userId),
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
}

/**
 * What was used, as it was rendered for the person: an update that leaves block_id and action_id as they are takes
 * nothing away from who reads the question meanwhile. Refused with `element_not_found` when the ids are gone.
 */
function pressed(now: readonly PlacedElement[], use: Use): PlacedElement {
  if (use.seen !== undefined) return use.seen;
  const placed = now.find(({ blockId, actionId }) => blockId === use.blockId && actionId === use.actionId);
  if (placed === undefined) throw new SlackError('element_not_found');
  const { rendered } = use;
  const isButton = placed.element['type'] === 'button';
  if (rendered === undefined || !isButton) return placed;
  return { ...placed, element: { ...placed.element, value: rendered } };
}
