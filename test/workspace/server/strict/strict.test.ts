import { describe, expect, test } from 'vitest';
import { UPDATE_TEXT } from '../../../../demo/workspace/server/strict/limits.ts';
import { call, workspace } from '../setup.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const option = (value: string, text = value) => ({ text: plain(text), value });
const select = (more: object) => ({ type: 'static_select', action_id: 's', ...more });
const long = (length: number) => 'x'.repeat(length);

/** What is wrong with the blocks of a message, and where Slack says so. */
const blockTable: readonly (readonly [name: string, blocks: unknown[], message: string, pointer: string])[] =
  [
    ['51 blocks', Array(51).fill({ type: 'divider' }), 'no more than 50 items allowed', '/blocks'],
    ['an unknown block', [{ type: 'banner' }], 'unsupported type: banner', '/blocks/0/type'],
    ['no type', [{ text: 'x' }], 'missing required field: type', '/blocks/0'],
    [
      'an unknown field',
      [{ ...section('x'), colour: 'red' }],
      'invalid additional property: colour',
      '/blocks/0',
    ],
    [
      'emoji on mrkdwn',
      [{ type: 'section', text: { type: 'mrkdwn', text: 'x', emoji: true } }],
      'invalid additional property: emoji',
      '/blocks/0/text',
    ],
    ['a section of nothing', [{ type: 'section' }], 'missing required field: text', '/blocks/0'],
    ['an empty text', [section('')], 'must be more than 0 characters', '/blocks/0/text/text'],
    [
      'a section of 3,001 characters',
      [section(long(3001))],
      'must be less than 3001 characters',
      '/blocks/0/text/text',
    ],
    [
      '11 fields',
      [{ type: 'section', fields: Array(11).fill(plain('x')) }],
      'no more than 10 items allowed',
      '/blocks/0/fields',
    ],
    [
      'a field of 2,001',
      [{ type: 'section', fields: [plain(long(2001))] }],
      'must be less than 2001 characters',
      '/blocks/0/fields/0/text',
    ],
    [
      'a header of 151',
      [{ type: 'header', text: plain(long(151)) }],
      'must be less than 151 characters',
      '/blocks/0/text/text',
    ],
    [
      'a mrkdwn header',
      [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
      'must be plain_text',
      '/blocks/0/text/type',
    ],
    ['no elements', [actions()], 'no fewer than 1 items allowed', '/blocks/0/elements'],
    [
      '26 buttons',
      [actions(...Array.from({ length: 26 }, (_, n) => button({ action_id: `a${n}` })))],
      'no more than 25 items allowed',
      '/blocks/0/elements',
    ],
    [
      '11 in a context',
      [{ type: 'context', elements: Array(11).fill(plain('x')) }],
      'no more than 10 items allowed',
      '/blocks/0/elements',
    ],
    [
      'a button text of 76',
      [actions(button({ text: plain(long(76)) }))],
      'must be less than 76 characters',
      '/blocks/0/elements/0/text/text',
    ],
    [
      'a button value of 2,001',
      [actions(button({ value: long(2001) }))],
      'must be less than 2001 characters',
      '/blocks/0/elements/0/value',
    ],
    [
      'a button value that is a number',
      [actions(button({ value: 5 }))],
      'must provide a string',
      '/blocks/0/elements/0/value',
    ],
    [
      'a style that does not exist',
      [actions(button({ style: 'warning' }))],
      'must be one of: primary, danger',
      '/blocks/0/elements/0/style',
    ],
    [
      'a url without a scheme',
      [actions(button({ url: 'example.org' }))],
      'must be a valid URL',
      '/blocks/0/elements/0/url',
    ],
    [
      'an action_id of 256',
      [actions(button({ action_id: long(256) }))],
      'must be less than 256 characters',
      '/blocks/0/elements/0/action_id',
    ],
    [
      'a confirm title of 101',
      [actions(button({ confirm: { title: plain(long(101)), text: plain('x') } }))],
      'must be less than 101 characters',
      '/blocks/0/elements/0/confirm/title/text',
    ],
    [
      'a confirm text of 301',
      [actions(button({ confirm: { title: plain('x'), text: plain(long(301)) } }))],
      'must be less than 301 characters',
      '/blocks/0/elements/0/confirm/text/text',
    ],
    [
      'a confirm button of 31',
      [actions(button({ confirm: { text: plain('x'), confirm: plain(long(31)) } }))],
      'must be less than 31 characters',
      '/blocks/0/elements/0/confirm/confirm/text',
    ],
    [
      'an action_id twice in a block',
      [actions(button(), button())],
      'action_id go already exists',
      '/blocks/0/elements/1/action_id',
    ],
    [
      'an action_id twice in a message',
      [actions(button()), actions(button())],
      'action_id go already exists',
      '/blocks/1/elements/0/action_id',
    ],
    [
      'a block_id twice',
      [
        { type: 'divider', block_id: 'b' },
        { type: 'divider', block_id: 'b' },
      ],
      'block_id b already exists',
      '/blocks/1/block_id',
    ],
    [
      '101 options',
      [actions(select({ options: Array.from({ length: 101 }, (_, n) => option(`o${n}`)) }))],
      'no more than 100 items allowed',
      '/blocks/0/elements/0/options',
    ],
    [
      'an option text of 76',
      [actions(select({ options: [option('v', long(76))] }))],
      'must be less than 76 characters',
      '/blocks/0/elements/0/options/0/text/text',
    ],
    [
      'the same option twice',
      [actions(select({ options: [option('v'), option('v')] }))],
      'options must be unique',
      '/blocks/0/elements/0/options',
    ],
    [
      'an initial option that is none',
      [actions(select({ options: [option('a')], initial_option: option('b') }))],
      'initial_option must be one of the options',
      '/blocks/0/elements/0/initial_option',
    ],
    [
      'options and groups',
      [actions(select({ options: [option('a')], option_groups: [] }))],
      'exactly one of options and option_groups must be given',
      '/blocks/0/elements/0',
    ],
    [
      '6 in an overflow menu',
      [actions({ type: 'overflow', action_id: 'o', options: [1, 2, 3, 4, 5, 6].map((n) => option(`${n}`)) })],
      'no more than 5 items allowed',
      '/blocks/0/elements/0/options',
    ],
    [
      'an image with two sources',
      [{ type: 'image', alt_text: 'x', image_url: 'https://a.example/b.png', slack_file: { id: 'F1' } }],
      'exactly one of image_url and slack_file must be given',
      '/blocks/0',
    ],
    [
      '101 rows',
      [{ type: 'table', rows: Array(101).fill([{ type: 'raw_text', text: 'x' }]) }],
      'no more than 100 items allowed',
      '/blocks/0/rows',
    ],
    [
      '21 cells',
      [{ type: 'table', rows: [Array(21).fill({ type: 'raw_text', text: 'x' })] }],
      'no more than 20 items allowed',
      '/blocks/0/rows/0',
    ],
    [
      'two tables',
      [1, 2].map(() => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] })),
      'only one table allowed',
      '/blocks',
    ],
    [
      'a task that is completed',
      [{ type: 'task_card', task_id: 't', title: 'T', status: 'completed' }],
      'must be one of: pending, in_progress, complete, error',
      '/blocks/0/status',
    ],
    [
      'markdown of 12,001',
      [{ type: 'markdown', text: long(12_001) }],
      'must be less than 12001 characters',
      '/blocks/0/text',
    ],
    ['an alert', [{ type: 'alert', text: plain('x') }], 'unsupported type: alert', '/blocks/0/type'],
  ];

describe('blocks of a message', () => {
  test.each(blockTable)('%s: invalid_blocks', async (_name, blocks, message, pointer) => {
    const slack = await workspace();
    const answer = await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'x', blocks });
    expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
    const { messages } = answer['response_metadata'] as { messages: string[] };
    expect(messages).toContain(`[ERROR] ${message} [json-pointer:${pointer}]`);
    expect(slack.messages()).toEqual([]);
    expect(slack.control.violations()).toHaveLength(1);
  });

  test('everything at its limit is taken', async () => {
    const slack = await workspace();
    const blocks = [
      { type: 'header', text: plain(long(150)) },
      section(long(3000)),
      { type: 'section', fields: Array(10).fill({ type: 'mrkdwn', text: 'x' }) },
      actions(
        button({
          text: plain(long(75)),
          value: long(2000),
          confirm: { title: plain(long(100)), text: plain(long(300)), confirm: plain(long(30)) },
        }),
      ),
      { type: 'context', elements: Array(10).fill(plain('x')) },
      { type: 'table', rows: [Array(20).fill({ type: 'raw_text', text: 'x' })] },
      { type: 'task_card', task_id: 't', title: 'T', status: 'complete' },
      ...Array(43).fill({ type: 'divider' }),
    ];
    expect(await call(slack, 'chat.postMessage', { channel: '#ship', text: 'x', blocks })).toMatchObject({
      ok: true,
    });
  });
});

type Row = readonly [
  name: string,
  method: string,
  args: Record<string, unknown>,
  expected: Record<string, unknown>,
];

const callTable: readonly Row[] = [
  ['an unknown method', 'chat.shout', {}, { error: 'unknown_method', req_method: 'chat.shout' }],
  ['nothing to say', 'chat.postMessage', { channel: 'C0SHIP' }, { error: 'no_text' }],
  ['blank text', 'chat.postMessage', { channel: 'C0SHIP', text: ' ' }, { error: 'no_text' }],
  [
    'blocks without text',
    'chat.postMessage',
    { channel: 'C0SHIP', blocks: [section('x')] },
    { error: 'missing_text_in_message' },
  ],
  [
    'blocks that are no JSON',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', blocks: '[{' },
    { error: 'invalid_blocks_format' },
  ],
  [
    'too many characters of blocks',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', blocks: Array(5).fill(section(long(2900))) },
    { error: 'msg_blocks_too_long' },
  ],
  [
    '40,001 characters',
    'chat.postMessage',
    { channel: 'C0SHIP', text: long(40_001) },
    { error: 'msg_too_long' },
  ],
  [
    '101 attachments',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', attachments: Array(101).fill({ text: 'x' }) },
    { error: 'too_many_attachments' },
  ],
  [
    'bad blocks in an attachment',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', attachments: [{ blocks: [section('')] }] },
    { error: 'invalid_attachments' },
  ],
  [
    'an unknown argument',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', thread: '1' },
    { error: 'invalid_arguments', errors: ['unsupported argument: thread [json-pointer:/thread]'] },
  ],
  [
    'no channel',
    'chat.postMessage',
    { text: 'x' },
    { error: 'invalid_arguments', errors: ['missing required field: channel [json-pointer:]'] },
  ],
  [
    'a channel that is not there',
    'chat.postMessage',
    { channel: 'C0NOWHERE', text: 'x' },
    { error: 'channel_not_found' },
  ],
  [
    'a channel without the bot',
    'chat.postMessage',
    { channel: 'C0OUTSIDE', text: 'x' },
    { error: 'not_in_channel' },
  ],
  [
    'a private channel without the bot',
    'chat.postMessage',
    { channel: 'C0SECRET', text: 'x' },
    { error: 'channel_not_found' },
  ],
  [
    'a thread that is not there',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', thread_ts: '1.000001' },
    { error: 'thread_not_found' },
  ],
  [
    'metadata without payload',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', metadata: { event_type: 'a' } },
    { error: 'invalid_metadata_format' },
  ],
  [
    'a name of its own',
    'chat.postMessage',
    { channel: 'C0SHIP', text: 'x', username: 'Ada' },
    { error: 'missing_scope', needed: 'chat:write,chat:write.customize' },
  ],
  [
    'an update of nothing',
    'chat.update',
    { channel: 'C0SHIP', ts: '1.000001', text: 'x' },
    { error: 'message_not_found' },
  ],
  [
    'somebody who is not there',
    'chat.postEphemeral',
    { channel: 'C0SHIP', user: 'U0NOBODY', text: 'x' },
    { error: 'user_not_in_channel' },
  ],
  [
    'a scope it does not have',
    'team.info',
    {},
    { error: 'missing_scope', needed: 'team:read', provided: expect.stringContaining('chat:write') },
  ],
  ['reading pins', 'pins.list', { channel: 'C0SHIP' }, { error: 'missing_scope', needed: 'pins:read' }],
  [
    'history of a channel without the bot',
    'conversations.history',
    { channel: 'C0OUTSIDE' },
    { error: 'not_in_channel' },
  ],
  ['nobody', 'users.info', { user: 'U0NOBODY' }, { error: 'user_not_found' }],
  ['no such address', 'users.lookupByEmail', { email: 'x@y.example' }, { error: 'users_not_found' }],
  ['no such group', 'usergroups.users.list', { usergroup: 'S0NONE' }, { error: 'no_such_subteam' }],
  [
    'an emoji with colons',
    'reactions.add',
    { channel: 'C0SHIP', name: ':tada:', timestamp: '1.0' },
    { error: 'invalid_name' },
  ],
  [
    'a trigger nobody gave',
    'views.open',
    { trigger_id: '1.2.3', view: { type: 'modal', title: plain('x'), blocks: [] } },
    { error: 'invalid_trigger_id' },
  ],
  [
    'a title of 25',
    'views.open',
    { trigger_id: '1.2.3', view: { type: 'modal', title: plain(long(25)), blocks: [] } },
    {
      error: 'invalid_arguments',
      errors: ['must be less than 25 characters [json-pointer:/view/title/text]'],
    },
  ],
  [
    '101 blocks in a modal',
    'views.open',
    {
      trigger_id: '1.2.3',
      view: { type: 'modal', title: plain('x'), blocks: Array(101).fill({ type: 'divider' }) },
    },
    { error: 'invalid_arguments', errors: ['no more than 100 items allowed [json-pointer:/view/blocks]'] },
  ],
  [
    'inputs without submit',
    'views.open',
    {
      trigger_id: '1.2.3',
      view: {
        type: 'modal',
        title: plain('x'),
        blocks: [{ type: 'input', label: plain('x'), element: { type: 'plain_text_input' } }],
      },
    },
    { error: 'invalid_arguments', errors: ['missing required field: submit [json-pointer:/view]'] },
  ],
  [
    'private_metadata of 3,001',
    'views.publish',
    { user_id: 'U0ADA', view: { type: 'home', blocks: [], private_metadata: long(3001) } },
    {
      error: 'invalid_arguments',
      errors: ['must be less than 3001 characters [json-pointer:/view/private_metadata]'],
    },
  ],
  [
    'a modal as Home',
    'views.publish',
    { user_id: 'U0ADA', view: { type: 'modal', title: plain('x'), blocks: [] } },
    { error: 'invalid_arguments' },
  ],
  [
    'a view that is gone',
    'views.update',
    { view_id: 'V0', view: { type: 'modal', title: plain('x'), blocks: [] } },
    { error: 'not_found' },
  ],
  [
    'a file without length',
    'files.getUploadURLExternal',
    { filename: 'a.md' },
    { error: 'invalid_arguments' },
  ],
  [
    'a file without bytes',
    'files.completeUploadExternal',
    { files: [{ id: 'F0' }] },
    { error: 'file_not_found' },
  ],
];

describe('the Web API refuses with the codes of Slack', () => {
  test.each(callTable)('%s', async (_name, method, args, expected) => {
    const slack = await workspace();
    slack.control.addChannel({ id: 'C0OUTSIDE', name: 'outside', withoutBot: true });
    slack.control.addChannel({ id: 'C0SECRET', name: 'secret', kind: 'private', withoutBot: true });
    expect(await call(slack, method, args)).toMatchObject({ ok: false, ...expected });
  });

  test('tokens: none, wrong, of the wrong kind, of a bot that was removed', async () => {
    const slack = await workspace();
    expect(await call(slack, 'auth.test', {}, null)).toMatchObject({ error: 'not_authed' });
    expect(await call(slack, 'auth.test', {}, 'xoxb-wrong')).toMatchObject({ error: 'invalid_auth' });
    expect(await call(slack, 'apps.connections.open')).toMatchObject({ error: 'not_allowed_token_type' });
    expect(await call(slack, 'users.list', {}, slack.appToken)).toMatchObject({
      error: 'not_allowed_token_type',
    });
    slack.control.deactivate('bot');
    expect(await call(slack, 'auth.test')).toMatchObject({ error: 'account_inactive' });
  });

  test('scopes come from the manifest, and can be lost', async () => {
    const slack = await workspace();
    slack.control.removeScope('chat:write');
    expect(await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'x' })).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
    });
    slack.control.removeScope('users:read.email');
    const { user } = (await call(slack, 'users.info', { user: 'U0ADA' })) as unknown as {
      user: { profile: object };
    };
    expect(user.profile).not.toHaveProperty('email');
  });

  test('only its own messages can be changed, no ephemeral ones, and no long texts', async () => {
    const slack = await workspace();
    const hers = slack.as('ada').say('#ship', 'mine');
    const args = { channel: 'C0SHIP', text: 'x' };
    expect(await call(slack, 'chat.update', { ...args, ts: hers.ts })).toMatchObject({
      error: 'cant_update_message',
    });
    expect(await call(slack, 'chat.delete', { channel: 'C0SHIP', ts: hers.ts })).toMatchObject({
      error: 'cant_delete_message',
    });
    const { message_ts: ephemeral } = await call(slack, 'chat.postEphemeral', { ...args, user: 'U0ADA' });
    expect(await call(slack, 'chat.update', { ...args, ts: ephemeral })).toMatchObject({
      error: 'message_not_found',
    });
    const { ts } = await call(slack, 'chat.postMessage', args);
    expect(await call(slack, 'chat.update', { ...args, ts, text: long(UPDATE_TEXT + 1) })).toMatchObject({
      error: 'msg_too_long',
    });
    expect(await call(slack, 'chat.update', { ...args, ts, text: 'y' })).toMatchObject({
      ok: true,
      text: 'y',
    });
  });

  test('metadata is stored, and shown only when asked for', async () => {
    const slack = await workspace();
    const metadata = { event_type: 'card', event_payload: { promotion: 'p1', step: 2 } };
    const { ts } = await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'x', metadata });
    await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'reply', thread_ts: ts, metadata });
    const replies = async (more: object) =>
      (await call(slack, 'conversations.replies', { channel: 'C0SHIP', ts, ...more }))[
        'messages'
      ] as object[];
    expect((await replies({})).map((message) => 'metadata' in message)).toEqual([false, false]);
    expect(await replies({ include_all_metadata: true })).toMatchObject([
      { metadata, reply_count: 1 },
      { metadata, thread_ts: ts },
    ]);
  });

  test('history goes page by page, newest first', async () => {
    const slack = await workspace();
    for (const text of ['a', 'b', 'c', 'd', 'e']) slack.as('ada').say('#ship', text);
    const texts: string[] = [];
    let cursor = '';
    do {
      const page = await call(slack, 'conversations.history', { channel: 'C0SHIP', limit: 2, cursor });
      texts.push(...(page['messages'] as { text: string }[]).map((message) => message.text));
      cursor = (page['response_metadata'] as { next_cursor?: string } | undefined)?.next_cursor ?? '';
    } while (cursor !== '');
    expect(texts).toEqual(['e', 'd', 'c', 'b', 'a']);
  });
});

describe('what ends by itself', () => {
  const view = { type: 'modal', title: plain('x'), blocks: [section('x')] };

  test('a trigger lives three seconds and opens one modal', async () => {
    let now = 1_795_000_000_000;
    const slack = await workspace({ now: () => now });
    const trigger = async () => {
      await slack
        .as('ada')
        .shortcut('ship')
        .catch(() => {});
      const sent = slack.control
        .journal()
        .filter((entry) => entry.type === 'interactive')
        .at(-1);
      return (sent as unknown as { args: { trigger_id: string } }).args.trigger_id;
    };
    const first = await trigger();
    expect(await call(slack, 'views.open', { trigger_id: first, view })).toMatchObject({ ok: true });
    expect(await call(slack, 'views.open', { trigger_id: first, view })).toMatchObject({
      error: 'exchanged_trigger_id',
    });
    const second = await trigger();
    now += 3_001;
    expect(await call(slack, 'views.open', { trigger_id: second, view })).toMatchObject({
      error: 'expired_trigger_id',
    });
    for (const _ of [2, 3])
      expect(await call(slack, 'views.push', { trigger_id: await trigger(), view })).toMatchObject({
        ok: true,
      });
    expect(await call(slack, 'views.push', { trigger_id: await trigger(), view })).toMatchObject({
      error: 'push_limit_reached',
    });
    const [bottom] = slack.views('ada');
    expect(await call(slack, 'views.update', { view_id: bottom?.id, view, hash: 'old' })).toMatchObject({
      error: 'hash_conflict',
    });
  });

  test('a response_url takes five answers within thirty minutes', async () => {
    let now = 1_795_000_000_000;
    const slack = await workspace({ now: () => now });
    const fresh = async () => {
      await slack
        .as('ada')
        .command('/ship-prod')
        .catch(() => {});
      const sent = slack.control
        .journal()
        .filter((entry) => entry.type === 'slash_commands')
        .at(-1);
      return (sent as unknown as { args: { response_url: string } }).args.response_url;
    };
    const post = async (url: string, body: object) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return [response.status, await response.text()];
    };
    const url = await fresh();
    expect(await post(url, { text: 'x', colour: 1 })).toMatchObject([
      400,
      expect.stringContaining('invalid_payload'),
    ]);
    for (const _ of [2, 3, 4, 5]) expect(await post(url, { text: 'x' })).toEqual([200, 'ok']);
    expect(await post(url, { text: 'x' })).toMatchObject([404, expect.stringContaining('used_url')]);
    expect(slack.ephemerals('ada')).toHaveLength(4);
    const late = await fresh();
    now += 30 * 60_000 + 1;
    expect(await post(late, { text: 'x' })).toMatchObject([404, expect.stringContaining('expired_url')]);
  });
});
