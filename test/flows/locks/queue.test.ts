import { describe, expect, test } from 'vitest';
import { callThoseWhoWait } from '../../../src/flows/locks/queue.ts';
import { joinQueue, startPromotion } from '../../../src/flows/requests/start.ts';
import { steer } from '../../../src/flows/requests/steer.ts';

import { FREEZE, HOUR, refused, town } from './town.ts';

describe('the line', () => {
  const wish = { bump: 'minor', feature: '014-coupons' } as const;

  test('those who wait for a locked service are called when it is free, with what they wanted', async () => {
    const place = town();
    await place.start();
    await steer(place.requests, place.caller('U_ADA'), (await place.newest()).id, {
      kind: 'cancel',
      reason: 'later',
    });
    await place.wait(1_000);
    expect((await place.newest()).state).toBe('cancelled');
    const join = (user: string) => joinQueue(place.requests, place.caller(user), 'shop', wish);
    expect((await refused(join('U_GRACE'))).code).toBe('nothing-to-wait-for');
    await place.lock('U_ADA');
    await place.lock('U_ADA', { service: '*' });
    expect(await join('U_GRACE')).toBe(1);
    await place.unlock('U_ADA');
    expect(await place.called()).toEqual([]);
    await place.unlock('U_ADA', '*');
    // In a direct message: the thread of whoever had it is nothing to them.
    expect(await place.house.ledger.openPrompts()).toMatchObject([
      { place: { channel: 'U_GRACE' }, prompt: { kind: 'turn', user: 'U_GRACE', service: 'shop', wish } },
    ]);
    expect(place.said('next-in-queue')).toEqual([]);
  });

  test('nothing begins for a service that the configuration has no more', async () => {
    const place = town();
    const requests = { ...place.requests, leaving: new Set(['shop']) };
    const asked = [
      startPromotion(requests, place.caller('U_ADA'), { service: 'shop', bump: 'auto' }),
      joinQueue(requests, place.caller('U_GRACE'), 'shop'),
    ];
    for (const one of asked) expect((await refused(one)).code).toBe('service-leaving');
  });

  test('nobody is called into a freeze, but when it is over', async () => {
    const place = town({ freeze: [FREEZE] });
    await place.start();
    await joinQueue(place.requests, place.caller('U_GRACE'), 'shop', wish);
    await joinQueue(place.requests, place.caller('U_LINUS'), 'shop');
    await place.wait(HOUR);
    const { id } = await place.newest();
    await steer(place.requests, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'later' });
    await place.wait(1_000);
    expect((await place.newest()).state).toBe('cancelled');
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual([]);
    await place.wait(4 * HOUR);
    await callThoseWhoWait(place.requests);
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual(['U_GRACE']);
    // Grace does not come.
    await place.wait(HOUR / 2);
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual(['U_GRACE', 'U_LINUS']);
    await place.wait(HOUR);
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toHaveLength(2);
  });

  test('whoever was called by an unlock keeps their turn; a lock that runs out calls too', async () => {
    const place = town();
    await place.start();
    const { id } = await place.newest();
    await steer(place.requests, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'later' });
    await place.wait(1_000);
    await place.lock('U_ADA', { forMs: HOUR });
    await joinQueue(place.requests, place.caller('U_GRACE'), 'shop', wish);
    await joinQueue(place.requests, place.caller('U_LINUS'), 'shop', wish);
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual([]);
    await place.unlock('U_ADA');
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual(['U_GRACE']);
    await place.lock('U_ADA', { forMs: HOUR });
    await place.wait(HOUR);
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual(['U_GRACE', 'U_LINUS']);
  });

  test('a crash between taking a look at the line and calling loses nobody, and nobody is called twice', async () => {
    const place = town();
    await place.start();
    const { id } = await place.newest();
    await steer(place.requests, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'later' });
    await place.wait(1_000);
    await place.lock('U_ADA', { forMs: HOUR });
    await joinQueue(place.requests, place.caller('U_GRACE'), 'shop', wish);
    await place.wait(HOUR);
    const { ledger } = place.house;
    const look = () => callThoseWhoWait(place.requests);
    const put = ledger.putPrompt.bind(ledger);
    ledger.putPrompt = async () => {
      throw new Error('killed before it was stored');
    };
    await expect(look()).rejects.toThrow('killed');
    ledger.putPrompt = put;
    const leave = ledger.leaveQueue.bind(ledger);
    ledger.leaveQueue = async () => {
      throw new Error('killed after it was stored');
    };
    await expect(look()).rejects.toThrow('killed');
    ledger.leaveQueue = leave;
    await look();
    await look();
    expect(await place.called()).toEqual(['U_GRACE']);
  });

  test('who waits for a service that was never shipped is called too', async () => {
    const place = town();
    await place.lock('U_ADA');
    expect(await joinQueue(place.requests, place.caller('U_GRACE'), 'shop', wish)).toBe(1);
    await place.unlock('U_ADA');
    await callThoseWhoWait(place.requests);
    expect(await place.called()).toEqual(['U_GRACE']);
  });
});
