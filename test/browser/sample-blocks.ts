import type { KnownBlock } from '@slack/types';

/** One of everything that a message may hold, as the workspace accepts it. */

const plain = (text: string) => ({ type: 'plain_text', text }) as const;
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text }) as const;
const option = (text: string, value: string, description?: string) => ({
  text: plain(text),
  value,
  ...(description === undefined ? {} : { description: plain(description) }),
});

/** What an outsider wrote, escaped as it must be: all of it has to show as plain words. */
const hostile = '&lt;!channel&gt; &lt;https://evil.example|approve&gt; &amp;amp;';

/** A promotion's card, about as busy as it gets. */
export function sampleCard(now: number): KnownBlock[] {
  const seconds = Math.floor(now / 1000);
  return [
    { type: 'header', text: plain('Ship shop 1.5.0 to production') },
    {
      type: 'section',
      text: mrkdwn(
        `*1.4.2 → 1.5.0* (minor), asked for by <@U0ADA> <!date^${seconds}^{date_short_pretty} at {time}|just now>`,
      ),
      accessory: {
        type: 'overflow',
        action_id: 'more',
        options: [option('Re-check the gates', 'recheck'), option('Cancel', 'cancel', 'Nothing is released')],
      },
    },
    {
      type: 'table',
      column_settings: [{ align: 'left' }, { align: 'left' }, { align: 'left', is_wrapped: true }],
      rows: [
        ['Gate', 'Verdict', 'Why'],
        ['Staging validated', ':white_check_mark: passed', 'approved by grace 2 hours ago'],
        ['Rollback tested', ':white_check_mark: passed', 'v1.4.2 was redeployed in 38 s'],
        ['Candidate is what was validated', ':x: failed', 'two commits came after the validation'],
        ['Production target', ':hourglass_flowing_sand: pending', 'asking the remote'],
        ['Metrics answer', ':grey_question: unknown', 'Prometheus did not answer within 2 s'],
      ].map((row) => row.map((text) => ({ type: 'raw_text', text }) as const)),
    },
    {
      type: 'section',
      fields: [
        mrkdwn('*Candidate*\n`9fceb02` on <https://example.test/shop|main>'),
        mrkdwn('*Rolls back to*\n`v1.4.2`, live for 3 days'),
        mrkdwn('*Needs*\n2 approvals, not by its authors'),
        mrkdwn('*Watches for*\n15 minutes'),
      ],
    },
    {
      type: 'plan',
      title: 'Steps',
      tasks: [
        { type: 'task_card', task_id: 't1', title: 'Gates checked in 1.2 s', status: 'complete' },
        { type: 'task_card', task_id: 't2', title: 'Cutting the release', status: 'in_progress' },
        { type: 'task_card', task_id: 't3', title: 'Deploy', status: 'pending' },
      ],
    },
    {
      type: 'actions',
      block_id: 'decide',
      elements: [
        {
          type: 'button',
          action_id: 'approve',
          style: 'primary',
          text: plain('Approve (1 of 2)'),
          value: 'p1',
          confirm: {
            title: plain('Approve shop 1.5.0?'),
            text: mrkdwn('You approve digest `7d3f` for *production*.'),
            confirm: plain('Approve'),
            deny: plain('Not yet'),
          },
        },
        { type: 'button', action_id: 'reject', style: 'danger', text: plain('Reject') },
        { type: 'button', action_id: 'slow', text: plain('Re-check') },
        { type: 'button', action_id: 'dead', text: plain('Dead button') },
      ],
    },
    {
      type: 'context',
      elements: [mrkdwn(':lock: locked by nobody'), mrkdwn('digest `7d3f9a`'), plain('attempt 1')],
    },
  ];
}

export function sampleText(): KnownBlock[] {
  return [
    { type: 'header', text: plain('Formatted text :rocket:') },
    {
      type: 'section',
      text: mrkdwn(
        [
          '*bold* _italic_ ~strike~ `code` and a <https://example.test|link>, not*bold* nor snake_case_here',
          'People: <@U0ADA>, <@U0GRACE>, <!subteam^S0RELEASERS>, <#C0GENERAL>, :tada: :ship: :no_such_emoji:',
          `From outside: ${hostile}`,
          '> a quote that',
          '> goes on',
          '```const answer = 42; // &lt;tag&gt;\nnext();```',
        ].join('\n'),
      ),
    },
    { type: 'divider' },
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'Rich text with ' },
            { type: 'text', text: 'bold', style: { bold: true } },
            { type: 'text', text: ', ' },
            { type: 'text', text: 'code', style: { code: true } },
            { type: 'text', text: ', ' },
            { type: 'user', user_id: 'U0LINUS' },
            { type: 'text', text: ' and ' },
            { type: 'emoji', name: 'fire' },
          ],
        },
        {
          type: 'rich_text_list',
          style: 'ordered',
          elements: [
            { type: 'rich_text_section', elements: [{ type: 'text', text: 'first' }] },
            { type: 'rich_text_section', elements: [{ type: 'text', text: 'second' }] },
          ],
        },
        {
          type: 'rich_text_list',
          style: 'bullet',
          indent: 1,
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'below the second' }] }],
        },
        { type: 'rich_text_quote', elements: [{ type: 'text', text: 'quoted' }] },
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'git push --atomic' }] },
      ],
    },
    {
      type: 'markdown',
      text: '## Changelog\n\n- **checkout**: pay with *one* click (`a1b2c3d`)\n- cart: [faster totals](https://example.test)\n\n| check | result |\n|---|---:|\n| health | 200 in 31 ms |\n| version | 1.5.0 |\n',
    },
  ];
}

export function sampleElements(): KnownBlock[] {
  return [
    { type: 'header', text: plain('Elements') },
    {
      type: 'section',
      block_id: 'pick-section',
      text: mrkdwn('*Bump*\nHow much the version grows'),
      accessory: {
        type: 'static_select',
        action_id: 'bump',
        placeholder: plain('Choose a bump'),
        options: [
          option('auto', 'auto', 'what the commits say'),
          option('minor', 'minor'),
          option('major', 'major'),
        ],
        initial_option: option('auto', 'auto', 'what the commits say'),
      },
    },
    {
      type: 'section',
      block_id: 'thumb-section',
      text: mrkdwn(
        'A section with a picture beside it, and words enough to run over one line of the message.',
      ),
      accessory: { type: 'image', image_url: samplePicture, alt_text: 'a chart, small' },
    },
    {
      type: 'actions',
      block_id: 'pick-actions',
      elements: [
        { type: 'users_select', action_id: 'who', placeholder: plain('Who') },
        { type: 'datepicker', action_id: 'day', initial_date: '2026-03-31' },
        { type: 'timepicker', action_id: 'time', initial_time: '14:05' },
        {
          type: 'radio_buttons',
          action_id: 'radio',
          options: [option('once', 'once'), option('always', 'always')],
          initial_option: option('once', 'once'),
        },
        {
          type: 'checkboxes',
          action_id: 'boxes',
          options: [option('notify me', 'notify'), option('pin it', 'pin', 'in this channel')],
        },
        { type: 'button', action_id: 'open', text: plain('Open the shop'), url: 'https://example.test/shop' },
      ],
    },
    {
      type: 'context_actions',
      elements: [
        {
          type: 'feedback_buttons',
          action_id: 'feedback',
          positive_button: { text: plain('Good'), value: 'good' },
          negative_button: { text: plain('Bad'), value: 'bad' },
        },
      ],
    },
    {
      type: 'card',
      title: mrkdwn('A card'),
      subtitle: mrkdwn('with a subtitle'),
      body: mrkdwn('and a body of *text*'),
    },
    {
      type: 'image',
      image_url: samplePicture,
      alt_text: 'error rate against its baseline',
      title: plain('Error rate'),
    },
  ];
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="560" height="220"><rect width="560" height="220" fill="#fff"/><path d="M40 20v170h500" fill="none" stroke="#999"/><path d="M40 160L120 158 200 150 280 152 330 90 400 60 480 66 540 50" fill="none" stroke="#e0354b" stroke-width="3"/><path d="M40 165H540" stroke="#2f7de1" stroke-dasharray="5 5"/></svg>`;

const samplePicture = `https://example.test/${svg.length}.png`;
/** What `samplePicture` answers; the test serves it, for nothing leaves the machine. */
export const samplePictureSvg = svg;
