import { describe, expect, test } from 'vitest';
import { PROBLEM_WORDS, sameWords, shortQuote, wordSaidIn } from '../../../src/domain/reports/words.ts';

describe('a message that says that something does not work', () => {
  test.each([
    ['The checkout is BROKEN!!', 'broken'],
    ['I can’t pay'.replace('’', "'"), "can't"],
    ['it (does not work) since noon', 'does not work'],
    ['site is:down', 'down'],
  ])('%s', (text, word) => {
    expect(wordSaidIn(text, PROBLEM_WORDS)).toBe(word);
  });

  test.each(['download the unbroken file', 'terrors', 'all good', '', '🙃'])('not: %s', (text) => {
    expect(wordSaidIn(text, PROBLEM_WORDS)).toBeNull();
  });

  test('in any script', () => {
    expect(wordSaidIn('Die Kasse ist KAPUTT.', ['kaputt'])).toBe('kaputt');
    expect(wordSaidIn('оплата НЕ работает', ['не работает'])).toBe('не работает');
    expect(wordSaidIn('kaputtes', ['kaputt'])).toBeNull();
  });
});

test('the same words are the same however they are written', () => {
  expect(sameWords('Checkout  is down!')).toBe(sameWords('checkout is DOWN 🔥'));
  expect(sameWords('checkout is down')).not.toBe(sameWords('cart is down'));
});

test('a quote is short, on one line, and cuts no character in two', () => {
  expect(shortQuote('a\nb  c')).toBe('a b c');
  const long = shortQuote('🔥'.repeat(300));
  expect([...long]).toHaveLength(140);
  expect(long.endsWith('🔥…')).toBe(true);
});
