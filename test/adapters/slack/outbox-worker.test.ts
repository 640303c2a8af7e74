import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutboxWorker, type OutboxWorkerSettings } from '../../../src/adapters/slack/outbox-worker.ts';
import type { Thread } from '../../../src/adapters/slack/port.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { MemoryOutbox } from '../../fakes/memory-outbox.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { FakeSlack, noAnswer, platformError, rateLimited } from './fake-slack.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('the outbox worker', () => {
  let clock: ManualClock;
  let slack: FakeSlack;
  let store: MemoryOutbox;
  let log: string[];
  let outboxWorkers: OutboxWorker[];

  beforeEach(() => {
    clock = new ManualClock();
    slack = new FakeSlack(() => clock.now());
    store = new MemoryOutbox(() => clock.now());
    log = [];
    outboxWorkers = [];
  });

  afterEach(async () => {
    const stopped = Promise.all(outboxWorkers.map((outboxWorker) => outboxWorker.stop()));
    await clock.pass(MINUTE);
    await stopped;
  });

  function outboxWorker(more: Partial<OutboxWorkerSettings> = {}): OutboxWorker {
    const made = new OutboxWorker({
      client: slack.client,
      store,
      drawChart: async () => new Uint8Array([137, 80, 78, 71]),
      serviceView: () => fixtures.service,
      clock,
      log: pino({ level: 'warn' }, { write: (text: string) => log.push(text) }),
      random: () => 1,
      ...more,
    });
    outboxWorkers.push(made);
    made.start();
    return made;
  }

  const born = new ManualClock().now();
  const at = (revision: number, more: Partial<Promotion> = {}): Promotion =>
    fixtures.promotion('checking', {}, { id: 'p1', revision, createdAt: born, updatedAt: born, ...more });

  async function show(promotion: Promotion): Promise<void> {
    store.keep(promotion);
    await store.markStale(promotion.id);
  }

  const started: Notice = { kind: 'started', by: 'U0ALEX' };
  const approved = (by: string): Notice => ({ kind: 'approved', by, missing: 1 });

  it('posts the card, then what is said, in order, each with its metadata', async () => {
    outboxWorker();
    await show(at(1));
    await store.put('p1', 'a', started);
    await store.put('p1', 'b', approved('U0DANA'));
    await store.put('p1', 'c', approved('U0KIM'));
    await clock.pass(100);

    expect(slack.cards.map((message) => message.metadata)).toEqual([
      { event_type: 'slipway_card', event_payload: { promotion: 'p1' } },
    ]);
    expect(slack.replies.map((message) => message.metadata?.event_payload)).toEqual([
      { promotion: 'p1', key: 'a' },
      { promotion: 'p1', key: 'b' },
      { promotion: 'p1', key: 'c' },
    ]);
    expect(slack.replies.every((message) => message.thread_ts === slack.cards[0]?.ts)).toBe(true);
    expect(await store.cardOf('p1')).toEqual({ channel: 'C0SHIP', ts: slack.cards[0]?.ts });
    expect(await store.waiting(10)).toEqual([]);
  });

  it('updates the card when it shows something else, and only then', async () => {
    outboxWorker();
    await show(at(1));
    await clock.pass(SECOND);
    await show(at(2));
    await clock.pass(SECOND);
    expect(slack.times('chat.update')).toBe(0);

    await show(at(3, { state: 'cancelled' }));
    await clock.pass(SECOND);
    expect(slack.times('chat.update')).toBe(1);
    expect(slack.cards[0]?.text).toContain('Cancelled');
    expect(await store.waiting(10)).toEqual([]);
  });

  it('finds work that was stored while nobody listened', async () => {
    await show(at(1));
    outboxWorker();
    await clock.pass(100);
    expect(slack.cards).toHaveLength(1);
  });

  describe('a burst of changes', () => {
    const running = (revision: number) =>
      at(revision, { state: 'deploying', data: { steps: fixtures.steps(3, 'running', `line ${revision}`) } });

    it('shows the first within 100 ms, then about one a second, and the last in the end', async () => {
      outboxWorker();
      await show(running(1));
      await clock.pass(10 * SECOND);
      const from = clock.now();
      for (let revision = 2; revision <= 101; revision += 1) {
        await show(running(revision));
        await clock.pass(100);
      }
      const updates = slack.calls.filter((call) => call.method === 'chat.update');
      expect((updates[0]?.at ?? 0) - from).toBeLessThanOrEqual(100);
      expect(updates.length).toBeGreaterThanOrEqual(10);
      expect(updates.length).toBeLessThanOrEqual(10 + 4);

      await clock.pass(2 * SECOND);
      expect(JSON.stringify(slack.cards[0]?.blocks)).toContain('line 101');
      expect(await store.waiting(10)).toEqual([]);
    });

    it('keeps room for what people wait for', async () => {
      outboxWorker();
      await show(running(1));
      await clock.pass(10 * SECOND);
      for (let revision = 2; revision <= 12; revision += 1) {
        await show(running(revision));
        await clock.pass(30);
      }
      await show(at(20, { state: 'verifying' }));
      await clock.pass(100);
      expect(slack.cards[0]?.text).toContain('Checking that production is healthy');
    });

    it('shows a new card and an alarm at once beside a thread that has much to say', async () => {
      outboxWorker();
      await show(at(1));
      for (let number = 0; number < 30; number += 1) await store.put('p1', `n${number}`, approved('U0KIM'));
      await clock.pass(100);
      expect(slack.replies.length).toBeLessThan(20);
      await show(at(1, { id: 'p2' }));
      const alarm: Notice = { kind: 'rollback-failed', reason: 'no space left' };
      await store.put('p2', 'alarm', alarm);
      await clock.pass(100);
      expect(slack.cards).toHaveLength(2);
      expect(slack.replies.at(-1)?.metadata?.event_payload).toEqual({ promotion: 'p2', key: 'alarm' });

      await clock.pass(40 * SECOND);
      expect(slack.replies).toHaveLength(31);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('does not keep the thread waiting for the card', async () => {
      outboxWorker();
      await show(running(1));
      for (let revision = 2; revision <= 12; revision += 1) {
        await show(running(revision));
        await clock.pass(30);
      }
      await store.put('p1', 'a', started);
      await clock.pass(50);
      expect(slack.replies).toHaveLength(1);
    });
  });

  describe('when Slack asks to wait', () => {
    it('sends nothing of that kind before, and everything once after', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.fault = (method) =>
        method === 'chat.postMessage' ? { when: 'before', error: rateLimited(30) } : null;
      await store.put('p1', 'a', started);
      await store.put('p1', 'b', approved('U0DANA'));
      await clock.pass(SECOND);
      slack.fault = () => null;
      const before = slack.times('chat.postMessage');
      await store.put('p1', 'c', approved('U0KIM'));
      await clock.pass(28 * SECOND);
      expect(slack.times('chat.postMessage')).toBe(before);

      await clock.pass(3 * SECOND);
      expect(slack.replies.map((message) => message.metadata?.event_payload['key'])).toEqual(['a', 'b', 'c']);
    });

    it('does not send for another promotion of the channel either', async () => {
      outboxWorker();
      slack.fault = (method) =>
        method === 'chat.postMessage' ? { when: 'before', error: rateLimited(60) } : null;
      await show(at(1));
      await clock.pass(SECOND);
      await show(at(1, { id: 'p2' }));
      await clock.pass(50 * SECOND);
      expect(slack.times('chat.postMessage')).toBe(1);
    });

    it('has its calls left when the time that Slack named is over', async () => {
      outboxWorker({ concurrency: 50 });
      for (let n = 0; n < 40; n += 1) await show(at(1, { id: `p${n}`, channel: `C0SHIP${n}` }));
      await clock.pass(90 * SECOND);
      let isLimited = true;
      slack.fault = (method) =>
        method === 'chat.update' && isLimited ? { when: 'before', error: rateLimited(40) } : null;
      const asked = (n: number) => at(2, { id: `p${n}`, channel: `C0SHIP${n}`, state: 'awaiting-approval' });
      for (let n = 0; n < 40; n += 1) {
        await show(asked(n));
        await clock.pass(500);
      }
      isLimited = false;
      await clock.pass(22 * SECOND);
      expect(
        slack.calls.filter(
          ({ method, at: when }) => method === 'chat.update' && when > clock.now() - 3 * SECOND,
        ).length,
      ).toBeGreaterThanOrEqual(39);
    });

    it('goes on in other channels meanwhile', async () => {
      outboxWorker();
      slack.fault = (method, args) =>
        method === 'chat.postMessage' && args['channel'] === 'C0SHIP'
          ? { when: 'before', error: rateLimited(60) }
          : null;
      await show(at(1));
      await show(at(1, { id: 'p2', channel: 'C0OTHER' }));
      await clock.pass(SECOND);
      expect(slack.cards.map((message) => message.channel)).toEqual(['C0OTHER']);
    });
  });

  describe('when Slack is down', () => {
    it('keeps trying with growing pauses, loses nothing and doubles nothing', async () => {
      outboxWorker();
      slack.fault = () => ({ when: 'before', error: noAnswer() });
      await show(at(1));
      await store.put('p1', 'a', started);
      await clock.pass(10 * MINUTE);
      expect(slack.calls.length).toBeGreaterThan(100);
      expect(slack.calls.length).toBeLessThan(130);

      await show(at(2, { state: 'cancelled' }));
      slack.fault = () => null;
      await clock.pass(10 * SECOND);
      expect(slack.cards).toHaveLength(1);
      expect(slack.cards[0]?.text).toContain('Cancelled');
      expect(slack.replies).toHaveLength(1);
      expect(log.filter((line) => line.includes('does not take the card')).length).toBeLessThanOrEqual(3);
    });

    it('tries for one of all that wait, and shows all of them soon after', async () => {
      outboxWorker();
      slack.fault = () => ({ when: 'before', error: noAnswer() });
      const ids = Array.from({ length: 20 }, (_, nth) => `p${nth}`);
      for (const id of ids) await show(at(1, { id }));
      await clock.pass(10 * MINUTE);
      // One every five seconds; each of the others at most once a minute.
      expect(slack.calls.length).toBeLessThan(120 + 20 * 20);
      slack.fault = () => null;
      await clock.pass(10 * SECOND);
      expect(slack.cards.length).toBeGreaterThanOrEqual(4);
      await clock.pass(30 * SECOND);
      expect(slack.cards).toHaveLength(20);
    });

    it('does not try one that fails alone more often because others get through', async () => {
      outboxWorker();
      let tries = 0;
      slack.fault = (_method, args) => {
        if (!JSON.stringify(args).includes('broken')) return null;
        tries += 1;
        return { when: 'before', error: new Error('a bug') };
      };
      await show(at(1, { id: 'broken' }));
      for (let nth = 0; nth < 120; nth += 1) {
        await show(at(nth + 1, { id: 'p1', digest: `${nth}` }));
        await clock.pass(5 * SECOND);
      }
      expect(tries).toBeGreaterThan(5);
      expect(tries).toBeLessThan(25);
    });

    it('survives a database that is down, too', async () => {
      outboxWorker();
      await show(at(1));
      store.down = true;
      await clock.pass(MINUTE);
      expect(slack.messages).toEqual([]);
      store.down = false;
      await clock.pass(2 * MINUTE);
      expect(slack.cards).toHaveLength(1);
    });
  });

  describe('after a crash between sending and recording', () => {
    const report: Notice = { kind: 'report', path: 'specs/014/production-ship-report.md', text: '# Report' };
    const alarm: Notice = {
      kind: 'monitor',
      judgement: fixtures.judgement('critical'),
      until: 0,
      alarm: true,
      chart: { title: 'Error rate', unit: 'ratio', points: [], deployedAt: 0 },
    };

    it('finds the card again and posts no second one', async () => {
      store.losing = 'card';
      const first = outboxWorker();
      await show(at(1));
      await clock.pass(100);
      expect(slack.cards).toHaveLength(1);
      const stopped = first.stop();
      await clock.pass(3 * SECOND);
      await stopped;

      store.losing = null;
      for (let other = 0; other < 250; other += 1) {
        await slack.client.chat.postMessage({ channel: 'C0SHIP', text: 'talk between people' });
      }
      await show(at(2, { state: 'cancelled' }));
      outboxWorker();
      await clock.pass(2 * MINUTE);
      const cards = slack.cards.filter((message) => message.metadata !== undefined);
      expect(cards).toHaveLength(1);
      expect(cards[0]?.text).toContain('Cancelled');
      expect(await store.cardOf('p1')).toEqual({ channel: 'C0SHIP', ts: cards[0]?.ts });
    });

    /** Another process takes the thread over, and posts what the first had under way when it was frozen. */
    async function postsToo(key: string | null, record: (thread: Thread, ts: string) => Promise<void>) {
      const root = key === null ? {} : { thread_ts: slack.cards[0]?.ts ?? '' };
      const metadata =
        key === null
          ? { event_type: 'slipway_card', event_payload: { promotion: 'p1' } }
          : { event_type: 'slipway_notice', event_payload: { promotion: 'p1', key } };
      const { ts = '' } = await slack.client.chat.postMessage({
        channel: 'C0SHIP',
        text: 'the same',
        metadata,
        ...root,
      });
      store.losing = null;
      await store.withThread('p1', (thread) => record(thread, ts));
      return ts;
    }

    it('takes back the card that another process has posted meanwhile', async () => {
      store.losing = 'card';
      outboxWorker();
      await show(at(1));
      await clock.pass(100);
      expect(slack.cards).toHaveLength(1);
      const theirs = await postsToo(null, (thread, ts) =>
        thread.cardShown({ channel: 'C0SHIP', ts, hash: '', revision: 0 }),
      );
      await clock.pass(2 * MINUTE);
      expect(slack.cards.map(({ ts }) => ts)).toEqual([theirs]);
      expect(await store.cardOf('p1')).toEqual({ channel: 'C0SHIP', ts: theirs });
    });

    it('goes on with a double that Slack does not let it take back', async () => {
      const withTwins = outboxWorker();
      slack.fault = (method) =>
        method === 'chat.delete'
          ? { when: 'before', error: platformError('compliance_exports_prevent_deletion') }
          : null;
      store.losing = 'card';
      await show(at(1));
      await clock.pass(100);
      const theirs = await postsToo(null, (thread, ts) =>
        thread.cardShown({ channel: 'C0SHIP', ts, hash: '', revision: 0 }),
      );
      await store.put('p1', 'a', started);
      await clock.pass(2 * MINUTE);
      expect(store.sentAs('p1', 'a')).not.toBeNull();
      expect(await store.cardOf('p1')).toEqual({ channel: 'C0SHIP', ts: theirs });
      expect(withTwins.isWorking()).toBe(true);
    });

    it('takes back what another process has said meanwhile', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      store.losing = 'notice';
      await store.put('p1', 'a', started);
      await clock.pass(100);
      expect(slack.replies).toHaveLength(1);
      const theirs = await postsToo('a', (thread, ts) =>
        thread.noticeSent(thread.notices[0]?.seq ?? 0, ts, null),
      );
      await show(at(2));
      await clock.pass(2 * MINUTE);
      expect(slack.replies.map(({ ts }) => ts)).toEqual([theirs]);
    });

    it('says nothing twice, and attaches nothing twice', async () => {
      store.losing = 'notice';
      outboxWorker();
      await show(at(1));
      await store.put('p1', 'report', report);
      await store.put('p1', 'alarm', alarm);
      await clock.pass(5 * MINUTE);
      store.losing = null;
      await clock.pass(5 * MINUTE);
      const names = slack.replies.map(
        (message) => message.metadata?.event_payload['key'] ?? message.files?.[0]?.name,
      );
      expect(names).toEqual([
        'report',
        expect.stringMatching(/^production-ship-report-[0-9a-f]{8}\.md$/),
        'alarm',
        expect.stringMatching(/^chart-[0-9a-f]{8}\.png$/),
      ]);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('does so when only the answer of Slack was lost', async () => {
      const lost = new Set<string>();
      slack.fault = (method) => {
        if (lost.has(method)) return null;
        lost.add(method);
        return { when: 'after', error: noAnswer() };
      };
      outboxWorker();
      await show(at(1));
      await store.put('p1', 'report', report);
      await store.put('p1', 'a', started);
      await clock.pass(5 * MINUTE);
      expect(slack.cards).toHaveLength(1);
      expect(slack.replies).toHaveLength(3);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('says it again rather than never, when it may not look', async () => {
      store.losing = 'notice';
      outboxWorker();
      await show(at(1));
      await store.put('p1', 'a', started);
      await clock.pass(100);
      store.losing = null;
      slack.fault = (method) =>
        method === 'conversations.replies' ? { when: 'before', error: platformError('missing_scope') } : null;
      await clock.pass(MINUTE);
      expect(slack.replies).toHaveLength(2);
      expect(log.join()).toContain('channels:history');
      expect(await store.waiting(10)).toEqual([]);
    });
  });

  describe('when the clock is set back', () => {
    const HOUR = 60 * MINUTE;

    it('waits as long as Slack said, and no longer', async () => {
      outboxWorker();
      slack.fault = (method) =>
        method === 'chat.postMessage' ? { when: 'before', error: rateLimited(30) } : null;
      await show(at(1));
      await clock.pass(SECOND);
      slack.fault = () => null;
      clock.setBack(HOUR);
      await clock.pass(28 * SECOND);
      expect(slack.cards).toEqual([]);
      await clock.pass(5 * SECOND);
      expect(slack.cards).toHaveLength(1);
    });

    it('looks for work all the same, and does not call itself working where it cannot', async () => {
      const worker = outboxWorker();
      await clock.pass(SECOND);
      clock.setBack(HOUR);
      store.keep(at(1));
      store.down = true;
      await clock.pass(20 * SECOND);
      expect(worker.isWorking()).toBe(false);
      store.down = false;
      await clock.pass(5 * SECOND);
      expect(worker.isWorking()).toBe(true);
    });
  });

  describe('when the card was deleted', () => {
    it('gives an open promotion a new one and goes on there', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.delete(slack.cards[0]?.ts ?? '');
      await store.put('p1', 'a', started);
      await show(at(2, { state: 'awaiting-approval' }));
      await clock.pass(5 * SECOND);
      expect(slack.cards).toHaveLength(1);
      expect(slack.replies.map((message) => message.thread_ts)).toEqual([slack.cards[0]?.ts]);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('gives an open promotion a new one also when nothing changes and nobody told', async () => {
      outboxWorker();
      await show(at(1, { state: 'awaiting-approval' }));
      await clock.pass(SECOND);
      slack.delete(slack.cards[0]?.ts ?? '');
      await store.cardMayBeGone('p1');
      await clock.pass(5 * SECOND);
      expect(slack.cards).toHaveLength(1);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('costs one call where it is still there', async () => {
      outboxWorker();
      await show(at(1, { state: 'awaiting-approval' }));
      await clock.pass(SECOND);
      const before = slack.calls.length;
      await store.cardMayBeGone('p1');
      await clock.pass(5 * SECOND);
      expect(slack.calls.slice(before).map(({ method }) => method)).toEqual(['chat.update']);
      expect(slack.cards).toHaveLength(1);
    });

    it('notices it by a reply that has no thread any more', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.delete(slack.cards[0]?.ts ?? '');
      await store.put('p1', 'a', started);
      await clock.pass(5 * SECOND);
      expect(slack.cards).toHaveLength(1);
      expect(slack.replies).toHaveLength(1);
    });

    it('gives it one new one, also when a reply noticed it and the answer to the new one is lost', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.delete(slack.cards[0]?.ts ?? '');
      await clock.pass(5 * MINUTE);
      let isLost = false;
      slack.fault = (method, args) => {
        if (isLost || method !== 'chat.postMessage' || args['thread_ts'] !== undefined) return null;
        isLost = true;
        return { when: 'after', error: noAnswer() };
      };
      await store.put('p1', 'a', started);
      await clock.pass(5 * MINUTE);
      expect(isLost).toBe(true);
      expect(slack.cards).toHaveLength(1);
      expect(slack.replies.map((message) => message.thread_ts)).toEqual([slack.cards[0]?.ts]);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('leaves a closed one alone, also when it does not know whether something was said there', async () => {
      const first = outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.fault = (method) =>
        method === 'chat.postMessage' ? { when: 'before', error: noAnswer() } : null;
      await store.put('p1', 'a', started);
      await clock.pass(SECOND);
      const stopped = first.stop();
      await clock.pass(MINUTE);
      await stopped;
      slack.fault = () => null;
      slack.delete(slack.cards[0]?.ts ?? '');
      await show(at(2, { state: 'shipped', data: { closedAt: clock.now() } }));
      outboxWorker();
      await clock.pass(5 * MINUTE);
      expect(slack.messages).toEqual([]);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('leaves a closed one alone', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.delete(slack.cards[0]?.ts ?? '');
      await show(at(2, { state: 'shipped' }));
      await store.put('p1', 'a', started);
      await clock.pass(5 * MINUTE);
      expect(slack.messages).toEqual([]);
      expect(await store.waiting(10)).toEqual([]);
    });
  });

  describe('when there is no way in', () => {
    it.each([
      'channel_not_found',
      'is_archived',
      'not_in_channel',
      'account_inactive',
      'a_code_from_the_future',
    ])(
      '%s: says so in the log, tries every minute, and everything is there soon after it is mended',
      async (code) => {
        outboxWorker();
        slack.fault = () => ({ when: 'before', error: platformError(code) });
        await show(at(1));
        await store.put('p1', 'a', started);
        await clock.pass(31 * MINUTE);
        expect(slack.times('chat.postMessage')).toBeLessThanOrEqual(65);
        expect(log[0]).toContain(code);
        expect(log.length).toBeLessThan(10);
        slack.fault = () => null;
        await clock.pass(MINUTE);
        expect(slack.cards).toHaveLength(1);
        expect(slack.replies).toHaveLength(1);
      },
    );

    it('gives a closed promotion up after a day', async () => {
      outboxWorker();
      slack.fault = () => ({ when: 'before', error: platformError('is_archived') });
      await show(at(1, { state: 'shipped', data: { closedAt: clock.now() } }));
      await store.put('p1', 'a', started);
      await clock.pass(23 * 60 * MINUTE);
      expect(await store.waiting(10)).toEqual(['p1']);
      await clock.pass(2 * 60 * MINUTE);
      expect(await store.waiting(10)).toEqual([]);
    });

    it('does not keep others waiting', async () => {
      outboxWorker();
      slack.fault = (_method, args) =>
        args['channel'] === 'C0GONE' ? { when: 'before', error: platformError('is_archived') } : null;
      for (let n = 0; n < 10; n += 1) await show(at(1, { id: `gone-${n}`, channel: 'C0GONE' }));
      await show(at(1));
      await clock.pass(10 * SECOND);
      expect(slack.cards).toHaveLength(1);
    });
  });

  describe('when Slack refuses what it is given', () => {
    it('shows a small card, and the whole one when it changes', async () => {
      outboxWorker();
      slack.fault = (method) =>
        method === 'chat.postMessage' && slack.calls.length < 2
          ? { when: 'before', error: platformError('msg_blocks_too_long') }
          : null;
      await show(at(1, { data: { gates: fixtures.gates } }));
      await clock.pass(SECOND);
      expect(slack.cards[0]?.blocks.map((block) => block.type)).toEqual(['header', 'rich_text', 'actions']);
      expect(log.join()).toContain('msg_blocks_too_long');

      await show(at(2, { state: 'blocked', data: { gates: fixtures.blockedGates } }));
      await clock.pass(SECOND);
      expect(slack.cards[0]?.blocks.map((block) => block.type)).toContain('table');
    });

    it('sends the first sentence of a notice, and never stands still at one', async () => {
      outboxWorker();
      await show(at(1));
      await clock.pass(SECOND);
      slack.fault = (_method, args) => {
        const key = (args['metadata'] as { event_payload?: { key?: string } } | undefined)?.event_payload
          ?.key;
        const refused = key === 'never' || (key === 'plain' && args['blocks'] !== undefined);
        return refused ? { when: 'before', error: platformError('invalid_blocks') } : null;
      };
      await store.put('p1', 'plain', started);
      await store.put('p1', 'never', started);
      await store.put('p1', 'fine', started);
      await clock.pass(SECOND);
      expect(
        slack.replies.map((message) => [message.metadata?.event_payload['key'], message.blocks.length]),
      ).toEqual([
        ['plain', 0],
        ['fine', 1],
      ]);
      expect(store.sentAs('p1', 'never')).toBe('undeliverable');
    });
  });

  it('sends the sentence when the chart cannot be drawn', async () => {
    outboxWorker({
      drawChart: async () => {
        throw new Error('no canvas');
      },
    });
    await show(at(1));
    await store.put('p1', 'a', {
      kind: 'shipped',
      release: fixtures.release,
      judgement: fixtures.judgement(),
      watchedMs: MINUTE,
      chart: { title: 'Error rate', unit: 'ratio', points: [], deployedAt: 0 },
    });
    await clock.pass(SECOND);
    expect(slack.replies).toHaveLength(1);
    expect(slack.replies[0]?.broadcast).toBe(true);
  });

  it('finds the channel by its name before it posts', async () => {
    outboxWorker();
    await show(at(1, { channel: '#ship' }));
    await clock.pass(SECOND);
    expect(await store.cardOf('p1')).toEqual({ channel: 'C0SHIP', ts: slack.cards[0]?.ts });
  });

  it('asks to be invited to a channel that it cannot see', async () => {
    outboxWorker();
    await show(at(1, { channel: '#elsewhere' }));
    await clock.pass(SECOND);
    expect(log[0]).toContain('there is no channel #elsewhere');
    slack.channels.set('elsewhere', 'C0ELSE');
    await clock.pass(5 * MINUTE);
    expect(slack.cards[0]?.channel).toBe('C0ELSE');
  });

  it('in an organisation goes by no name of a channel, and says which id to write', async () => {
    slack.identity = { ...slack.identity, is_enterprise_install: true, enterprise_id: 'E0ORG' };
    outboxWorker();
    await show(at(1, { channel: '#ship' }));
    await clock.pass(SECOND);
    expect(log[0]).toContain('C0SHIP of the workspace T0ONE');
    await clock.pass(5 * MINUTE);
    expect(slack.cards).toEqual([]);
  });

  it('lets two outboxWorkers share the work without doing anything twice', async () => {
    outboxWorker();
    outboxWorker();
    for (let n = 0; n < 8; n += 1) {
      await show(at(1, { id: `p${n}`, channel: `C0CH${n}` }));
      await store.put(`p${n}`, 'a', started);
    }
    await clock.pass(5 * SECOND);
    expect(slack.cards).toHaveLength(8);
    expect(slack.replies).toHaveLength(8);
  });

  it('takes a thread that another process works on for no sign that Slack answers again', async () => {
    outboxWorker();
    slack.fault = () => ({ when: 'before', error: noAnswer() });
    for (let n = 0; n < 5; n += 1) await show(at(1, { id: `p${n}` }));
    await clock.pass(5 * MINUTE);
    let over = () => undefined as void;
    const elsewhere = store.withThread('p4', () => new Promise<void>((resolve) => (over = resolve)));
    await clock.pass(90 * SECOND);
    // One still tries for all, every five seconds.
    slack.fault = () => null;
    await clock.pass(8 * SECOND);
    expect(slack.cards).toHaveLength(4);
    over();
    await elsewhere;
    await clock.pass(8 * SECOND);
    expect(slack.cards).toHaveLength(5);
  });

  it('works on four threads at a time', async () => {
    slack.delay = () => clock.sleep(200);
    outboxWorker();
    for (let n = 0; n < 12; n += 1) await show(at(1, { id: `p${n}`, channel: `C0CH${n}` }));
    await clock.pass(5 * SECOND);
    expect(slack.busiest).toBe(4);
    expect(slack.cards).toHaveLength(12);
  });

  it('finishes what it is sending before it stops', async () => {
    slack.delay = () => clock.sleep(200);
    const stopping = outboxWorker();
    await show(at(1));
    await clock.pass(100);
    let over = false;
    const stopped = stopping.stop().then(() => {
      over = true;
    });
    await clock.pass(50);
    expect(over).toBe(false);
    await clock.pass(3 * SECOND);
    await stopped;
    expect(await store.cardOf('p1')).not.toBeNull();
  });

  it('says once that it cannot read what waits, however long that takes', async () => {
    const read = store.waiting.bind(store);
    let isAway = true;
    store.waiting = async (limit) => {
      if (isAway) throw new Error('ECONNREFUSED');
      return read(limit);
    };
    const worker = outboxWorker();
    worker.start();
    const said = () => log.filter((line) => line.includes('cannot be read')).length;
    await clock.pass(10 * MINUTE);
    expect(said()).toBe(1);
    isAway = false;
    await clock.pass(10 * SECOND);
    isAway = true;
    await clock.pass(MINUTE);
    expect(said()).toBe(2);
  });
});
