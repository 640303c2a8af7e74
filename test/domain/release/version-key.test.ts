import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byVersion, compareVersions } from '../../../src/domain/release/version-key.ts';

const version = fc.oneof(
  fc.tuple(fc.nat(3), fc.nat(12), fc.nat(3)).map((parts) => parts.join('.')),
  fc.constantFrom(
    '2026.05.01',
    '1.9',
    '1.0.0-rc.1',
    '1.0.0-rc.10',
    '3.2.0.dev0',
    '3.2.0rc1',
    '1.2.3.4',
    'next',
    '',
  ),
);

test('byVersion puts the highest first and leaves what is the same as it was', () => {
  fc.assert(
    fc.property(fc.array(version, { maxLength: 30 }), (versions) => {
      const items = versions.map((text, index) => ({ text, index }));
      const expected = items.toSorted((a, b) => compareVersions(b.text, a.text) || a.index - b.index);
      expect(byVersion(items, ({ text }) => text)).toEqual(expected);
    }),
  );
});
