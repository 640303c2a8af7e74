import { type Logger, type LoggerOptions, pino } from 'pino';
import { DurationOrNone } from '../adapters/shared/context.ts';
import type { Config } from '../config/load.ts';
import { logLevel } from '../config/log-level.ts';
import { type ConfigWithVariables, type NeededVariable, neededVariables } from '../config/variables.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { isLoopback } from '../domain/text/loopback.ts';
import { keptSecret, redacted, secretIn } from '../domain/text/redaction.ts';
import { visibleInJson } from '../domain/text/visible.ts';
import type { Connection } from '../handlers/support/bolt.ts';
import type { OperationsAddress } from './operations/server.ts';

const LOCALHOST = '127.0.0.1';

/** No line leaves with a secret or with hidden characters in it, whoever wrote it and in whatever part of it. */
export const LOG_HOOKS = {
  streamWrite: (line: string) => visibleInJson(redacted(line)),
} satisfies LoggerOptions['hooks'];

/** The bot's own log, as JSON lines on stdout; `LOG_LEVEL` says how much. */
export function openLog(env: NodeJS.ProcessEnv): Logger {
  const output = pino.destination(1);
  // A terminal that was closed must not keep the bot from stopping in order.
  output.on('error', () => undefined);
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ level: logLevel(env, 'info'), base: null, timestamp, hooks: LOG_HOOKS }, output);
}

/** What Slack takes that is not set. */
function missingForSlack(env: NodeJS.ProcessEnv): readonly NeededVariable[] {
  const where = 'to reach Slack';
  return [
    ...(env['SLACK_BOT_TOKEN'] ? [] : [{ name: 'SLACK_BOT_TOKEN', where }]),
    ...(env['SLACK_APP_TOKEN'] || env['SLACK_SIGNING_SECRET'] ? [] : [{ name: 'SLACK_APP_TOKEN', where }]),
  ];
}

/**
 * All that has to be set for the bot, said at once with where each is used. Refusal `variables-missing`.
 */
export function mustHaveVariables(config: ConfigWithVariables, env: NodeJS.ProcessEnv): void {
  const missing = [...missingForSlack(env), ...missingVariables(config, env)];
  if (missing.length > 0) throw variablesMissing(missing);
}

/** What the config needs of the environment and is not set. */
export function missingVariables(
  config: ConfigWithVariables,
  env: NodeJS.ProcessEnv,
): readonly NeededVariable[] {
  return neededVariables(config).filter(({ name }) => !env[name]);
}

/** Each variable once, with all places that need it. */
export function variablesMissing(missing: readonly NeededVariable[]): Refusal {
  const names = [...new Set(missing.map(({ name }) => name))];
  const lines = names.map((name) => {
    const places = missing.filter((one) => one.name === name).map(({ where }) => where);
    return `${name} (${places.join(', ')})`;
  });
  return new Refusal('variables-missing', { names, missing: lines });
}

/** Socket Mode with `SLACK_APP_TOKEN`, else HTTP. Refusals: `environment-missing`, `environment-invalid`. */
export function connectionOf(env: NodeJS.ProcessEnv): Connection {
  const appToken = env['SLACK_APP_TOKEN'];
  if (appToken) return { kind: 'socket', appToken: keptSecret(appToken) };
  const signingSecret = env['SLACK_SIGNING_SECRET'];
  if (!signingSecret) throw new Refusal('environment-missing', { name: 'SLACK_APP_TOKEN' });
  keptSecret(signingSecret);
  return { kind: 'http', signingSecret, port: slackPort(env), host: env['HOST'] || LOCALHOST };
}

/** Where Slack is listened to over HTTP: `PORT`, 3000 by default. Refusal `environment-invalid`. */
export function slackPort(env: { readonly PORT?: string | undefined }): number {
  return portNumber('PORT', env.PORT || '3000');
}

function portNumber(name: string, value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new Refusal('environment-invalid', { name, value, expected: 'a number from 0 to 65535' });
}

/**
 * Where those who keep the bot running ask it: `METRICS_PORT` and `METRICS_HOST`, else what the config says; null when neither
 * names a port. Refusal `environment-invalid`.
 */
export function operationsAddress(
  { operations }: Pick<Config, 'operations'>,
  env: NodeJS.ProcessEnv,
): OperationsAddress | null {
  const port = env['METRICS_PORT'];
  const host = env['METRICS_HOST'] || operations?.host || LOCALHOST;
  if (port) return { port: portNumber('METRICS_PORT', port), host };
  return operations ? { port: operations.port, host } : null;
}

/** How long a stop waits for deployments by command, in ms: `SLIPWAY_STOP_WAIT`; 0 by default. Refusal `environment-invalid`. */
export function stopWait(env: NodeJS.ProcessEnv): number {
  const value = env['SLIPWAY_STOP_WAIT'];
  if (!value) return 0;
  const parsed = DurationOrNone.safeParse(value);
  if (parsed.success) return parsed.data;
  const expected = 'a duration such as 90s or 9m, or 0s';
  throw new Refusal('environment-invalid', { name: 'SLIPWAY_STOP_WAIT', value, expected });
}

/** Where Slack is when it is not slack.com. It is sent the token, so refusal `environment-invalid` without https. */
export function slackAddress(env: NodeJS.ProcessEnv): string | undefined {
  const url = env['SLACK_API_URL'];
  if (!url || /^https:/i.test(url) || isLoopback(url)) return url;
  throw new Refusal('environment-invalid', {
    name: 'SLACK_API_URL',
    value: url,
    expected: 'an https address, because the token is sent there (http only to this machine)',
  });
}

/**
 * The value of a variable that holds a secret: from now on it is taken out of everything that is shown or stored.
 * Refusal `code` when it is absent or empty.
 */
export function requiredSecret(
  env: NodeJS.ProcessEnv,
  name: string,
  code: 'environment-missing' | 'secret-missing' = 'environment-missing',
): string {
  const value = secretIn(env, name);
  if (value === '') throw new Refusal(code, { name });
  return value;
}

/**
 * Where the database is: for the bot, and for the role that makes its tables where that is another one. Refusal
 * `database-shared` where several replicas would each have an embedded one.
 */
export function databaseUrls(env: NodeJS.ProcessEnv) {
  if (!env['DATABASE_URL'] && env['SLIPWAY_REPLICAS'] === 'several') throw new Refusal('database-shared', {});
  return { url: env['DATABASE_URL'], ownerUrl: env['DATABASE_MIGRATION_URL'] };
}
