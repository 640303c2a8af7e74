import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible, visibleInJson } from '../../../src/domain/text/visible.ts';
import { HIDDEN } from '../../support/hidden.ts';
import { processorMs } from '../../support/processor-time.ts';

describe('what nobody sees is written out', () => {
  test.each([
    ['zero width', 'a\u200bb\u200cc\u200dd', 'a\\u{200b}b\\u{200c}c\\u{200d}d'],
    [
      'joiner, marks and mathematics',
      '\u2060\u200e\u200f\u2061\u2064',
      '\\u{2060}\\u{200e}\\u{200f}\\u{2061}\\u{2064}',
    ],
    ['fillers', '\u3164\uffa0\u115f\u2800', '\\u{3164}\\u{ffa0}\\u{115f}\\u{2800}'],
    ['byte order mark and soft hyphen', '\ufeff\u00ad', '\\u{feff}\\u{ad}'],
    ['direction', '\u202a\u202e\u2066\u2069\u061c', '\\u{202a}\\u{202e}\\u{2066}\\u{2069}\\u{61c}'],
    ['tags', 'v1\u{e0076}\u{e007f}\u{e0001}', 'v1\\u{e0076}\\u{e007f}\\u{e0001}'],
    ['selectors behind letters', 'a\ufe0fb\ufe00c\u{e0100}', 'a\\u{fe0f}b\\u{fe00}c\\u{e0100}'],
    [
      'controls of both sets',
      '\u0000\u0008\u001b\u007f\u0085\u009b',
      '\\u{0}\\u{8}\\u{1b}\\u{7f}\\u{85}\\u{9b}',
    ],
    ['a return in the middle of a line', 'approved\rdenied', 'approved\\u{d}denied'],
    ['a joiner that joins nothing', '👍\u200d and \u200d👍', '👍\\u{200d} and \\u{200d}👍'],
    ['two joiners between pictures', '👩\u200d\u200d🚀', '👩\\u{200d}\\u{200d}🚀'],
    ['a selector too many', '❤\ufe0f\ufe0f', '❤\ufe0f\\u{fe0f}'],
    ['a text behind a flag', '🏴\u{e0068}\u{e0069}\u{e007f}', '🏴\\u{e0068}\\u{e0069}\\u{e007f}'],
    ['a joiner of Persian between Latin and Persian', 'a\u200cم', 'a\\u{200c}م'],
  ])('%s', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('what people need stays as it is', () => {
    for (const text of [
      'Größe\t日本語 Việt\n',
      'a\r\nb\r\n',
      '👩‍🚀 🕵🏽‍♂️ 🏳️‍🌈 ❤️ ❤︎ 1️⃣ #️⃣ 👍🏽 🇩🇪 👨‍👩‍👧‍👦',
      '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
      'می‌خواهم کتاب‌ها',
      'क्‍ष श्‍री',
      'র‍্যাম',
      'ക്‍ സോഫ്റ്റ്‌വെയർ',
    ]) {
      expect(visible(text)).toBe(text);
    }
  });

  test('whatever the text, nothing that hides is left, and twice is once', () => {
    const text = fc
      .array(fc.oneof(fc.constantFrom(...HIDDEN), fc.string({ unit: 'binary', maxLength: 3 })))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (one) => {
        const shown = visible(one);
        expect(visible(shown)).toBe(shown);
        expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u061c\u200b\u2060\u3164\ufeff\u00ad]/);
        expect(JSON.parse(visibleInJson(JSON.stringify(one)))).toBe(one);
      }),
    );
  });
});

test('JSON says what is hidden and is read as what was there', () => {
  const line = visibleInJson(JSON.stringify({ title: 'a\u200bb\u{e0041}' }));
  expect(line).toBe('{"title":"a\\u200bb\\udb40\\udc41"}');
});

test('much of it takes no time', () => {
  const work = () => HIDDEN.map((hidden) => visible(hidden.repeat(10_000)));
  expect(processorMs(work, { tries: 1 })).toBeLessThan(HIDDEN.length * 500);
});
