import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/blocks/card/card.ts';
import {
  bold,
  bullets,
  header,
  line,
  para,
  person,
  preformatted,
  rich,
} from '../../../src/blocks/kit/rich-text.ts';
import { message, spoken } from '../../../src/blocks/kit/spoken.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { outsideIsInert } from '../../support/outside.ts';
import * as fixtures from '../fixtures.ts';
import { said } from '../said.ts';

const cards = Object.entries(fixtures.views);
const view = (name: string) => {
  const found = fixtures.views[name];
  if (!found) throw new Error(`no view ${name}`);
  return found;
};
const buttonsOf = (blocks: ReturnType<typeof card>['blocks']) =>
  blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((one) => (one.type === 'button' ? [one.text.text] : []))
      : [],
  );

describe('what a screen reader reads of a card', () => {
  it.each(cards)('%s: names every button before anything that is only for reading', (_name, one) => {
    const { text, blocks } = card(one);
    const names = buttonsOf(blocks);
    const row = text.split('\n').find((one) => /^Buttons?: /.test(one)) ?? '';
    for (const name of names) expect(row.replaceAll('\u2060', '')).toContain(name);
  });

  it('says the verdict, what is asked and of whom, before the changelog', () => {
    const lines = card(view('awaiting')).text.split('\n');
    expect(lines[0]).toMatch(/^shop 2\.6\.0 → 2\.7\.0: 🔔 Waiting for approvals? /);
    const missing = lines.findIndex((one) =>
      /^\d approvals? missing, from .*<!subteam\^S0RELEASE>/.test(one),
    );
    const buttons = lines.findIndex((one) => one.startsWith('Buttons: Approve'));
    const changelog = lines.findIndex((one) => one.startsWith('• '));
    expect(missing).toBeGreaterThan(0);
    expect(buttons).toBeGreaterThan(missing);
    expect(changelog === -1 || changelog > buttons).toBe(true);
  });

  it('says what blocks a promotion and what to do about it', () => {
    expect(card(view('blocked')).text).toMatch(
      /⛔ Blocked by Staging.*\n.*\n• Staging validation \(failed\): Run \/validate-staging/,
    );
  });
});

describe('what a screen reader reads of a reply', () => {
  it.each(said.map((one) => [one[0].kind, ...one] as const))(
    '%s: everything but tables and logs',
    (_kind, event, about) => {
      const { text, blocks } = notice(event, about);
      for (const name of buttonsOf(blocks)) expect(text.replaceAll('\u2060', '')).toContain(name);
      expect(text.length).toBeLessThanOrEqual(1_500);
    },
  );

  it('says of an alarm what is wrong, what to do, whom it is for', () => {
    const alarm = said.find(([event]) => event.kind === 'monitor' && event.alarm);
    if (!alarm) throw new Error('no alarm');
    expect(notice(...alarm).text.split('\n')).toEqual([
      '🔴 shop 2.7.0: production critical',
      expect.stringMatching(/^• 🔴 error rate critical: /),
      expect.stringMatching(/^• 🟢 latency p95 healthy/),
      'What changed: 4 commits, these first',
      expect.stringMatching(/^• .*evil/),
      '• fix(cart): error of half a cent, by Ada',
      '• feat(coupons): a field at checkout, by Dana',
      'Roll back if users are affected, hold the window open while you look, or accept it on the card.',
      'This is for <@U0ALEX> and <!subteam^S0ONCALL> to look at.',
      'Button: Roll back to 2.6.0.',
    ]);
  });
});

describe('spoken text', () => {
  it('leaves out bars, sparklines and logs', () => {
    const { text } = message([
      header('shop'),
      rich(para(bold('▰▰▰▱▱▱▱ 3 of 7 steps done')), preformatted('npm ERR!'), para('Errors ▁▂▇█·▁ 3 % now')),
    ]);
    expect(text).toBe('shop: 3 of 7 steps done\nErrors 3 % now');
  });

  it('cuts between sentences and never inside a mention, whatever is said', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constant(fixtures.EVIL)), {
          maxLength: 40,
        }),
        fc.integer({ min: 20, max: 400 }),
        (texts, most) => {
          const blocks = [
            header('shop'),
            rich(...texts.map((one) => para(line(one, 200), ' ', person('U0ALEX')))),
            rich(bullets(texts.map((one) => [person('U0KIM'), line(one)]))),
          ];
          const text = spoken(blocks, most);
          expect(text.length).toBeLessThanOrEqual(most);
          expect(text).not.toBe('');
          expect(outsideIsInert({ text, blocks: [] })).toEqual([]);
        },
      ),
    );
  });
});
