import { beforeEach, describe, expect, test } from 'vitest';
import { offerReady } from '../../../src/flows/jobs/offer-ready.ts';
import { snoozeOffer } from '../../../src/flows/schedule/habits.ts';
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

  describe('and snoozed', () => {
    const HOUR = 60 * MINUTE;
    const press = async (user = 'U_ADA', ms: number | undefined = HOUR) => {
      const open = (await house.ledger.openPrompts()).findLast(({ outcome }) => outcome === null);
      const place = { channel: 'C1', ts: open?.key ?? '' };
      await house.ledger.promptPosted(open?.key ?? '', place);
      const caller = { user, via: 'button', key: `${user}:${house.clock.now()}`, ...place };
      return snoozeOffer(house.requests(), caller, 'shop', ms);
    };
    const visible = async () =>
      (await house.ledger.openPrompts())
        .filter(({ outcome, snoozedUntil }) => outcome === null && snoozedUntil === undefined)
        .map(({ key }) => key.replace(/.*:again:\d+$/, 'again'));

    test('comes back once, when its time is over and it is still ready', async () => {
      await look();
      const until = await press();
      expect(until).toBe(house.clock.now() + HOUR);
      expect(await offers()).toEqual([
        ['014-coupons', 'snoozed'],
        ['014-coupons', 'open'],
      ]);
      await house.clock.advance(59 * MINUTE);
      await look();
      expect(await visible()).toEqual([]);
      await house.clock.advance(MINUTE);
      await look();
      await look();
      expect(await visible()).toEqual(['again']);
    });

    test('does not come back when it is not ready by then, was started, or is locked until later', async () => {
      await look();
      await press();
      await house.clock.advance(HOUR);
      await house.ledger.lock({ service: 'shop', owner: 'U_LINUS', reason: 'migration' });
      await look();
      expect(await visible()).toEqual([]);
      await house.ledger.unlock('shop', 'U_LINUS');
      const pending = stateFile(house.validated).replaceAll('approved', 'pending');
      house.repository.push('main', 'docs: not yet', { [STATE]: pending });
      await look();
      expect(await visible()).toEqual([]);
      expect((await offers()).at(-1)).toEqual(['014-coupons', 'not-ready']);
    });

    test('until tomorrow is 9:00 where that person is', async () => {
      const ordinary = { name: 'Ada', deleted: false, bot: false, restricted: false };
      house.people.profiles.set('U_ADA', { id: 'U_ADA', ...ordinary, zone: 'Asia/Tokyo' });
      await look();
      const open = (await house.ledger.openPrompts())[0];
      const place = { channel: 'C1', ts: '1.1' };
      await house.ledger.promptPosted(open?.key ?? '', place);
      const caller = { user: 'U_ADA', via: 'button', key: 'k', ...place };
      const until = await snoozeOffer(house.requests(), caller, 'shop', undefined);
      expect(new Date(until).toISOString()).toBe('2030-01-08T00:00:00.000Z');
    });

    test('is for those who may start it, and for an offer that is open', async () => {
      house = new House({ start: { users: ['U_GRACE'], groups: [] } });
      await look();
      await expect(press('U_ADA')).rejects.toMatchObject({ code: 'not-allowed' });
      await press('U_GRACE');
      const [first] = await house.ledger.openPrompts();
      const caller = { user: 'U_GRACE', via: 'button', key: 'again', channel: 'C1', ts: first?.key };
      await expect(snoozeOffer(house.requests(), caller, 'shop', HOUR)).rejects.toMatchObject({
        code: 'offer-over',
      });
    });
  });
});
