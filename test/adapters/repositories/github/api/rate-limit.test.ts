import { expect, test } from 'vitest';
import { GithubRateLimit, pauseOf } from '../../../../../src/adapters/repositories/github/api/rate-limit.ts';
import { Unavailable } from '../../../../../src/domain/refusals/refusal.ts';

const NOW = 1_700_000_000_000;
const said = (status: number, headers: Record<string, string> = {}, message = '') => ({
  method: 'GET',
  path: '/branches',
  status,
  headers,
  message,
});

test.each([
  ['as long as it says', said(403, { 'retry-after': '7' }), 7_000],
  ['a second at least', said(429, { 'retry-after': '0' }), 1_000],
  [
    'until its hour is over',
    said(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 + 90) }),
    90_000,
  ],
  ['a minute when it does not say until when', said(403, { 'x-ratelimit-remaining': '0' }), 60_000],
  ['a minute for a secondary limit', said(403, {}, 'You have exceeded a secondary rate limit'), 60_000],
  ['a minute for 429 without a word', said(429), 60_000],
  ['not at all for a permission', said(403, {}, 'Resource not accessible by integration'), null],
  ['not at all for any other status', said(500, { 'retry-after': '7' }), null],
])('waits %s', (_name, failed, pause) => {
  expect(pauseOf(failed, NOW)).toBe(pause);
});

test('holds everything back while it lasts, the longest pause counting', () => {
  let now = NOW;
  const limit = new GithubRateLimit(() => now);
  const blocked = () => {
    try {
      limit.mustBeOver();
      return null;
    } catch (error) {
      return error instanceof Unavailable ? error.outage : error;
    }
  };
  expect(blocked()).toBeNull();
  expect(limit.heed(said(500))).toBe(false);
  expect(blocked()).toBeNull();

  expect(limit.heed(said(429, { 'retry-after': '30' }))).toBe(true);
  limit.heed(said(429, { 'retry-after': '5' }));
  now += 10_500;
  expect(blocked()).toEqual({
    what: 'GitHub',
    reason: 'asked Slipway to wait; 20 s are left',
    retryAfterMs: 19_500,
  });
  now += 19_500;
  expect(blocked()).toBeNull();
});
