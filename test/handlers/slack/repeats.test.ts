import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeValue } from '../../../src/blocks/kit/button-value.ts';
import { ACTION, actionId, buttonPurpose } from '../../../src/blocks/kit/ids.ts';
import { type Desk, openDesk, payloadsFor, SEAL } from './desk.ts';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;

beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk);
});
afterEach(() => desk.close());

const press = (action: (typeof ACTION)[keyof typeof ACTION], value: object) => {
  const id = actionId(action);
  return sends.button(id, SEAL.close(encodeValue(value as never), buttonPurpose(id)));
};
const rows = async () =>
  (await desk.place.house.ledger.auditTrail({ limit: 20 })).map(
    ({ action, result }) => `${action} ${result}`,
  );

describe('the very same click, arriving again', () => {
  test('after Slack limited us, is done then', async () => {
    const click = sends.button(actionId(ACTION.openForm), undefined);
    desk.slack.next.set('views.open', [{ status: 429, retryAfter: 30 }]);
    await desk.deliver(click);
    expect(desk.told()).toEqual([expect.stringMatching(/Slack limits.*in 30 s/)]);
    await desk.deliver(click);
    expect(desk.slack.of('views.open')).toHaveLength(2);
    expect(desk.told()).toHaveLength(1);
    expect(await rows()).toEqual(['button.open_form done', 'button.open_form failed']);
  });

  test('after it counted, says that it counts once', async () => {
    const click = press(ACTION.start, { service: 'shop', bump: 'auto' });
    await desk.deliver(click);
    await desk.deliver(click);
    expect(desk.told().at(-1)).toMatch(/counts once: what it asks for was done then/);
    expect(await desk.place.house.ledger.recent({ service: 'shop', limit: 9 })).toHaveLength(1);
  });

  test('after it was refused, says that', async () => {
    const click = press(ACTION.start, { service: 'nothing', bump: 'auto' });
    await desk.deliver(click);
    expect(desk.told()).toEqual([expect.stringMatching(/There is no service called nothing/)]);
    await desk.deliver(click);
    expect(desk.told().at(-1)).toMatch(/was refused then\. Nothing was changed/);
  });

  test('after it failed, does not say that it was counted', async () => {
    const { runs } = desk.place.requests;
    const { start } = runs;
    runs.start = () => Promise.reject(new Error('a fault of ours'));
    const click = press(ACTION.start, { service: 'shop', bump: 'auto' });
    await desk.deliver(click);
    runs.start = start;
    await desk.deliver(click);
    expect(desk.told()).toEqual([
      expect.stringMatching(/Something went wrong on our side/),
      expect.stringMatching(/something went wrong then: it may not have counted/),
    ]);
  });
});

test('trap: respond() throws when it is refused; what was done is done, though Slack does not take the question away', async () => {
  desk.slack.answers.set('respond', { status: 404 });
  const click = press(ACTION.start, { service: 'shop', bump: 'auto' });
  Object.assign(click, { container: { ...click.container, is_ephemeral: true } });
  await desk.deliver(click);
  expect(desk.told().join()).not.toMatch(/went wrong/);
  expect(await rows()).toContain('promotion.opened done');
});

describe('a form that changed meanwhile', () => {
  test('is shown over the newest version, once', async () => {
    desk.slack.next.set('views.update', [{ error: 'hash_conflict' }]);
    await desk.deliver(sends.choice('shop', 'h0'));
    expect(desk.slack.of('views.update').map(({ args }) => args['hash'])).toEqual(['h0', undefined]);
    expect(desk.told()).toEqual([]);
  });

  test('is shown over the version that Slack named last', async () => {
    desk.slack.next.set('views.update', [{ view: { id: 'V1', hash: 'h1' } }, { error: 'hash_conflict' }]);
    await desk.deliver(sends.choice('shop', 'h0'));
    await desk.deliver(sends.choice('shop', 'h0'));
    expect(desk.slack.of('views.update').map(({ args }) => args['hash'])).toEqual(['h0', 'h0', 'h1']);
    expect(desk.told()).toEqual([]);
  });

  test('is not shown for a choice that somebody has taken back', async () => {
    const first = sends.choice('shop', 'h0');
    await desk.deliver(sends.choice('shop', 'h0'));
    await desk.deliver(first);
    expect(desk.slack.of('views.update')).toHaveLength(1);
  });

  test('that cannot be shown is said', async () => {
    desk.slack.answers.set('views.update', { error: 'hash_conflict' });
    await desk.deliver(sends.choice('shop', 'h0'));
    expect(desk.slack.of('views.update')).toHaveLength(2);
    expect(desk.told()).toEqual([expect.stringMatching(/Choose again in the form/)]);
  });

  test('that was closed is nobody’s', async () => {
    desk.slack.answers.set('views.update', { error: 'not_found' });
    await desk.deliver(sends.choice('shop', 'h0'));
    expect(desk.told()).toEqual([]);
  });
});

describe('trap: retried events and repeated envelopes are worked on once', () => {
  const offers = () => desk.slack.of('chat.postMessage').filter(({ args }) => args['channel'] === 'C0SHIP');

  test('a mention that Slack sends again', async () => {
    const event = sends.event(sends.mention('ship shop to prod'));
    await desk.deliver(event);
    await desk.deliver({ ...event, retry_attempt: 1, retry_reason: 'timeout' });
    expect(offers()).toHaveLength(1);
  });

  test('a command, a shortcut and a click', async () => {
    const click = sends.button(actionId(ACTION.openForm), undefined);
    for (const payload of [sends.command('help'), sends.shortcut(), click]) {
      await desk.deliver(payload);
      await desk.deliver(payload);
    }
    expect(desk.slack.of('views.open')).toHaveLength(2);
    expect(desk.slack.of('respond')).toHaveLength(2);
    expect(desk.acks()).toBe(6);
  });
});

describe('trap: an edited mention is a new app_mention', () => {
  const offers = () => desk.slack.of('chat.postMessage').filter(({ args }) => args['channel'] === 'C0SHIP');
  const edited = (mention: object, text: string) => ({
    ...mention,
    text: `<@U0BOT> ${text}`,
    edited: { user: 'U_ADA', ts: desk.fresh() },
  });

  test('what was offered to all is offered to nobody else again', async () => {
    const mention = sends.mention('ship shop to prod');
    await desk.deliver(sends.event(mention));
    await desk.deliver(sends.event(edited(mention, 'please ship shop to prod')));
    await desk.deliver(sends.event(edited(mention, 'ship shop')));
    expect(offers()).toHaveLength(1);
    expect(desk.slack.of('chat.postEphemeral')).toHaveLength(2);
  });

  test('what says only now what it wants is offered', async () => {
    const mention = sends.mention('shpi shop');
    await desk.deliver(sends.event(mention));
    expect(offers()).toHaveLength(0);
    await desk.deliver(sends.event(edited(mention, 'ship shop to prod')));
    await desk.deliver(sends.event(edited(mention, 'ship shop to prod!')));
    expect(offers()).toHaveLength(1);
  });

  test('message_changed, which comes with it, asks for nothing', async () => {
    const message = {
      user: 'U_ADA',
      text: 'rollback',
      ts: '1.2',
      thread_ts: '1.1',
      edited: { user: 'U_ADA', ts: '1.3' },
    };
    const calls = desk.slack.calls.length;
    const event = { type: 'message', channel: 'C0SHIP', ts: '1.4', event_ts: '1.4', channel_type: 'channel' };
    await desk.deliver(
      sends.event({ ...event, subtype: 'message_changed', message, previous_message: message }),
    );
    await desk.deliver(sends.event({ ...event, ...message }));
    expect(desk.slack.calls).toHaveLength(calls);
  });
});
