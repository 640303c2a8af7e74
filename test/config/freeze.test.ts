import { describe, expect, it } from 'vitest';
import { frozenAt } from '../../src/domain/policy/freeze.ts';
import { policyHash } from '../../src/domain/policy/policy.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { parseConfig } from '../support/all-adapters.ts';

const SHOP = `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example/shop.git" }
    target: { use: command, deploy: [./deploy.sh] }
`;

/** The freeze of the shop with these entries. */
function shop(...entries: string[]): string {
  return `${SHOP}    freeze:\n${entries.map((entry) => `      - ${entry}\n`).join('')}`;
}

function policyOf(text: string) {
  const service = parseConfig(text, 'slipway.yaml').services.get('shop')?.service;
  if (!service) throw new Error('no shop');
  return service.policy;
}

/** Until when the shop is frozen at a moment; null when it is not. */
function until(text: string, at: string): string | null {
  const freeze = frozenAt(policyOf(text).freeze, Date.parse(at));
  return freeze?.until === undefined ? null : new Date(freeze.until).toISOString();
}

function problems(text: string): string {
  try {
    parseConfig(text, 'slipway.yaml');
  } catch (error) {
    if (error instanceof Refusal && error.code === 'config-invalid')
      return (error.facts['problems'] as string[]).join('\n');
    throw error;
  }
  return '';
}

describe('a freeze in the config', () => {
  it('of every week', () => {
    const text = shop('{ name: weekend, zone: Europe/Berlin, weekly: { from: Fri 16:00, to: monday 8:00 } }');
    expect(until(text, '2026-06-13T12:00Z')).toBe('2026-06-15T06:00:00.000Z');
    expect(until(text, '2026-06-12T13:59Z')).toBeNull();
  });

  it('of every day, over midnight, on some days, or on a whole one', () => {
    const nights = shop('{ name: nights, zone: UTC, daily: { from: "18:00", to: "08:00" } }');
    expect(until(nights, '2026-06-14T23:00Z')).toBe('2026-06-15T08:00:00.000Z');
    expect(until(nights, '2026-06-14T12:00Z')).toBeNull();
    const some = shop('{ name: nights, zone: UTC, daily: { from: "18:00", to: "08:00", on: [Sun, Fri] } }');
    expect(until(some, '2026-06-14T23:00Z')).toBe('2026-06-15T08:00:00.000Z');
    expect(until(some, '2026-06-16T23:00Z')).toBeNull();
    const days = shop('{ name: rest, zone: UTC, daily: { from: "00:00", to: "24:00", on: [Sat, Sun] } }');
    expect(until(days, '2026-06-13T00:00Z')).toBe('2026-06-15T00:00:00.000Z');
    const hours = shop('{ name: noon, zone: UTC, daily: { from: "12:00", to: "13:30" } }');
    expect(until(hours, '2026-06-13T12:00Z')).toBe('2026-06-13T13:30:00.000Z');
    expect(until(hours, '2026-06-13T13:30Z')).toBeNull();
  });

  it('of some dates, the last one whole unless it has a time', () => {
    const days = shop('{ name: sale, zone: America/New_York, dates: { from: 2026-11-26, to: 2026-11-30 } }');
    expect(until(days, '2026-11-26T05:00Z')).toBe('2026-12-01T05:00:00.000Z');
    const times = shop('{ name: sale, zone: UTC, dates: { from: 2026-11-26 09:30, to: 2026-11-26T18:00 } }');
    expect(until(times, '2026-11-26T09:30Z')).toBe('2026-11-26T18:00:00.000Z');
    const one = shop('{ name: sale, zone: UTC, dates: { from: 2026-11-26, to: 2026-11-26 } }');
    expect(until(one, '2026-11-26T23:59Z')).toBe('2026-11-27T00:00:00.000Z');
  });

  it('of every year, one day too', () => {
    const days = shop('{ name: holidays, zone: Europe/Berlin, every-year: { from: 12-24, to: 12-26 } }');
    expect(until(days, '2029-12-25T12:00Z')).toBe('2029-12-26T23:00:00.000Z');
    const one = shop('{ name: labour day, zone: UTC, every-year: { from: 05-01 } }');
    expect(until(one, '2029-05-01T12:00Z')).toBe('2029-05-02T00:00:00.000Z');
    const turn = shop('{ name: turn, zone: UTC, every-year: { from: 12-31 12:00, to: 01-01 } }');
    expect(until(turn, '2029-12-31T12:00Z')).toBe('2030-01-02T00:00:00.000Z');
  });

  it('of all services comes on top of the own one and of the defaults', () => {
    const all = 'freeze:\n  - { name: audit, zone: UTC, dates: { from: 2026-06-01, to: 2026-06-02 } }\n';
    const text = all + shop('{ name: noon, zone: UTC, daily: { from: "12:00", to: "13:00" } }');
    expect(
      policyOf(text)
        .freeze.map(({ name }) => name)
        .slice(0, 2),
    ).toEqual(['audit', 'noon']);
    expect(until(text, '2026-06-01T01:00Z')).toBe('2026-06-03T00:00:00.000Z');
    const defaults =
      'defaults:\n  freeze: [{ name: noon, zone: UTC, daily: { from: "12:00", to: "13:00" } }]\n';
    expect(until(defaults + SHOP, '2026-06-01T12:00Z')).toBe('2026-06-01T13:00:00.000Z');
  });

  it('is part of what people approve', () => {
    const before = policyHash(policyOf(SHOP));
    const text = shop('{ name: noon, zone: UTC, daily: { from: "12:00", to: "13:00" } }');
    expect(policyHash(policyOf(text))).not.toBe(before);
    expect(policyHash(policyOf(text.replace('13:00', '14:00')))).not.toBe(policyHash(policyOf(text)));
    expect(policyHash(policyOf(text.replace('zone: UTC', 'zone: Asia/Tokyo')))).not.toBe(
      policyHash(policyOf(text)),
    );
  });
});

describe('a freeze that cannot be meant is refused with its place', () => {
  it.each([
    [
      'no kind',
      '{ name: x, zone: UTC }',
      /:7:9 .*freeze\.0.*\n.*exactly one of weekly, daily, dates, every-year/,
    ],
    [
      'two kinds',
      '{ name: x, zone: UTC, daily: { from: "1:00", to: "2:00" }, weekly: { from: Mon 1:00, to: Tue 1:00 } }',
      /exactly one of/,
    ],
    ['no zone', '{ name: x, daily: { from: "1:00", to: "2:00" } }', /"zone" is missing/],
    [
      'a zone that is none',
      '{ name: x, zone: Europe/Belrin, daily: { from: "1:00", to: "2:00" } }',
      /:7:26 .*"Europe\/Belrin" does not fit\n.*a time zone such as Europe\/Berlin/,
    ],
    ['an offset', '{ name: x, zone: "+02:00", daily: { from: "1:00", to: "2:00" } }', /a time zone such as/],
    ['an abbreviation', '{ name: x, zone: CET, daily: { from: "1:00", to: "2:00" } }', /a time zone such as/],
    [
      'a day that is none',
      '{ name: x, zone: UTC, weekly: { from: Fry 1:00, to: Mon 1:00 } }',
      /such as Fri 16:00/,
    ],
    ['an hour that is none', '{ name: x, zone: UTC, daily: { from: "25:00", to: "2:00" } }', /such as 16:00/],
    ['no length', '{ name: x, zone: UTC, weekly: { from: Fri 1:00, to: fri 1:00 } }', /another end than/],
    ['no length of a day', '{ name: x, zone: UTC, daily: { from: "1:00", to: "1:00" } }', /another end than/],
    [
      'a date that is none',
      '{ name: x, zone: UTC, dates: { from: 2026-02-30, to: 2026-03-01 } }',
      /such as 2026-12-24/,
    ],
    [
      'an end before',
      '{ name: x, zone: UTC, dates: { from: 2026-03-02, to: 2026-03-01 } }',
      /an end after the beginning/,
    ],
    [
      'a leap day',
      '{ name: x, zone: UTC, every-year: { from: 02-29 } }',
      /a day of every year such as 12-24/,
    ],
    [
      'an unknown key',
      '{ name: x, zone: UTC, dayly: { from: "1:00", to: "2:00" } }',
      /unknown key "dayly"\n.*did you mean: daily/,
    ],
  ])('%s', (_what, entry, expected) => {
    expect(problems(shop(entry))).toMatch(expected);
  });

  it('a name that is there twice, also over all services', () => {
    const noon = '{ name: noon, zone: UTC, daily: { from: "12:00", to: "13:00" } }';
    expect(problems(shop(noon, noon))).toMatch(/a different name for each freeze/);
    const both = `freeze:\n  - ${noon}\n${shop(noon)}`;
    expect(problems(both)).toMatch(
      /slipway\.yaml:9:17 .*"noon" is also the name of a freeze of all services/,
    );
  });
});
