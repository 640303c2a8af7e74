import { describe, expect, it } from 'vitest';
import {
  cancelledAnswer,
  plannedAnswer,
  plannedEnd,
  plannedLine,
  plannedList,
  plannedReminder,
  plannedSuperseded,
} from '../../../src/blocks/replies/planned.ts';
import { status } from '../../../src/blocks/replies/status.ts';
import type { Promotion, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import type { Sequence, SequenceEnd } from '../../../src/domain/schedule/sequence.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { refusedBySlack } from '../../support/slack-limits.ts';
import { EVIL } from '../fixtures.ts';

const NOW = Date.UTC(2030, 0, 7, 10);

function planned(more: Partial<Sequence> = {}, names = ['shop', 'api']): Sequence {
  return {
    id: 'plan-1',
    by: 'U0ADA',
    channel: '#ship',
    services: names.map((service) => ({ service, bump: 'auto', promotionId: `${service}-1` })),
    createdAt: NOW,
    started: 0,
    ...more,
  };
}
const at = (state: PromotionState, service = 'shop') =>
  new Map([[`${service}-1`, { id: `${service}-1`, service, state } as Promotion]]);
const ended = (end: SequenceEnd, started = 1) => planned({ started, end });

describe('what is planned, in the channel', () => {
  it.each([
    ['waiting', plannedLine(planned({ at: NOW, zone: 'Europe/Berlin' }, ['shop']), new Map())],
    ['after a freeze', plannedLine(planned({ afterFreeze: true }, ['shop']), new Map())],
    ['under way', plannedLine(planned({ started: 1 }), at('deploying'))],
    [
      'stopped',
      plannedLine(ended({ kind: 'stopped', service: 'shop', state: 'rolled-back' }), at('rolled-back')),
    ],
    ['refused', plannedLine(ended({ kind: 'refused', service: 'api', text: EVIL }), at('shipped'))],
    ['done', plannedLine(planned({ started: 2, end: { kind: 'done' } }), at('shipped'))],
    ['the answer', plannedAnswer(planned({ at: NOW, zone: 'Europe/Berlin' }))],
    ['the answer of now', plannedAnswer(planned())],
    ['the list', plannedList([planned({ started: 1 }), planned({ at: NOW, id: 'plan-2' }, ['cart'])])],
    ['an empty list', plannedList([])],
    ['cancelled', cancelledAnswer(planned({ started: 1 }))],
    ['a reminder', plannedReminder(planned({ at: NOW }, ['shop']), NOW, [`Locked: ${EVIL}`])],
    [
      'another build',
      plannedSuperseded({
        service: 'shop',
        bump: 'auto',
        promotionId: 'shop-1',
        seen: { feature: '014-coupons', commit: 'abc1234def' },
        taken: { feature: EVIL, commit: 'def1234abc' },
      }),
    ],
    ['missed', plannedEnd(planned({ at: NOW }, ['shop']), { kind: 'missed' })],
    [
      'missed because something did not answer',
      plannedEnd(planned({ at: NOW }, ['shop']), { kind: 'missed', away: 'Slack' }),
    ],
    [
      'refused with people and times',
      plannedEnd(planned({}, ['shop']), {
        kind: 'refused',
        service: 'shop',
        text: 'Nobody but these may: <@U0LINUS>.',
        hint: EVIL,
        facts: { who: '<@U0LINUS>', owner: 'U0GRACE', until: NOW },
      }),
    ],
    ['the answer within a freeze', plannedAnswer(planned({ at: NOW }, ['shop']), `Frozen: ${EVIL}`)],
    ['a hotfix', plannedEnd(planned({ started: 1 }), { kind: 'stopped', service: 'shop', state: 'hotfix' })],
    [
      'not allowed',
      plannedEnd(planned({}, ['shop']), { kind: 'refused', service: 'shop', text: EVIL, hint: EVIL }),
    ],
    ['by another', plannedEnd(planned({ started: 1 }), { kind: 'cancelled', by: 'U0LINUS' })],
  ])('%s', (_name, message) => {
    expect(refusedBySlack(message.blocks)).toEqual([]);
    expect(outsideIsInert(message)).toEqual([]);
    expect(asText(message.blocks)).toMatchSnapshot();
  });
});

it('the status has a button to cancel what is planned', () => {
  const { blocks } = status({ entries: [], locks: [], idle: ['shop'], planned: [planned()] });
  const rows = blocks.filter(({ type }) => type === 'actions');
  expect(JSON.stringify(rows)).toContain('Cancel shop, api');
  expect(
    status({ entries: [], locks: [], idle: ['shop'] }).blocks.some(({ type }) => type === 'actions'),
  ).toBe(false);
});
