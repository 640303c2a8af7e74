import { describe, expect, test } from 'vitest';
import { callThoseWhoWait } from '../../../src/flows/locks/queue.ts';
import { joinQueue } from '../../../src/flows/requests/start.ts';
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
    expect(place.said('next-in-queue')).toEqual([]);
    await place.unlock('U_ADA', '*');
    expect(place.said('next-in-queue').map(({ notice }) => notice)).toEqual([
      { kind: 'next-in-queue', user: 'U_GRACE', service: 'shop', wish },
    ]);
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
    const called = () => place.house.slack.notices('next-in-queue').map(({ user }) => user);
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toEqual([]);
    await place.wait(4 * HOUR);
    await callThoseWhoWait(place.requests, place.tell);
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toEqual(['U_GRACE']);
    // Grace does not come.
    await place.wait(HOUR / 2);
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toEqual(['U_GRACE', 'U_LINUS']);
    await place.wait(HOUR);
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toHaveLength(2);
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
    const called = () => place.house.slack.notices('next-in-queue').map(({ user }) => user);
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toEqual([]);
    await place.unlock('U_ADA');
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toEqual(['U_GRACE']);
    await place.lock('U_ADA', { forMs: HOUR });
    await place.wait(HOUR);
    await callThoseWhoWait(place.requests, place.tell);
    expect(called()).toEqual(['U_GRACE', 'U_LINUS']);
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
    const { slack, ledger } = place.house;
    const look = () => callThoseWhoWait(place.requests, place.tell);
    const say = slack.say.bind(slack);
    slack.say = async () => {
      throw new Error('killed before it was said');
    };
    await expect(look()).rejects.toThrow('killed');
    slack.say = say;
    const leave = ledger.leaveQueue.bind(ledger);
    ledger.leaveQueue = async () => {
      throw new Error('killed after it was said');
    };
    await expect(look()).rejects.toThrow('killed');
    ledger.leaveQueue = leave;
    await look();
    await look();
    expect(slack.notices('next-in-queue').map(({ user }) => user)).toEqual(['U_GRACE']);
  });

  test('who waits for a service that was never shipped is called in its channel, until it worked', async () => {
    const place = town();
    await place.lock('U_ADA', { forMs: HOUR });
    await joinQueue(place.requests, place.caller('U_GRACE'), 'shop', wish);
    await place.wait(HOUR);
    const away = () => Promise.reject(new Error('Slack is away'));
    await expect(callThoseWhoWait(place.requests, away)).rejects.toThrow('away');
    await callThoseWhoWait(place.requests, place.tell);
    expect(place.told).toEqual([]);
    await place.wait(60_000);
    await callThoseWhoWait(place.requests, place.tell);
    await callThoseWhoWait(place.requests, place.tell);
    expect(place.told).toEqual(['U_GRACE']);
  });

  test('a service whose channel nobody can be called in keeps nobody else waiting', async () => {
    const place = town();
    const { ports, ledger } = place.house;
    for (const name of ['cart', 'docs', 'shop']) await ledger.joinQueue(name, `U_${name}`);
    const named = (name: string) => [name, { ...ports, service: { ...ports.service, name } }] as const;
    const services = new Map(['cart', 'docs', 'shop'].map(named));
    const tell: typeof place.tell = async (at, notice) => {
      if (notice.user !== 'U_shop') throw new Error(`${notice.user}: not_in_channel`);
      await place.tell(at, notice);
    };
    const error = await callThoseWhoWait({ services }, tell).catch((thrown: unknown) => thrown);
    expect(place.told).toEqual(['U_shop']);
    expect(error).toBeInstanceOf(AggregateError);
    expect(String((error as AggregateError).errors)).toMatch(
      /U_cart: not_in_channel.*U_docs: not_in_channel/,
    );
    expect(await ledger.waitedFor()).toEqual(['cart', 'docs']);
  });

  test('who waits for a service that was never shipped is called in its channel', async () => {
    const place = town();
    await place.lock('U_ADA');
    expect(await joinQueue(place.requests, place.caller('U_GRACE'), 'shop', wish)).toBe(1);
    await place.unlock('U_ADA');
    await callThoseWhoWait(place.requests, place.tell);
    expect(place.told).toEqual(['U_GRACE']);
    expect(place.said('next-in-queue')).toEqual([]);
  });
});
