import { LogLevel, type Logger as SlackLogger, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';

/** Slack answers within a second; what takes longer than this, in ms, is not going to answer. */
const TIMEOUT_MS = 10_000;

export interface ClientSettings {
  /** Only for a Slack that is not slack.com: `http://127.0.0.1:4000/api/`. */
  readonly apiUrl?: string | undefined;
  readonly log: Logger;
}

/**
 * A client that fails fast: the SDK's own policy has no timeout and retries for half an hour inside one call.
 * Whoever calls decides about trying again: the courier by its queue, a handler by telling the person.
 */
export function slackClient(token: string, settings: ClientSettings): WebClient {
  return new WebClient(token, clientOptions(settings));
}

/** The same for the client that Bolt makes itself. */
export function clientOptions({ apiUrl, log }: ClientSettings): WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: slackLogger(log),
  };
}

/** The SDK's log lines in ours; its debug lines hold whole requests and are dropped. */
export function slackLogger(log: Logger): SlackLogger {
  const say =
    (level: 'info' | 'warn' | 'error') =>
    (...parts: unknown[]) => {
      log[level](
        { from: 'slack-sdk' },
        parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '),
      );
    };
  return {
    debug: () => {},
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
