import { describe, expect, test } from 'vitest';
import { keepBaselines } from '../../../src/flows/jobs/keep-baselines.ts';
import { town } from '../locks/town.ts';

const TICK = 30_000;
const BASELINE_TICKS = 120;

describe('the baseline of a source that forgets', () => {
  test('is stored as it comes, so that a restart loses nothing of it', async () => {
    const place = town();
    const { house, requests } = place;
    Object.assign(house.metrics, { forgets: true });
    const bornAt = house.clock.now();
    let aliveSince = bornAt - 10 * TICK;
    house.metrics.weather((end) => (end > aliveSince ? { total: 600, errors: 6, latencyMs: 20 } : null));
    await place.start();
    const { id } = await place.newest();
    const stored = async () =>
      (await house.ledger.samples(id)).filter(({ phase }) => phase === 'baseline').length;

    await keepBaselines(requests);
    expect(await stored()).toBe(10);
    await keepBaselines(requests);
    expect(await stored()).toBe(10);
    for (let tick = 0; tick < 20; tick += 1) {
      await place.wait(TICK);
      await keepBaselines(requests);
    }
    expect(await stored()).toBe(30);

    aliveSince = house.clock.now();
    await place.wait(TICK * 2);
    await place.approve();
    await place.ship();
    const all = (await house.ledger.samples(id)).filter(({ phase }) => phase === 'baseline');
    expect(all.length).toBe(32);
    expect(all.at(-1)?.alerts, 'what fires then is known').toEqual([]);
    expect(new Set(all.map(({ at }) => at)).size).toBe(32);
    expect(all.every(({ at }) => Date.parse(at) <= house.clock.now())).toBe(true);
  });

  test('is not stored for a source with a history, nor once the release is on its way', async () => {
    const place = town();
    const { house, requests } = place;
    await place.start();
    const { id } = await place.newest();
    await keepBaselines(requests);
    expect(await house.ledger.samples(id)).toEqual([]);
    await place.approve();
    await place.ship();
    const before = (await house.ledger.samples(id)).length;
    expect(before).toBeGreaterThanOrEqual(BASELINE_TICKS);
    Object.assign(house.metrics, { forgets: true });
    await keepBaselines(requests);
    expect(await house.ledger.samples(id)).toHaveLength(before);
  });
});
