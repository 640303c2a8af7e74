import type { KnownBlock } from '@slack/types';
import { expect, test } from 'vitest';
import { messageBlockProblems } from '../../../../demo/workspace/server/strict/blocks.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value), value, description: plain('why') });

/** One of nearly everything Slack takes, as its documentation shows it. */
const blocks: KnownBlock[] = [
  { type: 'header', text: { type: 'plain_text', text: 'Ship :ship:', emoji: true }, block_id: 'title' },
  {
    type: 'section',
    text: { type: 'mrkdwn', text: '*bold* <!date^1795000000^{time}|soon>', verbatim: true },
    expand: true,
    accessory: {
      type: 'overflow',
      action_id: 'more',
      options: [{ ...option('a'), url: 'https://a.example' }],
    },
  },
  {
    type: 'section',
    fields: [plain('a'), { type: 'mrkdwn', text: 'b' }],
    accessory: { type: 'image', alt_text: 'x', image_url: 'https://a.example/b.png' },
  },
  { type: 'image', alt_text: 'chart', slack_file: { id: 'F1' }, title: plain('Errors') },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        text: plain('Approve'),
        style: 'primary',
        value: '{}',
        accessibility_label: 'Approve',
        confirm: {
          title: plain('Sure?'),
          text: { type: 'mrkdwn', text: '*yes*' },
          confirm: plain('Yes'),
          deny: plain('No'),
          style: 'danger',
        },
      },
      {
        type: 'static_select',
        action_id: 'service',
        options: [option('a'), option('b')],
        initial_option: option('b'),
        placeholder: plain('Service'),
      },
      { type: 'multi_users_select', action_id: 'people', initial_users: ['U1'], max_selected_items: 2 },
      {
        type: 'conversations_select',
        action_id: 'where',
        default_to_current_conversation: true,
        filter: { include: ['public', 'private'], exclude_bot_users: true },
      },
      { type: 'datepicker', action_id: 'day', initial_date: '2026-11-23' },
      { type: 'timepicker', action_id: 'time', initial_time: '10:00', timezone: 'Europe/Berlin' },
      {
        type: 'checkboxes',
        action_id: 'boxes',
        options: [{ text: { type: 'mrkdwn', text: '*a*' }, value: 'a' }],
      },
      { type: 'radio_buttons', action_id: 'radio', options: [option('a')], initial_option: option('a') },
    ],
  },
  {
    type: 'context',
    elements: [
      { type: 'mrkdwn', text: 'x' },
      { type: 'image', alt_text: 'y', image_url: 'https://a.example' },
    ],
  },
  { type: 'divider' },
  {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'a', style: { bold: true } },
          { type: 'link', url: 'https://a.example', text: 'b' },
          { type: 'emoji', name: 'tada' },
          { type: 'user', user_id: 'U1' },
          { type: 'date', timestamp: 1_795_000_000, format: '{time}', fallback: 'soon' },
        ],
      },
      {
        type: 'rich_text_list',
        style: 'bullet',
        indent: 0,
        elements: [{ type: 'rich_text_section', elements: [] }],
      },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'q' }] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'p' }], border: 0 },
    ],
  },
  {
    type: 'table',
    column_settings: [{ align: 'right', is_wrapped: true }],
    rows: [
      [{ type: 'raw_text', text: 'gate' }],
      [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] }],
        },
      ],
    ],
  },
  {
    type: 'plan',
    title: 'Steps',
    tasks: [
      {
        type: 'task_card',
        task_id: '1',
        title: 'Verify',
        status: 'in_progress',
        sources: [{ type: 'url', url: 'https://a.example', text: 'log' }],
      },
    ],
  },
  { type: 'markdown', text: '**bold**' },
  {
    type: 'input',
    label: plain('Note'),
    element: { type: 'plain_text_input', action_id: 'note', multiline: true, max_length: 200 },
    hint: plain('h'),
    dispatch_action: false,
  },
  {
    type: 'video',
    title: plain('v'),
    video_url: 'https://a.example',
    thumbnail_url: 'https://a.example',
    alt_text: 'v',
  },
];

test('nothing is refused that Slack takes', () => {
  expect(messageBlockProblems(blocks, '/blocks')).toEqual([]);
});

test('each of them is refused with one field more', () => {
  for (const block of blocks) {
    const problems = messageBlockProblems([{ ...block, surplus: 1 }], '/blocks');
    expect(problems).toEqual([{ message: 'invalid additional property: surplus', pointer: '/blocks/0' }]);
  }
});
