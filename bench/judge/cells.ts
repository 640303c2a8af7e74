import { type Cell, outcomeOf, seedOf } from './cell.ts';
import { verdictsOf } from './ours.ts';
import { argoRollouts, eachTick, flagger, zScore } from './peers/limits.ts';
import { mannWhitney } from './peers/mann-whitney.ts';
import type { Peer } from './peers/peer.ts';
import { threshold } from './peers/threshold.ts';
import { type Random, randomFrom } from './random.ts';
import { clean, HARD, messy, type Scenario, type Service, type Shape, STRESS, windowOf } from './traffic.ts';

const LIMIT = 0.01;
export const RATES = [2, 20, 200] as const;
export const BASES = [0.002, 0.01] as const;
export const BASELINES_MIN = [5, 10, 20] as const;
export const RESTARTS_MIN = [1, 3] as const;
export const OUTAGES_RPS = [0.2, 0.5, 2, 20, 200] as const;
export const PEERS: readonly Peer[] = [eachTick, argoRollouts, flagger, mannWhitney, zScore, threshold];

function cell(id: string, service: Service, scenario: Scenario, table = false): Cell {
  return {
    id,
    run: (windows) => {
      const peers: Record<string, number> = {};
      const outcomes = Array.from({ length: windows }, (_, index) => {
        const random = randomFrom(seedOf(id, index));
        const window = windowOf(service, scenario(random), random);
        for (const peer of table ? PEERS : []) {
          peers[peer.name] = (peers[peer.name] ?? 0) + (peer.alarmAt(window, LIMIT) === null ? 0 : 1);
        }
        return outcomeOf(verdictsOf(window, service, LIMIT), service.tickS);
      });
      return { outcomes, peers };
    },
  };
}

/** A healthy service with a rise added. */
const risen =
  (scenario: Scenario, rise: NonNullable<Shape['rise']>): Scenario =>
  (random: Random) => ({ ...scenario(random), rise });

export const percentOf = (base: number) => `${base * 100} %`;
const services = (bases: readonly number[] = BASES, rates: readonly number[] = RATES): Service[] =>
  bases.flatMap((base) => rates.map((rps) => ({ rps, base })));

/** `messy, 0.2 %, 20 rps` */
export const nameOf = (what: string, { rps, base }: Service) => `${what}, ${percentOf(base)}, ${rps} rps`;

/** Healthy: whatever is said of these is a false alarm. */
const nulls: readonly Cell[] = [
  ...services().map((service) => cell(nameOf('clean', service), service, clean, true)),
  ...services().map((service) => cell(nameOf('messy', service), service, messy, true)),
  ...services([0.05]).map((service) => cell(nameOf('messy', service), service, messy)),
  ...Object.entries({ ...STRESS, ...HARD }).flatMap(([name, scenario]) =>
    services().map((service) => cell(nameOf(name, service), service, scenario)),
  ),
  ...BASELINES_MIN.flatMap((beforeMin) =>
    services().map((service) =>
      cell(nameOf(`${beforeMin} min before`, service), { ...service, beforeMin }, messy),
    ),
  ),
  ...RESTARTS_MIN.flatMap((minutes) =>
    services().map((service) =>
      cell(nameOf(`restart of ${minutes} min`, service), service, risen(clean, { by: 0.1, to: minutes * 2 })),
    ),
  ),
];

const DOWN = { by: 0.97 };
const outages: readonly Cell[] = OUTAGES_RPS.flatMap((rps) =>
  [0, 20].map((from) =>
    cell(
      `outage in tick ${from}, ${rps} rps`,
      { rps, base: 0.002, afterMin: 15 },
      risen(clean, { ...DOWN, from }),
    ),
  ),
);

const detection: readonly Cell[] = [
  cell('+1 pp, 20 rps', { rps: 20, base: 0.002 }, risen(clean, { by: 0.01 })),
  cell('×5, 20 rps', { rps: 20, base: 0.002 }, risen(clean, { times: 5 })),
  cell('×10, 20 rps', { rps: 20, base: 0.002 }, risen(clean, { times: 10 })),
  cell('×10, 2 rps', { rps: 2, base: 0.002 }, risen(clean, { times: 10 })),
  cell('×2, 200 rps', { rps: 200, base: 0.002 }, risen(clean, { times: 2 })),
  cell('+2 pp from minute 10, 20 rps', { rps: 20, base: 0.002 }, risen(clean, { by: 0.02, from: 20 })),
];

const health: readonly Cell[] = [
  ...services().map((service) => cell(nameOf('+1 pp', service), service, risen(clean, { by: 0.01 }))),
  ...services(BASES, [2]).map((service) =>
    cell(nameOf('+1 pp from the middle', service), service, risen(clean, { by: 0.01, from: 30 })),
  ),
  cell('nothing fails, 0 %, 2 rps', { rps: 2, base: 0 }, clean),
];

export const COUNT_CELLS: readonly Cell[] = [...nulls, ...outages, ...detection, ...health];
