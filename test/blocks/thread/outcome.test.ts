import { expect, test } from 'vitest';
import { para, rich } from '../../../src/blocks/kit/rich-text.ts';
import { withOutcome } from '../../../src/blocks/thread/outcome.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';

const promotion = {
  state: 'monitoring',
  data: { decision: 'critical', monitor: { alarm: { since: 1, taken: { by: 'U0KIM', at: 2 } } } },
} as unknown as Promotion;
const asked = { turn: 1, answers: [], isRepeated: false };
const notice = { kind: 'alarm-untaken', since: 1, forMs: 1, verdict: 'critical', step: 'approvers', who: '' };
const alarm = rich(para('production critical'));
const row = { type: 'actions', elements: [] } as const;

test.each([
  ['above its buttons', [alarm, row], ['rich_text', 'rich_text', 'actions']],
  ['below it where it has none', [alarm], ['rich_text', 'rich_text']],
])('who took an alarm is said %s', (_where, blocks, types) => {
  const message = { text: '', blocks } as unknown as Parameters<typeof withOutcome>[0];
  const said = withOutcome(message, notice as never, promotion, asked as never);
  expect(said.blocks.map(({ type }) => type)).toEqual(types);
  expect(said.blocks[0]).toBe(alarm);
  expect(JSON.stringify(said.blocks[1])).toContain('🙋 Taken');
});
