import { setTimeout as pause } from 'node:timers/promises';
import { App, HTTPReceiver, type Receiver } from '@slack/bolt';
import { type Logger as SlackLogger, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Installation } from '../../adapters/slack/port.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { onlySigned } from './signed-requests.ts';
import { SocketAddresses } from './socket-mode/addresses.ts';
import type { OpenDispatcher } from './socket-mode/connection.ts';
import { SocketReceiver } from './socket-mode/receiver.ts';
import { Turns } from './turns.ts';

/** How events reach the bot: over a socket that it opens itself, or over signed HTTP requests. */
export type Connection =
  | { readonly kind: 'socket'; readonly appToken: string }
  | {
      readonly kind: 'http';
      readonly signingSecret: string;
      readonly port: number;
      /** Address to listen on; others than 127.0.0.1 are reachable from outside. */
      readonly host: string;
    };

export interface BoltSettings {
  readonly connection: Connection;
  readonly client: WebClient;
  /** Asked at the start and again until Slack has answered, never at construction. */
  readonly installation: () => Promise<Installation>;
  readonly clientOptions: WebClientOptions;
  /** What a socket to Slack goes over. */
  readonly openDispatcher: OpenDispatcher;
  readonly slackLogger: SlackLogger;
  readonly log: Logger;
  /** Whether a signature over HTTP was never taken before, by any replica; see `onlySigned`. */
  readonly isNew: (signature: string) => Promise<boolean>;
  /** ms since the epoch */
  readonly now: () => number;
}

export interface Bolt {
  readonly app: App;
  /**
   * Resolves when connected or listening; over a socket it waits until Slack answers. Refusals:
   * `slack-refused` when Slack does not take a token, `port-unavailable`.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Whether Slack can reach us now: the socket is open, or we listen. */
  isConnected(): boolean;
  /** How often the socket was opened: between two of them events may have been lost. Over HTTP always the same. */
  connections(): number;
}

/** With these errors Slack refuses a token; asking again does not help. */
const REFUSED = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'missing_scope',
];
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 5_000;

export function openBolt(settings: BoltSettings): Bolt {
  return settings.connection.kind === 'socket'
    ? overSocket(settings, settings.connection.appToken)
    : overHttp(settings, settings.connection);
}

function appWith(settings: BoltSettings, receiver: Receiver): App {
  return new App({
    receiver,
    authorize: async () => {
      const { bot, botUser } = await checkBotToken(settings);
      return { botToken: settings.client.token ?? '', botUserId: botUser, ...given({ botId: bot }) };
    },
    clientOptions: settings.clientOptions,
    logger: settings.slackLogger,
    ignoreSelf: true,
  });
}

function overSocket(settings: BoltSettings, appToken: string): Bolt {
  const { log, clientOptions, openDispatcher } = settings;
  const receiver = new SocketReceiver({
    addresses: new SocketAddresses(new WebClient(appToken, clientOptions)),
    openDispatcher,
    log,
    isHopeless: isRefused,
  });
  const app = appWith(settings, receiver);
  const stopping = new AbortController();
  return {
    app,
    isConnected: () => receiver.isConnected,
    connections: () => receiver.connections,
    async start() {
      await untilAnswered(settings, stopping.signal);
      await orRefused('SLACK_APP_TOKEN', () => receiver.start());
    },
    async stop() {
      stopping.abort();
      await receiver.stop();
    },
  };
}

/** Waits until Slack has said whether it takes the bot's token. Refusal `slack-refused`. */
async function untilAnswered(settings: BoltSettings, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await checkBotToken(settings);
      return;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (failures === 0)
        settings.log.warn({ err: error }, 'Slack does not answer; trying again until it does');
      const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
      await pause(backoff, undefined, { signal }).catch(() => undefined);
    }
  }
}

function overHttp(
  settings: BoltSettings,
  { signingSecret, port, host }: Extract<Connection, { kind: 'http' }>,
): Bolt {
  const { isNew, now, log } = settings;
  const receiver = new HTTPReceiver({ signingSecret, port, logger: settings.slackLogger });
  const app = appWith(settings, receiver);
  const turns = new Turns();
  let isListening = false;
  receiver.requestListener = onlySigned(receiver.requestListener, {
    signingSecret,
    isNew,
    now,
    log,
    turns,
    work: (event) => app.processEvent({ ...event, ack: async () => undefined }),
  });
  return {
    app,
    isConnected: () => isListening,
    connections: () => 1,
    async start() {
      await app.start({ port, host }).catch((error: unknown) => {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EADDRINUSE' || code === 'EACCES') throw new Refusal('port-unavailable', { port, code });
        // An address that this machine does not have.
        const expected = 'an address of this machine, such as 127.0.0.1 or 0.0.0.0';
        if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
          throw new Refusal('environment-invalid', { name: 'HOST', value: host, expected });
        throw error;
      });
      isListening = true;
      log.info({ host, port, path: '/slack/events' }, 'listening for Slack');
      try {
        await checkBotToken(settings);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        // Slack calls us once it is back, so the start need not wait for it.
        settings.log.warn({ err: error }, 'Slack does not answer; whether it takes the token is not known');
      }
    },
    stop: async () => {
      isListening = false;
      await app.stop();
      await turns.drained();
    },
  };
}

/** Refusal `slack-refused`; throws what the client threw when Slack does not answer. */
function checkBotToken({ installation }: BoltSettings): Promise<Installation> {
  return orRefused('SLACK_BOT_TOKEN', installation);
}

/** Refusal `slack-refused` when Slack does not take the token of that environment variable. */
async function orRefused<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isRefused(error)) throw new Refusal('slack-refused', { code: codeOf(error) ?? '', name });
    throw error;
  }
}

function isRefused(error: unknown): boolean {
  return REFUSED.includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { data?: { error?: unknown } } | null)?.data?.error;
  return typeof code === 'string' ? code : undefined;
}
