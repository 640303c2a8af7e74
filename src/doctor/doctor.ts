import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { openSources } from '../adapters/metrics/combined.ts';
import type { AdapterContext } from '../adapters/shared/context.ts';
import { SharedInstances } from '../adapters/shared/shared-instances.ts';
import type { Adapters } from '../adapters/tables.ts';
import { lastSignedHere } from '../app/audit.ts';
import { loadAtStart, type WholeConfig } from '../app/config/repository-files.ts';
import { databaseUrls, missingVariables, operationsAddress, variablesMissing } from '../app/environment.ts';
import { adapterContext } from '../app/services.ts';
import { parseConfigDocument } from '../config/document.ts';
import type { Config } from '../config/load.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { secretIn } from '../domain/text/redaction.ts';
import { type Database, openDatabase } from '../engine/database/open.ts';
import type { WantedChannel } from './channels.ts';
import { databaseProbe } from './database.ts';
import {
  type DoctorFinding,
  examine,
  findingOf,
  fine,
  type Probe,
  type ProbeFinding,
  problem,
} from './finding.ts';
import { groupsIn, type WantedGroup } from './groups.ts';
import { apiProbe, operationsProbe, webhookProbes } from './operations.ts';
import { gitProbe, nodeProbe } from './programs.ts';
import { proxyProbe } from './proxies.ts';
import { type ServicePorts, serviceProbes } from './services.ts';
import { slackProbe } from './slack.ts';
import { slackApi } from './slack-api.ts';
import { uploadProbe } from './uploads.ts';

const PATIENCE_MS = 30_000;
const DATABASE_PATIENCE_MS = 3_000;

/** Looks at everything that `slipway start` needs, changing nothing but the embedded database's own folder. */
export async function examineInstallation(env: NodeJS.ProcessEnv): Promise<readonly DoctorFinding[]> {
  const log = pino({ level: 'silent' });
  const file = env['SLIPWAY_CONFIG'] ?? 'slipway.yaml';
  let config: Config | null = null;
  let configFindings: ProbeFinding[];
  try {
    const whole = await loadAtStart(file, { env, log, shared: new SharedInstances() });
    config = whole.config;
    configFindings = findingsOf(whole);
  } catch (error) {
    configFindings = [findingOf(error)];
  }
  const dataDir = config?.dataDir ?? resolve('.slipway');
  // The database is opened once: an embedded one takes only one at a time.
  let movedAre: (moved: ReadonlyMap<string, string>) => void = () => {};
  const moved = new Promise<ReadonlyMap<string, string>>((resolve) => {
    movedAre = resolve;
  });
  const open = async () => {
    try {
      const settings = { ...databaseUrls(env), dataDir, log, patienceMs: DATABASE_PATIENCE_MS };
      const database = await openDatabase(settings);
      movedAre(await movedChannels(database));
      return database;
    } finally {
      movedAre(new Map());
    }
  };
  const probes: Probe[] = [
    nodeProbe(process.version),
    gitProbe(),
    proxyProbe(env, env['SLACK_API_URL']),
    { area: 'config', look: async () => configFindings },
    { area: 'environment', look: async () => environmentFindings(config, env) },
    operationsProbe(() => operationsAddress({ operations: config?.operations }, env)),
    apiProbe(config, env),
    ...webhookProbes(config, env),
    databaseProbe(open, Date.now, lastSignedHere({ dataDir })),
    slackProbe(
      env,
      slackApi(env['SLACK_API_URL']),
      Date.now,
      config === null ? [] : channelsOf(config),
      await groupsOf(file),
      // A database that does not answer keeps nothing of Slack back.
      () => Promise.race([moved, pause(DATABASE_PATIENCE_MS * 3, new Map<string, string>(), { ref: false })]),
    ),
    uploadProbe(env['SLACK_BOT_TOKEN'], slackApi(env['SLACK_API_URL'])),
  ];
  if (config !== null) {
    const shared = new SharedInstances();
    for (const [name, service] of config.services) {
      const context = adapterContext(config, name, env, log, shared);
      const secret = (variable: string) => secretOf(env, variable, name);
      probes.push(...serviceProbes(portsOf(service, config.adapters, { ...context, secret })));
    }
  }
  return examine(probes, PATIENCE_MS);
}

/** What it was read from, and what repositories say that is not taken. */
function findingsOf({ config, files, troubles }: WholeConfig): ProbeFinding[] {
  const all = config.texts.map((one) => one.file);
  const included = all.length > 1 ? `, with ${all.slice(1).join(', ')}` : '';
  return [
    fine(`${config.file}${included}: ${[...config.services.keys()].join(', ')}`),
    ...[...troubles].map(([name, error]) => {
      const { fix = '', ...said } = findingOf(error);
      const now = files.has(name) ? 'The last good one is in force.' : `${name} cannot be shipped.`;
      return problem(`the repository of ${name}: ${said.detail}`, `${now} ${fix}`.trim());
    }),
  ];
}

/** Of the variables that the config names; those of Slack are looked at where Slack is. */
function environmentFindings(config: Config | null, env: NodeJS.ProcessEnv): ProbeFinding[] {
  if (config === null) return [];
  const missing = missingVariables(config, env);
  if (missing.length > 0) return [findingOf(variablesMissing(missing))];
  return [fine('every variable that the config names is set')];
}

/** The ids that channels got, by those that they had; none in a database that no bot has used yet. */
async function movedChannels({ pool }: Pick<Database, 'pool'>): Promise<ReadonlyMap<string, string>> {
  const rows = await pool
    .query<{ old: string; new: string }>('select old, new from slipway.moved_channels')
    .then(
      (found) => found.rows,
      () => [],
    );
  return new Map(rows.map((row) => [row.old, row.new]));
}

/** The user groups that the file names; none where it cannot be read, which is a finding by itself. */
async function groupsOf(file: string): Promise<readonly WantedGroup[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const parsed = parseConfigDocument(text);
  return parsed.kind === 'broken' ? [] : groupsIn(parsed.document.value);
}

/** Each channel once, with the services whose cards are in it, or that hear of problems there. */
function channelsOf({ services, slack }: Config): readonly WantedChannel[] {
  const found = new Map<string, string[]>(
    slack.admins === undefined ? [] : [[slack.admins, ['slack.admins']]],
  );
  for (const { service } of services.values()) {
    found.set(service.channel, [...(found.get(service.channel) ?? []), service.name]);
    for (const channel of service.reports?.channels ?? [])
      found.set(channel, [...(found.get(channel) ?? []), `${service.name} (reports)`]);
  }
  return [...found].map(([channel, names]) => ({ channel, services: names }));
}

function portsOf(
  { service, repository, target, checks, gates, metrics, alerts, logs, onCall }: ServiceConfig,
  adapters: Adapters,
  context: AdapterContext,
): ServicePorts {
  const openRepository = (settings = repository) => adapters.repositories.open(settings, context);
  return {
    service,
    openRepository,
    openTarget: () =>
      adapters.targets.open(target, { ...context, repository, tags: service, openRepository }),
    openMetrics: () => openSources(adapters.metrics, metrics, context),
    openAlerts: () => alerts.map((source) => adapters.alerts.open(source, context)),
    openOnCall: () => (onCall ? adapters.onCall.open(onCall, context) : null),
    openLogs: () => logs.map((source) => adapters.logs.open(source, context)),
    checks: checks.map((check) => () => adapters.checks.open(check, context)),
    openGates: () => gates.map((gate) => adapters.gates.open(gate, context)),
  };
}

function secretOf(env: NodeJS.ProcessEnv, name: string, service: string): string {
  const value = secretIn(env, name);
  if (value === '') throw new Refusal('secret-missing', { name, service });
  return value;
}
