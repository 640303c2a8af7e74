import { expect, test } from 'vitest';
import { transcript } from '../../demo/transcript.ts';
import type { SeenMessage } from '../../demo/workspace/server/control/reading.ts';
import { gateTable } from '../../src/blocks/card/gates.ts';
import { bold, bullets, header, para, plain, quote, rich, words } from '../../src/blocks/kit/rich-text.ts';

test('lists, tables, quotes and buttons keep their shape in a terminal', () => {
  const message = {
    channel: 'C1',
    ts: '1.1',
    user: 'U1',
    text: 'for phones',
    blocks: [
      header('shop 1.2.0 → 1.3.0'),
      gateTable(
        [
          { id: 'a', title: 'Staging validation', verdict: 'passed', reason: 'Approved.' },
          { id: 'b', title: 'CI', verdict: 'failed', reason: 'build failed' },
        ],
        100,
      ),
      rich(para('because of ', bold('these')), bullets([['one'], ['two']]), quote(words('they\nsaid', 50))),
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'a', text: plain('Approve', 75) },
          { type: 'button', action_id: 'b', text: plain('Cancel', 75) },
        ],
      },
    ],
    files: [{ title: 'Ship report' }],
  } as unknown as SeenMessage;
  expect(transcript(message).join('\n')).toMatchInlineSnapshot(`
    "shop 1.2.0 → 1.3.0
    Gate                Result    Why
    CI                  ❌ failed  build failed
    Staging validation  ✅ passed  Approved.
    because of these
    • one
    • two
    > they
    > said
    [Approve] [Cancel]
    📎 Ship report"
  `);
});

test('a message without blocks is its text', () => {
  const message = { text: 'one\n\ntwo' } as unknown as SeenMessage;
  expect(transcript(message)).toEqual(['one', 'two']);
});
