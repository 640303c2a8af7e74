import type { PageMessage } from './messages.ts';
import type { Container, ElementValue, PageOption, PageText, StateValues } from './views.ts';

interface Call<Args, Result = null> {
  readonly args: Args;
  readonly result: Result;
}

/** Every call the page can make. A failed one has an error code and a sentence to show. */
export interface PageCalls {
  /** From now on this tab is that user; a new snapshot follows. */
  act_as: Call<{ readonly user: string }>;
  /** Newest first page of a channel, oldest message first; `before` excludes. Ephemeral ones are included. */
  history: Call<
    { readonly channel: string; readonly before?: string; readonly limit?: number },
    { readonly messages: readonly PageMessage[]; readonly more: boolean }
  >;
  /** The parent and all replies, oldest first. */
  replies: Call<
    { readonly channel: string; readonly ts: string },
    { readonly messages: readonly PageMessage[] }
  >;
  /** Says something. The server escapes nothing: send `&amp; &lt; &gt;` escaped text, mentions as `<@U…>`. */
  post: Call<
    {
      readonly channel: string;
      readonly text: string;
      readonly threadTs?: string;
      /** Also to the channel. */
      readonly broadcast?: boolean;
    },
    { readonly ts: string }
  >;
  /** One's own messages only. */
  edit: Call<{ readonly channel: string; readonly ts: string; readonly text: string }>;
  delete: Call<{ readonly channel: string; readonly ts: string }>;
  react: Call<{
    readonly channel: string;
    readonly ts: string;
    readonly name: string;
    readonly on: boolean;
  }>;
  /** The whole line as typed, `/ship-prod shop minor`. Raw text, not escaped. Resolves when the app acked. */
  command: Call<{ readonly channel: string; readonly line: string }>;
  /**
   * A button, or a select, checkbox, date picker that changed (with its `value`). After any confirm dialog,
   * which is the page's business. `state` holds all inputs of the container.
   */
  action: Call<{
    readonly container: Container;
    readonly blockId: string;
    readonly actionId: string;
    readonly value?: ElementValue;
    /** The `value` of the button as it was rendered, when the message was updated since. */
    readonly rendered?: string;
    readonly state: StateValues;
  }>;
  /** Options of an external select for what was typed. */
  options: Call<
    {
      readonly container: Container;
      readonly blockId: string;
      readonly actionId: string;
      readonly typed: string;
    },
    {
      readonly options: readonly PageOption[];
      readonly groups?: readonly { readonly label: PageText; readonly options: readonly PageOption[] }[];
    }
  >;
  /** Missing required inputs come back as `view_errors` without asking the app. */
  submit: Call<{ readonly viewId: string; readonly state: StateValues }>;
  /** The X or Escape (`clear: true` closes the whole stack). */
  close: Call<{ readonly viewId: string; readonly clear: boolean }>;
  shortcut: Call<{ readonly callbackId: string }>;
  message_shortcut: Call<{ readonly callbackId: string; readonly channel: string; readonly ts: string }>;
  /** The Home tab of the app was opened; a `home` event brings the view, now and later. */
  open_home: Call<{ readonly tab: 'home' | 'messages' }>;
  /** The direct conversation with a user or the bot, made when it does not exist. */
  open_dm: Call<{ readonly user: string }, { readonly channel: string }>;
  join: Call<{ readonly channel: string }>;
  /** Everything in the channel was seen. */
  read: Call<{ readonly channel: string }>;
  /** A switch of the demo. */
  set_switch: Call<{ readonly id: string; readonly value: string }>;
}

export type PageCallName = keyof PageCalls;

export type PageRequest = {
  [Name in PageCallName]: {
    readonly id: number;
    readonly call: Name;
    readonly args: PageCalls[Name]['args'];
  };
}[PageCallName];
