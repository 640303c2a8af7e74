import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../../demo/workspace/server/start.ts';
import { slackClient } from '../../../src/adapters/slack/client.ts';
import { OutboxWorker } from '../../../src/adapters/slack/outbox-worker.ts';
import { SlackPeople } from '../../../src/adapters/slack/people.ts';
import { card, smallCard } from '../../../src/blocks/card/card.ts';
import { home } from '../../../src/blocks/home.ts';
import { problem } from '../../../src/blocks/replies/answer.ts';
import { confirmation } from '../../../src/blocks/replies/confirm.ts';
import { help } from '../../../src/blocks/replies/help.ts';
import { history } from '../../../src/blocks/replies/history.ts';
import { locked } from '../../../src/blocks/replies/locks.ts';
import { planMessage } from '../../../src/blocks/replies/plan.ts';
import { busy, refusal } from '../../../src/blocks/replies/refusal.ts';
import { chooseService, offer } from '../../../src/blocks/replies/start.ts';
import { status } from '../../../src/blocks/replies/status.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { said } from '../../blocks/said.ts';
import { MemoryOutbox } from '../../fakes/memory-outbox.ts';
import { fastClock } from '../../support/fast-clock.ts';

/** The outbox worker and the real client against the strict local workspace. */
describe('in a workspace', () => {
  let workspace: Workspace;
  let store: MemoryOutbox;
  let outboxWorker: OutboxWorker;
  const log = pino({ level: 'silent' });
  /** Pauses between messages of one channel are long: ten times as fast, it is only the order that counts. */
  let clock: ReturnType<typeof fastClock>;
  const seal = sealOf(Buffer.alloc(32, 1), 'T0SLIPWAY');
  const client = () =>
    slackClient(workspace.botToken, { apiUrl: workspace.apiUrl, log, seal: async () => seal });
  const team = async () => ({ team: 'T0SLIPWAY' });

  beforeEach(async () => {
    workspace = await startWorkspace();
    clock = fastClock(10);
    store = new MemoryOutbox(() => clock.now());
    outboxWorker = open();
  });

  afterEach(async () => {
    await outboxWorker.stop();
    await workspace.close();
  });

  it('says what a picture shows to who cannot see it, as far as Slack takes it', async () => {
    const parent = workspace.as('ada').say('#ship', 'how is it?');
    const upload = (name: string, alt: string) =>
      client().filesUploadV2({
        channel_id: 'C0SHIP',
        thread_ts: parent.ts,
        filename: name,
        file: Buffer.from('x'),
        alt_text: alt,
      });
    await upload('a.png', 'Error rate, v1.3.0');
    await upload('b.png', 'e'.repeat(1_001));
    const files = workspace.thread('#ship', parent.ts).flatMap((message) => message.files ?? []);
    expect(files.map(({ altText }) => altText)).toEqual(['Error rate, v1.3.0', 'e'.repeat(1_000)]);
    expect(workspace.control.violations()).toEqual([]);
  });

  function open(): OutboxWorker {
    const made = new OutboxWorker({
      client: client(),
      store,
      drawChart: async () =>
        Buffer.from(
          'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
          'base64',
        ),
      serviceView: () => fixtures.service,
      clock,
      log,
      pollMs: 100,
    });
    made.start();
    return made;
  }

  async function delivered(timeoutMs = 15_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    while ((await store.waiting(1)).length > 0) {
      if (Date.now() > until) throw new Error('not delivered in time');
      await pause(20);
    }
  }

  async function show(id: string, view = fixtures.views['just asked']): Promise<void> {
    if (!view) throw new Error('no such fixture');
    store.keep({ ...view.promotion, id, createdAt: Date.now() }, view.approvals);
    await store.markStale(id);
  }

  it('posts every card and every notice as Slack takes them', async () => {
    const slack = client();
    const posted = await slack.chat.postMessage({ channel: 'C0SHIP', text: 'parent' });
    for (const view of Object.values(fixtures.views)) {
      for (const { text, blocks } of [card(view), smallCard(view)]) {
        await slack.chat.postMessage({ channel: 'C0SHIP', text, blocks });
      }
    }
    for (const [one, about] of said) {
      const { text, blocks } = notice(one, about);
      await slack.chat.postMessage({ channel: 'C0SHIP', thread_ts: posted.ts ?? '', text, blocks });
    }
    expect(workspace.control.violations()).toEqual([]);
  });

  it('shows answers, lists and the Home tab as Slack takes them', async () => {
    const promotion = fixtures.promotion('monitoring', { plan: fixtures.plan, release: fixtures.release });
    const entries = [{ promotion, approvals: [], threadUrl: 'https://team.slack.com/archives/C0SHIP/p1' }];
    const locks = [{ service: 'api', owner: 'U0ADA', reason: fixtures.EVIL, until: fixtures.T0 }];
    const messages = [
      refusal({ text: fixtures.EVIL, hint: 'Wait.' }, { owner: 'U0ADA' }),
      busy({ text: 'busy' }, {}, { service: 'shop' }, 'https://team.slack.com/archives/C0SHIP/p1'),
      problem('4f1c9a2b'),
      offer({ kind: 'offer', service: 'shop', feature: '014-checkout' }),
      chooseService(['shop', 'api']),
      ...(['rollback', 'hold'] as const).map((kind) => confirmation(promotion, { kind })),
      confirmation(promotion, { kind: 'extend', ms: 900_000 }),
      status({ entries, locks, idle: ['docs'] }),
      history(entries, 'shop'),
      planMessage({ service: fixtures.service, gates: fixtures.gates, plan: fixtures.plan }),
      locked({ service: 'shop', owner: 'U0ADA', reason: '' }),
      help(),
    ];
    for (const { text, blocks } of messages)
      await client().chat.postEphemeral({ channel: 'C0SHIP', user: 'U0ADA', text, blocks });
    await client().views.publish({
      user_id: 'U0ADA',
      view: home({ open: entries, last: entries, locks, services: ['shop', 'api'] }),
    });
    expect(workspace.control.violations()).toEqual([]);
    expect(workspace.home('ada')).toBeDefined();
  });

  const started: Notice = { kind: 'started', by: 'U0ADA' };
  const report: Notice = { kind: 'report', path: 'specs/014/production-ship-report.md', text: '# Report' };
  const alarm: Notice = {
    kind: 'monitor',
    judgement: fixtures.judgement('critical'),
    until: fixtures.T0,
    alarm: true,
    chart: { title: 'Error rate', unit: 'ratio', points: [], deployedAt: fixtures.T0 },
  };

  function thread() {
    const card = workspace.messages('#ship').find((message) => message.text.startsWith('shop'));
    return card ? workspace.thread('#ship', card.ts) : [];
  }

  it('attaches files in the thread and shows alarms in the channel', async () => {
    await show('p1');
    await store.put('p1', 'a', report);
    await store.put('p1', 'b', alarm);
    await delivered();
    const [, first, file, second, chart] = thread();
    expect(first?.text).toContain('Ship report committed');
    expect(file?.files?.[0]?.name).toMatch(/^production-ship-report-\w{8}\.md$/);
    expect(second?.text).toContain('production critical');
    expect(chart?.files?.[0]?.name).toMatch(/^chart-\w{8}\.png$/);
    expect(workspace.messages('#ship').map((message) => message.ts)).toContain(second?.ts);
    expect(workspace.control.violations()).toEqual([]);
  });

  it('trap: chat.postMessage has no key of its own: it doubles nothing when it dies between sending and recording', async () => {
    store.losing = 'card';
    await show('p1');
    await workspace.waitForMessage(/Checking the gates/);
    await outboxWorker.stop();
    store.losing = 'notice';
    await store.put('p1', 'a', started);
    await store.put('p1', 'b', report);
    outboxWorker = open();
    await workspace.waitForMessage(/wants to ship/);
    await outboxWorker.stop();
    store.losing = null;
    outboxWorker = open();
    await delivered();
    expect(workspace.messages('#ship').filter((message) => message.text.startsWith('shop'))).toHaveLength(1);
    expect(thread().map((message) => message.text || message.files?.[0]?.title)).toEqual([
      expect.stringContaining('Checking the gates'),
      expect.stringContaining('wants to ship'),
      expect.stringContaining('Ship report committed'),
      'Ship report shop',
    ]);
  });

  it('sees files in the thread that Slack shares late, and gives those again that it shares nowhere', async () => {
    workspace.control.shareFiles({ delayMs: 400 });
    await show('p1');
    await store.put('p1', 'a', report);
    await delivered();
    expect(thread().filter(({ files }) => files)).toHaveLength(1);
    workspace.control.shareFiles({ losesDescribed: true });
    await store.put('p1', 'b', alarm);
    await delivered();
    const [file, chart] = thread().flatMap(({ files }) => files ?? []);
    expect([file?.name, chart?.name]).toEqual([
      expect.stringMatching(/^production-ship-report-/),
      expect.stringMatching(/^chart-/),
    ]);
    expect(chart?.altText).toBeUndefined();
    expect(workspace.control.calls('files.completeUploadExternal')).toHaveLength(3);
  });

  it('finds in a long thread what it had said, where histories are scarce', async () => {
    // A clock that is not faster than that of Slack.
    clock = fastClock(1);
    await outboxWorker.stop();
    outboxWorker = open();
    await show('p1');
    await delivered();
    const [card] = thread();
    for (let n = 0; n < 10; n += 1) workspace.as('ada').say('#ship', `${n}`, { thread_ts: card?.ts ?? '' });
    store.losing = 'notice';
    await store.put('p1', 'a', started);
    await workspace.waitForMessage(/wants to ship/);
    await outboxWorker.stop();
    store.losing = null;
    for (let n = 0; n < 60; n += 1) workspace.as('ada').say('#ship', `${n}`, { thread_ts: card?.ts ?? '' });
    workspace.control.limitHistory();
    outboxWorker = open();
    await delivered();
    expect(workspace.control.calls('conversations.replies')).toHaveLength(1);
    expect(thread().filter(({ metadata }) => metadata?.event_type === 'slipway_notice')).toHaveLength(1);
  });

  it('keeps the order and doubles nothing while Slack limits, fails and goes down', async () => {
    await show('p1');
    await delivered();
    workspace.control.rateLimit('chat.postMessage', 2, 1);
    workspace.control.failHttp('chat.postMessage', 1, 503);
    workspace.control.failHttp('files.completeUploadExternal', 1, 500);
    for (const key of ['a', 'b', 'c', 'd'])
      await store.put('p1', key, key === 'c' ? report : { kind: 'recovered', what: key });
    await pause(1_500);
    workspace.control.goDown(1_500);
    await show('p1', fixtures.views['blocked']);
    await delivered(30_000);
    const [card, ...replies] = thread();
    expect(card?.text).toContain('Blocked');
    const said = replies.map((message) => message.text || 'file');
    expect(said.filter((text) => text !== 'file')).toEqual([
      expect.stringContaining('a answers'),
      expect.stringContaining('b answers'),
      expect.stringContaining('Ship report committed'),
      expect.stringContaining('d answers'),
    ]);
    // What comes after a file does not wait for it.
    expect(said.indexOf('file')).toBeGreaterThan(2);
    expect(said.filter((text) => text === 'file')).toHaveLength(1);
  }, 40_000);

  it('finds the channel that the config names', async () => {
    const view = fixtures.views['just asked'];
    if (!view) throw new Error('no such fixture');
    store.keep({ ...view.promotion, id: 'p1', channel: '#ship', createdAt: Date.now() });
    await store.markStale('p1');
    await delivered();
    expect(await store.cardOf('p1')).toMatchObject({ channel: 'C0SHIP' });
  });

  it('posts again where the card was deleted', async () => {
    await show('p1');
    await delivered();
    const first = await store.cardOf('p1');
    await client().chat.delete({ channel: 'C0SHIP', ts: first?.ts ?? '' });
    await store.put('p1', 'a', started);
    await show('p1', fixtures.views['blocked']);
    await delivered();
    const second = await store.cardOf('p1');
    expect(second?.ts).not.toBe(first?.ts);
    expect(workspace.thread('#ship', second?.ts ?? '').map((message) => message.text)).toEqual([
      expect.stringContaining('Blocked'),
      expect.stringContaining('wants to ship'),
    ]);
  });

  describe('people', () => {
    it('knows members, guests, the deactivated and bots', async () => {
      workspace.control.deactivate('linus');
      const people = new SlackPeople(client(), team, Date.now);
      expect(await people.profile('U0ADA')).toMatchObject({
        id: 'U0ADA',
        deleted: false,
        bot: false,
        restricted: false,
        email: expect.stringContaining('@'),
      });
      expect(await people.profile('U0MARGARET')).toMatchObject({ restricted: true });
      expect(await people.profile('U0LINUS')).toMatchObject({ deleted: true });
      expect(await people.profile(workspace.botUser)).toMatchObject({ bot: true });
      await expect(people.profile('U0NOBODY')).rejects.toEqual(
        new Refusal('person-unknown', { user: 'U0NOBODY' }),
      );
    });

    it('knows who is in a channel, by name and by id; where it cannot look there is nobody', async () => {
      const people = new SlackPeople(client(), team, Date.now);
      expect(await people.isInChannel('U0ADA', '#ship')).toBe(true);
      expect(await people.isInChannel('U0ADA', 'C0SHIP')).toBe(true);
      expect(await people.isInChannel('U0NOBODY', '#ship')).toBe(false);
      expect(await people.isInChannel('U0ADA', '#nowhere')).toBe(false);
      expect(await people.isInChannel('U0ADA', 'C0NOWHERE')).toBe(false);
    });

    it('knows groups by id, and refuses handles and unknown ones', async () => {
      const people = new SlackPeople(client(), team, Date.now);
      expect(await people.members('S0RELEASERS')).toEqual(['U0ADA', 'U0GRACE']);
      for (const group of ['releasers', '@releasers', 'nobody', 'S0NOBODY']) {
        await expect(people.members(group)).rejects.toEqual(new Refusal('group-unknown', { group }));
      }
    });

    it('asks anew each time, and waits when Slack does not answer', async () => {
      const people = new SlackPeople(client(), team, Date.now);
      workspace.control.failHttp('users.info', 1);
      await expect(people.profile('U0LINUS')).rejects.toBeInstanceOf(Unavailable);
      expect(await people.profile('U0LINUS')).toMatchObject({ deleted: false });
      workspace.control.deactivate('linus');
      expect(await people.profile('U0LINUS')).toMatchObject({ deleted: true });
      workspace.control.failHttp('usergroups.list', 1);
      await expect(people.members('S0RELEASERS')).rejects.toBeInstanceOf(Unavailable);
    });
  });
});
