import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { VersionFile } from '../../../../src/domain/release/version-files/version-files.ts';
import { findVersions, setVersion } from '../../../../src/domain/release/version-files/version-files.ts';

/** The text after a release of 2.0.0 on top of 1.2.3; the present version is given unless null. */
function released(text: string, patterns: readonly string[] = [], present: string | null = '1.2.3'): string {
  const path = patterns.length > 0 ? 'Chart.yaml' : 'deploy/values.env';
  const configured = patterns.map((pattern): VersionFile => ({ path, pattern }));
  const places = findVersions([{ path, text }], configured);
  return setVersion(places, '2.0.0', present === null ? [] : [present])[0]?.text ?? text;
}

function refusal(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a line with the marker', () => {
  test.each([
    ['NODE=20.11.1 SHOP=1.2.3 # x-slipway-version', 'NODE=20.11.1 SHOP=2.0.0 # x-slipway-version'],
    ['host 10.0.0.1, shop 1.2.3 # x-slipway-version', 'host 10.0.0.1, shop 2.0.0 # x-slipway-version'],
    ['image: shop:1.2.3-alpine # x-slipway-version', 'image: shop:2.0.0-alpine # x-slipway-version'],
    ['image: shop:1.2.3-alpine3.20 # x-slipway-version', 'image: shop:1.2.3-alpine3.20 # x-slipway-version'],
    [
      'image: shop:v1.2.3@sha256:1.2 # x-slipway-version',
      'image: shop:v2.0.0@sha256:1.2 # x-slipway-version',
    ],
    ['shop-1.2.3.tgz # x-slipway-version', 'shop-2.0.0.tgz # x-slipway-version'],
    [
      '[1.2.3](https://x/v1.2.3) <!-- x-slipway-version -->',
      '[2.0.0](https://x/v1.2.3) <!-- x-slipway-version -->',
    ],
    ['SHOP=2.0.0 # x-slipway-version', 'SHOP=2.0.0 # x-slipway-version'],
    ['a: 1.2.3 # x-slipway-version\r\nb: 1.2.3\r\n', 'a: 2.0.0 # x-slipway-version\r\nb: 1.2.3\r\n'],
  ])('%s', (before, after) => {
    expect(refusedOr(() => released(before))).toBe(
      after === before && !before.includes('2.0.0') ? 'refused' : after,
    );
  });

  test.each([
    ['NODE=20.11.1 # x-slipway-version', ['20.11.1']],
    ['old: 1.2.2 # x-slipway-version', ['1.2.2']],
    ['next: 1.2.3-rc.1 # x-slipway-version', ['1.2.3-rc.1']],
    ['a 1.2.30 b 11.2.3 # x-slipway-version', ['1.2.30', '11.2.3']],
  ])('is refused when it does not hold the present version: %s', (text, found) => {
    const refused = refusal(() => released(`# values\n${text}\n`));
    expect(refused).toMatchObject({
      code: 'version-not-present',
      facts: { line: 2, found, present: '1.2.3' },
    });
    expect(explain(refused).text).toContain('deploy/values.env:2');
    expect(explain(refused).text).toContain('not 1.2.3, which is released now');
  });

  test('is refused when it holds no version', () => {
    for (const text of [
      'host: 10.0.0.1 # x-slipway-version',
      '// x-slipway-version',
      '<!-- x-slipway-version -->',
    ]) {
      expect(refusal(() => released(`v\n\n${text}\n`))).toMatchObject({
        code: 'version-marker-empty',
        facts: { path: 'deploy/values.env', line: 3 },
      });
    }
  });

  test('is left alone where a text only mentions the marker', () => {
    const text = 'Mark the line with `x-slipway-version`.\n';
    expect(released(text)).toBe(text);
  });

  test('for the first release the only version of the line counts, and two are refused', () => {
    expect(released('v = 0.1.0 # x-slipway-version', [], null)).toBe('v = 2.0.0 # x-slipway-version');
    const refused = refusal(() => released('NODE=20.11.1 SHOP=0.1.0 # x-slipway-version', [], null));
    expect(refused).toMatchObject({ code: 'version-not-present', facts: { found: ['20.11.1', '0.1.0'] } });
    expect(explain(refused).text).toContain('nothing says which of them is meant');
  });

  test('may also hold what a file with a format of its own names', () => {
    const files = [
      { path: 'package.json', text: '{"version":"1.3.0"}' },
      { path: 'a.env', text: 'NODE=20.1.0 A=1.3.0 # x-slipway-version' },
    ];
    expect(setVersion(findVersions(files, []), '2.0.0', ['1.2.3'])).toEqual([
      { path: 'package.json', text: '{"version":"2.0.0"}' },
      { path: 'a.env', text: 'NODE=20.1.0 A=2.0.0 # x-slipway-version' },
    ]);
  });
});

describe('patterns', () => {
  test('are found in a manifest that its format would not read', () => {
    const text = '[package]\nname = {{name}}\nversion = "1.2.3"\n';
    const [places] = findVersions(
      [{ path: 'Cargo.toml', text }],
      [{ path: 'Cargo.toml', pattern: 'version *= *"([^"]+)"' }],
    );
    expect(places?.version).toBe('1.2.3');
  });

  const chart = 'apiVersion: v2\nversion: 1.2.3\nappVersion: "v1.2.3"\n';

  test('two in one file both apply, in any order', () => {
    const both = ['^version: (.+)$', '^appVersion: "(.+)"$'];
    const after = 'apiVersion: v2\nversion: 2.0.0\nappVersion: "v2.0.0"\n';
    expect(released(chart, both)).toBe(after);
    expect(released(chart, both.toReversed())).toBe(after);
  });

  test('two that find the same place apply once', () => {
    expect(released('version: 1.2.3\n', ['^version: (.+)$', 'ersion: (\\S+)'])).toBe('version: 2.0.0\n');
  });

  test('together with the format or the marker of the file', () => {
    const files = [{ path: 'package.json', text: '{"version":"1.2.3","app":"1.2.3"}' }];
    const configured = [{ path: 'package.json' }, { path: 'package.json', pattern: '"app":"([^"]+)"' }];
    expect(setVersion(findVersions(files, configured), '2.0.0', ['1.2.3'])).toEqual([
      { path: 'package.json', text: '{"version":"2.0.0","app":"2.0.0"}' },
    ]);
  });

  test('what they find is refused when it is not the present version', () => {
    for (const text of ['version: 20.11.1\n', 'version: three\n', 'version: 10.0.0.1\n']) {
      expect(refusal(() => released(text, ['^version: (.+)$']))).toMatchObject({
        code: 'version-not-present',
        facts: { path: 'Chart.yaml', line: 1, present: '1.2.3' },
      });
    }
  });
});

function refusedOr(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return 'refused';
    throw error;
  }
}
