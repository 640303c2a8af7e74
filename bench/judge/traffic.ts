import type { Random } from './random.ts';

/** Requests of a tick and how many of them failed. */
export type Counts = readonly [requests: number, failed: number];

export interface Window {
  readonly before: readonly Counts[];
  readonly after: readonly Counts[];
}

/** How a service behaves; times in ticks, 0 is the deploy. */
export interface Shape {
  /** Times the usual traffic. */
  readonly traffic?: (tick: number) => number;
  /** Times the usual error rate. */
  readonly errors?: (tick: number) => number;
  /** Failed requests come in groups of so many. */
  readonly cluster?: number;
  /** Added to the error rate from the tick `from` on. */
  readonly rise?: {
    readonly by?: number;
    readonly times?: number;
    readonly from?: number;
    readonly to?: number;
  };
}

/** A behaviour drawn anew for each window. */
export type Scenario = (random: Random) => Shape;

export interface Service {
  readonly rps: number;
  readonly base: number;
  readonly tickS?: number;
  readonly beforeMin?: number;
  readonly afterMin?: number;
}

export function windowOf(
  { rps, base, tickS = 30, beforeMin = 60, afterMin = 30 }: Service,
  shape: Shape,
  random: Random,
): Window {
  const tick = (index: number): Counts => {
    const requests = random.poisson(rps * tickS * (shape.traffic?.(index) ?? 1));
    const usual = base * (shape.errors?.(index) ?? 1);
    const { rise } = shape;
    const isRisen =
      rise !== undefined && index >= (rise.from ?? 0) && index < (rise.to ?? Number.POSITIVE_INFINITY);
    const rate = Math.min(0.99, isRisen ? usual * (rise.times ?? 1) + (rise.by ?? 0) : usual);
    if (shape.cluster === undefined) return [requests, random.binomial(requests, rate)];
    return [requests, Math.min(requests, shape.cluster * random.poisson((requests * rate) / shape.cluster))];
  };
  const [before, after] = [(beforeMin * 60) / tickS, (afterMin * 60) / tickS];
  return {
    before: Array.from({ length: before }, (_, index) => tick(index - before)),
    after: Array.from({ length: after }, (_, index) => tick(index)),
  };
}

export const clean: Scenario = () => ({});

const TICKS_A_MINUTE = 2;
const BEFORE = 120;

/** A wave of so much (0.3 = ±30 %) and a period of so many minutes, anywhere in it. */
export function wave(random: Random, amount: number, minutes: number): (tick: number) => number {
  const phase = 2 * Math.PI * random.uniform();
  return (tick) => 1 + amount * Math.sin(phase + (2 * Math.PI * tick) / (minutes * TICKS_A_MINUTE));
}

/** The error rate drifts slowly, traffic moves by ±20 %, and a restart triples the errors for three minutes. */
export const messy: Scenario = (random) => {
  const drift = autoregressive(random, 0.3, Math.exp(-1 / 60));
  return {
    traffic: wave(random, 0.2, 30 + 60 * random.uniform()),
    errors: (tick) => drift(tick) * (tick >= 0 && tick < 6 ? 3 : 1),
  };
};

/** What the judge was not tuned on. */
export const STRESS: Readonly<Record<string, Scenario>> = {
  'bursts, cv 1': bursts(1),
  'bursts, cv 2': bursts(2),
  'batch each 5 min': batch(5),
  'batch each 30 min': batch(30),
  'retry clusters of 5': () => ({ cluster: 5 }),
  'retry clusters of 20': () => ({ cluster: 20 }),
  'traffic doubles': () => ({ traffic: (tick) => (tick < 0 ? 1 : 2) }),
  'traffic falls to 40 %': () => ({ traffic: (tick) => (tick < 0 ? 1 : 0.4) }),
  'traffic ramps up': () => ({ traffic: (tick) => 1 + Math.max(0, tick + BEFORE) / BEFORE }),
};

/** Harder still, with more room. */
export const HARD: Readonly<Record<string, Scenario>> = {
  'errors AR(1), sd 0.6': (random) => ({ errors: autoregressive(random, 0.6, 0.9) }),
  'batch each hour': batch(60),
};

function bursts(cv: number): Scenario {
  return (random) => ({ errors: () => random.gamma(cv) });
}

/** A job that fails ten times as often for a minute, every so many minutes. */
function batch(minutes: number): Scenario {
  return (random) => {
    const period = minutes * TICKS_A_MINUTE;
    const phase = Math.floor(random.uniform() * period);
    return { errors: (tick) => ((tick + BEFORE + phase) % period < 2 ? 10 : 1) };
  };
}

/** The logarithm of the rate is a first-order autoregression over ticks, in order from the first tick on. */
export function autoregressive(random: Random, sd: number, correlation: number): (tick: number) => number {
  let value = sd * random.normal();
  return () => {
    value = correlation * value + sd * Math.sqrt(1 - correlation ** 2) * random.normal();
    return Math.exp(value - sd ** 2 / 2);
  };
}
