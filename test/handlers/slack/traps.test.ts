import { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clientOptions, slackLogger } from '../../../src/adapters/slack/client.ts';
import { PatientClient } from '../../../src/adapters/slack/patient-client.ts';
import { connectionOf } from '../../../src/app/environment.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { SocketAddresses } from '../../../src/handlers/support/socket-mode/addresses.ts';
import { type Desk, openDesk, payloadsFor, SEAL } from './desk.ts';

const log = pino({ level: 'silent' });
let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;

beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk);
});
afterEach(() => desk.close());

test('trap: the defaults of the SDK: a call has an end, and is made once', async () => {
  const options = clientOptions({ apiUrl: desk.slack.apiUrl, log });
  expect(options).toMatchObject({ retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
  expect(options.timeout).toBeGreaterThan(0);
  expect(options.timeout).toBeLessThanOrEqual(10_000);
  desk.slack.answers.set('chat.update', { status: 503 });
  const call = new WebClient('xoxb-1', options).chat.update({ channel: 'C1', ts: '1.1', text: 'x' });
  await expect(call).rejects.toThrow();
  expect(desk.slack.of('chat.update')).toHaveLength(1);
});

test('trap: slackApiUrl reaches the socket', async () => {
  desk.slack.answers.set('apps.connections.open', { url: 'ws://127.0.0.1:9/' });
  const addresses = new SocketAddresses(
    new WebClient('xapp-1', clientOptions({ apiUrl: desk.slack.apiUrl, log })),
  );
  expect(await addresses.next()).toBe('ws://127.0.0.1:9/');
  expect(desk.slack.of('apps.connections.open')).toHaveLength(1);
});

describe('trap: what nothing matches is acknowledged all the same', () => {
  const select = { type: 'static_select', action_id: 'another', block_id: 'b', action_ts: '1.1' };
  test.each([
    ['a button of another version', () => sends.button('another_v0', undefined)],
    ['a select that nobody knows', () => sends.button('x', undefined, { actions: [select] })],
    ['the select that somebody knows', () => sends.choice('shop', 'h0')],
    [
      'a form of another version',
      () => ({
        ...sends.shortcut(),
        type: 'view_submission',
        view: { id: 'V1', hash: 'h', callback_id: 'form_v0' },
      }),
    ],
  ])('%s, once', async (_what, payload) => {
    await desk.deliver(payload());
    expect(desk.acks()).toBe(1);
  });
});

test.each(['', undefined])(
  'trap: an empty signing secret (%j) is refused before anything listens',
  (secret) => {
    expect(() => connectionOf({ SLACK_SIGNING_SECRET: secret, PORT: '0' })).toThrow(
      expect.objectContaining({ code: 'environment-missing' }),
    );
  },
);

test('trap: a response_url is good for five uses: at most four are tried, and another way is there', async () => {
  desk.slack.answers.set('respond', { status: 503 });
  await desk.deliver(sends.command('help'));
  expect(desk.slack.of('respond')).toHaveLength(4);
  expect(desk.slack.of('chat.postEphemeral')).toHaveLength(1);
}, 20_000);

test('trap: a trigger is good for three seconds: nobody is kept longer', async () => {
  desk.slack.answers.set('views.open', { status: 503 });
  const client = new PatientClient('xoxb-1', { apiUrl: desk.slack.apiUrl, log, seal: async () => SEAL });
  const begun = Date.now();
  const opened = client.views.open({ trigger_id: 't', view: { type: 'modal' } as never });
  await expect(opened).rejects.toBeInstanceOf(Unavailable);
  expect(Date.now() - begun).toBeLessThan(3_000);
  expect(desk.slack.of('views.open').length).toBeGreaterThan(1);
});

describe('trap: a private channel that is shared with others gets another id', () => {
  const moved = (more: object = {}) =>
    desk.deliver(
      sends.event({ type: 'channel_id_changed', old_channel_id: 'G0SHIP', new_channel_id: 'C0SHIP' }, more),
    );
  const told: string[][] = [];
  beforeEach(() => {
    told.length = 0;
    const channelMoved = async (from: string, to: string) => {
      told.push([from, to]);
    };
    Object.assign(desk.place.requests, { threads: { ...desk.place.requests.threads, channelMoved } });
  });

  test('what is stored follows it, with a row in the audit', async () => {
    await moved();
    expect(told).toEqual([['G0SHIP', 'C0SHIP']]);
    expect(await desk.place.house.ledger.auditTrail({ limit: 1 })).toMatchObject([
      { action: 'channel.moved', detail: { from: 'G0SHIP', to: 'C0SHIP' } },
    ]);
  });

  test('another workspace moves nothing', async () => {
    await moved({ team_id: 'T0X', authorizations: [{ enterprise_id: null, team_id: 'T0X' }] });
    expect(told).toEqual([]);
  });
});

describe('trap: a reply may be shown in the channel too, or come with a file', () => {
  test.each([undefined, 'thread_broadcast', 'file_share'])('as %s it is read', async (subtype) => {
    await desk.place.start();
    const promotion = await desk.place.newest();
    Object.assign(desk.place.requests, {
      threads: {
        byThread: async () => promotion,
        cardOf: async () => ({ channel: 'C0SHIP', ts: '1.1' }),
        messageGone: async () => undefined,
        channelMoved: async () => undefined,
      },
    });
    const reply = {
      type: 'message',
      channel: 'C0SHIP',
      user: 'U_ADA',
      text: 'Status.',
      ts: '1.2',
      thread_ts: '1.1',
    };
    await desk.deliver(sends.event({ ...reply, ...(subtype ? { subtype } : {}) }));
    expect(desk.told()).toHaveLength(1);
    await desk.place.settle();
  });
});

test('trap: a listener that throws, and a token that was revoked, end nothing', async () => {
  const rejected = vi.fn();
  process.on('unhandledRejection', rejected);
  try {
    desk.slack.answers.set('auth.test', { error: 'account_inactive' });
    const app = new App({
      receiver: { init: () => undefined, start: async () => undefined, stop: async () => undefined },
      authorize: () => Promise.reject(new Error('account_inactive')),
      clientOptions: clientOptions({ apiUrl: desk.slack.apiUrl, log }),
      logger: slackLogger(log),
    });
    const ack = async () => undefined;
    await app.processEvent({ body: sends.command('help'), ack }).catch(() => undefined);
    await desk.deliver(sends.command('help'));
    await desk.deliver(sends.shortcut());
    await new Promise((resolve) => setImmediate(resolve));
    expect(rejected).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', rejected);
  }
});
