import type { Check } from '../adapters/check/port.ts';
import type { Desk, People } from '../adapters/desk/port.ts';
import type { Forge } from '../adapters/forge/port.ts';
import type { OwnGate } from '../adapters/gate/port.ts';
import type { MetricSource } from '../adapters/metrics/port.ts';
import type { Target } from '../adapters/target/port.ts';
import type { Judge } from '../domain/judge.ts';
import type { Service } from '../domain/service.ts';
import type { Ledger } from './ledger.ts';

/** Time, as the flows get it. */
export interface Clock {
  /** ms since the epoch */
  now(): number;
  /** Resolves after that many ms. */
  sleep(ms: number): Promise<void>;
}

/** Everything outside that the flows of one service use. */
export interface Ports {
  readonly service: Service;
  readonly forge: Forge;
  readonly target: Target;
  readonly checks: readonly Check[];
  /** Those of the config; ours are there anyway. */
  readonly gates: readonly OwnGate[];
  /** Null when the config names no metrics: the monitor is blind. */
  readonly metrics: MetricSource | null;
  readonly judge: Judge;
  readonly ledger: Ledger;
  readonly desk: Desk;
  readonly people: People;
  readonly clock: Clock;
}
