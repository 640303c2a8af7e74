import { pino } from 'pino';
import { expect, test } from 'vitest';
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
