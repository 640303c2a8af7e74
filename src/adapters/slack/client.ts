import {
  LogLevel,
  type Logger as SlackLogger,
  type WebAPICallResult,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api';
import type { Logger } from 'pino';
import { sealed } from '../../blocks/kit/seal.ts';
import { measured, spanned } from '../../domain/operations/measures.ts';
import { redactedData } from '../../domain/text/redaction.ts';
import type { Seal } from '../../domain/text/seal.ts';
import { webFetch } from '../shared/network/fetch.ts';
import { failureOf } from './errors.ts';

/** Slack answers within a second; what takes longer than this, in ms, is not going to answer. */
const TIMEOUT_MS = 10_000;

const UPLOAD = 'files.getUploadURLExternal';
/** Characters; @see https://docs.slack.dev/reference/methods/files.getUploadURLExternal */
const LONGEST_ALT = 1_000;

export interface ClientSettings {
  /** Only for a Slack that is not slack.com: `http://127.0.0.1:4000/api/`. */
  readonly apiUrl?: string | undefined;
  readonly log: Logger;
  /** What the buttons and forms of every message and view are sealed with on their way out. */
  readonly seal: () => Promise<Seal>;
}

/**
 * A client that fails fast: the SDK's own policy has no timeout and retries for half an hour inside one call.
 * Whoever calls decides about trying again: the outbox worker by its queue, a handler by telling the person.
 */
export function slackClient(token: string, settings: ClientSettings): WebClient {
  return new SealingClient(token, settings);
}

/** Whatever way a message takes out, its buttons are sealed and secrets taken out of it: there is no other door. */
export class SealingClient extends WebClient {
  readonly #seal: () => Promise<Seal>;

  constructor(token: string, settings: ClientSettings) {
    super(token, clientOptions(settings));
    this.#seal = settings.seal;
  }

  override async apiCall(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    // The token is the one secret that Slack is to get.
    const { token, ...told } = options ?? {};
    const { blocks, view, ...rest } = redactedData(method === UPLOAD ? described(told) : told);
    const safe = token === undefined ? rest : { ...rest, token };
    if (blocks === undefined && view === undefined) return this.#call(method, options && safe);
    const seal = await this.#seal();
    return this.#call(method, {
      ...safe,
      ...(blocks === undefined ? {} : { blocks: sealed(blocks, seal) }),
      ...(view === undefined ? {} : { view: sealed(view, seal) }),
    });
  }

  async #call(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    try {
      const span = { name: `slack ${method}`, kind: 'client' } as const;
      const answer = await spanned(span, () => super.apiCall(method, options));
      measured('slackCall', { method, outcome: 'done' });
      return answer;
    } catch (error) {
      measured('slackCall', { method, outcome: failureOf(error).kind });
      throw error;
    }
  }
}

/** The text for screen readers under the name that Slack documents; the SDK sends it under one that nobody reads. */
function described({ alt_text: alt, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return typeof alt === 'string' ? { ...rest, alt_txt: alt.slice(0, LONGEST_ALT) } : rest;
}

/** The same for the client that Bolt makes itself. */
export function clientOptions({ apiUrl, log }: Pick<ClientSettings, 'apiUrl' | 'log'>): WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    fetch: webFetch as typeof fetch,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: slackLogger(log),
  };
}

/**
 * The SDK's log lines in ours; its debug lines hold whole requests and are dropped. It warns of every request that fails:
 * whoever made it says so once.
 */
export function slackLogger(log: Logger): SlackLogger {
  const say =
    (level: 'debug' | 'info' | 'error') =>
    (...parts: unknown[]) => {
      log[level](
        { from: 'slack-sdk' },
        parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '),
      );
    };
  return {
    debug: () => {},
    info: say('info'),
    warn: say('debug'),
    error: say('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
