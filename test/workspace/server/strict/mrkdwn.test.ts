import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  activations,
  escapeMrkdwn,
  payloadActivations,
} from '../../../../demo/workspace/server/strict/mrkdwn.ts';

test.each([
  ['<!channel>', [{ kind: 'broadcast', range: 'channel' }]],
  ['<!here|here>', [{ kind: 'broadcast', range: 'here' }]],
  ['&lt;!channel&gt;', []],
  ['!channel @here', []],
  [
    '<@U0ADA> and <@U0GRACE|grace>',
    [
      { kind: 'user', id: 'U0ADA' },
      { kind: 'user', id: 'U0GRACE', label: 'grace' },
    ],
  ],
  ['<#C0SHIP>', [{ kind: 'channel', id: 'C0SHIP' }]],
  ['<!subteam^S0RELEASERS>', [{ kind: 'group', id: 'S0RELEASERS' }]],
  [
    '<!date^1795000000^{time}|soon>',
    [{ kind: 'date', seconds: 1_795_000_000, format: '{time}', fallback: 'soon' }],
  ],
  ['<https://evil.example|approve>', [{ kind: 'link', url: 'https://evil.example', label: 'approve' }]],
  ['see https://a.example/b.', [{ kind: 'link', url: 'https://a.example/b' }]],
  ['`https://a.example`', []],
  ['`<!channel>`', [{ kind: 'broadcast', range: 'channel' }]],
  ['1 < 2 and 3 > 2', []],
])('%s', (text, expected) => {
  expect(activations(text)).toEqual(expected);
});

test('escaped text mentions nobody and labels no link', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const active = activations(escapeMrkdwn(text));
      expect(active.filter((entry) => entry.kind !== 'link' || entry.label !== undefined)).toEqual([]);
    }),
  );
});

test('a payload is searched where Slack would look, and nowhere else', () => {
  const found = payloadActivations({
    text: '<@U1>',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: '<!channel>' } },
      { type: 'section', text: { type: 'mrkdwn', text: '<!here>' } },
      { type: 'table', rows: [[{ type: 'raw_text', text: '<!everyone>' }]] },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: '<!channel>' },
              { type: 'user', user_id: 'U2' },
            ],
          },
        ],
      },
      {
        type: 'actions',
        elements: [{ type: 'button', url: 'https://a.example', text: { type: 'plain_text', text: 'x' } }],
      },
    ],
  });
  expect(found).toEqual([
    { kind: 'user', id: 'U1' },
    { kind: 'broadcast', range: 'here' },
    { kind: 'user', id: 'U2' },
    { kind: 'link', url: 'https://a.example' },
  ]);
});
