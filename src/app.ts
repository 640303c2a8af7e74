import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { chartDrawer } from './adapters/charts/draw.ts';
import { SharedInstances } from './adapters/shared/shared-instances.ts';
import { openSlack } from './adapters/slack/announcer.ts';
import { clientOptions, slackClient, slackLogger } from './adapters/slack/client.ts';
import { installationOf } from './adapters/slack/installation.ts';
import { OutboxWorker } from './adapters/slack/outbox-worker.ts';
import { SlackPeople } from './adapters/slack/people.ts';
import { ADAPTERS, type AdapterTables } from './adapters/tables.ts';
import type { ServiceView } from './blocks/kit/views.ts';
import { type Config, loadConfig } from './config/load.ts';
import { logLevel } from './config/log-level.ts';
import type { ServiceConfig } from './config/service-config.ts';
import { judge } from './domain/judge/judge.ts';
import { anyone, approversInWords, whoInWords } from './domain/policy/policy.ts';
import type { RollbackOrder } from './domain/promotion/promotion.ts';
import { Refusal } from './domain/refusals/refusal.ts';
import { type Seal, sealOf } from './domain/text/seal.ts';
import { type Database, openDatabase } from './engine/database/open.ts';
import { migrate } from './engine/migrations/migrate.ts';
import { createOutbox } from './engine/outbox/outbox.ts';
import { createEngine } from './engine/runs/engine.ts';
import { createLedger } from './engine/tables/ledger.ts';
import { installationSecret } from './engine/tables/secrets.ts';
import { crashed } from './flows/jobs/close-crashed.ts';
import { resumeAll } from './flows/jobs/resume-runs.ts';
import { promote } from './flows/promote.ts';
import { portsOf, type RequestContext } from './flows/requests/request.ts';
import { rollback } from './flows/rollback/rollback.ts';
import type { Ports } from './flows/run/ports.ts';
import { keepHomes } from './handlers/home.ts';
import { registerHandlers } from './handlers/register.ts';
import { type Connection, openBolt } from './handlers/support/bolt.ts';
import { linkTo } from './handlers/support/permalink.ts';
import { startCleanUp } from './jobs/clean-up.ts';
import { startWatch } from './jobs/offer-ready.ts';
import { startReminders } from './jobs/reminders.ts';

export interface RunningApp {
  /** Lets what is being done finish, then leaves; promotions go on at the next start. */
  stop(): Promise<void>;
}

/** The adapters of one service, opened. */
export type OpenedService = Omit<Ports, 'ledger' | 'slack' | 'people'>;

const clock = { now: () => Date.now(), sleep: (ms: number) => pause(ms) };

/**
 * Starts the bot. Reads `SLIPWAY_CONFIG`, `DATABASE_URL`, `SLACK_BOT_TOKEN`, `SLACK_APP_TOKEN` (or
 * `SLACK_SIGNING_SECRET`, `PORT` and `HOST`), `SLACK_API_URL` and `LOG_LEVEL`. When `stop` says so before it is ready, what
 * was started is stopped, and the signal's reason is thrown.
 */
export async function startApp(env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<RunningApp> {
  const log = openLog(env);
  const config = await loadConfig(env['SLIPWAY_CONFIG'] ?? 'slipway.yaml');
  const connection = connectionOf(env);
  const token = required(env, 'SLACK_BOT_TOKEN');
  // What the environment lacks is said before anything is started.
  const shared = new SharedInstances();
  const opened = [...config.services].map(
    ([name, settings]) => [name, openService(config, settings, env, log, shared)] as const,
  );
  const database = await openDatabase({ url: env['DATABASE_URL'], dataDir: config.dataDir, log, stop });
  try {
    return await startOn(database, { env, log, config, connection, token, opened, stop });
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Beginnings {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly config: Config;
  readonly connection: Connection;
  readonly token: string;
  readonly opened: readonly (readonly [string, OpenedService])[];
  readonly stop: AbortSignal;
}

async function startOn(database: Database, beginnings: Beginnings): Promise<RunningApp> {
  const { env, log, config, connection, token, opened, stop } = beginnings;
  await migrate(database.pool);
  stop.throwIfAborted();

  const slack = { apiUrl: env['SLACK_API_URL'], log };
  const secret = await installationSecret(database.pool, 'buttons');
  const seal = async (): Promise<Seal> => sealOf(secret, (await installation()).team);
  const client = slackClient(token, { ...slack, seal });
  const installation = installationOf(client);
  const ledger = createLedger({ pool: database.pool, now: clock.now, log });
  const threads = createOutbox({ database, now: clock.now, log });
  const announcer = openSlack(threads, async ({ channel, ts }) =>
    linkTo((await installation()).url, channel, ts),
  );
  const people = new SlackPeople(client, async () => (await installation()).team, clock.now);
  const services = new Map<string, Ports>();
  for (const [name, adapters] of opened)
    services.set(name, { ...adapters, ledger, slack: announcer, people });
  // Sources without a history collect from now on: a baseline is there before anyone asks for a promotion.
  for (const { metrics } of services.values()) metrics?.observe(Number.MAX_SAFE_INTEGER);
  const serviceView = (name: string) => viewOf(services.get(name));

  const engine = createEngine({
    database,
    log,
    now: clock.now,
    flows: {
      promote: async (run, { promotionId }) => promote(run, await portsFor(promotionId), promotionId),
      rollback: async (run, { promotionId, ...order }) =>
        rollback(run, await portsFor(promotionId), promotionId, order as unknown as RollbackOrder),
    },
    onCrash: async (_flow, id, error) => crashed(requests, id, error, log),
  });
  const requests: RequestContext = {
    services,
    ledger,
    runs: engine.runs,
    people,
    threads,
    now: clock.now,
    newId: (service) => `${service}-${randomBytes(4).toString('hex')}`,
  };
  async function portsFor(promotionId: string): Promise<Ports> {
    return portsOf(requests, (await ledger.get(promotionId)).service);
  }

  const outboxWorker = new OutboxWorker({
    client,
    store: threads,
    drawChart: chartDrawer(),
    serviceView,
    clock,
    log,
  });
  const bolt = openBolt({
    connection,
    client,
    installation,
    clientOptions: clientOptions(slack),
    slackLogger: slackLogger(log),
    log,
    isNew: (signature) => ledger.once(`request:${signature}`),
    now: clock.now,
  });
  const homes = keepHomes({ requests, client, threads, installation, log });
  const context = { requests, client, seal, installation, log, serviceView, homes };
  registerHandlers(bolt.app, context);

  const leave = async () => {
    await engine.shutdown();
    await Promise.all([outboxWorker.stop(), homes.stop()]);
    await Promise.allSettled(
      [...services.values()].flatMap(({ repository, metrics }) => [repository.close(), metrics?.close()]),
    );
  };
  try {
    await engine.launch();
    outboxWorker.start();
    await resumeAll(requests);
    // Slack may be away for as long as it likes.
    await Promise.race([bolt.start(), aborted(stop)]);
  } catch (error) {
    // A bot that nobody can talk to must not go on with promotions half alive.
    await bolt.stop().catch(() => undefined);
    await leave();
    throw error;
  }
  const watch = startWatch(context);
  const reminders = startReminders(context);
  const cleanUp = startCleanUp({ requests, cleanUp: engine.cleanUp, keepMs: config.keepMs, log });
  log.info(
    { services: [...services.keys()], connection: connection.kind, host: hostname() },
    'Slipway is ready',
  );

  return {
    async stop() {
      await Promise.all([watch.stop(), reminders.stop(), cleanUp.stop()]);
      await bolt.stop();
      await leave();
      await database.close();
      log.info('Slipway has stopped');
    },
  };
}

/** Rejects with the signal's reason once it is aborted. */
async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

export function openLog(env: NodeJS.ProcessEnv): Logger {
  const output = pino.destination(1);
  // A closed terminal does not keep the bot from stopping in order.
  output.on('error', () => undefined);
  return pino({ level: logLevel(env, 'info'), base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

/** Opens the adapters of a service by the tables that its config was read with; nothing is connected yet. */
export function openService(
  config: Pick<Config, 'dir' | 'dataDir'>,
  settings: ServiceConfig<AdapterTables>,
  env: NodeJS.ProcessEnv,
  log: Logger,
  shared: SharedInstances = new SharedInstances(),
  adapters: AdapterTables = ADAPTERS,
): OpenedService {
  const { service, repository, target, checks, gates, metrics } = settings;
  const context = {
    service: service.name,
    dataDir: config.dataDir,
    shared,
    configDir: config.dir,
    secret: (name: string) => required(env, name, 'secret-missing'),
    log: log.child({ service: service.name }),
    now: clock.now,
  };
  return {
    service,
    repository: adapters.repositories.open(repository, context),
    target: adapters.targets.open(target, { ...context, repository }),
    checks: checks.map((check) => adapters.checks.open(check, context)),
    gates: gates.map((gate) => adapters.gates.open(gate, context)),
    metrics: metrics === null ? null : adapters.metrics.open(metrics, context),
    judge,
    clock,
  };
}

function viewOf(ports: Ports | undefined): ServiceView | undefined {
  if (ports === undefined) return undefined;
  const { service, repository, target } = ports;
  return {
    name: service.name,
    approvers: approversInWords(service.policy),
    ...(anyone(service.monitoring.call) ? {} : { call: whoInWords(service.monitoring.call) }),
    tickMs: service.monitoring.tickMs,
    errorRateRise: service.monitoring.errorRateRise,
    links: { ...service.links, production: service.links.production ?? target.url },
    repository: repository.links,
  };
}

function connectionOf(env: NodeJS.ProcessEnv): Connection {
  const appToken = env['SLACK_APP_TOKEN'];
  if (appToken) return { kind: 'socket', appToken };
  const signingSecret = env['SLACK_SIGNING_SECRET'];
  if (!signingSecret) throw new Refusal('environment-missing', { name: 'SLACK_APP_TOKEN' });
  const port = env['PORT'] ?? '3000';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Refusal('environment-invalid', {
      name: 'PORT',
      value: port,
      expected: 'a number from 0 to 65535',
    });
  }
  return { kind: 'http', signingSecret, port: Number(port), host: env['HOST'] || '127.0.0.1' };
}

function required(
  env: NodeJS.ProcessEnv,
  name: string,
  code: 'environment-missing' | 'secret-missing' = 'environment-missing',
): string {
  const value = env[name];
  if (!value) throw new Refusal(code, { name });
  return value;
}
