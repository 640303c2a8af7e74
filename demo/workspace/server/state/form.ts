import type { KnownBlock } from '@slack/types';
import type { ElementValue, PageOption } from '../../protocol/views.ts';
import type { JsonObject } from '../strict/json.ts';
import { isJsonObject } from '../strict/json.ts';
import type { StateValues } from './model.ts';

/** An interactive element and the block it stands in. */
export interface PlacedElement {
  readonly blockId: string;
  readonly actionId: string;
  readonly block: JsonObject;
  readonly element: JsonObject;
}

/** All interactive elements of stored blocks, in reading order. */
export function elementsOf(blocks: readonly KnownBlock[]): PlacedElement[] {
  const found: PlacedElement[] = [];
  const visit = (value: unknown, block: JsonObject) => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, block);
      return;
    }
    if (!isJsonObject(value)) return;
    const inner = typeof value['block_id'] === 'string' ? value : block;
    if (typeof value['action_id'] === 'string') {
      found.push({
        blockId: String(inner['block_id'] ?? ''),
        actionId: value['action_id'],
        block: inner,
        element: value,
      });
    }
    for (const item of Object.values(value)) visit(item, inner);
  };
  for (const block of blocks) visit(block, block as unknown as JsonObject);
  return found;
}

/** The values of all elements before anybody touches them. Buttons and overflow menus hold none. */
export function initialState(blocks: readonly KnownBlock[]): StateValues {
  const state: StateValues = {};
  for (const { blockId, actionId, element } of elementsOf(blocks)) {
    const value = initialValue(element);
    if (value === undefined) continue;
    state[blockId] ??= {};
    (state[blockId] as Record<string, ElementValue>)[actionId] = value;
  }
  return state;
}

function initialValue(element: JsonObject): ElementValue | undefined {
  const type = String(element['type']);
  const initial = (key: string): unknown => element[`initial_${key}`] ?? null;
  const list = (key: string): unknown => element[`initial_${key}`] ?? [];
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return { type, value: initial('value') as string | null };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: initial('option') as PageOption | null };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: list('options') as PageOption[] };
    case 'users_select':
      return { type, selected_user: initial('user') as string | null };
    case 'multi_users_select':
      return { type, selected_users: list('users') as string[] };
    case 'conversations_select':
      return { type, selected_conversation: initial('conversation') as string | null };
    case 'multi_conversations_select':
      return { type, selected_conversations: list('conversations') as string[] };
    case 'channels_select':
      return { type, selected_channel: initial('channel') as string | null };
    case 'multi_channels_select':
      return { type, selected_channels: list('channels') as string[] };
    case 'datepicker':
      return { type, selected_date: initial('date') as string | null };
    case 'timepicker':
      return { type, selected_time: initial('time') as string | null };
    case 'datetimepicker':
      return { type, selected_date_time: initial('date_time') as number | null };
    case 'rich_text_input':
      return { type, rich_text_value: initial('value') };
    case 'file_input':
      return { type, files: [] };
    default:
      return undefined;
  }
}

/** What a test or a person may give for an element: the plain value, not Slack's wrapping of it. */
export type PlainValue = string | number | boolean | null | readonly string[];

/**
 * Wraps a plain value for an element: text for inputs, the `value` of an option (or its label) for selects and
 * radio buttons, a list for multi selects and checkboxes, `YYYY-MM-DD`, `HH:MM`, unix seconds.
 * Throws an Error that lists the options when there is no such option.
 */
export function wrapValue(element: JsonObject, plain: PlainValue): ElementValue {
  const empty = initialValue(element);
  if (empty === undefined) throw new Error(`a ${String(element['type'])} holds no value`);
  const many = Array.isArray(plain) ? plain.map(String) : [];
  const one = plain === null ? null : String(plain);
  if ('value' in empty) return { ...empty, value: one };
  if ('selected_option' in empty) {
    return { ...empty, selected_option: one === null ? null : option(element, one) };
  }
  if ('selected_options' in empty) {
    return { ...empty, selected_options: many.map((value) => option(element, value)) };
  }
  if ('selected_user' in empty) return { ...empty, selected_user: one };
  if ('selected_users' in empty) return { ...empty, selected_users: many };
  if ('selected_conversation' in empty) return { ...empty, selected_conversation: one };
  if ('selected_conversations' in empty) return { ...empty, selected_conversations: many };
  if ('selected_channel' in empty) return { ...empty, selected_channel: one };
  if ('selected_channels' in empty) return { ...empty, selected_channels: many };
  if ('selected_date' in empty) return { ...empty, selected_date: one };
  if ('selected_time' in empty) return { ...empty, selected_time: one };
  if ('selected_date_time' in empty) return { ...empty, selected_date_time: plain as number };
  if ('files' in empty) return { ...empty, files: many };
  return { ...empty, rich_text_value: plain };
}

function option(element: JsonObject, wanted: string): PageOption {
  const groups = (element['option_groups'] ?? []) as readonly { options: readonly PageOption[] }[];
  const options = [
    ...((element['options'] ?? []) as readonly PageOption[]),
    ...groups.flatMap((group) => group.options),
  ];
  const found =
    options.find((entry) => entry.value === wanted) ?? options.find((entry) => entry.text.text === wanted);
  if (found !== undefined) return found;
  if (String(element['type']).endsWith('external_select')) {
    return { text: { type: 'plain_text', text: wanted }, value: wanted };
  }
  const known = options.map((entry) => entry.value ?? entry.text.text).join(', ');
  throw new Error(`no option "${wanted}"; there are: ${known}`);
}

/** What Slack itself refuses at submit: empty required inputs, and texts shorter or longer than allowed. */
export function formErrors(blocks: readonly KnownBlock[], state: StateValues): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { blockId, actionId, block, element } of elementsOf(blocks)) {
    if (block['type'] !== 'input') continue;
    const value = state[blockId]?.[actionId];
    const text = value !== undefined && 'value' in value ? (value.value ?? '') : undefined;
    if (isEmpty(value)) {
      if (block['optional'] !== true) errors[blockId] = 'Please complete this required field.';
    } else if (text !== undefined) {
      const message = textError(element, text);
      if (message !== undefined) errors[blockId] = message;
    }
  }
  return errors;
}

function isEmpty(value: ElementValue | undefined): boolean {
  if (value === undefined) return true;
  return Object.entries(value).every(
    ([key, item]) =>
      key === 'type' || item === null || item === '' || (Array.isArray(item) && item.length === 0),
  );
}

function textError(element: JsonObject, text: string): string | undefined {
  const number = (key: string) => (typeof element[key] === 'number' ? (element[key] as number) : undefined);
  const min = number('min_length');
  const max = number('max_length');
  if (min !== undefined && text.length < min) return `Must be at least ${min} characters long.`;
  if (max !== undefined && text.length > max) return `Must be at most ${max} characters long.`;
  if (element['type'] === 'number_input') return numberError(element, text);
  if (element['type'] === 'email_text_input' && !/^\S+@\S+$/.test(text)) return 'Must be an email address.';
  if (element['type'] === 'url_text_input' && !URL.canParse(text)) return 'Must be a URL.';
  return undefined;
}

function numberError(element: JsonObject, text: string): string | undefined {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return 'Must be a number.';
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(value)) return 'Must be a whole number.';
  const min = element['min_value'];
  const max = element['max_value'];
  if (typeof min === 'string' && value < Number(min)) return `Must be ${min} or more.`;
  if (typeof max === 'string' && value > Number(max)) return `Must be ${max} or less.`;
  return undefined;
}
