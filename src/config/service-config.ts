import type { z } from 'zod';
import type { Adapters, AdapterTables } from '../adapters/tables.ts';
import type { Service } from '../domain/policy/service.ts';
import { pathFilter } from '../domain/release/paths.ts';
import { given } from '../domain/text/given.ts';
import { type FreezeSettings, freezeRules } from './freeze.ts';
import { rightsOf } from './rights.ts';
import type { ServiceSettings } from './schema.ts';

type SettingsFor<A extends AdapterTables, Port extends keyof AdapterTables> = z.output<A[Port]['settings']>;

/** One service: what the flows see, and what its adapters are opened with, by the tables that it was read with. */
export interface ServiceConfig<A extends AdapterTables = Adapters> {
  readonly service: Service;
  readonly repository: SettingsFor<A, 'repositories'>;
  readonly target: SettingsFor<A, 'targets'>;
  readonly checks: readonly SettingsFor<A, 'checks'>[];
  /** So many of the checks are of the central files, the first ones; absent: all of them. */
  readonly centralChecks?: number;
  readonly gates: readonly SettingsFor<A, 'gates'>[];
  /** The sources; none: nothing is watched. */
  readonly metrics: readonly SettingsFor<A, 'metrics'>[];
  readonly alerts: readonly SettingsFor<A, 'alerts'>[];
  readonly logs: readonly SettingsFor<A, 'logs'>[];
  /** Absent: nobody besides those whom the policy names. */
  readonly onCall?: SettingsFor<A, 'onCall'>;
}

/** Names of hosts and addresses have no case. */
function authorRules({
  authors,
  people,
}: ServiceSettings['approvals']): Pick<Service['policy'], 'excludeAuthors' | 'people'> {
  if (authors !== 'excluded') return { excludeAuthors: false };
  return { excludeAuthors: true, ...knownPeople(people) };
}

function knownPeople(people: ServiceSettings['approvals']['people']): Pick<Service, 'people'> {
  const known = Object.entries(people).map(([name, user]) => [name.toLowerCase(), user] as const);
  return known.length > 0 ? { people: Object.fromEntries(known) } : {};
}

function tagForm(
  service: string,
  { tag, 'tag-prefix': prefix = 'v', scheme }: ServiceSettings['version'],
): Pick<Service, 'tagPrefix' | 'tagSuffix' | 'scheme'> {
  const [before = prefix, after = ''] = tag?.replace('{service}', service).split('{version}') ?? [];
  return { tagPrefix: before, ...given({ tagSuffix: after || undefined, scheme }) };
}

const STATE_FOLDERS = ['specs', 'epics'];

/** The settings of a service in the words of the domain, apart from those of its adapters. */
export function serviceConfig(
  name: string,
  settings: ServiceSettings,
  shared: { readonly channel: string; readonly freeze: FreezeSettings },
): ServiceConfig<AdapterTables> {
  const { approvals, permissions, monitor, health, version, state, rollback, links } = settings;
  const home = pathFilter(settings.paths)?.home ?? '';
  const service: Service = {
    name,
    channel: settings.channel ?? shared.channel,
    visibility: settings.visibility,
    branch: settings.repository.branch,
    ...given({ paths: settings.paths }),
    ...tagForm(name, version),
    otherTags: version['other-tags'],
    featureDirs:
      state.folders ??
      (home === '' ? STATE_FOLDERS : [...STATE_FOLDERS.map((folder) => home + folder), ...STATE_FOLDERS]),
    sharedStateFiles: state.shared,
    changelog: version.changelog ?? `${home}CHANGELOG.md`,
    versionFiles: version.files.map((file) =>
      typeof file === 'string' ? { path: file } : { path: file.path, ...given({ pattern: file.pattern }) },
    ),
    links: given(links),
    ...knownPeople(approvals.people),
    policy: {
      ...rightsOf(approvals, permissions),
      ...authorRules(approvals),
      selfApproval: approvals.self,
      approvalsExpireMs: approvals.expire,
      freeze: freezeRules([...shared.freeze, ...settings.freeze]),
      acknowledgeWithinMs: settings['break-glass']['acknowledge-within'],
      automaticRollback: rollback.automatic,
      blindMonitor: monitor.blind,
      rollbackTag: rollback.tag,
      breakingBelowOne: version['breaking-below-one'],
    },
    stopWithinMs: rollback['stop-within'],
    monitoring: {
      settleMs: monitor.settle,
      windowMs: monitor.window,
      tickMs: monitor.tick,
      baselineMs: monitor.baseline,
      call: monitor.call,
      checkpointMs: monitor.checkpoint,
      errorRateRise: monitor['error-rate-rise'],
      latencyRise: monitor['latency-rise'],
    },
    ...(settings.stages === undefined ? {} : { stages: { shares: settings.stages, watchMs: monitor.stage } }),
    ...(settings.reports === undefined
      ? {}
      : { reports: { ...settings.reports, issues: settings.reports.issues?.labels ?? [] } }),
    checkTiming: {
      settleMs: health.settle,
      intervalMs: health.interval,
      inARow: health['in-a-row'],
      timeoutMs: health.timeout,
    },
  };
  return { service, ...adaptersOf(settings) };
}

function adaptersOf(settings: ServiceSettings): Omit<ServiceConfig<AdapterTables>, 'service'> {
  const { repository, target, checks, gates, metrics = [], alerts, logs, 'on-call': onCall } = settings;
  return { repository, target, checks, gates, metrics, alerts, logs, ...given({ onCall }) };
}
