import { beforeEach, describe, expect, test } from 'vitest';
import { offerReady } from '../../../src/flows/jobs/offer-ready.ts';
import { House, stateFile } from '../house.ts';

const MINUTE = 60_000;
const STATE = 'specs/014-coupons/state.yaml';

describe('what is ready to be shipped', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  const look = () => offerReady(house, house.ports);
  const offers = async () =>
    (await house.ledger.openPrompts()).map(({ prompt, outcome }) => [
      prompt.kind === 'offer' ? prompt.feature : prompt.kind,
      outcome?.kind ?? 'open',
    ]);

  test('is offered once, also when it stands at ship-prod for weeks', async () => {
    for (let day = 0; day < 30; day += 1) {
      await look();
      await house.clock.advance(24 * 60 * MINUTE);
    }
    expect(await offers()).toEqual([['014-coupons', 'open']]);
    expect(await house.ledger.openPrompts()).toMatchObject([
      { place: { channel: 'C_SHIP' }, prompt: { because: expect.stringContaining('ship-prod') } },
    ]);
  });

  test('is offered by a later look where a process died before it was stored, and the others all the same', async () => {
    house.repository.push('main', 'docs: another state', {
      'specs/015-gifts/state.yaml': stateFile(house.validated),
    });
    const put = house.ledger.putPrompt.bind(house.ledger);
    house.ledger.putPrompt = async (prompt) => {
      if (prompt.key.includes('015')) throw new Error('killed');
      return put(prompt);
    };
    await expect(look()).rejects.toThrow('killed');
    expect(await offers()).toEqual([['014-coupons', 'open']]);
    house.ledger.putPrompt = put;
    await house.clock.advance(MINUTE);
    await look();
    await look();
    expect(await offers()).toEqual([
      ['014-coupons', 'open'],
      ['015-gifts', 'open'],
    ]);
  });

  test('is offered once by two processes that look at the same time', async () => {
    await Promise.all([look(), look()]);
    expect(await offers()).toEqual([['014-coupons', 'open']]);
  });

  test('gives way to the offer of a newer validation', async () => {
    await look();
    const commit = house.repository.push('main', 'fix: the till', { 'src/till.js': 'mended' });
    house.repository.push('main', 'docs: validated again', { [STATE]: stateFile(commit) });
    await look();
    expect(await offers()).toEqual([
      ['014-coupons', 'offered-anew'],
      ['014-coupons', 'open'],
    ]);
  });

  test('and is not any more, is not offered any more', async () => {
    await look();
    const pending = stateFile(house.validated).replaceAll('approved', 'pending');
    house.repository.push('main', 'docs: not yet', { [STATE]: pending });
    await look();
    expect(await offers()).toEqual([['014-coupons', 'not-ready']]);
  });
});
