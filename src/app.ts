import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { proxiesOf } from './adapters/shared/network/web-proxy.ts';
import { SharedInstances } from './adapters/shared/shared-instances.ts';
import { learnHeads, openHeads, startSigning } from './app/audit.ts';
import { botParts } from './app/bot.ts';
import { ConfigReloader } from './app/config/reload.ts';
import {
  type ConfigLoading,
  centralOf,
  loadForBot,
  type WholeConfig,
} from './app/config/repository-files.ts';
import {
  connectionOf,
  databaseUrls,
  mustHaveVariables,
  openLog,
  operationsAddress,
  requiredSecret,
  slackAddress,
  stopWait,
} from './app/environment.ts';
import { finishDeployments, leave } from './app/leave.ts';
import { type Operations, openOperations } from './app/operations/operations.ts';
import { runParts } from './app/runs.ts';
import { clock, closeServices, type Opened, openServices } from './app/services.ts';
import { slackParts } from './app/slack.ts';
import { openTraces } from './app/traces/open.ts';
import { type OpenedWebhook, openWebhooks, startWebhooks } from './app/webhooks/webhooks.ts';
import { Unavailable } from './domain/refusals/refusal.ts';
import { DATABASE, isPassing } from './engine/database/connection.ts';
import { type Database, openDatabase } from './engine/database/open.ts';
import { bringTables, prepareTables } from './engine/migrations/prepare.ts';
import { resumeAll } from './flows/jobs/resume-runs.ts';
import type { Connection } from './handlers/support/bolt.ts';
import { startCards } from './jobs/cards.ts';
import { startCleanUp } from './jobs/clean-up.ts';
import { startClockWatch } from './jobs/clock.ts';
import { startJobs } from './jobs/jobs.ts';
import { startPublishing } from './jobs/publish-heads.ts';
import type { Repeated } from './jobs/repeat.ts';

/** Between two tries to start while the database comes and goes, in ms. */
const RESTART_MS = 1_000;

export interface RunningApp {
  /** Where deployments would end with this process: lets those that run come to their end, and begins no other. */
  finishDeployments(): Promise<void>;
  /** Lets what is being done finish, then leaves; promotions go on at the next start. */
  stop(): Promise<void>;
  /** Reads the configuration again; a bad one changes nothing and is said. */
  reload(): Promise<void>;
}

type StartedApp = Omit<RunningApp, 'finishDeployments'>;

interface Settings {
  readonly connection: Connection;
  readonly token: string;
  readonly apiUrl: string | undefined;
  readonly whole: WholeConfig;
  readonly around: ConfigLoading;
  readonly opened: ReadonlyMap<string, Opened>;
  readonly stop: AbortSignal;
  readonly operations: Operations;
  readonly webhooks: readonly OpenedWebhook[];
}

/**
 * Starts the bot. Reads `SLIPWAY_CONFIG`, `DATABASE_URL`, `DATABASE_MIGRATION_URL`, `SLACK_BOT_TOKEN`, `SLACK_APP_TOKEN` (or
 * `SLACK_SIGNING_SECRET`, `PORT` and `HOST`), `SLACK_API_URL`, `METRICS_PORT`, `SLIPWAY_STOP_WAIT` and `LOG_LEVEL`. When `stop` is aborted before it is ready,
 * what was started is stopped, and the signal's reason is thrown.
 */
export async function startApp(env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<RunningApp> {
  const log = openLog(env);
  process.on('unhandledRejection', (err) =>
    log.error({ err, reference: randomBytes(4).toString('hex') }, 'something failed that nobody waited for'),
  );
  // From now on their passwords are taken out of everything that is shown or stored.
  const proxies = proxiesOf(env).map(({ name }) => name);
  if (proxies.length > 0) log.info({ proxies }, 'requests go through a proxy, but for what NO_PROXY names');
  const around = { env, log, shared: new SharedInstances() };
  const whole = await loadForBot(env['SLIPWAY_CONFIG'] ?? 'slipway.yaml', around);
  const { config } = whole;
  mustHaveVariables(centralOf(config), env);
  const connection = connectionOf(env);
  const token = requiredSecret(env, 'SLACK_BOT_TOKEN');
  const stopWaitMs = stopWait(env);
  const apiUrl = slackAddress(env);
  const services = [...config.layers.keys()];
  const webhooks = openWebhooks(config.webhooks, services, env);
  const tracer = await openTraces(env, log);
  const operations = await openOperations(operationsAddress(config, env), {
    services,
    api: config.operations?.api,
    env,
    log,
    now: clock.now,
  });
  try {
    const app = await untilDatabaseAnswers(log, stop, () =>
      startOnce({ whole, around, connection, token, apiUrl, stop, operations, webhooks }),
    );
    return {
      ...app,
      finishDeployments: () => finishDeployments(stopWaitMs, log),
      stop: () => app.stop().finally(() => tracer?.close()),
    };
  } catch (error) {
    await operations.close();
    await tracer?.close();
    throw error;
  }
}

async function startOnce(start: Omit<Settings, 'opened'>): Promise<StartedApp> {
  const { stop, whole, around } = start;
  const { config } = whole;
  const { env, log, shared } = around;
  // Before the database, so that a missing secret is said before anything is started.
  const opened = openServices(config, env, log, {
    shared,
    onRefused: (service, err) => log.error({ err, service }, 'a service is left out'),
  });
  const database = await openDatabase({
    ...databaseUrls(env),
    dataDir: config.dataDir,
    log,
    tables: bringTables,
    stop,
    patienceMs: Number.POSITIVE_INFINITY,
  });
  try {
    return await startOn(database, { ...start, opened });
  } catch (error) {
    start.operations.watch(null);
    await closeServices([...opened.values()].map(({ ports }) => ports));
    await database.close();
    throw error;
  }
}

/** Starts anew when the database goes away while the bot starts. */
async function untilDatabaseAnswers<T>(log: Logger, stop: AbortSignal, start: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const isAway = error instanceof Unavailable ? error.what === DATABASE : isPassing(error);
      if (!isAway || stop.aborted) throw error;
      log.warn({ err: error }, 'The database went away while the bot started: it starts again.');
      await pause(RESTART_MS, undefined, { signal: stop }).catch(() => stop.throwIfAborted());
    }
  }
}

async function startOn(database: Database, settings: Settings): Promise<StartedApp> {
  const { connection, opened } = settings;
  const { config } = settings.whole;
  const { env, log } = settings.around;
  await prepareTables(database, log);
  settings.stop.throwIfAborted();
  await learnHeads(config, env, log);
  const signer = await startSigning(database.pool, config, env, clock.now);
  const slack = await slackParts({ database, signer }, { ...settings, log });
  const heads = openHeads(config, env, {
    slack: slack.client,
    movedChannels: () => slack.outbox.movedChannels(),
    log,
  });
  const runs = runParts({ database, signer }, slack, opened, log);
  const bot = botParts(slack, runs.requests, connection, log);

  const reloader = new ConfigReloader(
    { ...settings.around, live: runs.live, bot: bot.context },
    settings.whole,
  );
  let jobs: readonly Repeated[] = [];
  const stop = async () => {
    settings.operations.watch(null);
    await leave({ runs, bot, jobs });
  };
  try {
    // Whoever has no place here writes nothing.
    await runs.engine.join();
    await reloader.begin();
    await runs.engine.launch();
    settings.operations.watch({ database, runs, bot });
    bot.outboxWorker.start();
    bot.homeTabs.start();
    await resumeAll(runs.requests);
    // What people decided before is carried out also while Slack is away.
    jobs = [
      startPublishing({ ledger: runs.requests.ledger, ...heads, now: clock.now, log }),
      startWebhooks(settings.webhooks, { pool: database.pool, log }),
      ...startJobs(bot.context, runs.engine),
      startClockWatch(clock, log),
      reloader.start(),
      startCleanUp({ requests: runs.requests, cleanUp: runs.engine.cleanUp, keepMs: config.keepMs, log }),
    ];
    await Promise.race([bot.bolt.start(), aborted(settings.stop)]);
    // Before there is a connection each card would be asked for twice.
    jobs = [...jobs, startCards({ ...bot.context, bolt: bot.bolt, outbox: slack.outbox })];
  } catch (error) {
    // Without a connection nobody could approve or cancel, so promotions must not go on either.
    await stop().catch(() => undefined);
    throw error;
  }
  log.info(
    { services: [...opened.keys()], connection: connection.kind, host: hostname() },
    'Slipway is ready',
  );
  return {
    reload: () => reloader.reload('all'),
    async stop() {
      await stop();
      await database.close();
      await settings.operations.close();
      log.info('Slipway has stopped');
    },
  };
}

/** Rejects with the signal's reason once it is aborted. */
async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
