/**
 * Slack's limits that no type can express, in one table: type of the object, path inside it, limit.
 * A `[]` in a path means every item. Characters are UTF-16 code units. Source: docs.slack.dev/reference/block-kit.
 */
export type Limit =
  | { readonly kind: 'chars'; readonly min: number; readonly max: number }
  | { readonly kind: 'items'; readonly min: number; readonly max: number }
  | { readonly kind: 'url' };

type Rule = readonly [type: string, path: string, limit: Limit];

const chars = (max: number, min = 1): Limit => ({ kind: 'chars', min, max });
const items = (max: number, min = 1): Limit => ({ kind: 'items', min, max });
const url: Limit = { kind: 'url' };

const SELECTS = ['static_select', 'multi_static_select'];
const CHOICES = ['checkboxes', 'radio_buttons'];

const optionRules = (type: string, max: number, min = 1): Rule[] => [
  [type, 'options', items(max, min)],
  [type, 'options[].text.text', chars(75)],
  [type, 'options[].value', chars(150)],
  [type, 'options[].description.text', chars(75)],
  [type, 'options[].url', chars(3000)],
];

export const LIMITS: readonly Rule[] = [
  ['actions', 'elements', items(25)],
  ['alert', 'text.text', chars(200)],
  ['card', 'title.text', chars(150)],
  ['card', 'subtitle.text', chars(150)],
  ['card', 'body.text', chars(200)],
  ['card', 'actions', items(5)],
  ['carousel', 'elements', items(10)],
  ['container', 'title.text', chars(150)],
  ['container', 'subtitle.text', chars(150)],
  ['container', 'child_blocks', items(10)],
  ['context', 'elements', items(10)],
  ['context_actions', 'elements', items(5)],
  ['data_table', 'rows', items(100)],
  ['data_table', 'rows[]', items(20)],
  ['header', 'text.text', chars(150)],
  ['image', 'alt_text', chars(2000)],
  ['image', 'image_url', chars(3000)],
  ['image', 'title.text', chars(2000)],
  ['input', 'label.text', chars(2000)],
  ['input', 'hint.text', chars(2000)],
  ['markdown', 'text', chars(12_000)],
  ['section', 'text.text', chars(3000)],
  ['section', 'fields', items(10)],
  ['section', 'fields[].text', chars(2000)],
  ['table', 'rows', items(100)],
  ['table', 'rows[]', items(20)],
  ['table', 'column_settings', items(20, 0)],
  ['task_card', 'task_id', chars(255)],
  ['task_card', 'title', chars(500)],
  ['plan', 'title', chars(500)],
  ['plan', 'tasks', items(50, 0)],
  ['video', 'title.text', chars(199)],
  ['video', 'author_name', chars(49)],

  ['button', 'text.text', chars(75)],
  ['button', 'value', chars(2000, 0)],
  ['button', 'url', chars(3000)],
  ['button', 'url', url],
  ['button', 'accessibility_label', chars(75)],
  ['workflow_button', 'text.text', chars(75)],
  ['icon_button', 'value', chars(2000, 0)],
  ['plain_text_input', 'initial_value', chars(3000, 0)],
  ['file_input', 'filetypes', items(100, 0)],
  ...optionRules('overflow', 5),
  ...SELECTS.flatMap((type) => [
    ...optionRules(type, 100),
    [type, 'option_groups', items(100)] as Rule,
    [type, 'option_groups[].label.text', chars(75)] as Rule,
    [type, 'option_groups[].options', items(100)] as Rule,
  ]),
  ...CHOICES.flatMap((type) => optionRules(type, 10)),

  ['modal', 'title.text', chars(24)],
  ['modal', 'submit.text', chars(24)],
  ['modal', 'close.text', chars(24)],
  ['modal', 'blocks', items(100, 0)],
  ['modal', 'private_metadata', chars(3000, 0)],
  ['modal', 'callback_id', chars(255, 0)],
  ['home', 'blocks', items(100, 0)],
  ['home', 'private_metadata', chars(3000, 0)],
  ['home', 'callback_id', chars(255, 0)],

  ['plain_text', 'text', chars(3000)],
  ['mrkdwn', 'text', chars(3000)],
  ['*', 'block_id', chars(255)],
  ['*', 'action_id', chars(255)],
  ['*', 'placeholder.text', chars(150)],
  ['*', 'confirm.title.text', chars(100)],
  ['*', 'confirm.text.text', chars(300)],
  ['*', 'confirm.confirm.text', chars(30)],
  ['*', 'confirm.deny.text', chars(30)],
];

/** Blocks in one message or attachment. */
export const MESSAGE_BLOCKS = 50;
/** `text` of chat.postMessage; Slack cuts longer ones, we refuse. */
export const POST_TEXT = 40_000;
/** `text` of chat.update. */
export const UPDATE_TEXT = 4_000;
export const ATTACHMENTS = 100;
/** Where `msg_blocks_too_long` was met in practice: characters of the blocks as JSON. */
export const BLOCKS_JSON = 13_200;
/** `metadata.event_payload` as JSON. */
export const METADATA_JSON = 8_000;
/** Characters of all markdown blocks of one message together. */
export const MARKDOWN_TOTAL = 12_000;
/** Modals on top of each other. */
export const VIEW_STACK = 3;
