import { describe, expect, it } from 'vitest';
import {
  Refusal,
  Unavailable,
  UnavailableAfterwards,
  whenRefused,
  whenRefusedOrAway,
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

describe('an answer in place of a refusal', () => {
  it('takes a refusal for "there is none"', async () => {
    await expect(Promise.reject(new Refusal('tag-exists')).catch(whenRefused(null))).resolves.toBeNull();
  });

  it('takes only one of the codes that are named', async () => {
    const refused = Promise.reject(new Refusal('tag-exists'));
    await expect(refused.catch(whenRefused('none', 'no-vote', 'tag-exists'))).resolves.toBe('none');
    await expect(refused.catch(whenRefused('none', 'no-vote'))).rejects.toThrow(Refusal);
  });

  it('takes what does not answer for it only where that is wanted', async () => {
    const away = Promise.reject(new Unavailable('Slack', 'down'));
    await expect(away.catch(whenRefusedOrAway([]))).resolves.toEqual([]);
    await expect(Promise.reject(new Refusal('tag-exists')).catch(whenRefusedOrAway([]))).resolves.toEqual([]);
    await expect(Promise.reject(new TypeError('x')).catch(whenRefusedOrAway([]))).rejects.toThrow('x');
  });

  it.each([new Unavailable('Slack', 'down'), new TypeError('x is not a function'), 'a string'])(
    'throws everything else on: %s',
    async (error) => {
      await expect(Promise.reject(error).catch(whenRefused(null))).rejects.toBe(error);
    },
  );
});
