import type { Delivery } from './delivery.ts';
import { asSlack } from './methods.ts';
import { APP, type OpenView, type Person, type SentMessage, type State, TEAM } from './state.ts';

interface Element {
  readonly type: string;
  readonly action_id: string;
  readonly text?: unknown;
  readonly value?: string;
  readonly style?: string;
}

/** One person at work, as the app hears of it. @see https://docs.slack.dev/interactivity */
export class Actor {
  readonly #person: Person;
  readonly #state: State;
  readonly #delivery: Delivery;
  readonly #origin: () => string;

  constructor(person: Person, state: State, delivery: Delivery, origin: () => string) {
    this.#person = person;
    this.#state = state;
    this.#delivery = delivery;
    this.#origin = origin;
  }

  /** The whole line, `/ship-prod shop minor`. */
  async command(line: string): Promise<void> {
    const [command = '', ...words] = line.split(' ');
    const channel = this.#state.channel('#ship');
    await this.#delivery.ask('slash_commands', {
      token: 'verification-token',
      team_id: TEAM.id,
      team_domain: TEAM.domain,
      channel_id: channel.id,
      channel_name: channel.name,
      user_id: this.#person.id,
      user_name: this.#person.name,
      command,
      text: words.join(' '),
      api_app_id: APP.id,
      is_enterprise_install: 'false',
      response_url: this.#responseUrl(channel.id),
      trigger_id: this.#state.trigger(this.#person.id),
    });
  }

  /** A button of a message, by its action_id or its label. */
  async click(message: SentMessage, which: string): Promise<void> {
    const { element, blockId } = find(message, which);
    const about = [...this.#state.ephemeral, ...this.#state.channel(message.channel).messages].find(
      ({ ts }) => ts === message.ts,
    );
    const channel = this.#state.channel(message.channel);
    const isEphemeral = message.ephemeralTo !== undefined;
    await this.#delivery.ask('interactive', {
      type: 'block_actions',
      ...this.#whoAndWhere(),
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: isEphemeral,
        ...(message.thread_ts ? { thread_ts: message.thread_ts } : {}),
      },
      trigger_id: this.#state.trigger(this.#person.id),
      channel: { id: channel.id, name: channel.name },
      ...(isEphemeral ? {} : { message: asSlack(about ?? message) }),
      state: { values: {} },
      response_url: this.#responseUrl(channel.id, about),
      actions: [
        {
          action_id: element.action_id,
          block_id: blockId,
          type: element.type,
          text: element.text,
          ...(element.value === undefined ? {} : { value: element.value }),
          ...(element.style === undefined ? {} : { style: element.style }),
          action_ts: this.#state.ts(),
        },
      ],
    });
  }

  /** Submits an open form with these values, by block and action. */
  async submit(view: OpenView, values: Readonly<Record<string, Record<string, object>>> = {}): Promise<void> {
    await this.#delivery.ask('interactive', {
      type: 'view_submission',
      ...this.#whoAndWhere(),
      trigger_id: this.#state.trigger(this.#person.id),
      view: {
        ...view.definition,
        id: view.id,
        hash: view.hash,
        team_id: TEAM.id,
        app_id: APP.id,
        app_installed_team_id: TEAM.id,
        bot_id: APP.bot,
        root_view_id: view.id,
        previous_view_id: null,
        state: { values },
      },
      response_urls: [],
    });
    this.#state.views.delete(view.id);
  }

  say(
    channel: string,
    text: string,
    { thread_ts: thread }: { readonly thread_ts?: string } = {},
  ): SentMessage {
    const { id } = this.#state.channel(channel);
    const message = this.#state.post({
      channel: id,
      user: this.#person.id,
      text,
      ...(thread === undefined ? {} : { thread_ts: thread }),
      ...(this.#person.id === APP.user ? {} : { blocks: [written(text)] as never }),
    });
    this.#tell(messageEvent(message));
    if (text.includes(`<@${APP.user}>`)) {
      const { subtype: _subtype, channel_type: _type, ...event } = messageEvent(message);
      this.#tell({ ...event, type: 'app_mention' });
    }
    return message;
  }

  edit(message: SentMessage, text: string): SentMessage {
    const before = asSlack(message);
    const ts = this.#state.ts();
    const edited = { user: this.#person.id, ts };
    const stored = this.#state.message(message.channel, message.ts);
    Object.assign(stored, { text, blocks: [written(text)], edited });
    this.#state.changed();
    this.#tell({
      type: 'message',
      subtype: 'message_changed',
      hidden: true,
      channel: message.channel,
      channel_type: 'channel',
      ts,
      event_ts: ts,
      message: asSlack(stored),
      previous_message: before,
    });
    return stored;
  }

  #tell(event: object): void {
    void this.#delivery.tell({
      token: 'verification-token',
      team_id: TEAM.id,
      api_app_id: APP.id,
      type: 'event_callback',
      event_id: this.#state.id('Ev'),
      event_time: Math.floor(Date.now() / 1_000),
      event,
      authorizations: [
        {
          enterprise_id: null,
          team_id: TEAM.id,
          user_id: APP.user,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    });
  }

  #whoAndWhere() {
    const { id, name } = this.#person;
    return {
      user: { id, username: name, name, team_id: TEAM.id },
      api_app_id: APP.id,
      token: 'verification-token',
      team: TEAM,
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  #responseUrl(channel: string, about?: SentMessage): string {
    const id = this.#state.id('R');
    const until = Date.now() + 30 * 60_000;
    const original = about === undefined ? {} : { about };
    this.#state.responses.set(id, { left: 5, until, user: this.#person.id, channel, ...original });
    return `${this.#origin()}/response/${id}`;
  }
}

function messageEvent(message: SentMessage): Record<string, unknown> {
  return { ...asSlack(message), channel: message.channel, channel_type: 'channel', event_ts: message.ts };
}

/** What people write arrives as rich text too. */
function written(text: string) {
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text }] };
  return { type: 'rich_text', block_id: 'b1', elements: [section] };
}

function find(message: SentMessage, which: string): { readonly element: Element; readonly blockId: string } {
  const all = (message.blocks ?? []).flatMap((block, index) => {
    const {
      elements = [],
      accessory,
      block_id: id,
    } = block as {
      elements?: readonly Element[];
      accessory?: Element;
      block_id?: string;
    };
    const usable = block.type === 'actions' ? elements : accessory === undefined ? [] : [accessory];
    return usable.map((element) => ({ element, blockId: id ?? `b${index}` }));
  });
  const label = (element: Element) => String((element.text as { text?: unknown } | undefined)?.text ?? '');
  const found =
    all.find(({ element: { action_id: id } }) => id === which || id.startsWith(`${which}:`)) ??
    all.find(({ element }) => label(element) === which);
  if (found) return found;
  throw new Error(
    `no "${which}"; there is ${all.map(({ element }) => element.action_id).join(', ') || 'nothing'}`,
  );
}
