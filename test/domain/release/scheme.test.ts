import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemeProblem, type VersionScheme, versionScheme } from '../../../src/domain/release/scheme.ts';
import {
  asSemver,
  compareVersions,
  isPrerelease,
  isSameVersion,
  versionKey,
} from '../../../src/domain/release/version-key.ts';

const at = (day: string) => Date.parse(`${day}T12:00:00Z`);

function schemeOf(name: string): VersionScheme {
  const scheme = versionScheme(name);
  if (scheme === null) throw new Error(`no scheme: ${name}`);
  return scheme;
}

describe('versions of all schemes compare', () => {
  test.each([
    // PEP 440, in its own order.
    [
      [
        '1.0.dev456',
        '1.0a1',
        '1.0a2.dev456',
        '1.0a12.dev456',
        '1.0a12',
        '1.0b1.dev456',
        '1.0b2',
        '1.0rc1.dev456',
        '1.0rc1',
        '1.0',
        '1.0.post456',
        '1.1.dev1',
      ],
    ],
    [
      [
        '3.1.0',
        '3.2.0.dev0',
        '3.2.0.dev10',
        '3.2.0a1',
        '3.2.0rc2',
        '3.2.0rc10',
        '3.2.0',
        '3.2.0.post1',
        '3.2.1',
      ],
    ],
    [['2025.12.9', '2026.1.0', '2026.05.01', '2026.05.01.1', '2026.05.01.10', '2026.05.02', '2026.10.1']],
    [['1.2.3-rc.1', '1.2.3', '1.2.3.4', '1.2.10', '1.10', '2.0']],
    [['24.3', '24.3.1', '24.10', '25.0']],
  ])('%j', (ordered) => {
    const shuffled = [...ordered].reverse();
    expect(shuffled.sort(compareVersions)).toEqual(ordered);
  });

  test('however they are written', () => {
    expect(isSameVersion('2026.05.1', '2026.5.1')).toBe(true);
    expect(isSameVersion('1.9', '1.9.0')).toBe(true);
    expect(isSameVersion('1.9', '1.10')).toBe(false);
    expect(isSameVersion('x', 'x')).toBe(true);
    expect(isSameVersion('x', 'y')).toBe(false);
    expect(asSemver('2026.05.01')).toBe('2026.5.1');
    expect(['1', '', 'latest', '1.2.x', '1.2.3.4.5', '1.2.3junk', '-1.2', '1..2'].map(versionKey)).toEqual(
      Array.from({ length: 8 }, () => null),
    );
    expect(['3.2.0.dev0', '3.2.0rc1', '1.0a1', '1.2.3-beta.1'].every(isPrerelease)).toBe(true);
    expect(['3.2.0', '3.2.0.post1', '2026.05.01', '1.9'].some(isPrerelease)).toBe(false);
  });
});

describe('schemes', () => {
  test.each<[scheme: string, from: string, bump: 'major' | 'minor' | 'patch', next: string]>([
    ['semver', '1.4.2', 'minor', '1.5.0'],
    ['major.minor', '1.9', 'minor', '1.10'],
    ['major.minor', '1.9', 'patch', '1.9.1'],
    ['major.minor', '1.9.1', 'patch', '1.9.2'],
    ['major.minor', '1.9.1', 'minor', '1.10'],
    ['major.minor', '1.9', 'major', '2.0'],
    ['pep440', '3.1.0', 'patch', '3.1.1'],
    ['pep440', '3.1', 'minor', '3.2.0'],
    ['pep440', '3.1.0.post2', 'patch', '3.1.1'],
  ])('%s: %s and a %s make %s', (name, from, bump, next) => {
    expect(schemeOf(name).next(from, bump, [from], 0)).toBe(next);
  });

  test.each<[scheme: string, releases: string[], day: string, next: string]>([
    ['YYYY.MM.MICRO', ['2026.4.3'], '2026-05-01', '2026.5.0'],
    ['YYYY.MM.MICRO', ['2026.5.0', '2026.4.9'], '2026-05-31', '2026.5.1'],
    ['YYYY.MM.MICRO', ['2026.5.9'], '2026-05-31', '2026.5.10'],
    ['YYYY.MM.MICRO', ['2025.12.1', '2025.11.1'], '2026-01-01', '2026.1.1'],
    ['YYYY.MM.MICRO', [], '2026-11-28', '2026.11.0'],
    ['YYYY.MM.MICRO', ['1.4.2'], '2026-11-28', '2026.11.0'],
    ['YYYY.0M.MICRO', ['2026.04.3'], '2026-05-01', '2026.05.0'],
    ['YYYY.0M.MICRO', ['2026.05.0'], '2026-05-02', '2026.05.1'],
    ['YY.MM.MICRO', ['26.4.3'], '2026-05-01', '26.5.0'],
    ['YY.0M', ['26.04'], '2026-10-10', '26.10'],
    ['YY.0M', ['26.10'], '2026-10-11', '26.10.1'],
    ['YYYY.MM.DD', ['2026.5.1'], '2026-05-02', '2026.5.2'],
    ['YYYY.0M.0D', ['2026.04.30'], '2026-05-01', '2026.05.01'],
    ['YYYY.0M.0D', ['2026.05.01'], '2026-05-01', '2026.05.01.1'],
    ['YYYY.0M.0D', ['2026.05.01', '2026.05.01.1'], '2026-05-01', '2026.05.01.2'],
    ['YYYY.0M.0D', ['2026.05.01.9', '2026.05.01.10'], '2026-05-01', '2026.05.01.11'],
    ['YYYY.0M.0D.MICRO', ['2026.05.01.0'], '2026-05-01', '2026.05.01.1'],
    ['YYYY.0W.MICRO', ['2026.01.0'], '2026-01-08', '2026.02.0'],
    ['YY.MINOR.MICRO', ['26.1.2'], '2026-05-01', '26.1.3'],
    ['YYYY.MINOR', ['2025.3', '2025.1'], '2026-05-01', '2026.1'],
  ])('%s after %j on %s is %s', (name, releases, day, next) => {
    const last = [...releases].sort(compareVersions).at(-1) ?? '0.0.0';
    const scheme = schemeOf(name);
    expect(scheme.next(last, 'patch', releases, at(day))).toBe(next);
    expect(scheme.reads(next)).toBe(true);
  });

  test('a feature counts MINOR up, where the calendar has one', () => {
    const scheme = schemeOf('YY.MINOR.MICRO');
    expect(scheme.next('26.1.2', 'minor', ['26.1.2'], at('2026-05-01'))).toBe('26.2.0');
    expect(scheme.next('25.4.2', 'minor', ['25.4.2'], at('2026-05-01'))).toBe('26.0.0');
  });

  test('a clock that is behind never goes backwards', () => {
    expect(schemeOf('YYYY.MM.MICRO').next('2026.6.0', 'minor', ['2026.6.0'], at('2026-05-31'))).toBe(
      '2026.6.1',
    );
    expect(schemeOf('YYYY.0M.0D').next('2026.06.01', 'minor', ['2026.06.01'], at('2026-05-31'))).toBe(
      '2026.06.01.1',
    );
  });

  test('what is read, and what is not', () => {
    const reads = (name: string, ...texts: string[]) => texts.filter(schemeOf(name).reads);
    expect(reads('YYYY.MM.MICRO', '2026.5.0', '2026.05.0', '2026.13.0', '2026.5', '1.4.2', '1.9')).toEqual([
      '2026.5.0',
      '1.4.2',
    ]);
    expect(reads('YYYY.0M.MICRO', '2026.5.0', '2026.05.0', '2026.05.01')).toEqual(['2026.05.0']);
    expect(reads('major.minor', '1.9', '1.9.1', '1.9.0.1', '1', '2.0-rc.1')).toEqual([
      '1.9',
      '1.9.1',
      '2.0-rc.1',
    ]);
    expect(reads('pep440', '3.2.0.dev0', '3.2rc1', '3', 'x')).toEqual(['3.2.0.dev0', '3.2rc1']);
    expect(reads('semver', '1.9', '1.2.3', '01.2.3', '3.2.0rc1')).toEqual(['1.2.3']);
  });

  test.each([
    ['semver', true],
    ['YYYY.MM.MICRO', true],
    ['YYYY', false],
    ['MM.YYYY', false],
    ['YYYY.MICRO.MM', false],
    ['YYYY.MM.MM', false],
    ['YYYY-MM-DD', false],
    ['yyyy.mm.micro', false],
    ['calver', false],
    ['toString', false],
    ['YYYY.toString', false],
    ['', false],
  ])('%s is a scheme: %s', (name, isOne) => {
    expect(schemeProblem(name) === null).toBe(isOne);
  });

  test('whenever releases are made, each is higher than all before, and is read back', () => {
    const pattern = fc.constantFrom(
      'YYYY.MM.MICRO',
      'YYYY.0M.MICRO',
      'YY.MM.MICRO',
      'YYYY.MM.DD',
      'YYYY.0M.0D',
      'YY.0W',
      'YY.MINOR.MICRO',
    );
    const release = fc.record({
      time: fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2031, 0, 1) }),
      bump: fc.constantFrom('major' as const, 'minor' as const, 'patch' as const),
    });
    fc.assert(
      fc.property(pattern, fc.array(release, { maxLength: 12 }), (name, days) => {
        const scheme = schemeOf(name);
        const releases: string[] = [];
        for (const { time, bump } of days) {
          const next = scheme.next(releases.at(-1) ?? '0.0.0', bump, releases, time);
          expect(scheme.reads(next), next).toBe(true);
          if (releases.length > 0) expect(compareVersions(next, releases.at(-1) ?? '')).toBeGreaterThan(0);
          releases.push(next);
        }
      }),
      { numRuns: 100 },
    );
  });
});
