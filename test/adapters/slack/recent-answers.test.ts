import { describe, expect, test } from 'vitest';
import { RecentAnswers } from '../../../src/adapters/slack/recent-answers.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';

const limited = () => Promise.reject(new Unavailable('Slack', 'ratelimited', { retryAfterMs: 30_000 }));
const said = (word: string) => async () => word;

describe('an answer that is kept', () => {
  test('is the last that was given, and two failures at once are none', async () => {
    const recent = new RecentAnswers(() => 0, 60_000);
    const both = await Promise.allSettled([recent.renew('who', limited), recent.renew('who', limited)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await recent.get('who', said('Ada'))).toBe('Ada');
  });

  test('that is being asked is shared, and each takes no older one in its place than it may', async () => {
    let now = 0;
    const recent = new RecentAnswers(() => now, 60_000);
    await recent.renew('who', said('Ada'));
    now = 120_000;
    const shown = recent.get('who', limited);
    const letIn = recent.get('who', said('asked twice'), 60_000);
    expect(await shown).toBe('Ada');
    await expect(letIn).rejects.toBeInstanceOf(Unavailable);
  });

  test('is not asked for again while it is limited, and is when that is over', async () => {
    let now = 0;
    const recent = new RecentAnswers(() => now, 60_000);
    await recent.get('who', said('Ada'));
    now = 120_000;
    expect(await recent.get('who', limited)).toBe('Ada');
    now = 149_000;
    expect(await recent.get('who', said('Grace'))).toBe('Ada');
    now = 150_000;
    expect(await recent.get('who', said('Grace'))).toBe('Grace');
  });

  test('holds no more after a refusal, and stays over an older one that comes late', async () => {
    let now = 0;
    const recent = new RecentAnswers(() => now, 60_000);
    await recent.renew('who', said('Ada'));
    await expect(
      recent.renew('who', () => Promise.reject(new Refusal('person-unknown', { user: 'U0ADA' }))),
    ).rejects.toBeInstanceOf(Refusal);
    let late = (_word: string) => {};
    const slow = recent.renew('who', () => new Promise<string>((resolve) => (late = resolve)));
    now = 1;
    expect(await recent.renew('who', said('Grace'))).toBe('Grace');
    late('Ada');
    expect(await slow).toBe('Ada');
    expect(await recent.get('who', said('asked twice'))).toBe('Grace');
  });
});
