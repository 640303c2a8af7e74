import fc from 'fast-check';
import { compare, inc, valid } from 'semver';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { versionTags as tagsOf } from '../../../src/domain/release/tag-form.ts';
import {
  type Bump,
  compareBumps,
  decideVersion,
  type VersionEvidence,
} from '../../../src/domain/release/version.ts';
import { exactVersion } from '../../../src/domain/release/version-key.ts';

const versionTags = (tags: Parameters<typeof tagsOf>[0], tagPrefix: string) => tagsOf(tags, { tagPrefix });

const reason = (bump: Bump) => ({ bump, text: `a ${bump} thing` });
const auto = { bump: 'auto', lowerConfirmed: false } as const;

function evidence(over: Partial<VersionEvidence> = {}): VersionEvidence {
  return {
    current: '1.2.3',
    prerelease: null,
    files: [],
    changelogVersions: [],
    reasons: [reason('patch')],
    tagPrefix: 'v',
    tags: new Set(['v1.2.3']),
    breakingBelowOne: 'minor',
    ...over,
  };
}

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'none';
}

describe('decideVersion', () => {
  test.each([
    ['1.2.3', ['patch'], '1.2.4'],
    ['1.2.3', ['minor', 'patch'], '1.3.0'],
    ['1.2.3', ['patch', 'major', 'minor'], '2.0.0'],
    ['0.4.1', ['patch'], '0.4.2'],
    ['0.4.1', ['minor'], '0.5.0'],
    ['0.4.1', ['major'], '0.5.0'],
    ['0.0.9', ['major'], '0.1.0'],
    ['1.2.3+build.7', ['patch'], '1.2.4'],
  ] as const)('%s and %j give %s', (current, bumps, next) => {
    expect(decideVersion(evidence({ current, reasons: bumps.map(reason) }), auto)).toMatchObject({
      current,
      next,
      tag: `v${next}`,
      lowered: false,
    });
  });

  test('below 1.0.0 a breaking change can be configured to mean 1.0.0', () => {
    const asked = evidence({ current: '0.4.1', reasons: [reason('major')], breakingBelowOne: 'major' });
    expect(decideVersion(asked, auto)).toMatchObject({ next: '1.0.0', bump: 'major', suggested: 'major' });
  });

  test('people may choose more without confirming, and 1.0.0 when they like', () => {
    expect(decideVersion(evidence(), { bump: 'major', lowerConfirmed: false })).toMatchObject({
      next: '2.0.0',
      bump: 'major',
      suggested: 'patch',
      lowered: false,
    });
    expect(decideVersion(evidence({ current: '0.9.0' }), { bump: 'major', lowerConfirmed: false }).next).toBe(
      '1.0.0',
    );
  });

  test('less than the evidence needs a confirmation', () => {
    const major = evidence({ reasons: [reason('major')] });
    expect(code(() => decideVersion(major, { bump: 'minor', lowerConfirmed: false }))).toBe(
      'bump-below-evidence',
    );
    expect(decideVersion(major, { bump: 'minor', lowerConfirmed: true })).toMatchObject({
      next: '1.3.0',
      lowered: true,
    });
    expect(decideVersion(major, { bump: 'major', lowerConfirmed: true })).toMatchObject({
      next: '2.0.0',
      lowered: false,
    });
  });

  describe('prereleases', () => {
    test.each([
      ['1.2.0', '2.0.0-rc.1', 'minor', 'auto', 'major', ['finishes 2.0.0-rc.1', 'minor x']],
      ['1.2.0', '2.0.0-rc.1', 'minor', 'patch', 'major', ['finishes 2.0.0-rc.1', 'minor x']],
      ['0.9.0', '1.0.0-rc.1', 'major', 'auto', 'major', ['finishes 1.0.0-rc.1', 'major x']],
      ['1.2.0', '1.3.0-rc.1', 'minor', 'auto', 'minor', ['minor x']],
      ['1.2.0', '1.2.1-rc.1', 'minor', 'auto', 'minor', ['minor x']],
    ] as const)(
      '%s, then %s and a %s change, chosen %s, is shown as %s',
      (current, prerelease, asked, bump, step, why) => {
        const reasons = [{ bump: asked, text: `${asked} x` }];
        const decided = decideVersion(evidence({ current, prerelease, reasons }), {
          bump,
          lowerConfirmed: false,
        });
        expect([decided.bump, decided.suggested]).toEqual([step, step]);
        expect(decided.reasons.map(({ text }) => text)).toEqual(why);
        expect(decided.lowered).toBe(false);
      },
    );

    test.each([
      ['1.9.0', '2.0.0-rc.1', 'patch', '2.0.0'],
      ['1.9.0', '1.9.1-rc.1', 'minor', '1.10.0'],
      ['1.9.0', '1.10.0-beta.2', 'minor', '1.10.0'],
      [null, '1.0.0-rc.3', 'patch', '1.0.0'],
      [null, '1.0.0-rc.3', 'major', '1.0.0'],
      [null, '0.1.0-rc.3', 'minor', '0.1.0'],
    ] as const)('after %s and %s a %s change gives %s', (current, prerelease, bump, next) => {
      expect(decideVersion(evidence({ current, prerelease, reasons: [reason(bump)] }), auto).next).toBe(next);
    });

    test('can be finished although nothing happened since', () => {
      expect(decideVersion(evidence({ prerelease: '1.3.0-rc.1', reasons: [] }), auto).next).toBe('1.3.0');
    });

    test('in the files are finished too', () => {
      const first = {
        current: null,
        files: [{ path: 'VERSION', version: '0.3.0-alpha.1' }],
        tags: new Set<string>(),
      };
      expect(decideVersion(evidence(first), auto).next).toBe('0.3.0');
    });
  });

  describe('the first release', () => {
    const first = (over: Partial<VersionEvidence>) => evidence({ current: null, tags: new Set(), ...over });
    const at = (version: string) => [{ path: 'package.json', version }];

    test('is the version that the files name', () => {
      expect(decideVersion(first({ files: at('0.3.0') }), auto)).toMatchObject({
        current: null,
        next: '0.3.0',
        lowered: false,
      });
    });

    test('is raised when the changelog says that this one was released', () => {
      const again = first({ files: at('0.3.0'), changelogVersions: ['0.3.0'], reasons: [reason('minor')] });
      expect(decideVersion(again, auto).next).toBe('0.4.0');
    });

    test('is raised when a person says by how much', () => {
      expect(
        decideVersion(first({ files: at('1.0.0') }), { bump: 'patch', lowerConfirmed: false }).next,
      ).toBe('1.0.1');
    });

    test('is 0.1.0 without any version, or with a placeholder', () => {
      expect(decideVersion(first({}), auto).next).toBe('0.1.0');
      expect(decideVersion(first({ files: at('0.0.0') }), auto).next).toBe('0.1.0');
      expect(decideVersion(first({}), { bump: 'major', lowerConfirmed: false }).next).toBe('1.0.0');
    });

    test('needs no evidence', () => {
      expect(decideVersion(first({ reasons: [] }), auto).next).toBe('0.1.0');
    });
  });

  test('refuses when nothing happened, when it would go backwards, and when the tag is taken', () => {
    expect(code(() => decideVersion(evidence({ reasons: [] }), auto))).toBe('nothing-to-release');
    expect(code(() => decideVersion(evidence({ files: [{ path: 'a', version: '1.2.5' }] }), auto))).toBe(
      'version-backwards',
    );
    expect(decideVersion(evidence({ files: [{ path: 'a', version: '1.2.4' }] }), auto).next).toBe('1.2.4');
    expect(code(() => decideVersion(evidence({ tags: new Set(['v1.2.4']) }), auto))).toBe('tag-exists');
  });

  test('keeps at most 20 reasons', () => {
    expect(
      decideVersion(evidence({ reasons: Array.from({ length: 50 }, () => reason('patch')) }), auto).reasons,
    ).toHaveLength(20);
  });

  const version = fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)).map((numbers) => numbers.join('.'));
  const anyBump = fc.constantFrom<Bump>('major', 'minor', 'patch');

  test('always goes forward, by exactly one bump, and never less than asked without a confirmation', () => {
    fc.assert(
      fc.property(
        version,
        fc.array(anyBump, { minLength: 1, maxLength: 5 }),
        fc.option(anyBump, { nil: null }),
        fc.constantFrom<'major' | 'minor'>('major', 'minor'),
        (current, bumps, chosen, breakingBelowOne) => {
          const asked = evidence({ current, reasons: bumps.map(reason), breakingBelowOne, tags: new Set() });
          const choice = { bump: chosen ?? 'auto', lowerConfirmed: false } as const;
          let decided: ReturnType<typeof decideVersion>;
          try {
            decided = decideVersion(asked, choice);
          } catch (error) {
            expect(error).toMatchObject({ code: 'bump-below-evidence' });
            expect(chosen).not.toBeNull();
            expect(decideVersion(asked, { ...choice, lowerConfirmed: true }).lowered).toBe(true);
            return;
          }
          expect(compare(decided.next, current)).toBe(1);
          expect(decided.next).toBe(inc(current, decided.bump));
          expect(compareBumps(decided.bump, decided.suggested)).toBeGreaterThanOrEqual(0);
          expect(decided.lowered).toBe(false);
        },
      ),
    );
  });
});

describe('versionTags', () => {
  const tag = (name: string) => ({ name, commit: name });

  test('takes tags of the prefix that are SemVer, highest first', () => {
    const names = [
      'v1.0.0',
      'v1.10.0',
      'v1.9.0',
      '1.99.0',
      'vv2.0.0',
      'v2',
      'v3.0',
      'latest',
      'v2.0.0-rc.1',
      'v01.2.3',
      'v1.2.3 ',
    ];
    expect(versionTags(names.map(tag), 'v').map(({ version }) => version)).toEqual([
      '2.0.0-rc.1',
      '1.10.0',
      '1.9.0',
      '1.0.0',
    ]);
  });

  test('prefixes of monorepos do not mix', () => {
    const names = ['shop/v1.0.0', 'shop/v1.1.0', 'cart/v2.0.0', 'v9.0.0'];
    expect(versionTags(names.map(tag), 'shop/v').map(({ name }) => name)).toEqual([
      'shop/v1.1.0',
      'shop/v1.0.0',
    ]);
    expect(versionTags(names.map(tag), '').map(({ name }) => name)).toEqual([]);
  });

  test('is in SemVer order whatever comes in', () => {
    const version = fc
      .tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.constantFrom('', '-rc.1', '-rc.2', '+b1'))
      .map(([a, b, c, d]) => `${a}.${b}.${c}${d}`);
    fc.assert(
      fc.property(fc.array(version), (versions) => {
        const sorted = versionTags(
          versions.map((text) => tag(`v${text}`)),
          'v',
        );
        expect(sorted).toHaveLength(versions.length);
        for (const [index, { version: lower }] of sorted.slice(1).entries()) {
          expect(compare(sorted[index]?.version ?? '', lower)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

test('exactVersion takes SemVer and nothing around it', () => {
  for (const text of ['1.2.3', '0.0.0', '1.2.3-rc.1', '1.2.3+b', '1.2.3-a.b+c.d'])
    expect(exactVersion(text)).toBe(text);
  for (const text of ['v1.2.3', ' 1.2.3', '1.2.3 ', '=1.2.3', '1.2', '01.2.3', '1.2.3-', '1.2.3\n', '']) {
    expect(exactVersion(text), text).toBeNull();
  }
  fc.assert(fc.property(fc.string(), (text) => exactVersion(text) === null || valid(text) !== null));
});
