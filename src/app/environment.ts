import { type Logger, pino } from 'pino';
import { logLevel } from '../config/log-level.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import type { Connection } from '../handlers/support/bolt.ts';

/** The bot's own log, as JSON lines on stdout; `LOG_LEVEL` says how much. */
export function openLog(env: NodeJS.ProcessEnv): Logger {
  const output = pino.destination(1);
  // A terminal that was closed must not keep the bot from stopping in order.
  output.on('error', () => undefined);
  return pino({ level: logLevel(env, 'info'), base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

/** Socket Mode with `SLACK_APP_TOKEN`, else HTTP. Refusals: `environment-missing`, `environment-invalid`. */
export function connectionOf(env: NodeJS.ProcessEnv): Connection {
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

/** Refusal `code` when the variable is absent or empty. */
export function required(
  env: NodeJS.ProcessEnv,
  name: string,
  code: 'environment-missing' | 'secret-missing' = 'environment-missing',
): string {
  const value = env[name];
  if (!value) throw new Refusal(code, { name });
  return value;
}
