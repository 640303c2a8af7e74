import { describe, expect, it } from 'vitest';
import {
  nullWhenRefused,
  Refusal,
  Unavailable,
  UnavailableAfterwards,
} from '../../../src/domain/refusals/refusal.ts';

describe('what does not answer', () => {
  it('says what and why, and carries both as data', () => {
    const cause = new Error('ECONNRESET');
    const error = new Unavailable('the git remote', 'reset: by peer', { cause, retryAfterMs: 5 });
    expect(error.message).toBe('the git remote: reset: by peer');
    expect(error.cause).toBe(cause);
    expect(error.outage).toEqual({ what: 'the git remote', reason: 'reset: by peer', retryAfterMs: 5 });
  });

  it('has no time to wait when nobody said one', () => {
    expect(new Unavailable('Slack', 'down', { retryAfterMs: undefined }).outage).toEqual({
      what: 'Slack',
      reason: 'down',
    });
  });

  it('is the same afterwards, with what it came from', () => {
    const error = new Unavailable('the database', 'restarting: soon back', { retryAfterMs: 250 });
    const after = new UnavailableAfterwards(error);
    expect(after).toBeInstanceOf(Unavailable);
    expect(after.outage).toEqual(error.outage);
    expect(after.message).toBe(error.message);
    expect(after.cause).toBe(error);
  });
});

describe('null when refused', () => {
  it('takes a refusal for "there is none"', async () => {
    await expect(Promise.reject(new Refusal('tag-exists')).catch(nullWhenRefused)).resolves.toBeNull();
  });

  it.each([new Unavailable('Slack', 'down'), new TypeError('x is not a function'), 'a string'])(
    'throws everything else on: %s',
    async (error) => {
      await expect(Promise.reject(error).catch(nullWhenRefused)).rejects.toBe(error);
    },
  );
});
