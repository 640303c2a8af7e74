import type { Core } from '../core.ts';
import type { Change, Channel, Message } from '../state/model.ts';
import type { JsonObject } from '../strict/json.ts';
import { activations } from '../strict/mrkdwn.ts';
import { slackMessage, slackUser, slackView } from './format.ts';

/** Turns what happens into the events the app subscribed to in its manifest. */
export class Events {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
    core.changes.subscribe((change) => this.#on(change));
  }

  /** The Home tab was opened; the only event without a change behind it. Resolves when it was delivered. */
  homeOpened(user: string, tab: 'home' | 'messages'): Promise<void> {
    const view = this.#core.views.home(user);
    const channel = this.#core.store.directMessage(this.#core.store.identity.botUser, user);
    return this.#send('app_home_opened', {
      user,
      channel: channel.id,
      tab,
      ...(view === undefined || tab !== 'home' ? {} : { view: slackView(this.#core, view) }),
      event_ts: this.#core.ids.ts(),
    });
  }

  #on(change: Change): void {
    switch (change.kind) {
      case 'message':
        if (change.before === undefined) this.#said(change.message);
        else this.#changed(change.message, change.before);
        return;
      case 'message-deleted':
        this.#deleted(change.message);
        return;
      case 'reaction':
        this.#reaction(change);
        return;
      case 'member-joined':
        void this.#send('member_joined_channel', {
          user: change.user,
          channel: change.channel.id,
          channel_type: change.channel.kind === 'public' ? 'C' : 'G',
          team: this.#core.store.identity.team.id,
          event_ts: this.#core.ids.ts(),
        });
        return;
      case 'user':
        void this.#send('user_change', {
          user: slackUser(this.#core, change.user),
          event_ts: this.#core.ids.ts(),
        });
        return;
      default:
        return;
    }
  }

  #said(message: Message): void {
    const channel = this.#heard(message);
    if (channel === undefined) return;
    const event = { ...slackMessage(this.#core, message, false), channel: channel.id };
    this.#message(channel, { ...event, event_ts: message.ts });
    this.#mentioned(message, channel);
  }

  /** Also when the message was edited: then the event says so. */
  #mentioned(message: Message, channel: Channel): void {
    const event = { ...slackMessage(this.#core, message, false), channel: channel.id };
    const mentionsBot = activations(message.text).some(
      (entry) => entry.kind === 'user' && entry.id === this.#core.store.identity.botUser,
    );
    if (mentionsBot && message.bot_id === undefined && channel.kind !== 'im') {
      void this.#send('app_mention', { ...event, type: 'app_mention', event_ts: message.ts });
    }
  }

  #changed(message: Message, before: Message): void {
    const channel = this.#heard(message);
    if (channel === undefined) return;
    const ts = this.#core.ids.ts();
    this.#message(channel, {
      subtype: 'message_changed',
      channel: channel.id,
      ts,
      event_ts: ts,
      hidden: true,
      message: slackMessage(this.#core, message, false),
      previous_message: slackMessage(this.#core, before, false),
    });
    if (message.text !== before.text) this.#mentioned(message, channel);
  }

  #deleted(message: Message): void {
    const channel = this.#heard(message);
    if (channel === undefined) return;
    const ts = this.#core.ids.ts();
    this.#message(channel, {
      subtype: 'message_deleted',
      channel: channel.id,
      ts,
      event_ts: ts,
      hidden: true,
      deleted_ts: message.ts,
      previous_message: slackMessage(this.#core, message, false),
    });
  }

  #reaction(change: Extract<Change, { kind: 'reaction' }>): void {
    if (this.#heard(change.message) === undefined) return;
    void this.#send(change.on ? 'reaction_added' : 'reaction_removed', {
      user: change.user,
      reaction: change.name,
      item_user: change.message.user,
      item: { type: 'message', channel: change.message.channel, ts: change.message.ts },
      event_ts: this.#core.ids.ts(),
    });
  }

  /** The channel, when the app is in it and the message is not for one person only. */
  #heard(message: Message): Channel | undefined {
    const channel = this.#core.store.channel(message.channel);
    const present = channel.members.has(this.#core.store.identity.botUser);
    return present && message.ephemeralTo === undefined ? channel : undefined;
  }

  /** `message.channels` and its like are all sent as `message`. */
  #message(channel: Channel, event: JsonObject): void {
    const [subscription, type] = {
      public: ['message.channels', 'channel'] as const,
      private: ['message.groups', 'group'] as const,
      im: ['message.im', 'im'] as const,
    }[channel.kind];
    void this.#send('message', { ...event, channel_type: type }, subscription);
  }

  async #send(type: string, event: JsonObject, subscription = type): Promise<void> {
    const { manifest, store, ids, delivery } = this.#core;
    const { team, organisation, botUser } = store.identity;
    if (!manifest.events.includes(subscription)) return;
    await delivery.event({
      type: 'event_callback',
      token: 'legacy-verification-token',
      team_id: store.identity.team.id,
      context_team_id: team.id,
      context_enterprise_id: organisation?.id ?? null,
      ...(organisation ? { enterprise_id: organisation.id } : {}),
      api_app_id: store.identity.appId,
      event: { ...event, type },
      event_id: ids.next('Ev'),
      event_time: ids.seconds(),
      event_context: ids.secret(12),
      is_ext_shared_channel: false,
      authorizations: [
        {
          enterprise_id: organisation?.id ?? null,
          team_id: organisation ? null : team.id,
          user_id: botUser,
          is_bot: true,
          is_enterprise_install: organisation !== undefined,
        },
      ],
    });
  }
}
