import { pino } from 'pino';
import { expect, test } from 'vitest';
import { settleRemoved } from '../../src/flows/jobs/offer-ready.ts';
import { offerAll } from '../../src/jobs/offer-ready.ts';
import { EVERY, repeat } from '../../src/jobs/repeat.ts';
import { House } from '../flows/house.ts';

const log = pino({ level: 'silent' });

test('no further service is looked at once it has to stop', async () => {
  const house = new House();
  let looked = 0;
  const open = house.ledger.openFor.bind(house.ledger);
  house.ledger.openFor = async (service) => {
    looked += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return open(service);
  };
  const services = new Map(Array.from({ length: 50 }, (_, at) => [`shop ${at}`, house.ports]));
  const prompts = { ask: async () => undefined, look: async () => undefined, idle: async () => undefined };
  const context = { requests: house.requests({ services }), prompts, log };
  const job = repeat(EVERY.minute, (stopping) => offerAll(context, stopping), { log, trouble: 'no' });
  await expect.poll(() => looked, { timeout: 5_000 }).toBe(2);
  const began = performance.now();
  await job.stop();
  expect(performance.now() - began).toBeLessThan(1_500);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(looked).toBe(2);
});

test('what was offered of a service that is not configured any more is let go after a day', async () => {
  const house = new House();
  const { ledger, clock } = house;
  for (const service of ['gone', 'shop']) {
    await ledger.putPrompt({ key: service, place: { channel: 'C1' }, prompt: { kind: 'offer', service } });
    await ledger.promptPosted(service, { channel: 'C1', ts: service });
  }
  const requests = house.requests({});
  await settleRemoved(requests);
  expect((await ledger.openPrompts()).map(({ outcome }) => outcome)).toEqual([null, null]);
  const later = { ...requests, now: () => clock.now() + 86_400_001 };
  await settleRemoved(later);
  expect(await ledger.openPrompts()).toMatchObject([
    { key: 'gone', outcome: { kind: 'no-service' } },
    { key: 'shop', outcome: null },
  ]);
});
