import { expect } from 'vitest';
import type { Message } from '../../src/blocks/kit/rich-text.ts';
import type { ListedPromotion } from '../../src/blocks/replies/listing.ts';
import type { PromotionData } from '../../src/domain/promotion/promotion.ts';
import { asText } from '../support/as-text.ts';
import { outsideIsInert } from '../support/outside.ts';
import { refusedBySlack } from '../support/slack-limits.ts';
import * as fixtures from './fixtures.ts';

const { EVIL } = fixtures;
export const deployed: PromotionData = {
  plan: fixtures.plan,
  release: fixtures.release,
  deployment: fixtures.deployment,
};
export const monitoring = fixtures.promotion('monitoring', deployed);
export const long = `${EVIL} 日本 `.repeat(500);
export const threadUrl = 'https://team.slack.com/archives/C0SHIP/p1';
export const entry = (
  state: Parameters<typeof fixtures.promotion>[0],
  more: PromotionData = deployed,
): ListedPromotion => ({
  promotion: fixtures.promotion(state, more),
  approvals: [],
  threadUrl,
});

/** The message as people read it, after it was found to be what Slack takes and to have no outside syntax in it. */
export function fine(message: Message): string {
  expect(refusedBySlack(message.blocks)).toEqual([]);
  expect(outsideIsInert(message)).toEqual([]);
  expect(message.text).not.toBe('');
  return asText(message.blocks);
}
