import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ButtonValue, decodeValue, encodeValue } from '../../../src/blocks/kit/button-value.ts';
import { ACTION, actionId, actionOf } from '../../../src/blocks/kit/ids.ts';

describe('button values', () => {
  it('come back as they went', () => {
    const some = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
    const value = fc.record({
      promotion: some(fc.string({ maxLength: 100 })),
      digest: some(fc.string({ maxLength: 64 })),
      service: some(fc.string({ maxLength: 100 })),
      feature: some(fc.string({ maxLength: 100 })),
      bump: some(fc.constantFrom('auto' as const, 'major' as const, 'minor' as const, 'patch' as const)),
      ms: some(fc.integer({ min: 1, max: 1e9 })),
      to: some(fc.string({ maxLength: 50 })),
    });
    fc.assert(
      fc.property(value, (given) => {
        const present = ButtonValue.parse(JSON.parse(JSON.stringify(given)));
        expect(decodeValue(encodeValue(present))).toEqual(present);
      }),
    );
  });

  it.each([
    undefined,
    '',
    'approve',
    '[]',
    '{"promotion":7}',
    '{"admin":true}',
    '{"ms":-1}',
    `{"promotion":"${'x'.repeat(3_000)}"}`,
  ])('does not take %j for one', (text) => {
    expect(decodeValue(text)).toBeNull();
  });
});

describe('action ids', () => {
  it('keep their kind with a suffix', () => {
    for (const action of Object.values(ACTION)) {
      expect(actionOf(actionId(action, 'shop'))).toBe(action);
      expect(actionOf(actionId(action))).toBe(action);
      const matching = Object.values(ACTION).filter((other) => actionOf(actionId(other, '1')) === action);
      expect(matching).toEqual([action]);
    }
    expect(actionOf('toString')).toBeNull();
    expect(actionOf('approve_all')).toBeNull();
  });
});
