import { expect, test } from 'vitest';
import { openSources } from '../../../src/adapters/metrics/combined.ts';
import type { Chosen } from '../../../src/adapters/shared/kinds.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { MemoryMetrics } from '../../fakes/memory-metrics.ts';
import { town } from '../locks/town.ts';

const DAY_MS = 86_400_000;

async function shippedOver(weather: (house: ReturnType<typeof town>['house'], bornAt: number) => void) {
  const place = town();
  weather(place.house, place.house.clock.now());
  await place.start();
  const { id } = await place.newest();
  await place.approve();
  await place.ship();
  return (await place.house.ledger.samples(id)).filter(({ phase }) => phase === 'history');
}

test('the same hour of yesterday and of last week is stored with the baseline', async () => {
  const history = await shippedOver((house, bornAt) =>
    house.metrics.weather((end) => ({
      total: 600,
      errors: end < bornAt - 6 * DAY_MS ? 7 : end < bornAt - DAY_MS / 2 ? 1 : 0,
      latencyMs: 20,
    })),
  );
  expect(history.filter(({ errors }) => errors === 1)).toHaveLength(120);
  expect(history.filter(({ errors }) => errors === 7)).toHaveLength(120);
  expect(history).toHaveLength(240);
});

test('the judge begins with them, each day by itself', async () => {
  const begun: { readonly days: readonly number[]; readonly pooled: unknown }[] = [];
  await shippedOver((house) => {
    house.metrics.weather(() => ({ total: 600, errors: 6, latencyMs: 20 }));
    const { judge } = house.ports;
    Object.assign(house.ports, {
      judge: {
        ...judge,
        begin: (...[baseline, rules, history = []]: Parameters<typeof judge.begin>) => {
          const start = judge.begin(baseline, rules, history);
          begun.push({ days: history.map(({ length }) => length), pooled: start.counts['error rate']?.days });
          return start;
        },
      },
    });
  });
  expect(begun).toContainEqual({ days: [120, 120], pooled: 2 });
});

test('a source beside one that forgets has its earlier days', async () => {
  const history = await shippedOver((house) => {
    const forgetful = Object.assign(new MemoryMetrics(() => null), { forgets: true });
    const table = { open: ({ use }: Chosen) => (use === 'known' ? house.metrics : forgetful) };
    const settings = [{ use: 'known' }, { use: 'probe', name: 'probes' }];
    const metrics = openSources(
      table as unknown as Parameters<typeof openSources>[0],
      settings,
      adapterContext(),
    );
    Object.assign(house.ports, { metrics });
  });
  expect(history).toHaveLength(240);
});

test('a source that forgets, and one that does not answer for then, has no earlier days', async () => {
  expect(await shippedOver((house) => Object.assign(house.metrics, { forgets: true }))).toEqual([]);
  expect(
    await shippedOver((house, bornAt) => {
      const read = house.metrics.read.bind(house.metrics);
      house.metrics.read = async (range, phase) => {
        if (range.toMs < bornAt - DAY_MS / 2) throw new Unavailable('Prometheus', 'it answered 503');
        return read(range, phase);
      };
    }),
  ).toEqual([]);
});
