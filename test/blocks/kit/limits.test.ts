import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { card, smallCard } from '../../../src/blocks/card/card.ts';
import { details } from '../../../src/blocks/card/details.ts';
import { home } from '../../../src/blocks/home.ts';
import { decodeValue, encodeValue, serviceValue } from '../../../src/blocks/kit/button-value.ts';
import { declineForm, overrideForm, reportForm } from '../../../src/blocks/modals/reason-forms.ts';
import { startForm } from '../../../src/blocks/modals/start-form.ts';
import { plainAnswer } from '../../../src/blocks/replies/answer.ts';
import { history } from '../../../src/blocks/replies/history.ts';
import { planMessage } from '../../../src/blocks/replies/plan.ts';
import { refusal } from '../../../src/blocks/replies/refusal.ts';
import { chooseService, promptMessage } from '../../../src/blocks/replies/start.ts';
import { status } from '../../../src/blocks/replies/status.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { withText } from '../../support/hidden.ts';
import { refusedBySlack, viewRefusedBySlack } from '../../support/slack-limits.ts';
import * as plainFixtures from '../fixtures.ts';
import { said } from '../said.ts';
import { deployed, entry } from '../shown.ts';

/** What Slack takes in messages and on surfaces without a field for it being documented elsewhere. */
const TYPES = [
  'actions',
  'context',
  'divider',
  'header',
  'input',
  'rich_text',
  'section',
  'table',
  'markdown',
];

/** A short text, a long one, and a very long one, of letters that take one unit and two. */
const text = fc
  .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), fc.constantFrom(1, 40, 400, 2_000))
  .map(([part, times]) => part.repeat(times));
const many = fc.integer({ min: 1, max: 130 });

describe('trap: no message or view goes beyond a limit of Slack, whatever comes from outside', () => {
  test('messages: 50 blocks, 13,000 characters, 3,000 a section, 10 fields of 2,000, 150 a header, 25 and 10 elements, 75 and 2,000 a button, 255 an id, 100 and 300 a confirmation, 100 rows of 20, 12,000 markdown', () => {
    fc.assert(
      fc.property(text, many, (outside, count) => {
        const fixtures = withText({ ...plainFixtures }, plainFixtures.EVIL, outside);
        const listed = withText(entry('shipped', deployed), plainFixtures.EVIL, outside);
        const lists = Array.from({ length: count }, () => listed);
        const names = Array.from({ length: count }, (_, index) => `s${index}`);
        const messages = [
          ...Object.values(fixtures.views).flatMap((one) => [card(one), smallCard(one)]),
          ...withText(said, plainFixtures.EVIL, outside).map(([one, about]) => notice(one, about)),
          plainAnswer(outside),
          refusal({ text: outside, hint: outside }, {}),
          history(lists, 'shop'),
          status({ entries: lists, locks: [], idle: names }),
          chooseService(names),
          planMessage({
            service: fixtures.service,
            gates: fixtures.gates,
            plan: fixtures.plan,
            feature: outside,
          }),
        ];
        for (const { blocks } of messages) {
          expect(refusedBySlack(blocks)).toEqual([]);
          expect(typesOf(blocks).filter((type) => !TYPES.includes(type))).toEqual([]);
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  test('views: 100 blocks, titles of 24, 100 options, private_metadata of 3,000', () => {
    fc.assert(
      fc.property(text, many, (outside, count) => {
        const fixtures = withText({ ...plainFixtures }, plainFixtures.EVIL, outside);
        const listed = withText(entry('shipped', deployed), plainFixtures.EVIL, outside);
        const lists = Array.from({ length: count }, () => listed);
        const names = Array.from({ length: count }, (_, index) => `s${index}`);
        const features = names.map((slug) => ({ slug: `${slug}-${outside}`, ready: true }));
        const evil = fixtures.promotion('shipped', { plan: fixtures.plan, release: fixtures.release });
        const views = [
          home({ open: lists, last: lists, locks: [], services: names }),
          startForm({ services: names, features, service: 's0', metadata: {} }),
          overrideForm({ service: 'shop', over: [outside], metadata: { via: 'command' } }),
          declineForm(evil),
          reportForm(evil, outside),
          ...Object.values(fixtures.views).map(details),
        ];
        for (const view of views) {
          expect(viewRefusedBySlack(view)).toEqual([]);
          expect(typesOf(view.blocks as KnownBlock[]).filter((type) => !TYPES.includes(type))).toEqual([]);
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

function typesOf(blocks: readonly KnownBlock[]): readonly string[] {
  return blocks.map(({ type }) => type);
}

test('a note goes along with the buttons that lead on, whole where there is room, and never beyond it', () => {
  const note = 'Only with the flag “till” off: <#C1> & friends. '.repeat(10).trim();
  const whole = serviceValue({ service: 'shop', feature: '014-checkout', bump: 'minor', note }, 'command');
  expect(decodeValue(encodeValue(whole))?.note).toBe(note);
  const pressed = promptMessage(
    { kind: 'turn', service: 'shop', user: 'U0ADA', wish: { bump: 'auto', note } },
    null,
  );
  expect(JSON.stringify(pressed.blocks)).toContain(
    JSON.stringify(encodeValue(serviceValue({ service: 'shop', bump: 'auto', note }, 'offer'))).slice(1, -1),
  );
  fc.assert(
    fc.property(text, text, text, (service, feature, long) => {
      const value = serviceValue({ service, feature, bump: 'patch', note: long }, 'command');
      const place = { channel: 'C'.repeat(11), thread: '1'.repeat(17), over: 'a'.repeat(16) };
      const token = sealOf(Buffer.alloc(32, 1), 'T1').close(encodeValue({ ...value, ...place }), 'purpose');
      expect(token.length).toBeLessThanOrEqual(2_000);
      expect(`${long}…`.startsWith((value.note ?? '').replace(/…$/, ''))).toBe(true);
    }),
  );
});
