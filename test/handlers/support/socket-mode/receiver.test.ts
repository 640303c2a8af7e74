import { setTimeout as pause } from 'node:timers/promises';
import { App, type AuthorizeResult } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { WebDispatcher } from '../../../../src/adapters/shared/network/dispatcher.ts';
import { clientOptions, slackLogger } from '../../../../src/adapters/slack/client.ts';
import { SocketAddresses } from '../../../../src/handlers/support/socket-mode/addresses.ts';
import { SocketReceiver } from '../../../../src/handlers/support/socket-mode/receiver.ts';
import { SlackSockets } from '../../../slack-double/sockets.ts';
import { sampled } from '../../../support/whole.ts';

const log = pino({ level: 'silent' });
const TIMING = { helloMs: 1_000, pingMs: 300, closeMs: 300 };

let slack: SlackSockets;
let receiver: SocketReceiver;
/** Texts of the commands that were worked on, in order. */
let worked: string[];
/** Before anything is worked on. */
let held: Promise<void>;

beforeEach(async () => {
  held = Promise.resolve();
  slack = await new SlackSockets().start();
  worked = [];
  const options = clientOptions({ apiUrl: slack.apiUrl, log });
  receiver = new SocketReceiver({
    addresses: new SocketAddresses(new WebClient('xapp-1', options)),
    openDispatcher: (settings) => new WebDispatcher(settings),
    log,
    isHopeless: () => false,
    timing: TIMING,
  });
  const app = new App({
    receiver,
    authorize: async (): Promise<AuthorizeResult> => {
      await held;
      return { botToken: 'xoxb-1', botUserId: 'U1', botId: 'B1' };
    },
    clientOptions: options,
    logger: slackLogger(log),
  });
  app.command('/ship-prod', async ({ ack, command }) => {
    await ack();
    worked.push(command.text);
  });
});
afterEach(async () => {
  await receiver.stop();
  await slack.close();
});

const command = (text: string) =>
  slack.send({ command: '/ship-prod', text, user_id: 'U2', team_id: 'T1', channel_id: 'C1' });
const until = (holds: () => boolean, timeout = 8_000) => vi.waitUntil(holds, { interval: 10, timeout });
/** It is connected: a command is acknowledged. */
const answers = async (text: string, timeout?: number) => {
  const id = command(text);
  expect(id).not.toBeNull();
  await until(() => slack.acknowledged.some((one) => one.id === id), timeout);
};

test('what comes is acknowledged before it is worked on', async () => {
  await receiver.start();
  await answers('first');
  await until(() => worked.length === 1);
  held = new Promise(() => undefined);
  for (let n = 0; n < 50; n++) command(`${n}`);
  await until(() => slack.acknowledged.length === 51, 2_000);
  expect(worked).toEqual(['first']);
});

describe('one connection', () => {
  test('trap: a failed handshake is a disconnect too: after some there is one socket, and it answers', async () => {
    slack.refuseNext = 2;
    await receiver.start();
    await answers('one');
    await pause(2_500);
    expect(slack.live).toBe(1);
    expect(slack.handshakes).toBe(3);
    expect(slack.opened.length).toBeLessThanOrEqual(2);
  });

  test.each([
    ['refused', 503, false],
    ['refused, with addresses that are good for one try', 503, true],
    ['cut', null, false],
  ] as const)(
    'while handshakes are %s it asks seldom, and is back within 5 s',
    async (_how, refusal, singleUse) => {
      await receiver.start();
      await answers('before');
      slack.singleUse = singleUse;
      slack.refuse = refusal;
      slack.closeAll();
      await pause(6_500);
      slack.refuse = undefined;
      const healed = Date.now();
      await until(() => slack.open === 1, 5_000);
      await answers('after');
      expect(receiver.connections).toBe(2);
      expect(Date.now() - healed).toBeLessThan(5_000);
      expect(slack.opened.length).toBeLessThanOrEqual(5);
      expect(slack.most).toBe(1);
    },
    20_000,
  );

  test.each(sampled(['invalid_auth', 'not_authed', 'account_inactive'], () => ['a refused token']))(
    'trap: %s on a reconnect ends nothing: it is connected again when Slack takes the token again',
    async (error) => {
      const rejected = vi.fn();
      process.on('unhandledRejection', rejected);
      try {
        await receiver.start();
        slack.answer = { status: 200, error };
        slack.closeAll();
        await until(() => slack.opened.length === 2);
        slack.answer = null;
        await until(() => slack.open === 1);
        await answers('after');
        expect(rejected).not.toHaveBeenCalled();
      } finally {
        process.off('unhandledRejection', rejected);
      }
    },
  );

  test('trap: apps.connections.open is limited: its Retry-After is kept', async () => {
    await receiver.start();
    slack.answer = { status: 429, retryAfter: 3 };
    slack.closeAll();
    await until(() => slack.opened.length === 2);
    slack.answer = null;
    await until(() => slack.open === 1);
    await answers('after');
    const [, limited = 0, next = 0] = slack.opened;
    expect(next - limited).toBeGreaterThanOrEqual(3_000);
    expect(slack.opened).toHaveLength(3);
  });

  // It takes half a minute.
  test.runIf(inject('sampling').whole)(
    'while nothing of Slack answers no addresses are used up, and it is back within 5 s',
    async () => {
      await receiver.start();
      await answers('before');
      slack.isDown = true;
      slack.closeAll();
      await pause(23_000);
      slack.isDown = false;
      const healed = Date.now();
      await until(() => slack.open === 1, 5_000);
      await answers('after');
      expect(Date.now() - healed).toBeLessThan(5_000);
      expect(slack.opened.length).toBeLessThanOrEqual(4);
    },
    40_000,
  );

  test.each(sampled(['too_many_websockets', 'link_disabled', 'refresh_requested'], () => ['sent away']))(
    'told to go as soon as it comes (%s), it does not use up its addresses, and is back within 5 s',
    async (reason) => {
      await receiver.start();
      slack.unwanted = reason;
      slack.closeAll();
      await pause(4_000);
      slack.unwanted = null;
      const wanted = slack.opened.length;
      expect(wanted).toBeLessThanOrEqual(6);
      await until(() => slack.open === 1, 5_000);
      await answers('after');
      expect(slack.most).toBeLessThanOrEqual(2);
    },
    20_000,
  );

  test('one that is dead without a word is noticed', async () => {
    await receiver.start();
    slack.silent = true;
    await pause(TIMING.pingMs);
    slack.silent = false;
    // The one that fell silent for good.
    await answers('still there');
    slack.silent = true;
    await until(() => slack.handshakes === 2, 3_000);
  });

  test('one that answers stays, and one that is dead is noticed, when somebody sets the clock', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      await receiver.start();
      vi.setSystemTime(Date.now() + 3_600_000);
      await pause(3 * TIMING.pingMs);
      expect(slack.handshakes).toBe(1);
      vi.setSystemTime(Date.now() - 7_200_000);
      slack.silent = true;
      const began = performance.now();
      while (slack.handshakes < 2 && performance.now() - began < 3_000) await pause(20);
      expect(slack.handshakes).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what comes in another shape', () => {
  test.each([
    ['without a payload', { type: 'events_api' }],
    ['with a payload that is no object', { type: 'events_api', payload: 'x' }],
    ['with a payload of null', { type: 'interactive', payload: null }],
    ['of a type that nobody knows', { type: 'new_thing', payload: { a: 1 } }],
    [
      'with attempts and reasons of null',
      { type: 'events_api', retry_attempt: null, retry_reason: null, reason: null, payload: {} },
    ],
  ])('an envelope %s is acknowledged', async (_what, envelope) => {
    await receiver.start();
    slack.say({ ...envelope, envelope_id: 'odd' });
    await until(() => slack.acknowledged.some(({ id }) => id === 'odd'), 2_000);
    await answers('and the next one too');
  });

  test('half a megabyte is taken like anything else', async () => {
    await receiver.start();
    await answers(`big ${'ä'.repeat(250_000)}`);
    await until(() => worked.some((text) => text.startsWith('big')));
  });
});

test('a connection that opens while it is stopped does not stay', async () => {
  await receiver.start();
  slack.helloAfterMs = 500;
  slack.recycle();
  await until(() => slack.handshakes === 2);
  await receiver.stop();
  await pause(700);
  await until(() => slack.live === 0, 5_000);
  await pause(300);
  expect(slack.live).toBe(0);
});

describe('no blind seconds', () => {
  test('trap: a disconnect leaves no gap: recycled 50 times under 20 commands a second: none lost, none worked on twice', async () => {
    await receiver.start();
    const sent: string[] = [];
    const ids: (string | null)[] = [];
    for (let round = 0; round < 50; round++) {
      for (const when of ['before', 'behind', 'after']) {
        const text = `${round} ${when}`;
        sent.push(text);
        if (when === 'behind') slack.recycle({ reason: round % 2 ? 'warning' : 'refresh_requested' });
        ids.push(command(text));
        await pause(50);
      }
    }
    await until(() => worked.length >= sent.length);
    expect(ids).not.toContain(null);
    expect([...worked].sort()).toEqual([...sent].sort());
    expect(slack.acknowledged.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(slack.most).toBeLessThanOrEqual(2);
  }, 30_000);

  test('trap: Slack leaves TCP open: a connection that it closes is left at once', async () => {
    await receiver.start();
    slack.leavesOpen = true;
    slack.closeAll();
    const closed = Date.now();
    await until(() => slack.open === 1);
    await answers('after');
    expect(Date.now() - closed).toBeLessThan(1_000);
    // Nor does it stay half-open.
    await until(() => slack.live === 1, 4_000);
  });

  test('a command whose acknowledgement is too late is worked on all the same', async () => {
    await receiver.start();
    command('late');
    slack.closeAll();
    await until(() => worked.includes('late'));
    await until(() => slack.open === 1);
    expect(worked).toEqual(['late']);
  });
});
