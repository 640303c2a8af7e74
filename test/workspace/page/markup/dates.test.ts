import { describe, expect, it } from 'vitest';
import { ago, dayDivider, formatDate } from '../../../../demo/workspace/page/markup/dates.ts';
import { fromWallTime, toWallTime } from '../../../../demo/workspace/page/markup/wall-time.ts';

const at = Date.parse('2026-03-31T23:30:00Z') / 1000;
const now = new Date('2026-04-01T10:00:00Z');

describe('dates', () => {
  it.each([
    ['{date_num}', 'UTC', '2026-03-31'],
    ['{date}', 'UTC', 'March 31st, 2026'],
    ['{date_short}', 'UTC', 'Mar 31, 2026'],
    ['{date_long}', 'UTC', 'Tuesday, March 31st, 2026'],
    ['{date_pretty} at {time}', 'UTC', 'Yesterday at 11:30 PM'],
    ['shipped {date_short_pretty}', 'UTC', 'shipped yesterday'],
    ['{date_short_pretty} at {time_secs}', 'Asia/Tokyo', 'Today at 8:30:00 AM'],
    ['{time} {nonsense}', 'America/New_York', '7:30 PM {nonsense}'],
    ['{ago}', 'UTC', '10 hours ago'],
  ])('%s in %s', (format, zone, expected) => {
    expect(formatDate(at, format, zone, now).replaceAll('\u202f', ' ')).toBe(expected);
  });

  it('names the days', () => {
    expect(dayDivider(new Date(at * 1000), 'Asia/Tokyo', now)).toBe('Today');
    expect(dayDivider(new Date('2026-03-02T12:00:00Z'), 'UTC', now)).toBe('Monday, March 2nd');
    expect(dayDivider(new Date('2025-03-11T12:00:00Z'), 'UTC', now)).toBe('Tuesday, March 11th, 2025');
  });

  it('says how long ago in the largest unit that fits', () => {
    const earlier = (seconds: number) => ago(new Date(now.getTime() - seconds * 1000), now);
    expect([earlier(2), earlier(30), earlier(90), earlier(7200), earlier(200_000), earlier(-120)]).toEqual([
      'just now',
      '30 seconds ago',
      '1 minute ago',
      '2 hours ago',
      '2 days ago',
      'in 2 minutes',
    ]);
  });

  it('turns wall times into moments and back, over changes of the clock too', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata']) {
      for (const wall of ['2026-03-28T12:00', '2026-03-29T12:00', '2026-10-25T12:00', '2026-06-01T00:05']) {
        expect(toWallTime(fromWallTime(wall, zone), zone)).toBe(wall);
      }
    }
    expect(fromWallTime('2026-06-01T14:00', 'Europe/Berlin')).toBe(Date.parse('2026-06-01T12:00:00Z') / 1000);
  });
});
