import { beforeEach, describe, expect, test } from 'vitest';
import { type AuthorNews, tellAuthors } from '../../../src/flows/jobs/tell-authors.ts';
import { subscribe, unsubscribe } from '../../../src/flows/schedule/habits.ts';
import { town } from '../locks/town.ts';

const DAY = 24 * 3_600_000;
const ordinary = { deleted: false, bot: false, restricted: false };

describe('those who want to know of their commits', () => {
  let place: ReturnType<typeof town>;
  let told: string[];

  beforeEach(() => {
    place = town({ selfApproval: true, approvals: 1 });
    told = [];
    const { profiles } = place.house.people;
    // The commits of the house are by this address.
    profiles.set('U_ADA', { id: 'U_ADA', name: 'Ada', ...ordinary, email: 'dev@shop.test' });
    profiles.set('U_LINUS', { id: 'U_LINUS', name: 'Linus', ...ordinary, email: 'linus@shop.test' });
    profiles.set('U_GRACE', { id: 'U_GRACE', name: 'Grace', ...ordinary });
  });

  const tell = async (user: string, { kind, commits }: AuthorNews) => {
    told.push(`${user} ${kind}: ${commits.map(({ subject }) => subject).join(', ')}`);
  };
  const look = () => tellAuthors(place.requests, tell);
  const live = async () => {
    await place.start();
    await place.approve();
    await place.wait(1_000);
  };

  test('are told once, when it is live and proven healthy, of theirs only', async () => {
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await subscribe(place.requests, place.caller('U_LINUS'), '*');
    await place.start();
    await look();
    expect(told).toEqual([]);
    await place.approve();
    await place.ship(30_000);
    expect((await place.newest()).state).toBe('monitoring');
    await look();
    await look();
    expect(told).toEqual(['U_ADA live: docs: state, feat: coupons at the till']);
    await place.ship(2 * 60 * 60_000);
    await look();
    expect(told).toHaveLength(1);
  });

  test('are told however many promotions are younger', async () => {
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await live();
    await place.ship(30_000);
    await place.wait(1_000);
    const { ledger } = place.requests;
    for (let nth = 0; nth < 60; nth += 1) {
      const request = { service: `cart-${nth}`, bump: 'auto', by: 'U_ADA' } as const;
      const { id } = await ledger.open({ id: `cart-${nth}-1`, request, channel: 'C_SHIP' });
      await ledger.change(id, { to: 'shipped' });
    }
    await look();
    expect(told).toHaveLength(1);
  });

  test('are not told while it has a part of the requests', async () => {
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await live();
    await place.ship(30_000);
    const { id } = await place.newest();
    const { ledger } = place.requests;
    await ledger.change(id, { data: { stage: { share: 5, next: 100, shares: [5, 100] } } });
    await look();
    expect(told).toEqual([]);
    await ledger.change(id, { data: { stage: null } });
    await look();
    expect(told).toHaveLength(1);
  });

  test('are told again by the next process when Slack did not take it', async () => {
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await live();
    await place.ship(30_000);
    const failing = tellAuthors(place.requests, async () => {
      throw new Error('Slack is down');
    });
    await expect(failing).rejects.toThrow('Slack is down');
    await look();
    expect(told).toEqual([]);
    await place.wait(31_000);
    await look();
    expect(told).toHaveLength(1);
  });

  test('are told when theirs are rolled back', async () => {
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await live();
    await place.ship(30_000);
    await look();
    const { id, data } = await place.newest();
    const to = { version: '1.2.0', tag: 'v1.2.0', commit: data.plan?.rollbackTo?.commit ?? '' };
    const finishedAt = place.house.clock.now();
    const rollback = { to, by: 'U_LINUS', reason: 'errors', startedAt: finishedAt, finishedAt };
    await place.house.ledger.change(id, { to: 'rolled-back', data: { rollback } });
    await look();
    await look();
    expect(told.map((one) => one.split(':')[0])).toEqual(['U_ADA live', 'U_ADA back']);
  });

  test('are not told of what was live before, is older than a day, or is hidden from them', async () => {
    await live();
    await place.ship(30_000);
    await place.wait(1_000);
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await look();
    expect(told).toEqual([]);

    place = town({ selfApproval: true, approvals: 1 });
    place.house.people.profiles.set('U_ADA', {
      id: 'U_ADA',
      name: 'Ada',
      ...ordinary,
      email: 'dev@shop.test',
    });
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await live();
    await place.ship(30_000);
    const hidden = new Map(
      [...place.requests.services].map(([name, ports]) => [
        name,
        { ...ports, service: { ...ports.service, visibility: 'channel' as const } },
      ]),
    );
    place.house.people.outsideChannel.add('U_ADA');
    await tellAuthors({ ...place.requests, services: hidden }, tell);
    expect(told).toEqual([]);
    place.house.people.outsideChannel.clear();
    await place.wait(DAY);
    await look();
    expect(told).toEqual([]);
  });

  test('are known by their address or the configuration, and may stop it', async () => {
    await expect(subscribe(place.requests, place.caller('U_GRACE'), 'shop')).rejects.toMatchObject({
      code: 'address-unknown',
    });
    const people = { 'dev@shop.test': 'U_GRACE' };
    const ports = { ...place.house.ports, service: { ...place.house.ports.service, people } };
    place.requests.services = new Map([['shop', ports]]);
    await subscribe(place.requests, place.caller('U_GRACE'), '*');
    await subscribe(place.requests, place.caller('U_ADA'), 'shop');
    await unsubscribe(place.requests, place.caller('U_ADA'), undefined);
    await expect(unsubscribe(place.requests, place.caller('U_ADA'), 'shop')).rejects.toMatchObject({
      code: 'not-subscribed',
    });
    await live();
    await place.ship(30_000);
    await look();
    expect(told.map((one) => one.split(':')[0])).toEqual(['U_GRACE live']);
  });
});
