import type { ElementValue } from '../../protocol/views.ts';
import type { Core } from '../core.ts';
import type { Submitted } from '../interactivity/acknowledgements.ts';
import type { Interactions } from '../interactivity/interactions.ts';
import { say } from '../interactivity/person.ts';
import type { Events } from '../payloads/events.ts';
import type { PlacedElement, PlainValue } from '../state/form.ts';
import { elementsOf, initialState, wrapValue } from '../state/form.ts';
import type { StateValues, View } from '../state/model.ts';
import { waitFor } from '../state/waiting.ts';
import type { SeenMessage } from './reading.ts';
import { blocksOf, seen } from './reading.ts';

/** Which element is meant: its action_id or its label, to the letter, or a pattern that either matches. */
export type Which = string | RegExp;

/** Values by action_id or block_id. */
export type Values = Readonly<Record<string, PlainValue>>;

/** One person at work. Everything resolves when the app has acknowledged it, and fails as Slack would. */
export class Actor {
  readonly id: string;
  readonly #core: Core;
  readonly #interactions: Interactions;
  readonly #events: Events;

  constructor(id: string, core: Core, interactions: Interactions, events: Events) {
    this.id = id;
    this.#core = core;
    this.#interactions = interactions;
    this.#events = events;
  }

  /** The whole line, `/ship-prod shop minor`. The answer inside the acknowledgement, if there was one. */
  async command(line: string, place: { readonly channel?: string } = {}): Promise<SeenMessage | undefined> {
    const channel = this.#core.store.channel(place.channel ?? '#ship').id;
    const answer = await this.#interactions.command(this.id, channel, line);
    return answer === undefined ? undefined : seen(answer);
  }

  /**
   * Uses a button or another element of a message or an open view. `value` is for selects and the like,
   * `values` for other inputs around it. An element that is gone by now is still clicked when `source` has it,
   * as from a page that has not heard of the change.
   */
  async click(
    source: SeenMessage | View,
    which: Which,
    given: { readonly value?: PlainValue; readonly values?: Values } = {},
  ): Promise<void> {
    const target = findElement(elementsOf(blocksOf(source)), which);
    const chosen: ElementValue | undefined =
      given.value === undefined
        ? undefined
        : target.element['type'] === 'overflow'
          ? wrapValue({ ...target.element, type: 'static_select' }, given.value)
          : wrapValue(target.element, given.value);
    const isView = 'definition' in source;
    const state = fill(
      isView ? source.state : initialState(blocksOf(source)),
      elementsOf(blocksOf(source)),
      given.values ?? {},
    );
    if (chosen !== undefined && state[target.blockId]?.[target.actionId] !== undefined) {
      (state[target.blockId] as Record<string, ElementValue>)[target.actionId] = chosen;
    }
    await this.#interactions.blockAction(this.id, {
      container: isView
        ? { type: 'view', viewId: source.id }
        : { type: 'message', channel: source.channel, ts: source.ts },
      blockId: target.blockId,
      actionId: target.actionId,
      value: chosen,
      state,
      seen: target,
    });
  }

  /** Submits an open modal; what is not given keeps its value. */
  async submit(view: View, values: Values = {}): Promise<Submitted> {
    const state = fill(view.state, elementsOf(view.definition.blocks), values);
    return this.#interactions.submit(this.id, view.id, state);
  }

  /** Closes a modal by its X; `clear` closes the whole stack. */
  async close(view: View, clear = false): Promise<void> {
    await this.#interactions.close(this.id, view.id, clear);
  }

  /** Says something in mrkdwn; mentions are written `<@U…>`. The message as it was posted. */
  say(
    channel: string,
    text: string,
    given: { readonly thread_ts?: string; readonly broadcast?: boolean } = {},
  ): SeenMessage {
    return seen(
      say(this.#core, this.id, { channel, text, threadTs: given.thread_ts, broadcast: given.broadcast }),
    );
  }

  /** Changes one's own message. */
  edit(message: SeenMessage, text: string): SeenMessage {
    const stored = this.#core.store.message(message.channel, message.ts);
    return seen(this.#core.store.edit(stored, { text }, this.id));
  }

  /** A reaction, without colons. */
  react(message: SeenMessage, name: string): void {
    this.#core.store.react(this.#core.store.message(message.channel, message.ts), this.id, name, true);
  }

  /** Opens the Home tab and waits for the app to publish it anew. */
  async openHome(timeoutMs = 3_000): Promise<View> {
    const published = waitFor(
      this.#core.changes,
      (change) =>
        change?.kind === 'home' && change.user === this.id ? this.#core.views.home(this.id) : undefined,
      { timeoutMs, what: `the Home tab of ${this.id}`, state: () => 'no views.publish for this user' },
    );
    void this.#events.homeOpened(this.id, 'home');
    return structuredClone(await published);
  }

  /** A global shortcut, or with a message a message shortcut. */
  async shortcut(callbackId: string, message?: SeenMessage): Promise<void> {
    if (message === undefined) await this.#interactions.globalShortcut(this.id, callbackId);
    else await this.#interactions.messageShortcut(this.id, callbackId, message.channel, message.ts);
  }

  /** Options that an external select offers for what was typed. */
  async options(source: SeenMessage | View, which: Which, typed: string) {
    const target = findElement(elementsOf(blocksOf(source)), which);
    return this.#interactions.options(this.id, {
      container:
        'definition' in source
          ? { type: 'view', viewId: source.id }
          : { type: 'message', channel: source.channel, ts: source.ts },
      blockId: target.blockId,
      actionId: target.actionId,
      typed,
    });
  }
}

function findElement(elements: readonly PlacedElement[], which: Which): PlacedElement {
  const label = ({ element }: PlacedElement) =>
    String((element['text'] as { text?: string } | undefined)?.text ?? '');
  const found =
    typeof which === 'string'
      ? (elements.find(({ actionId }) => actionId === which || actionId.startsWith(`${which}:`)) ??
        elements.find((entry) => label(entry) === which))
      : elements.find((entry) => which.test(entry.actionId) || which.test(label(entry)));
  if (found !== undefined) return found;
  const known = elements.map((entry) => `${entry.actionId} "${label(entry)}"`).join(', ') || 'nothing';
  throw new Error(`nothing to click that is ${String(which)}; there is: ${known}`);
}

/** The state with plain values put in. Throws an Error that lists the inputs for a key that is none. */
function fill(state: StateValues, elements: readonly PlacedElement[], values: Values): StateValues {
  const filled = structuredClone(state);
  for (const [key, value] of Object.entries(values)) {
    const target = elements.find(
      ({ actionId, blockId }) =>
        (actionId === key || blockId === key) && filled[blockId]?.[actionId] !== undefined,
    );
    if (target === undefined) {
      const known = Object.values(state).flatMap((actions) => Object.keys(actions));
      throw new Error(`no input "${key}"; there are: ${known.join(', ')}`);
    }
    (filled[target.blockId] as Record<string, ElementValue>)[target.actionId] = wrapValue(
      target.element,
      value,
    );
  }
  return filled;
}
