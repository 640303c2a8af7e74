import { describe, expect, test } from 'vitest';
import { exampleOf } from '../../../src/domain/logs/example.ts';
import { messageIn } from '../../../src/domain/logs/message.ts';
import { fits, merged, templateOf } from '../../../src/domain/logs/template.ts';
import { keptSecret } from '../../../src/domain/text/redaction.ts';

const of = (text: string) => templateOf(text).join(' ');

describe('a template', () => {
  test.each([
    ['took 312ms for user 17', 'took 998ms for user 4'],
    [
      'order 3f2b8c1e-7d4a-4c7e-9a53-0a1b2c3d4e5f failed',
      'order 9a1c8c1e-1111-4c7e-9a53-ffffffffffff failed',
    ],
    ['2026-11-29T00:35:18.123Z ERROR no stock', '2026-11-30T11:01:59.001Z ERROR no stock'],
    ['29/Nov/2026:00:35:18 +0000 no stock', '30/Nov/2026:11:01:59 +0000 no stock'],
    ['at 0x7fff5fbff8c0 in worker-3', 'at 0x7fff5fbff111 in worker-12'],
    ['GET /api/orders/812/lines 500', 'GET /api/orders/7/lines 503'],
    ['commit deadbeef01 of 10.0.0.1:5432', 'commit 00ddba1101 of 10.20.0.9:5432'],
    ['\u001b[31mERROR\u001b[0m disk sda1 full', 'ERROR disk sdb2 full'.replace('sdb2', 'sda7')],
  ])('is the same for %j and %j', (a, b) => {
    expect(of(a)).toBe(of(b));
  });

  test.each([
    ['connection refused', 'connection reset'],
    ['cannot read the cart', 'cannot read the order'],
    ['GET /api/orders/1 failed', 'GET /api/carts/1 failed'],
  ])('is another for %j and %j', (a, b) => {
    expect(of(a)).not.toBe(of(b));
  });

  test('is of the first line, and bounded', () => {
    expect(of('Error: no stock\n    at Cart.add (/srv/app/cart.js:12:3)')).toBe('Error: no stock');
    expect(templateOf('word '.repeat(10_000))).toHaveLength(40);
    expect(Math.max(...templateOf('x'.repeat(100_000)).map((word) => word.length))).toBeLessThan(81);
    expect(templateOf('')).toEqual([]);
    expect(of('<*> could <*>')).toBe('<x> could <x>');
    expect(templateOf(' \t\n')).toEqual([]);
  });

  test('has a hole where two messages of one kind differ', () => {
    const a = templateOf('User alice was not found');
    const both = merged(a, templateOf('User bob was not found')) ?? [];
    expect(both.join(' ')).toBe('User <*> was not found');
    expect(fits(both, templateOf('User carol was not found'))).toBe(true);
    expect(fits(both, templateOf('User carol was not allowed'))).toBe(false);
    expect(merged(templateOf('connection refused'), templateOf('connection reset'))).toBeNull();
    expect(merged(templateOf('a b c d'), templateOf('a x y d'))).toBeNull();
  });
});

describe('the message of a line', () => {
  test('is what loggers write into JSON', () => {
    expect(messageIn('{"level":50,"time":1,"msg":"no stock"}')).toBe('no stock');
    expect(messageIn('{"error":{"message":"no stock","stack":"…"}}')).toBe('no stock');
    expect(messageIn('{"@message":"no stock"}')).toBe('no stock');
    expect(messageIn('{"level":50}')).toBe('{"level":50}');
    expect(messageIn('{broken')).toBe('{broken');
    expect(messageIn('  plain  ')).toBe('plain');
    expect(messageIn(`{"msg":${'{"msg":'.repeat(50)}"deep"${'}'.repeat(51)}`)).toMatch(/^\{/);
    expect(messageIn('{"__proto__":{"msg":"x"}}')).toBe('{"__proto__":{"msg":"x"}}');
  });
});

describe('an example', () => {
  test('has no secret in it, of ours or by its shape', () => {
    keptSecret('our-own-secret-9');
    const shown = [
      'login with our-own-secret-9 failed',
      'Authorization: Bearer abcdef0123456789abcdef',
      'password=hunter2000&user=x',
      '"api_key": "0123456789abcdef"',
      'postgres://app:s3cr3tpw@db/shop is down',
      `token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl refused`,
      'key AKIAABCDEFGHIJKLMNOP refused',
      'no mailbox for ada@example.com here',
      `hash ${'a1'.repeat(30)}`,
    ].map(exampleOf);
    expect(shown.join('\n')).not.toMatch(/our-own|abcdef0123|hunter2|0123456789|s3cr3t|eyJ|AKIA|ada@|a1a1/);
    expect(shown.every((one) => one.includes('***'))).toBe(true);
  });

  test('keeps what says what happened, on one short line', () => {
    expect(exampleOf('TypeError: cart.items is undefined\n  at x')).toBe(
      'TypeError: cart.items is undefined',
    );
    expect(exampleOf('word '.repeat(5_000)).length).toBeLessThanOrEqual(400);
  });
});
