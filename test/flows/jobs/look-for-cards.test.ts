import { expect, test } from 'vitest';
import { cardSearch } from '../../../src/flows/jobs/look-for-cards.ts';
import { House } from '../house.ts';

const MINUTE = 60_000;

async function waiting() {
  const house = new House();
  const asked: string[] = [];
  const outbox = { cardMayBeGone: async (id: string) => void asked.push(id) };
  const search = cardSearch(house.requests(), outbox, house.clock.now);
  const id = await house.open();
  await house.ledger.change(id, { to: 'awaiting-approval' });
  return { house, asked, search, id };
}

test('the cards of what waits for people are asked for at the start, and again after some minutes', async () => {
  const { house, asked, search, id } = await waiting();
  await search.look();
  expect(asked).toEqual([id]);
  await house.clock.advance(MINUTE);
  await search.look();
  expect(asked).toEqual([id]);
  await house.clock.advance(4 * MINUTE);
  await search.look();
  expect(asked).toEqual([id, id]);
});

test('after a gap in which nobody heard of anything they are asked for at once', async () => {
  const { house, asked, search, id } = await waiting();
  await search.look();
  await house.clock.advance(MINUTE);
  search.deaf();
  await search.look();
  expect(asked).toEqual([id, id]);
});

test('one that has just begun to wait was just shown, and what changes by itself is left alone', async () => {
  const { house, asked, search, id } = await waiting();
  await house.ledger.change(id, { to: 'monitoring' });
  await search.look();
  await house.clock.advance(10 * MINUTE);
  await house.ledger.change(id, { to: 'verifying', data: { decision: 'unhealthy' } });
  await search.look();
  expect(asked).toEqual([]);
  await house.clock.advance(5 * MINUTE);
  await search.look();
  expect(asked).toEqual([id]);
});

test('two replicas ask for a card once, and many cards are spread over minutes', async () => {
  const { house, asked, search } = await waiting();
  const second = cardSearch(
    house.requests(),
    { cardMayBeGone: async (id) => void asked.push(id) },
    house.clock.now,
  );
  await search.look();
  await second.look();
  await house.clock.advance(6 * MINUTE);
  asked.length = 0;
  await search.look();
  await second.look();
  expect(asked).toHaveLength(1);

  const requests = house.requests();
  const ids = Array.from({ length: 25 }, (_, nr) => `many-${nr}`);
  const services = new Map(ids.map((id) => [id, house.ports]));
  for (const id of ids) {
    await house.ledger.open({ id, request: { service: id, bump: 'auto', by: 'U_ADA' }, channel: 'C' });
    await house.ledger.change(id, { to: 'awaiting-approval' });
  }
  const many: string[] = [];
  const third = cardSearch(
    { ...requests, services },
    { cardMayBeGone: async (id) => void many.push(id) },
    house.clock.now,
  );
  for (const expected of [10, 20, 25, 25]) {
    await third.look();
    expect(new Set(many).size).toBe(expected);
    expect(many).toHaveLength(expected);
    await house.clock.advance(MINUTE);
  }
});
