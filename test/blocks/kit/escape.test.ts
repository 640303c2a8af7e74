import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, inert, mention, time, truncate, webAddress } from '../../../src/blocks/kit/escape.ts';
import { runs } from '../../support/whole.ts';
import { EVIL, T0 } from '../fixtures.ts';

/** Text that an attacker would try: the characters that mean something, next to ordinary ones. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '<',
          '>',
          '&',
          '*',
          '_',
          '~',
          '`',
          '|',
          '!',
          '@',
          '#',
          '^',
          ':',
          '/',
          '\\',
          '\n',
          '\r\n',
          '\t',
          ' ',
          '&lt;',
          '&gt;',
          '&amp;',
        ],
        ...[
          '<!channel>',
          '<!here|x>',
          '<@U0ALEX>',
          '<#C0SHIP>',
          '<https://evil|approve>',
          '<!date^0^{time}|x>',
          '<!subteam^S1>',
        ],
        ...[
          'https://evil.test',
          'www.evil.test',
          'mailto:a@evil.test',
          'a@evil.test',
          ':fire:',
          ':+1:',
          '*bold*',
          '_it_',
          '~no~',
          '`x`',
          '```',
        ],
        ...[
          '\u202e',
          '\u2066',
          '\u200b',
          '\u0000',
          '\u0007',
          '\ud800',
          '\udfff',
          '\ufeff',
          '😀',
          '日本',
          'é',
          'user_id',
          '> quote',
          '• ',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

/** What a client would do something with, by the documented syntax; empty for text that only shows. */
function syntaxOf(text: string): string[] {
  const found: string[] = [];
  if (/[<>]/.test(text)) found.push('token');
  if (/&(?!amp;|lt;|gt;)/.test(text)) found.push('bare ampersand');
  if (/[*~`]/.test(text)) found.push('formatting');
  if (/(^|[^\p{L}\p{N}])_|_([^\p{L}\p{N}]|$)/u.test(text)) found.push('italic');
  if (/:\/\/|\bwww\.|\bmailto:[^\s\u2060…]|[\p{L}\p{N}]@[\p{L}\p{N}]/u.test(text)) found.push('address');
  if (/:[\p{L}\p{N}_+'-]+:/u.test(text)) found.push('emoji');
  if (/^(&gt;|\s)/.test(text)) found.push('quote or space at the start');
  if (/[\n\r]/.test(text)) found.push('line');
  if (/\p{Bidi_Control}|\p{Surrogate}|[^\P{Cc}]/u.test(text)) found.push('invisible');
  return found;
}

describe('inert', () => {
  it('takes the life out of any text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(syntaxOf(inert(text))).toEqual([]);
      }),
      { numRuns: runs({ sample: 500, whole: 2_000 }) },
    );
  });

  it('never grows beyond what is allowed, and never cuts an entity in two', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 2, max: 60 }), (text, max) => {
        const shown = inert(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(syntaxOf(shown).filter((what) => what !== 'italic')).toEqual([]);
        if (shown !== inert(text)) expect(shown.endsWith('…')).toBe(true);
      }),
      { numRuns: runs({ sample: 250, whole: 1_000 }) },
    );
  });

  it('shows what a bad commit says, and nothing else happens', () => {
    expect(inert(EVIL)).toMatchInlineSnapshot(`"&lt;!channel&gt; ∗urgent∗ &lt;https:⁠//evil|approve&gt;"`);
  });

  it('leaves ordinary text alone', () => {
    for (const text of [
      'fix(cart): total of user_id 7',
      'Größe, 日本語, 😀',
      'a/b.c-d (x) "y" 50 % + 1 = 2',
      '12:30:45',
    ]) {
      expect(inert(text).replace(/\u2060/g, '')).toBe(text);
    }
  });
});

describe('truncate', () => {
  it('cuts between code points and says so', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 1, max: 30 }),
        (text, max) => {
          const cut = truncate(text, max);
          expect(cut.length).toBeLessThanOrEqual(max);
          if (text.length <= max) expect(cut).toBe(text);
          else expect(text.startsWith(cut.slice(0, -1))).toBe(true);
          if (!/\p{Surrogate}/u.test(text)) expect(cut).not.toMatch(/\p{Surrogate}/u);
        },
      ),
    );
  });

  it('keeps an emoji whole', () => {
    expect(truncate('ab😀cd', 4)).toBe('ab…');
    expect(truncate('ab😀cd', 5)).toBe('ab😀…');
  });
});

describe('clean', () => {
  it('turns text around that was turned around, and shows by what', () => {
    expect(clean('approved \u202eyb\u202c nobody')).toBe('approved \\u{202e}yb\\u{202c} nobody');
  });
});

describe('mention', () => {
  it('mentions people and nothing else', () => {
    expect(mention('U0ALEX')).toBe('<@U0ALEX>');
    expect(mention('slipway')).toBe('slipway');
    expect(mention('U1> <!channel')).toBe('U1&gt; &lt;!channel');
  });
});

describe('webAddress', () => {
  it('takes http and https only, and lets nothing end the link early', () => {
    expect(webAddress('https://a.test/b?c=1&d=2')).toBe('https://a.test/b?c=1&d=2');
    expect(webAddress('https://a.test/b|c>d e')).toBe('https://a.test/b%7Cc%3Ed%20e');
    for (const bad of [
      'javascript:alert(1)',
      'slack://x',
      '/relative',
      '',
      `https://a.test/${'x'.repeat(3_000)}`,
      undefined,
    ]) {
      expect(webAddress(bad)).toBeUndefined();
    }
  });
});

describe('time', () => {
  it('is a token of whole seconds with words in UTC for clients that cannot fill it in', () => {
    expect(time(T0 + 999)).toBe('<!date^1795338000^{date_short_pretty} {time}|2026-11-22 09:00 UTC>');
    expect(time(Number.NaN)).toContain('1970-01-01');
  });
});
