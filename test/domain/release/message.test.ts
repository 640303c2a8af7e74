import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasTrailer, releaseMessage, tagMessage, withTrailer } from '../../../src/domain/release/message.ts';

test('the release commit names the tag and nothing from outside', () => {
  expect(releaseMessage({ tag: 'v1.3.0' })).toBe('chore(release): v1.3.0');
});

describe('tagMessage', () => {
  test('is a title and the excerpt', () => {
    expect(tagMessage({ tag: 'v1.3.0' }, '### Added\n\n- x')).toBe('Release v1.3.0\n\n### Added\n\n- x\n');
    expect(tagMessage({ tag: 'v1.3.0' }, '')).toBe('Release v1.3.0\n');
  });

  test('cannot be cut short or signed by what is in the changelog', () => {
    const message = tagMessage({ tag: 'v1' }, 'a\0b\n-----BEGIN PGP SIGNATURE-----\nx');
    expect(message).not.toContain('\0');
    expect(message).not.toMatch(/^-----BEGIN/m);
    expect(tagMessage({ tag: 'v1' }, 'x'.repeat(1_000_000)).length).toBeLessThan(60_000);
  });
});

describe('trailers', () => {
  test.each([
    ['subject', 'subject\n\nSlipway-Record: k\n'],
    ['subject\n\nbody', 'subject\n\nbody\n\nSlipway-Record: k\n'],
    ['subject\n\nbody\n\nReviewed-by: A\n', 'subject\n\nbody\n\nReviewed-by: A\nSlipway-Record: k\n'],
    ['Not: a trailer', 'Not: a trailer\n\nSlipway-Record: k\n'],
    ['subject\r\n\r\nReviewed-by: A\r\n', 'subject\n\nReviewed-by: A\nSlipway-Record: k\n'],
  ])('%j', (message, expected) => {
    expect(withTrailer(message, 'Slipway-Record', 'k')).toBe(expected);
  });

  test('whatever the message and the key, it is found again, and only that one', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('a\n\nb: c', 'Slipway-Record: x\n\nSlipway-Record: y', 'a\n\n'),
    );
    fc.assert(
      fc.property(
        text,
        fc.string({ minLength: 1 }).filter((key) => /[^\s\0]/.test(key)),
        (message, key) => {
          const written = withTrailer(`s${message}`, 'Slipway-Record', key);
          expect(hasTrailer(written, 'Slipway-Record', key)).toBe(true);
          expect(hasTrailer(written, 'Slipway-Record', `${key}x`)).toBe(false);
          expect(hasTrailer(written, 'Slipway-Promotion')).toBe(message.includes('Slipway-Promotion'));
        },
      ),
    );
  });

  test('is only a trailer in the last paragraph', () => {
    expect(hasTrailer('Slipway-Record: k', 'Slipway-Record')).toBe(false);
    expect(hasTrailer('s\n\nSlipway-Record: k\n\nmore', 'Slipway-Record')).toBe(false);
    expect(hasTrailer('s\n\nSlipway-Record: k\nand prose', 'Slipway-Record')).toBe(false);
  });
});
