import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import { rateLimited } from './fake-slack.ts';
import { OutboxStage } from './outbox-stage.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** @see https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps */
describe('history of one call a minute and fifteen messages', () => {
  let stage: OutboxStage;
  const started: Notice = { kind: 'started', by: 'U0ALEX' };
  const report: Notice = { kind: 'report', path: 'specs/014/production-ship-report.md', text: '# Report' };
  const times = (method: string) => stage.slack.times(method);

  beforeEach(() => {
    stage = new OutboxStage();
    const last = new Map<string, number>();
    stage.slack.mostAPage = 15;
    stage.slack.fault = (method) => {
      if (method !== 'conversations.history' && method !== 'conversations.replies') return null;
      const now = stage.clock.now();
      const wait = (last.get(method) ?? Number.NEGATIVE_INFINITY) + MINUTE - now;
      if (wait > 0) return { when: 'before', error: rateLimited(60) };
      last.set(method, now);
      return null;
    };
  });
  afterEach(() => stage.close());

  async function talk(count: number, thread_ts?: string): Promise<void> {
    for (let one = 0; one < count; one += 1) {
      await stage.slack.client.chat.postMessage({
        channel: 'C0SHIP',
        text: 'talk',
        ...(thread_ts === undefined ? {} : { thread_ts }),
      });
    }
  }

  it('finds the card by one call, however much was said before and after', async () => {
    await talk(100);
    await stage.clock.pass(2 * MINUTE);
    stage.store.losing = 'card';
    const first = stage.start();
    await stage.show(stage.promotion('checking', 1));
    await stage.clock.pass(100);
    await stage.end(first);
    await stage.clock.pass(2 * MINUTE);
    await talk(100);
    stage.store.losing = null;
    const before = times('conversations.history');

    stage.start();
    await stage.clock.pass(SECOND);
    expect(times('conversations.history')).toBe(before + 1);
    expect(await stage.store.cardOf('p1')).not.toBeNull();
    expect(stage.slack.cards.filter((message) => message.metadata)).toHaveLength(1);
  });

  it('finds what was said by one call in a thread of hundreds of replies', async () => {
    stage.start();
    await stage.show(stage.promotion('checking', 1));
    await stage.clock.pass(SECOND);
    const root = stage.slack.cards[0]?.ts ?? '';
    await talk(300, root);
    await stage.clock.pass(5 * MINUTE);
    stage.store.losing = 'notice';
    await stage.store.put('p1', 'a', started);
    await stage.clock.pass(100);
    stage.store.losing = null;
    await stage.clock.pass(MINUTE);
    await talk(50, root);
    await stage.clock.pass(4 * SECOND);

    expect(stage.store.sentAs('p1', 'a')).toMatch(/^\d+\.\d+$/);
    expect(times('conversations.replies')).toBe(1);
    expect(stage.slack.replies.filter((message) => message.metadata)).toHaveLength(1);
  });

  it('goes on with the next page after a minute, and never begins anew', async () => {
    stage.start();
    await stage.show(stage.promotion('checking', 1));
    await stage.clock.pass(MINUTE);
    const root = stage.slack.cards[0]?.ts ?? '';
    // More than three pages of talk within the same seconds.
    await talk(50, root);
    stage.store.losing = 'notice';
    await stage.store.put('p1', 'a', started);
    await stage.clock.pass(100);
    stage.store.losing = null;
    await stage.clock.pass(10 * MINUTE);

    expect(stage.store.sentAs('p1', 'a')).toMatch(/^\d+\.\d+$/);
    expect(stage.slack.replies.filter((message) => message.metadata)).toHaveLength(1);
    // Four pages, and as many that were asked for too early.
    expect(times('conversations.replies')).toBeLessThanOrEqual(8);
  });

  it('shows the card meanwhile', async () => {
    stage.start();
    await stage.show(stage.promotion('checking', 1));
    await stage.clock.pass(MINUTE);
    stage.slack.fault = (method) =>
      method === 'conversations.replies' ? { when: 'before', error: rateLimited(60) } : null;
    stage.store.losing = 'notice';
    await stage.store.put('p1', 'a', started);
    await stage.clock.pass(100);
    stage.store.losing = null;
    await stage.clock.pass(5 * SECOND);
    await stage.show(stage.promotion('awaiting-approval', 2));
    await stage.clock.pass(5 * SECOND);
    expect(stage.slack.cards[0]?.text).toContain('pproval');
    expect(stage.slack.replies).toHaveLength(1);
  });

  it('looks for nothing that Slack did not take', async () => {
    const limited = new Set(['chat.postMessage']);
    stage.slack.fault = (method) =>
      limited.delete(method) ? { when: 'before', error: rateLimited(5) } : null;
    stage.start();
    await stage.show(stage.promotion('checking', 1));
    await stage.clock.pass(10 * SECOND);
    limited.add('chat.postMessage').add('files.upload');
    await stage.store.put('p1', 'a', report);
    await stage.clock.pass(MINUTE);
    expect(stage.slack.replies).toHaveLength(2);
    expect(times('conversations.history') + times('conversations.replies')).toBe(0);
  });

  it('finds a file that was attached when the process died', async () => {
    stage.start();
    await stage.show(stage.promotion('checking', 1));
    await stage.clock.pass(MINUTE);
    stage.slack.onCall = (method) => {
      if (method === 'files.upload') stage.store.losing = 'notice';
    };
    await stage.store.put('p1', 'a', report);
    await stage.clock.pass(100);
    await talk(40, stage.slack.cards[0]?.ts);
    stage.slack.onCall = () => {};
    stage.store.losing = null;
    await stage.clock.pass(10 * MINUTE);
    expect(stage.slack.replies.filter(({ files }) => files)).toHaveLength(1);
    expect(stage.slack.replies.filter(({ metadata }) => metadata)).toHaveLength(1);
    expect(await stage.store.waiting(10)).toEqual([]);
  });
});
