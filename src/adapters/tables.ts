import type { TagForm } from '../domain/release/tag-form.ts';
import { alerts } from './alerts/index.ts';
import type { AlertSource } from './alerts/port.ts';
import { checks } from './checks/index.ts';
import type { Check } from './checks/port.ts';
import { gates, withTimeouts } from './gates/index.ts';
import type { ConfiguredGate } from './gates/port.ts';
import { logs } from './logs/index.ts';
import type { LogSource } from './logs/port.ts';
import { metrics } from './metrics/index.ts';
import type { MetricSource } from './metrics/port.ts';
import { onCall } from './on-call/index.ts';
import type { OnCall } from './on-call/port.ts';
import { repositories } from './repositories/index.ts';
import type { Repository } from './repositories/port.ts';
import type { AdapterContext } from './shared/context.ts';
import { type Chosen, type Table, tableOf, type Wanted } from './shared/kinds.ts';
import { targets } from './targets/index.ts';
import type { Target } from './targets/port.ts';

/** Of a repository's settings, what is needed without knowing its kind. */
type ChosenRepository = Chosen & { readonly branch: string };

interface ChosenTargetContext extends AdapterContext {
  readonly repository: ChosenRepository;
  readonly tags: TagForm;
  openRepository(settings: ChosenRepository): Repository;
}

interface Named {
  readonly name?: string | undefined;
}

/** What a config can choose from, and how what it has chosen is opened. */
export interface AdapterTables {
  readonly repositories: Table<ChosenRepository, AdapterContext, Repository>;
  readonly targets: Table<Chosen, ChosenTargetContext, Target>;
  readonly checks: Table<Chosen, AdapterContext, Check>;
  readonly gates: Table<Chosen & { readonly name: string }, AdapterContext, ConfiguredGate>;
  readonly metrics: Table<Chosen, AdapterContext, MetricSource>;
  readonly alerts: Table<Chosen & Named, AdapterContext, AlertSource>;
  readonly logs: Table<Chosen & Named, AdapterContext, LogSource>;
  readonly onCall: Table<Chosen, AdapterContext, OnCall>;
}

/** Every port with those of its kinds that are wanted; without `isWanted` with all that come along. */
export async function loadAdapters(isWanted: Wanted = () => true) {
  const [repository, single, check, gate, metric, alert, log, call] = await Promise.all([
    repositories(isWanted),
    targets(isWanted),
    checks(isWanted),
    gates(isWanted),
    metrics(isWanted),
    alerts(isWanted),
    logs(isWanted),
    onCall(isWanted),
  ]);
  const ofChecks = tableOf(check);
  const ofOne = tableOf(single);
  const waves = isWanted('waves')
    ? [(await import('./targets/waves/waves.ts')).wavesOf(ofOne, ofChecks)]
    : [];
  return {
    repositories: tableOf(repository),
    targets: tableOf([...single, ...waves]),
    checks: ofChecks,
    gates: withTimeouts(tableOf(gate)),
    metrics: tableOf(metric),
    alerts: tableOf(alert),
    logs: tableOf(log),
    onCall: tableOf(call),
  } satisfies AdapterTables;
}
export type Adapters = Awaited<ReturnType<typeof loadAdapters>>;
