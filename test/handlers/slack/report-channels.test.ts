import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROBLEM_WORDS } from '../../../src/domain/reports/words.ts';
import { type Desk, openDesk, payloadsFor } from './desk.ts';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;
let ts = 0;

/** A release of the shop is watched, and its users write in #support. */
beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk);
  desk.slack.answers.set('conversations.info', { channel: { id: 'C0SUPPORT', name: 'support' } });
  const reports = { channels: ['#support', 'C0HELP'], words: PROBLEM_WORDS, bots: ['B0DESK'], issues: [] };
  const { place } = desk;
  const [ports] = place.requests.services.values();
  if (!ports) throw new Error('no shop');
  place.requests.services = new Map([
    ['shop', { ...ports, service: { ...ports.service, channel: 'C0SHIP', reports } }],
  ]);
  await place.start();
  await place.approve();
  for (let turn = 0; turn < 60 && (await place.newest()).state !== 'monitoring'; turn++)
    await place.wait(1_000);
  expect((await place.newest()).state).toBe('monitoring');
});
afterEach(() => desk.close());

/** The app in a whole organisation, and what its events say. */
const ORGANISATION = {
  url: 'https://org.enterprise.slack.com/',
  team_id: 'T0OURS',
  enterprise_id: 'E0ORG',
  is_enterprise_install: true,
  user_id: 'U0BOT',
  bot_id: 'B0BOT',
  app_id: 'A0APP',
};
const OF_ORGANISATION = {
  enterprise_id: 'E0ORG',
  authorizations: [{ enterprise_id: 'E0ORG', team_id: null, user_id: 'U0BOT', is_enterprise_install: true }],
};

const write = async (text: string, more: object = {}, envelope: object = {}) => {
  const message = {
    type: 'message',
    channel: 'C0SUPPORT',
    channel_type: 'channel',
    user: 'U_CARL',
    text,
    ts: `100.${++ts}`,
  };
  const merged = { ...message, ...more };
  await desk.deliver(
    sends.event(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)), envelope),
  );
  await desk.place.settle();
};
const reported = () => desk.place.said('user-report').map(({ notice }) => notice);

describe('a message in a channel for support', () => {
  test('that says a word counts: it is said in the thread, with its link and a short quote', async () => {
    await write('Hello, checkout is <https://shop.test|broken> &amp; I cannot pay');
    expect(reported()).toEqual([
      {
        kind: 'user-report',
        by: 'U_CARL',
        text: 'Hello, checkout is broken & I cannot pay',
        place: 'channel',
        link: expect.stringMatching(/^https:\/\/ours\.slack\.com\/archives\/C0SUPPORT\/p100/),
      },
    ]);
    const { data, state } = await desk.place.newest();
    expect(state).toBe('monitoring');
    expect(data.monitor?.reports).toBe(1);
    expect(data.reports).toMatchObject([{ by: 'U_CARL', place: 'channel' }]);
    const audit = await desk.place.house.ledger.auditTrail({ limit: 50 });
    const row = audit.find(({ action }) => action === 'promotion.report');
    expect(row).toMatchObject({ actor: 'U_CARL', result: 'done', source: { channel: 'C0SUPPORT' } });
    expect(JSON.stringify(row)).not.toContain('checkout');
    // Nobody is answered, and production stays.
    expect(desk.slack.of('chat.postEphemeral')).toHaveLength(0);
    expect(desk.slack.of('chat.postMessage')).toHaveLength(0);
    expect(desk.place.house.target.started).toHaveLength(1);
  });

  test('asks people with the next tick, and never rolls back by itself', async () => {
    await write('checkout is broken');
    await desk.place.wait(31_000);
    const { data, state } = await desk.place.newest();
    expect(state).toBe('monitoring');
    expect([data.monitor?.judgement.verdict, data.decision]).toEqual(['warning', 'warning']);
  });

  test('counts in a channel that has another id now', async () => {
    desk.moved.set('C0HELP', 'C0HELPED');
    await write('checkout is broken', { channel: 'C0HELPED' });
    expect(reported()).toHaveLength(1);
  });

  test('of a private one only the link is said', async () => {
    await write('card 4711 of Ms Smith fails', { channel: 'C0HELP', channel_type: 'group' });
    expect(reported()).toMatchObject([{ text: '', link: expect.stringContaining('/C0HELP/') }]);
    const all = JSON.stringify([
      await desk.place.newest(),
      await desk.place.house.ledger.auditTrail({ limit: 50 }),
      desk.place.house.slack.said,
    ]);
    expect(all).not.toContain('4711');
    expect(desk.slack.of('conversations.info')).toHaveLength(0);
  });

  test('counts once: delivered twice, from the same person, or in the same words', async () => {
    await write('checkout is broken', { ts: '100.77' });
    await write('checkout is broken', { ts: '100.77' });
    await write('and the cart is broken, too');
    await write('Checkout is BROKEN!', { user: 'U_DORA' });
    expect(reported()).toHaveLength(1);
    await write('the cart is down', { user: 'U_EVE' });
    expect(reported()).toHaveLength(2);
    expect(desk.slack.of('conversations.info')).toHaveLength(1);
  });

  test.each([
    ['says no word', 'how do I pay?', {}],
    ['is in another channel', 'checkout is broken', { channel: 'C0OTHER' }],
    ['was edited', 'checkout is broken', { subtype: 'message_changed' }],
    ['carries an edit', 'checkout is broken', { edited: { user: 'U_CARL', ts: '1' } }],
    ['is a reply', 'checkout is broken', { thread_ts: '99.1' }],
    ['is of a bot', 'checkout is broken', { bot_id: 'B0OTHER', user: null, subtype: 'bot_message' }],
    ['is of Slipway', 'the deploy failed', { bot_id: 'B0BOT', user: 'U0BOT' }],
    ['joins', 'checkout is broken', { subtype: 'channel_join' }],
  ])('that %s does not count', async (_what, text, more) => {
    if ('channel' in more) desk.slack.answers.set('conversations.info', { channel: { name: 'random' } });
    await write(text, more);
    expect(reported()).toEqual([]);
  });

  test('in an organisation does not count for the name of its channel, which any workspace may give', async () => {
    desk.slack.answers.set('auth.test', ORGANISATION);
    await write('checkout is broken', {}, OF_ORGANISATION);
    expect(reported()).toEqual([]);
    await write('checkout is broken', { channel: 'C0HELP' }, OF_ORGANISATION);
    expect(reported()).toHaveLength(1);
  });

  test('of a bot that the config names counts', async () => {
    await write('New ticket: cannot pay', { bot_id: 'B0DESK', user: null, subtype: 'bot_message' });
    expect(reported()).toMatchObject([{ by: 'B0DESK', text: 'New ticket: cannot pay' }]);
  });

  test('of another workspace does not count, and is in the audit', async () => {
    const event = { type: 'message', channel: 'C0HELP', user: 'U_X', text: 'broken', ts: '5.5' };
    await desk.deliver(sends.event(event, { team_id: 'T0OTHER', authorizations: [] }));
    expect(reported()).toEqual([]);
    const audit = await desk.place.house.ledger.auditTrail({ limit: 50 });
    expect(audit.find(({ action }) => action === 'promotion.report')).toMatchObject({ result: 'refused' });
  });

  test('many count only so far', async () => {
    for (let number = 0; number < 25; number += 1)
      await write(`thing ${number} is broken`, { user: `U_N${number}` });
    expect(reported()).toHaveLength(20);
  });

  test('while Slack does not say what the channel is called, nothing counts and nothing falls', async () => {
    desk.slack.answers.set('conversations.info', { error: 'channel_not_found' });
    await write('checkout is broken');
    expect(reported()).toEqual([]);
  });
});

test('with nothing under way nothing counts', async () => {
  for (let turn = 0; turn < 90 && (await desk.place.newest()).state !== 'shipped'; turn++)
    await desk.place.wait(10_000);
  expect((await desk.place.newest()).state).toBe('shipped');
  await write('checkout is broken');
  expect(reported()).toEqual([]);
});
