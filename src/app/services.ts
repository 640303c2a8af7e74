import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AlertSource } from '../adapters/alerts/port.ts';
import type { Check } from '../adapters/checks/port.ts';
import { openSources } from '../adapters/metrics/combined.ts';
import type { OnCall } from '../adapters/on-call/port.ts';
import type { AdapterContext } from '../adapters/shared/context.ts';
import { SharedInstances } from '../adapters/shared/shared-instances.ts';
import type { AdapterTables } from '../adapters/tables.ts';
import type { ServiceView } from '../blocks/kit/views.ts';
import type { Config } from '../config/load.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import { judge } from '../domain/judge/judge.ts';
import { approversInWords, isNobody, whoInWords } from '../domain/policy/policy.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { canonicalJson } from '../domain/text/json.ts';
import { judgeRulesOf } from '../flows/run/baseline.ts';
import type { Ports } from '../flows/run/ports.ts';
import { requiredSecret } from './environment.ts';

/** The adapters of one service, opened. */
export type OpenedService = Omit<Ports, 'ledger' | 'slack' | 'people'>;

export const clock = {
  now: () => Date.now(),
  /** Monotonic, ms: for how long something takes in this process. */
  elapsed: () => performance.now(),
  sleep: (ms: number) => pause(ms),
};

/** A service with what it was opened with. */
export interface Opened {
  readonly settings: ServiceConfig;
  readonly ports: OpenedService;
}

/**
 * Opens the adapters of all services, by name; nothing is connected yet. What is configured as `before` is not opened again.
 * A service whose repository names what is missing here is as before, or left out where it has another repository or target
 * now: `onRefused` hears of it. Refusals of `openService`.
 */
export function openServices(
  config: Config,
  env: NodeJS.ProcessEnv,
  log: Logger,
  {
    shared = new SharedInstances(),
    before = new Map<string, Opened>(),
    onRefused,
  }: {
    readonly shared?: SharedInstances;
    readonly before?: ReadonlyMap<string, Opened>;
    readonly onRefused?: (service: string, refusal: Refusal) => void;
  } = {},
): ReadonlyMap<string, Opened> {
  const opened = new Map<string, Opened>();
  for (const [name, settings] of config.services) {
    const was = before.get(name);
    if (was && isAlike(was.settings, settings)) {
      opened.set(name, was);
      continue;
    }
    try {
      opened.set(name, {
        settings,
        ports: openService(config, settings, env, log, shared, was),
      });
    } catch (error) {
      if (!(error instanceof Refusal) || onRefused === undefined || !config.remote.has(name)) throw error;
      onRefused(name, error);
      if (was && isAlike(placeOf(was.settings), placeOf(settings))) opened.set(name, was);
    }
  }
  return opened;
}

function placeOf({ repository, target }: ServiceConfig): unknown {
  return { repository, target };
}

function isAlike(a: unknown, b: unknown): boolean {
  return canonicalJson([a]) === canonicalJson([b]);
}

/** What an adapter of a service is opened with. */
export function adapterContext(
  { dir, dataDir }: Pick<Config, 'dir' | 'dataDir'>,
  service: string,
  env: NodeJS.ProcessEnv,
  log: Logger,
  shared: SharedInstances,
): AdapterContext {
  return {
    service,
    dataDir,
    shared,
    configDir: dir,
    secret: (name: string) => requiredSecret(env, name, 'secret-missing'),
    log: log.child({ service }),
    now: clock.now,
  };
}

/** The check as it is, but for telling what is live. */
function untelling(check: Check): Check {
  return check.told ? { ...check, told: async () => null } : check;
}

/**
 * Opens the adapters of a service by the tables that its config was read with; nothing is connected yet. Refusals
 * `secret-missing`, `stages-not-possible`, `share-not-possible`, and those of the adapters.
 */
export function openService(
  config: Pick<Config, 'dir' | 'dataDir'> & { readonly adapters: AdapterTables },
  settings: ServiceConfig<AdapterTables>,
  env: NodeJS.ProcessEnv,
  log: Logger,
  shared: SharedInstances = new SharedInstances(),
  before?: Opened,
): OpenedService {
  const { service, repository, target, checks, gates, metrics, alerts, logs } = settings;
  const { adapters } = config;
  const context = adapterContext(config, service.name, env, log, shared);
  const openRepository = (of: typeof repository) => adapters.repositories.open(of, context);
  const opened = adapters.targets.open(target, { ...context, repository, tags: service, openRepository });
  if (service.stages !== undefined && opened.splits !== true) {
    throw new Refusal('stages-not-possible', { service: service.name, target: opened.name });
  }
  const broken = service.stages?.shares.find((share) => !Number.isInteger(share));
  if (broken !== undefined && opened.wholePercents) {
    throw new Refusal('share-not-possible', { service: service.name, target: opened.name, share: broken });
  }
  const releases = openRepository(repository);
  releases.willWrite?.('documents');
  const firing = alerts.map((source) => adapters.alerts.open(source, context));
  const isKept = (part: 'metrics' | 'logs') => before && isAlike(before.settings[part], settings[part]);
  return {
    service,
    repository: releases,
    target: opened,
    checks: checks.map((check, index) => {
      const one = adapters.checks.open(check, context);
      // What was live before is what a rollback deploys: a file that any commit may change does not say it.
      return index < (settings.centralChecks ?? checks.length) ? one : untelling(one);
    }),
    gates: gates.map((gate) => adapters.gates.open(gate, context)),
    // Sources keep what they have seen.
    metrics:
      isKept('metrics') && before ? before.ports.metrics : openSources(adapters.metrics, metrics, context),
    alerts: firing,
    onCall: settings.onCall ? adapters.onCall.open(settings.onCall, context) : onCallOf(firing),
    logs:
      isKept('logs') && before
        ? before.ports.logs
        : logs.map((source) => adapters.logs.open(source, context)),
    judge,
    clock,
  };
}

/** Whoever is on call by the source of the alerts that knows it first; null where none does. */
function onCallOf(sources: readonly AlertSource[]): OnCall | null {
  const source = sources.find(({ onCall }) => onCall !== undefined);
  if (source === undefined) return null;
  const { kind, name, preflight } = source;
  return { kind, name, ids: [], preflight, people: async (signal) => (await source.onCall?.(signal)) ?? [] };
}

/** Closes what was opened; what cannot be closed does not keep the rest open. */
export async function closeServices(services: Iterable<OpenedService>): Promise<void> {
  await Promise.allSettled(
    [...services].flatMap(({ repository, metrics, logs }) => [
      repository.close(),
      metrics?.close(),
      ...logs.map((source) => source.close?.()),
    ]),
  );
}

/** What cards and messages show of a service. */
export function serviceViewOf({ service, metrics, repository, target, checks }: OpenedService): ServiceView {
  const rules = judgeRulesOf({ service, metrics });
  return {
    name: service.name,
    approvers: approversInWords(service.policy),
    ...(isNobody(service.monitoring.call) ? {} : { call: whoInWords(service.monitoring.call) }),
    tickMs: service.monitoring.tickMs,
    errorRateRise: rules.errorRateRise,
    latencyRise: rules.latencyRise,
    ...(rules.counts === undefined ? {} : { counts: rules.counts }),
    links: { ...service.links, production: service.links.production ?? target.url },
    repository: repository.links,
    checks: checks.length > 0 ? 'own' : target.verifies ? 'target' : 'none',
  };
}
