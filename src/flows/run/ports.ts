import type { AlertSource } from '../../adapters/alerts/port.ts';
import type { Check } from '../../adapters/checks/port.ts';
import type { ConfiguredGate } from '../../adapters/gates/port.ts';
import type { LogSource } from '../../adapters/logs/port.ts';
import type { MetricSource } from '../../adapters/metrics/port.ts';
import type { OnCall } from '../../adapters/on-call/port.ts';
import type { Repository } from '../../adapters/repositories/port.ts';
import type { People, Slack } from '../../adapters/slack/port.ts';
import type { Target } from '../../adapters/targets/port.ts';
import type { Judge } from '../../domain/judge/judge.ts';
import type { Service } from '../../domain/policy/service.ts';
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
  readonly repository: Repository;
  readonly target: Target;
  readonly checks: readonly Check[];
  /** Those of the config; ours are there anyway. */
  readonly gates: readonly ConfiguredGate[];
  /** Null when the config names no metrics: the monitor is blind. */
  readonly metrics: MetricSource | null;
  readonly alerts: readonly AlertSource[];
  readonly logs: readonly LogSource[];
  /** Whom to call when nobody takes an alarm; null: the approvers again. */
  readonly onCall: OnCall | null;
  readonly judge: Judge;
  readonly ledger: Ledger;
  readonly slack: Slack;
  readonly people: People;
  readonly clock: Clock;
}
