import { describe, expect, test } from 'vitest';
import { asTyped, asWritten } from '../../../src/domain/text/typed.ts';

test.each([
  ['plan shop —feature 014', 'plan shop --feature 014'],
  ['plan shop –feature 014', 'plan shop --feature 014'],
  ['plan shop --feature 014', 'plan shop --feature 014'],
  ['plan shop ――feature 014', 'plan shop --feature 014'],
  ['plan shop −−feature 014', 'plan shop --feature 014'],
  ['plan shop ‒feature 014', 'plan shop --feature 014'],
  ['plan shop -–feature 014', 'plan shop --feature 014'],
  ['plan shop ‑‑feature 014', 'plan shop --feature 014'],
  ['ｐｌａｎ　ｓｈｏｐ　－－ｆｅａｔｕｒｅ　０１４', 'plan shop --feature 014'],
  ['—patch', '--patch'],
  ['lock\u00a0shop\u202f“the till — it’s down” 2h', 'lock shop "the till — it\'s down" 2h'],
  ['lock shop «\u00a0the till\u00a0»', 'lock shop " the till "'],
  ['lock shop „the till“', 'lock shop "the till"'],
  ['lock shop 「the till」', 'lock shop "the till"'],
  ['rollback\u200b shop', 'rollback  shop'],
  ['roll\u200bback shop', 'rollback shop'],
  ['\ufeffroll\u2060back\u00ad shop\u200e', ' rollback shop'],
  ['rollback\u2800shop', 'rollback shop'],
  ['014–coupons', '014–coupons'],
  ['2026-11-28 - 3 - x', '2026-11-28 - 3 - x'],
])('%j is meant as %j', (typed, meant) => {
  expect(asTyped(typed)).toBe(meant);
});

describe('what Slack makes of plain words', () => {
  test.each([
    ['plan <http://shop.example|shop.example>', 'plan shop.example'],
    ['see <https://shop.example/a?b=1&amp;c=2>', 'see https://shop.example/a?b=1&c=2'],
    ['ask <mailto:ada@shop.example|ada@shop.example>', 'ask ada@shop.example'],
    ['call <tel:+4930123|030 123>', 'call 030 123'],
    ['ask <@U123|ada> and <@W123|grace>', 'ask @ada and @grace'],
    ['ask <@U123>', 'ask <@U123>'],
    ['in <#C123|ship> and <#C123|>', 'in #ship and <#C123|>'],
    ['ask <!subteam^S123|@releasers>, <!here|@here>, <!everyone>', 'ask @releasers, @here, <!everyone>'],
    ['at <!date^1700000000^{time}|22:13>', 'at 22:13'],
    ['R&amp;D says a &lt; b', 'R&D says a < b'],
    ['a <b> c, 1 < 2 > 0', 'a <b> c, 1 < 2 > 0'],
    ['&amp;lt;@U1&amp;gt;', '&lt;@U1&gt;'],
  ])('%j was %j', (sent, written) => {
    expect(asWritten(sent)).toBe(written);
  });

  test('what somebody wrote for people keeps its own dashes and quotes, and its lines', () => {
    expect(asWritten('The “till” —it’s down\n\n— Ada 👩‍🚀')).toBe('The “till” —it’s down\n\n— Ada 👩‍🚀');
  });
});
