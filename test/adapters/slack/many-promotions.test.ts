import { afterEach, expect, it } from 'vitest';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { rateLimited } from './fake-slack.ts';
import { OutboxStage } from './outbox-stage.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Counts what Slack would refuse: fifty updates a minute, a message a second and channel after a burst of ten. */
function limitsOf(stage: OutboxStage): { refused: number } {
  const made: number[] = [];
  const buckets = new Map<string, { tokens: number; at: number }>();
  const seen = { refused: 0 };
  stage.slack.fault = (method, { channel }) => {
    const now = stage.clock.now();
    if (method === 'chat.update') {
      if (made.filter((at) => at > now - MINUTE).length >= 50) return refuse();
      made.push(now);
    }
    if (method === 'chat.postMessage') {
      const bucket = buckets.get(String(channel)) ?? { tokens: 10, at: now };
      bucket.tokens = Math.min(10, bucket.tokens + (now - bucket.at) / SECOND);
      bucket.at = now;
      buckets.set(String(channel), bucket);
      if (bucket.tokens < 1) return refuse();
      bucket.tokens -= 1;
    }
    return null;
  };
  function refuse() {
    seen.refused += 1;
    return { when: 'before' as const, error: rateLimited(10) };
  }
  return seen;
}

/** Promotions whose changes carry a mark, so that it is known when each of them is to be seen. */
class Crowd {
  readonly behind = { people: 0, others: 0 };
  readonly #stage: OutboxStage;
  readonly #expected = new Map<string, { mark: string; at: number; isForPeople: boolean }>();
  #serial = 0;

  constructor(stage: OutboxStage) {
    this.#stage = stage;
  }

  async change(n: number, state: Promotion['state'], data: Promotion['data'] = {}): Promise<void> {
    this.#serial += 1;
    const id = `p${n}`;
    const mark = `mark${this.#serial}.`;
    const known = this.#expected.get(id);
    const isForPeople = state === 'awaiting-approval' || data.monitor !== undefined;
    const at = known?.at ?? this.#stage.clock.now();
    this.#expected.set(id, { mark, at, isForPeople });
    const more = {
      id,
      channel: `C0CH${n % 10}`,
      data: { ...data, notice: { kind: 'info', text: mark } },
    } as const;
    await this.#stage.show(this.#stage.promotion(state, this.#serial, more));
  }

  /** Lets time go by and sees how far behind the cards are. */
  async pass(ms: number): Promise<void> {
    const until = this.#stage.clock.now() + ms;
    while (this.#stage.clock.now() < until) {
      await this.#stage.clock.pass(500);
      const now = this.#stage.clock.now();
      const shown = new Map(
        this.#stage.slack.cards.map((card) => [
          card.metadata?.event_payload['promotion'],
          JSON.stringify(card.blocks),
        ]),
      );
      for (const [id, { mark, at, isForPeople }] of this.#expected) {
        const late = now - at;
        const kind = isForPeople ? 'people' : 'others';
        this.behind[kind] = Math.max(this.behind[kind], late);
        if (shown.get(id)?.includes(mark)) this.#expected.delete(id);
      }
    }
  }
}

let stage: OutboxStage;
afterEach(() => stage.close());

it('sixty promotions: no 429, what waits for people 5 s behind at most, the rest 60 s, also while 20 alarms go out and the bot is killed', async () => {
  stage = new OutboxStage();
  const seen = limitsOf(stage);
  const crowd = new Crowd(stage);
  let worker = stage.start({ concurrency: 8 });
  for (let n = 0; n < 60; n += 1) await crowd.change(n, 'checking');
  await crowd.pass(MINUTE);
  crowd.behind.people = 0;
  crowd.behind.others = 0;

  const critical = { monitor: fixtures.monitor({ judgement: fixtures.judgement('critical') }) };
  for (let second = 0; second < 180; second += 1) {
    if (second % 10 === 0) await crowd.change((second / 10) % 10, 'awaiting-approval');
    if (second % 3 === 0)
      await crowd.change(10 + ((second / 3) % 30), second % 2 ? 'releasing' : 'deploying');
    if (second === 95)
      for (let n = 40; n < 60; n += 1) {
        await crowd.change(n, 'monitoring', critical);
        await stage.store.put(`p${n}`, 'alarm', { kind: 'rollback-failed', reason: 'no space left' });
      }
    if (second === 60) {
      // As by kill -9: nothing of what it knew is left.
      const dead = worker;
      worker = stage.start({ concurrency: 8 });
      void dead.stop();
    }
    await crowd.pass(SECOND);
  }
  await crowd.pass(MINUTE);
  expect(seen.refused).toBe(0);
  expect(crowd.behind.people).toBeLessThanOrEqual(5 * SECOND);
  expect(crowd.behind.others).toBeLessThanOrEqual(60 * SECOND);
  expect(await stage.store.waiting(100)).toEqual([]);
  expect(stage.slack.replies).toHaveLength(20);
});
