import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readChangelog, sectionOf } from '../../../src/domain/changelog/changelog.ts';
import { releaseChangelog } from '../../../src/domain/changelog/release-changelog.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/changelogs/', import.meta.url));
const KINDS = readdirSync(FOLDER).flatMap((name) => /^(.+)\.before\.(\w+)$/.exec(name)?.slice(1, 3) ?? []);
const NAMES = KINDS.flatMap((name, index) =>
  index % 2 === 0 ? [[name, KINDS[index + 1] ?? ''] as const] : [],
);

const RELEASE = {
  version: '1.3.0',
  tag: 'v1.3.0',
  previousTag: 'v1.2.0',
  date: '2026-11-22',
  generated: [
    { title: 'Added', entries: ['coupons'] },
    { title: 'Fixed', entries: ['rounding'] },
  ],
};

/** Both files of a kind: a changelog of 1.2.0 as people keep it, and the same with 1.3.0, or the code of a refusal. */
const read = (name: string, when: string, extension: string) =>
  readFileSync(`${FOLDER}${name}.${when}.${extension}`, 'utf8');

function outcome(text: string, path: string): string {
  try {
    return releaseChangelog(text, { ...RELEASE, path }).text;
  } catch (error) {
    if (error instanceof Refusal) return `REFUSED ${error.code}\n`;
    throw error;
  }
}

test('there are kinds enough', () => {
  expect(NAMES.length).toBeGreaterThan(80);
});

const isRefused = ([name, extension]: readonly [string, string]) =>
  read(name, 'after', extension).startsWith('REFUSED');

test.each(NAMES.filter(isRefused))('%s.%s is refused', (name, extension) => {
  const path = `CHANGELOG.${extension}`;
  expect(outcome(read(name, 'before', extension), path)).toBe(read(name, 'after', extension));
});

describe.each(NAMES.filter((one) => !isRefused(one)))('%s.%s', (name, extension) => {
  const before = read(name, 'before', extension);
  const after = read(name, 'after', extension);
  const path = `CHANGELOG.${extension}`;

  test('is edited as expected, with either line end and without the last', () => {
    expect(outcome(before, path)).toBe(after);
    const windows = (text: string) => text.replaceAll('\n', '\r\n');
    expect(outcome(windows(before), path)).toBe(windows(after));
    expect(outcome(before.trimEnd(), path)).toBe(after.trimEnd());
    expect(outcome(`\uFEFF${before}`, path)).toBe(`\uFEFF${after}`);
  });

  test('reads back: the same text again, with the same notes', () => {
    const { body } = releaseChangelog(before, { ...RELEASE, path });
    expect(body).toMatch(/coupons|comments/i);
    expect(sectionOf(after, '1.3.0', path)).toBe(body);
    expect(releaseChangelog(after, { ...RELEASE, path })).toEqual({ text: after, body });
    expect(readChangelog(after, path)).toMatchObject({ reasons: [] });
    expect(readChangelog(after, path).versions).toContain('1.3.0');
  });

  test('only the entries that are not released ask for something', () => {
    const { reasons } = readChangelog(before, path);
    expect(reasons.filter(({ bump }) => bump === 'major')).toEqual([]);
  });
});
