import { beforeEach, describe, expect, test } from 'vitest';
import { offerReady } from '../../../src/flows/jobs/offer-ready.ts';
import { House, stateFile } from '../house.ts';

const MINUTE = 60_000;

describe('the watch', () => {
  let house: House;
  let told: string[];

  beforeEach(() => {
    house = new House();
    told = [];
  });

  const look = (tell = async ({ feature }: { readonly feature: string }) => void told.push(feature)) =>
    offerReady(house, house.ports, tell);

  test('offers what is ready once, also when it stands at ship-prod for weeks', async () => {
    for (let day = 0; day < 30; day += 1) {
      await look();
      await house.clock.advance(24 * 60 * MINUTE);
    }
    expect(told).toEqual(['014-coupons']);
  });

  test('offers again what could not be said, and the others all the same', async () => {
    house.repository.push('main', 'docs: another state', {
      'specs/015-gifts/state.yaml': stateFile(house.validated),
    });
    const failing = look(async ({ feature }) => {
      if (feature === '015-gifts') throw new Error('not_in_channel');
      told.push(feature);
    });
    await expect(failing).rejects.toThrow('not_in_channel');
    expect(told).toEqual(['014-coupons']);
    await house.clock.advance(MINUTE);
    await look();
    await look();
    expect(told).toEqual(['014-coupons', '015-gifts']);
  });

  test('two processes that look at the same time offer once', async () => {
    await Promise.all([look(), look()]);
    expect(told).toEqual(['014-coupons']);
  });
});
