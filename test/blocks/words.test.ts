import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { card } from '../../src/blocks/card/card.ts';
import { details } from '../../src/blocks/card/details.ts';
import { notice } from '../../src/blocks/thread/notice.ts';
import { asText } from '../support/as-text.ts';
import * as fixtures from './fixtures.ts';
import { said } from './said.ts';

/** Words that only those who build Slipway know. What comes from outside may have them: fixtures do not. */
const OURS = /\b(digests?|verdicts?|barriers?|epochs?|journal(ed)?|idempotent|outbox|ledger|payload)\b/i;
const MOST_WORDS = 120;
const MEDIAN_WORDS = 35;

const messages = said.map(([event, about]) => [event.kind, asText(notice(event, about).blocks)] as const);
const cards = Object.entries(fixtures.views).flatMap(([name, view]) => [
  [name, asText(card(view).blocks)] as const,
  [`${name}, its details`, asText(details(view).blocks as KnownBlock[])] as const,
]);
/** The buttons are no sentence. */
const wordsIn = (text: string) =>
  text
    .replaceAll(/\[ [^\]]* \](?:\(\w+\))?\??/g, '')
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;

describe('what people read', () => {
  it.each([...messages, ...cards])('%s: no word that only Slipway uses', (_name, text) => {
    expect(text.match(OURS)).toBeNull();
  });

  it('is short: a message has 35 words in the middle, and none more than 120', () => {
    const counts = messages.map(([, text]) => wordsIn(text)).toSorted((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(MEDIAN_WORDS);
    expect(messages.filter(([, text]) => wordsIn(text) > MOST_WORDS)).toEqual([]);
  });
});
