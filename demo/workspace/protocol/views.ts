import type { KnownBlock } from '@slack/types';

export interface PageText {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
  readonly emoji?: boolean;
}

export interface PageView {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly callbackId: string;
  /** Changes at every update. */
  readonly hash: string;
  readonly title?: PageText;
  readonly submit?: PageText;
  readonly close?: PageText;
  readonly blocks: readonly KnownBlock[];
  /** Of the view under it in the stack, when pushed. */
  readonly previousViewId?: string;
  readonly rootViewId: string;
  /** Slack tells the app about a close only when it asked; the page need not care. */
  readonly notifyOnClose: boolean;
}

export interface PageOption {
  readonly text: PageText;
  readonly value?: string;
  readonly description?: PageText;
  readonly url?: string;
}

/** What a person has put into one element: Slack's own `state.values[block_id][action_id]`. */
export type ElementValue =
  | {
      readonly type: 'plain_text_input' | 'number_input' | 'email_text_input' | 'url_text_input';
      readonly value: string | null;
    }
  | {
      readonly type: 'static_select' | 'external_select' | 'radio_buttons' | 'overflow';
      readonly selected_option: PageOption | null;
    }
  | {
      readonly type: 'multi_static_select' | 'multi_external_select' | 'checkboxes';
      readonly selected_options: readonly PageOption[];
    }
  | { readonly type: 'users_select'; readonly selected_user: string | null }
  | { readonly type: 'multi_users_select'; readonly selected_users: readonly string[] }
  | { readonly type: 'conversations_select'; readonly selected_conversation: string | null }
  | { readonly type: 'multi_conversations_select'; readonly selected_conversations: readonly string[] }
  | { readonly type: 'channels_select'; readonly selected_channel: string | null }
  | { readonly type: 'multi_channels_select'; readonly selected_channels: readonly string[] }
  | { readonly type: 'datepicker'; readonly selected_date: string | null }
  | { readonly type: 'timepicker'; readonly selected_time: string | null }
  | { readonly type: 'datetimepicker'; readonly selected_date_time: number | null }
  | { readonly type: 'rich_text_input'; readonly rich_text_value: unknown }
  | { readonly type: 'file_input'; readonly files: readonly string[] };

/** All elements that can hold a value, by block_id and action_id; untouched ones with their initial value. */
export type StateValues = Readonly<Record<string, Readonly<Record<string, ElementValue>>>>;

/** Where an element that was used stands. */
export type Container =
  | { readonly type: 'message'; readonly channel: string; readonly ts: string }
  | { readonly type: 'view'; readonly viewId: string };
