import { describe, expect, it, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { beginsMoment, momentOf, zoneAmong } from '../../../src/domain/schedule/moment.ts';

/** Wednesday, 9 January 2030, 10:00 in UTC and 11:00 in Berlin. */
const NOW = Date.UTC(2030, 0, 9, 10);
const BERLIN = { now: NOW, zone: 'Europe/Berlin' };

function read(text: string, clock = BERLIN): string {
  try {
    const moment = momentOf(text.split(' ').filter(Boolean), clock, ['shop', 'api']);
    return moment.kind === 'at' ? new Date(moment.at).toISOString().slice(0, 16) : moment.kind;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { suggestion } = error.facts;
    return suggestion === undefined ? error.code : `${error.code}: ${suggestion}`;
  }
}

describe('times as people write them', () => {
  test.each([
    ['tomorrow 9:00', '2030-01-10T08:00'],
    ['Tomorrow at 9am', '2030-01-10T08:00'],
    ['9:30pm today', '2030-01-09T20:30'],
    ['12:30', '2030-01-09T11:30'],
    ['noon', '2030-01-09T11:00'],
    ['12am tomorrow', '2030-01-09T23:00'],
    ['monday 14:30', '2030-01-14T13:30'],
    ['on thurs 09:00', '2030-01-10T08:00'],
    // Today is one: before and after that time of the day.
    ['wednesday 12:00', '2030-01-09T11:00'],
    ['wednesday 10:59', '2030-01-16T09:59'],
    ['2030-02-28 9:00', '2030-02-28T08:00'],
    ['1 feb 9:00', '2030-02-01T08:00'],
    ['Feb 1st, 9:00', '2030-02-01T08:00'],
    ['in 2h', '2030-01-09T12:00'],
    ['in 60 seconds', '2030-01-09T10:01'],
    ['in 1 hour 30 minutes', '2030-01-09T11:30'],
    ['in 2 days', '2030-01-11T10:00'],
    ['after the freeze', 'after-freeze'],
    ['after freeze', 'after-freeze'],
  ])('%s', (text, at) => {
    expect(read(text)).toBe(at);
  });

  test.each([
    ['', 'time-missing'],
    ['tomorrow', 'time-of-day-missing'],
    ['monday', 'time-of-day-missing'],
    ['tomorow 9:00', 'time-unclear: tomorrow'],
    ['apii tomorrow 9:00', 'time-unclear: api'],
    ['tomorrow 9', 'time-unclear'],
    ['tomorrow 25:00', 'time-unclear'],
    ['tomorrow 9:60', 'time-unclear'],
    ['tomorrow 13pm', 'time-unclear'],
    ['1/2 9:00', 'time-unclear'],
    ['1.2. 9:00', 'time-unclear'],
    ['next monday 9:00', 'time-unclear'],
    ['30 feb 9:00', 'time-unclear'],
    ['2030-02-30 9:00', 'time-unclear'],
    ['9:00 10:00', 'time-unclear'],
    ['in a while', 'time-unclear'],
    ['2h', 'time-unclear'],
    ['after lunch', 'time-unclear'],
    ['in 0s', 'time-unclear'],
    ['today 9:00', 'time-past'],
    ['10:00', 'time-past'],
    ['2029-12-24 9:00', 'time-past'],
    ['8 jan 9:00', 'time-too-far'],
    ['2030-06-01 9:00', 'time-too-far'],
    ['in 61 days', 'time-too-far'],
  ])('%s is refused: %s', (text, code) => {
    expect(read(text)).toBe(code);
  });

  it('refuses a time that the clocks jump over, and one that they show twice', () => {
    const march = { now: Date.UTC(2030, 2, 30, 10), zone: 'Europe/Berlin' };
    expect(read('tomorrow 2:30', march)).toBe('time-skipped');
    expect(read('tomorrow 3:30', march)).toBe('2030-03-31T01:30');
    const october = { now: Date.UTC(2030, 9, 26, 10), zone: 'Europe/Berlin' };
    expect(read('tomorrow 2:30', october)).toBe('time-twice');
    expect(read('tomorrow 3:30', october)).toBe('2030-10-27T02:30');
    expect(read('in 15h', october)).toBe('2030-10-27T01:00');
  });

  it('takes the first zone that is one', () => {
    expect(zoneAmong(undefined, 'CET', 'Asia/Tokyo')).toBe('Asia/Tokyo');
    expect(zoneAmong(undefined)).toBe('UTC');
  });

  it('knows with what a time begins', () => {
    expect(['tomorrow', 'mon', '9:00', 'in', 'after'].map(beginsMoment)).not.toContain(false);
    expect(['shop', 'minor', 'money'].map(beginsMoment)).not.toContain(true);
  });
});
