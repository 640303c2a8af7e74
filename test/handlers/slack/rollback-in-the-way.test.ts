import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeValue } from '../../../src/blocks/kit/button-value.ts';
import { ACTION, actionId, buttonPurpose } from '../../../src/blocks/kit/ids.ts';
import { STATE, stateFile } from '../../flows/house.ts';
import { type Desk, openDesk, payloadsFor, SEAL } from './desk.ts';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;
let shipped: string;

/** 1.3.0 has shipped, and 1.4.0 waits for approval. */
beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk, 'U_LINUS');
  const { place } = desk;
  const { repository } = place.house;
  Object.assign(place.requests.threads, { cardOf: async () => ({ channel: 'C0SHIP', ts: '9.1' }) });
  await place.start();
  await place.approve();
  await place.ship();
  const first = await place.newest();
  expect(first.state).toBe('shipped');
  shipped = first.id;
  repository.push('main', 'feat: gifts', { 'src/server.js': 'gifts\n' });
  repository.push('main', 'docs: state', { [STATE]: stateFile(repository.branches.get('main') ?? '') });
  await place.start();
  expect((await place.newest()).state).toBe('awaiting-approval');
});
afterEach(() => desk.close());

const IN_THE_WAY =
  /shop 1\.4\.0 is awaiting approval.*Nothing was rolled back.*\/ship-prod cancel shop.*https:\/\/ours\.slack\.com\/archives\/C0SHIP\/p91/;

test('a rollback is not asked about while another promotion waits; once that is cancelled it is', async () => {
  await desk.deliver(sends.command('rollback shop'));
  expect(desk.told()).toEqual([expect.stringMatching(IN_THE_WAY)]);
  await desk.deliver(sends.command('cancel shop'));
  await desk.place.settle();
  await desk.deliver(sends.command('rollback shop'));
  expect(desk.told().at(-1)).toMatch(/Roll shop .*back to 1\.2\.0/);
});

test('the card of before says what is in the way', async () => {
  const id = actionId(ACTION.rollback);
  const value = SEAL.close(encodeValue({ promotion: shipped, service: 'shop' }), buttonPurpose(id));
  await desk.deliver(sends.button(id, value));
  expect(desk.told()).toEqual([expect.stringMatching(IN_THE_WAY)]);
  expect(await desk.place.house.state(shipped)).toBe('shipped');
});

test('what is rolled back already is waited for', async () => {
  const { house, newest } = desk.place;
  await house.ledger.change((await newest()).id, { to: 'rolling-back' });
  await desk.deliver(sends.command('rollback shop'));
  const [told] = desk.told();
  expect(told).toMatch(/shop 1\.4\.0 is rolling back.*Wait until it is over: its thread shows how it goes\./);
  expect(told).not.toContain('Roll that one back');
});
