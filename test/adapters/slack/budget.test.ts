import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, POSTS, UPDATES, type Urgency, waitMs } from '../../../src/adapters/slack/budget.ts';
import { MemoryOutbox } from '../../fakes/memory-outbox.ts';

const MINUTE = 60_000;

describe('the budget of calls', () => {
  let now = 0;
  const outbox = () => new MemoryOutbox(() => now);
  const budgetOn = (store = outbox()) => new Budget(store, () => now);
  const take = (budget: Budget, who: string, urgency: Urgency, key = 'chat.update') =>
    budget.take(key, who, UPDATES, urgency);

  it('says exactly when a place is free, also for those who stand behind others', () => {
    const two = [[2, 1_000]] as const;
    expect(waitMs([], two, 5_000, 0)).toBe(0);
    expect(waitMs([4_500], two, 5_000, 0)).toBe(0);
    expect(waitMs([4_500], two, 5_000, 1)).toBe(500);
    expect(waitMs([4_200, 4_500], two, 5_000, 0)).toBe(200);
    expect(waitMs([4_200, 4_500], two, 5_000, 1)).toBe(500);
    expect(waitMs([4_200, 4_500], two, 5_000, 2)).toBe(1_200);
  });

  it('leaves twenty alarms a place at any time, whatever else has changed', async () => {
    now = MINUTE;
    const budget = budgetOn();
    for (let n = 0; n < 200; n += 1) await take(budget, `state ${n}`, 'state');
    for (let n = 0; n < 200; n += 1) await take(budget, `progress ${n}`, 'progress');
    for (let n = 0; n < 20; n += 1) expect(await take(budget, `alarm ${n}`, 'people')).toBe(0);
  });

  it('lets whoever waits longest go first, and a state before progress', async () => {
    now = MINUTE;
    const budget = budgetOn();
    for (let n = 0; n < 24; n += 1) {
      await take(budget, `first ${n}`, 'progress');
      now += 1_500;
    }
    const waits = [];
    for (const who of ['a', 'b', 'c']) {
      waits.push(await take(budget, who, 'progress'));
      now += 1;
    }
    expect(waits).toEqual([...waits].sort((one, other) => one - other));
    expect(await take(budget, 'state', 'state')).toBe(0);
    now += waits[0] ?? 0;
    expect(await take(budget, 'c', 'progress')).toBeGreaterThan(0);
    expect(await take(budget, 'a', 'progress')).toBe(0);
  });

  it('does not wait for somebody who never comes back', async () => {
    now = MINUTE;
    const budget = budgetOn();
    for (let n = 0; n < 28; n += 1) await take(budget, `${n}`, 'state');
    await take(budget, 'gone', 'state');
    now += 2 * MINUTE;
    for (let n = 0; n < 28; n += 1) expect(await take(budget, `again ${n}`, 'state')).toBe(0);
  });

  it('is the same for all processes, and after the end of one', async () => {
    now = MINUTE;
    const store = outbox();
    for (let n = 0; n < 28; n += 1) await take(budgetOn(store), `${n}`, 'state');
    expect(await take(budgetOn(store), 'one more', 'state')).toBeGreaterThan(MINUTE / 2);
  });

  it('is not held up by a clock that was set back', async () => {
    now = 10 * 24 * 60 * MINUTE;
    const budget = budgetOn();
    for (let n = 0; n < 28; n += 1) await take(budget, `${n}`, 'state');
    now = MINUTE;
    expect(await take(budget, 'one', 'state')).toBe(0);
  });

  it('gives a channel that Slack is stricter about one call a second', async () => {
    now = MINUTE;
    const budget = budgetOn();
    const post = (who: string) => budget.take('C1', who, POSTS, 'people');
    budget.tighten('C1');
    budget.tighten('C1');
    expect(await post('a')).toBe(0);
    expect(await post('b')).toBe(1_100);
    now += 5 * MINUTE + 1;
    expect([await post('b'), await post('c')]).toEqual([0, 0]);
  });

  it('never makes more calls in any minute than Slack allows', () => {
    const urgency = fc.constantFrom<Urgency>('people', 'state', 'progress');
    const asked = fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), urgency), { maxLength: 150 });
    return fc.assert(
      fc.asyncProperty(asked, async (calls) => {
        now = MINUTE;
        const budget = budgetOn();
        const made: number[] = [];
        for (const [n, [pause, kind]] of calls.entries()) {
          now += pause;
          if ((await take(budget, `${n}`, kind)) === 0) made.push(now);
        }
        const most = Math.max(
          0,
          ...made.map((at) => made.filter((one) => one > at - MINUTE && one <= at).length),
        );
        expect(most).toBeLessThanOrEqual(50);
      }),
      { numRuns: 50 },
    );
  });
});
