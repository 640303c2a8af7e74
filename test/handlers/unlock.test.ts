import type { BlockAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { decodeValue } from '../../src/blocks/kit/button-value.ts';
import { lockFor, pressUnlock, unlockFor } from '../../src/handlers/locks.ts';
import { type Click, openView, placeOf } from '../../src/handlers/support/click.ts';
import { town } from '../flows/locks/town.ts';

describe('unlocking', () => {
  let place: ReturnType<typeof town>;
  let said: string[];
  let opened: ModalView[];
  let context: Click['context'];

  beforeEach(() => {
    place = town();
    said = [];
    opened = [];
    const client = {
      chat: {
        postMessage: async ({ text }: { text: string }) => {
          said.push(text);
        },
      },
      views: {
        open: async ({ view }: { view: ModalView }) => {
          opened.push(view);
        },
      },
    };
    const homeTabs = { refreshSoon: () => undefined };
    const log = pino({ level: 'silent' });
    const channelId = async (name: string) => name;
    context = { requests: place.requests, client, homeTabs, log, channelId } as unknown as Click['context'];
  });
  const press = (user: string, origin: Click['origin'] = { channel: 'C_SHIP' }) => {
    const value = { service: 'shop', via: 'home' } as const;
    return pressUnlock({ context, caller: place.caller(user), value, trigger: 't', origin });
  };
  const audit = async () => (await place.requests.ledger.auditTrail({ limit: 1 }))[0];

  test('what was not heard as a time is said to whoever locked, not in the channel', async () => {
    const request = { service: 'shop', reason: '24h soak test', unheard: '24h' };
    expect((await lockFor(context, place.caller('U_ADA'), request)).text).toMatch(
      /It has no end: “24h” was not taken for a time\. For an end put it last: \/ship-prod lock shop "the reason" 2h/,
    );
    expect(said).toEqual([expect.not.stringContaining('no end')]);
    Object.assign(context.client.chat, { postMessage: () => Promise.reject(new Error('away')) });
    expect((await lockFor(context, place.caller('U_ADA'), request)).text).toContain('It has no end: “24h”');
  });

  test('who locks or unlocks has an answer although the channel does not get it yet', async () => {
    let takes: () => void = () => undefined;
    Object.assign(context.client.chat, {
      postMessage: ({ text }: { text: string }) =>
        new Promise<void>((resolve) => {
          takes = () => {
            said.push(text);
            resolve();
          };
        }),
    });
    const answer = await lockFor(context, place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    expect(answer.text).toMatch(/locked by .*migration/);
    expect(said).toEqual([]);
    takes();
    await unlockFor(context, place.caller('U_ADA'), 'shop');
    expect(said).toEqual([expect.stringContaining('locked by')]);
  });

  test('the last word in the channel is how things stand, however long Slack takes for the one before', async () => {
    const held: (() => void)[] = [];
    Object.assign(context.client.chat, {
      postMessage: ({ text }: { text: string }) =>
        new Promise<void>((resolve) => {
          held.push(() => {
            said.push(text);
            resolve();
          });
        }),
    });
    await lockFor(context, place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    await unlockFor(context, place.caller('U_ADA'), 'shop');
    while (held.length > 0) {
      held.pop()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(said).toEqual([expect.stringContaining('locked by'), expect.stringContaining('unlocked')]);
  });

  test('what somebody else locked asks why, in a form, and says it in the channel and the audit', async () => {
    await lockFor(context, place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    expect(await press('U_LINUS', { channel: 'C_SHIP', thread: '1.1' })).toBeUndefined();
    expect(await place.requests.ledger.lockOf('shop')).not.toBeNull();
    expect(JSON.stringify(opened[0])).toMatch(/locked by.*U_ADA.*migration/);
    expect(decodeValue(opened[0]?.private_metadata)).toMatchObject({
      service: 'shop',
      channel: 'C_SHIP',
      thread: '1.1',
    });
    await unlockFor(context, place.caller('U_LINUS'), 'shop', { because: 'the migration is through' });
    expect(said.at(-1)).toMatch(/U_LINUS unlocked shop: the migration is through/);
    expect(await audit()).toMatchObject({
      action: 'lock.released',
      detail: { owner: 'U_ADA', because: 'the migration is through' },
    });
  });

  test('without a reason it stays locked, and the refusal says what to type', async () => {
    await lockFor(context, place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    await expect(unlockFor(context, place.caller('U_LINUS'), 'shop', { because: ' ' })).rejects.toMatchObject(
      {
        code: 'unlock-reason',
      },
    );
    expect(await place.requests.ledger.lockOf('shop')).not.toBeNull();
  });

  test('an own lock is taken off at once; that of a rollback is nobody’s own', async () => {
    await lockFor(context, place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    expect((await press('U_ADA'))?.text).toContain('shop is unlocked');
    expect(opened).toEqual([]);
    const promotionId = 'shop-1';
    const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
    await place.requests.ledger.open({ id: promotionId, request, channel: 'C_SHIP' });
    await place.requests.ledger.change(promotionId, { to: 'rolled-back' });
    await place.requests.ledger.lock({ service: 'shop', owner: 'U_ADA', reason: 'Rolled back', promotionId });
    await press('U_ADA');
    expect(opened).toHaveLength(1);
    await unlockFor(context, place.caller('U_ADA'), 'shop', { because: 'mended' });
    expect(place.house.slack.notices('unlocked')).toEqual([
      { kind: 'unlocked', by: 'U_ADA', reason: 'mended' },
    ]);
  });

  test('a form that was opened on the Home tab is answered in the messages of the app', async () => {
    await lockFor(context, place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    await press('U_LINUS', { via: 'home' });
    const metadata = decodeValue(opened[0]?.private_metadata);
    expect(metadata).toMatchObject({ via: 'home' });
    expect(metadata?.channel).toBeUndefined();
  });
});

describe('where a press is answered', () => {
  type Pressed = Parameters<typeof placeOf>[0];
  const pressed = (message: object, container: object = {}): Pressed =>
    ({
      user: { id: 'U1' },
      channel: { id: 'C1', name: 'ship' },
      message: { type: 'message', ts: '2.0', ...message },
      container: { type: 'message', ...container },
    }) as unknown as Pick<BlockAction, 'channel' | 'container' | 'message' | 'user'>;

  test('on a card, and on a reply that is shown in the channel: there; in a thread: in the thread', () => {
    expect(placeOf(pressed({})).thread).toBeUndefined();
    expect(placeOf(pressed({ thread_ts: '2.0' })).thread).toBeUndefined();
    expect(placeOf(pressed({ thread_ts: '1.0' })).thread).toBe('1.0');
    const broadcast = { thread_ts: '1.0', subtype: 'thread_broadcast' };
    expect(placeOf(pressed(broadcast)).thread).toBeUndefined();
    expect(placeOf(pressed(broadcast)).root).toBe('1.0');
    expect(placeOf(pressed(broadcast, { thread_ts: '1.0' })).thread).toBe('1.0');
  });

  test('a form without anything to come back to is opened as it is', async () => {
    const opened: ModalView[] = [];
    const client = { views: { open: async ({ view }: { view: ModalView }) => opened.push(view) } };
    const view = { type: 'modal', title: { type: 'plain_text', text: 'Details' }, blocks: [] } as ModalView;
    await openView(
      { context: { client }, trigger: 't', origin: { channel: 'C1' } } as unknown as Click,
      view,
    );
    expect(opened).toEqual([view]);
  });
});
