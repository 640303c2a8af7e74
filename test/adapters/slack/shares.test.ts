import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { noAnswer, platformError, rateLimited } from './fake-slack.ts';
import { OutboxStage } from './outbox-stage.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Slack says `ok` to files that it then shares nowhere. */
describe('a file that was taken', () => {
  let stage: OutboxStage;
  const alarm: Notice = {
    kind: 'monitor',
    judgement: fixtures.judgement('critical'),
    until: 0,
    alarm: true,
    chart: { title: 'Error rate', unit: 'ratio', points: [], deployedAt: 0 },
  };
  const shipped: Notice = {
    kind: 'shipped',
    release: fixtures.release,
    judgement: fixtures.judgement(),
    watchedMs: MINUTE,
    chart: { title: 'Error rate', unit: 'ratio', points: [], deployedAt: 0 },
    report: { path: 'r.md', text: '# Report' },
  };
  const charts = () => stage.slack.replies.flatMap(({ files = [] }) => files);

  beforeEach(async () => {
    stage = new OutboxStage();
    stage.start();
    await stage.show(stage.promotion('monitoring', 1));
    await stage.clock.pass(SECOND);
  });
  afterEach(() => stage.close());

  it('is seen in the thread before its notice is done, also when that takes seconds', async () => {
    let isShared = false;
    stage.slack.shares = () => isShared;
    await stage.store.put('p1', 'a', alarm);
    await stage.store.put('p1', 'b', { kind: 'recovered', what: 'GitHub' });
    await stage.clock.pass(7 * SECOND);
    expect(stage.store.sentAs('p1', 'a')).toBeNull();
    // What is behind it does not wait.
    expect(stage.store.sentAs('p1', 'b')).not.toBeNull();
    isShared = true;
    await stage.clock.pass(3 * SECOND);
    expect(stage.store.sentAs('p1', 'a')).not.toBeNull();
    expect(stage.slack.times('files.upload')).toBe(1);
    expect(stage.slack.times('files.info')).toBeLessThanOrEqual(6);
  });

  it('is given again without its description when that keeps it from the thread', async () => {
    stage.slack.shares = ({ alt_text }) => alt_text === undefined;
    await stage.store.put('p1', 'a', alarm);
    await stage.clock.pass(MINUTE);
    expect(charts()).toMatchObject([{ title: 'Error rate', alt: null }]);
    expect(stage.slack.times('files.upload')).toBe(2);
    expect(stage.log.join()).toContain('without the description');
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('comes in one message with the other files of its notice, once, whether Slack shows it at once or not', async () => {
    stage.slack.shares = ({ alt_text }) => alt_text === undefined;
    await stage.store.put('p1', 'a', shipped);
    await stage.clock.pass(MINUTE);
    const withFiles = stage.slack.replies.filter(({ files = [] }) => files.length > 0);
    expect(withFiles.map(({ files = [] }) => files.map(({ title }) => title))).toEqual([
      [expect.stringMatching(/^Ship report shop/), 'Error rate'],
    ]);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('comes alone when another one of its notice cannot be drawn', async () => {
    const other = new OutboxStage();
    other.start({ drawChart: () => Promise.reject(new Error('no canvas')) });
    await other.show(other.promotion('monitoring', 1));
    await other.store.put('p1', 'a', shipped);
    await other.clock.pass(MINUTE);
    expect(other.slack.replies.flatMap(({ files = [] }) => files).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^production-ship-report-/),
    ]);
    await other.close();
  });

  it('is given up, and said so, when it is shared in no way', async () => {
    stage.slack.shares = () => false;
    await stage.store.put('p1', 'a', alarm);
    await stage.clock.pass(2 * MINUTE);
    expect(stage.slack.times('files.upload')).toBe(2);
    expect(stage.log.join()).toContain('does not show it');
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('is looked for in the thread by an app that may not read files', async () => {
    stage.slack.fault = (method) =>
      method === 'files.info' ? { when: 'before', error: platformError('missing_scope') } : null;
    stage.slack.repliesToUploads = false;
    await stage.store.put('p1', 'a', alarm);
    await stage.clock.pass(MINUTE);
    expect(charts()).toHaveLength(1);
    expect(stage.slack.times('files.upload')).toBe(1);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('keeps nothing else back when its bytes do not get through, and is given up after six hours', async () => {
    stage.slack.fault = (method) =>
      method === 'files.upload'
        ? { when: 'before', error: new Error('Failed to upload file (id:F1)') }
        : null;
    await stage.store.put('p1', 'a', shipped);
    await stage.store.put('p1', 'b', { kind: 'recovered', what: 'GitHub' });
    await stage.clock.pass(5 * SECOND);
    expect(stage.store.sentAs('p1', 'b')).not.toBeNull();
    await stage.clock.pass(5 * 60 * MINUTE);
    expect(await stage.store.waiting(10)).toEqual(['p1']);
    await stage.clock.pass(2 * 60 * MINUTE);
    expect(await stage.store.waiting(10)).toEqual([]);
    expect(stage.slack.times('files.upload')).toBeLessThanOrEqual(44);
    expect(stage.log.join()).toContain('files.slack.com');
  });

  it('is given up within minutes when its bytes do not get through and its message asks something', async () => {
    stage.slack.fault = (method) =>
      method === 'files.upload' ? { when: 'before', error: noAnswer() } : null;
    await stage.store.put('p1', 'a', alarm);
    await stage.clock.pass(3 * MINUTE);
    expect(stage.store.sentAs('p1', 'a')).not.toBeNull();
  });

  it('comes after an outage that began with its message; the cards of others come at once', async () => {
    await stage.show(stage.promotion('monitoring', 1, { id: 'p2' }));
    await stage.clock.pass(MINUTE);
    const from = stage.clock.now();
    const until = from + 5 * MINUTE;
    const isOut = () =>
      stage.slack.replies.length > 0 && stage.clock.now() >= from && stage.clock.now() < until;
    stage.slack.fault = () => (isOut() ? { when: 'before', error: noAnswer() } : null);
    await stage.store.put('p1', 'a', shipped);
    await stage.clock.pass(SECOND);
    await stage.show(stage.promotion('shipped', 2, { id: 'p2' }));
    const updates = () => stage.slack.times('chat.update');
    const before = updates();
    await stage.clock.pass(until - stage.clock.now());
    // One look in five seconds: what is repeated for the file tells nothing of Slack.
    expect(updates() - before).toBeLessThan(70);
    expect(stage.slack.cards.at(-1)?.text).toContain('Watching');
    await stage.clock.pass(6 * SECOND);
    expect(stage.slack.cards.at(-1)?.text).not.toContain('Watching');
    await stage.clock.pass(10 * MINUTE);
    expect(charts().map(({ name }) => name)).toEqual([
      expect.stringMatching(/ship-report/),
      expect.stringMatching(/chart/),
    ]);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it.each(['files.info', 'conversations.replies'])(
    'keeps nothing else back while only %s is down, and is over then',
    async (down) => {
      stage.slack.repliesToUploads = false;
      stage.slack.fault = (method) => {
        if (method === down) return { when: 'before', error: platformError('internal_error') };
        return method === 'files.info' ? { when: 'before', error: platformError('missing_scope') } : null;
      };
      await stage.store.put('p1', 'a', alarm);
      await stage.store.put('p1', 'b', { kind: 'recovered', what: 'GitHub' });
      await stage.clock.pass(5 * SECOND);
      expect(stage.store.sentAs('p1', 'b')).not.toBeNull();
      await stage.clock.pass(MINUTE);
      expect(await stage.store.waiting(10)).toEqual([]);
      expect(stage.slack.times('files.upload')).toBe(1);
      expect(stage.log.join()).toContain('says nothing more');
    },
  );

  it('keeps nothing else back while nobody can say whether it was attached before', async () => {
    stage.slack.fault = (method) =>
      method === 'conversations.replies' || method === 'files.upload'
        ? { when: 'before', error: noAnswer() }
        : null;
    await stage.store.put('p1', 'a', shipped);
    await stage.store.put('p1', 'b', { kind: 'recovered', what: 'GitHub' });
    await stage.clock.pass(5 * SECOND);
    await stage.store.put('p1', 'c', { kind: 'recovered', what: 'GitHub' });
    await stage.clock.pass(2 * SECOND);
    expect(stage.store.sentAs('p1', 'c')).not.toBeNull();
    stage.slack.fault = () => null;
    await stage.clock.pass(MINUTE);
    expect(charts()).toHaveLength(2);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('is there once, described, when its bytes got through at the second try', async () => {
    stage.slack.fault = (method) =>
      method === 'files.upload' && stage.slack.times(method) === 1
        ? { when: 'before', error: new Error('Failed to upload file (id:F1)') }
        : null;
    await stage.store.put('p1', 'a', alarm);
    await stage.clock.pass(MINUTE);
    expect(charts()).toMatchObject([{ title: 'Error rate', alt: expect.any(String) }]);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('is there once when only the answer to its upload was lost', async () => {
    stage.slack.fault = (method) =>
      method === 'files.upload' ? { when: 'after', error: new Error('socket hang up') } : null;
    await stage.store.put('p1', 'a', alarm);
    await stage.clock.pass(MINUTE);
    expect(charts()).toHaveLength(1);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('keeps nothing else back while Slack says to wait with files', async () => {
    stage.slack.fault = (method) =>
      method === 'files.upload' && stage.clock.now() < start + MINUTE
        ? { when: 'before', error: rateLimited(30) }
        : null;
    const start = stage.clock.now();
    await stage.store.put('p1', 'a', alarm);
    await stage.store.put('p1', 'b', { kind: 'recovered', what: 'GitHub' });
    await stage.clock.pass(5 * SECOND);
    expect(stage.store.sentAs('p1', 'b')).not.toBeNull();
    await stage.clock.pass(2 * MINUTE);
    expect(charts()).toHaveLength(1);
  });

  it.each(['file_deleted', 'access_denied', 'not_allowed_token_type'])(
    'is over when Slack will say nothing more of it: %s',
    async (code) => {
      stage.slack.shares = () => false;
      stage.slack.fault = (method) =>
        method === 'files.info' ? { when: 'before', error: platformError(code) } : null;
      await stage.store.put('p1', 'a', alarm);
      await stage.clock.pass(10 * SECOND);
      expect(await stage.store.waiting(10)).toEqual([]);
      expect(stage.slack.times('files.upload')).toBe(1);
      expect(stage.log.join()).toContain(code);
    },
  );
});
