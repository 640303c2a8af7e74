import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { inOneLine } from '../../domain/refusals/sentence.ts';
import { codesOf } from '../shared/network-trouble.ts';

/** What an answer of Slack means for the one who called. */
export type SlackFailure =
  /** Come back after that many ms. */
  | { readonly kind: 'wait'; readonly ms: number; readonly code: string }
  /** The message or thread is no longer there. */
  | { readonly kind: 'gone'; readonly code: string }
  /** Slack does not take this content; the same content will never be taken. */
  | { readonly kind: 'content'; readonly code: string; readonly details: readonly string[] }
  /** Nothing gets in until a person changes something: invites the bot, reinstalls the app, names another channel. */
  | { readonly kind: 'shut'; readonly code: string }
  /** Slack does not answer now, or not as it should. */
  | { readonly kind: 'down'; readonly code: string };

const GONE = new Set([
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'edit_window_closed',
  'cannot_reply_to_message',
]);

const CONTENT = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
  'invalid_attachments',
  'only_one_table_allowed',
  'invalid_arguments',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'metadata_too_large',
  'invalid_array_arg',
  'invalid_form_data',
]);

/** Slack says that it did nothing. */
const TURNED_AWAY = [
  'service_unavailable',
  'request_timeout',
  'accesslimited',
  'team_added_to_org',
  'external_channel_migrating',
];

const PASSING = new Set([
  ...TURNED_AWAY,
  'internal_error',
  'fatal_error',
  'rollup_error',
  // A list that is begun anew next time.
  'invalid_cursor',
  'file_upload_error',
]);

/** There was no connection that a request could have gone over. */
const UNOPENED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ProxyTrouble',
];

const DEFAULT_WAIT_MS = 5_000;

/** @see https://docs.slack.dev/reference/methods/chat.postMessage#errors */
export function failureOf(error: unknown): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'wait', ms: waitOf(error.retryAfter), code: 'ratelimited' };
  }
  if (error instanceof WebAPIHTTPError) {
    return error.statusCode === 429
      ? { kind: 'wait', ms: waitOf(Number(error.headers['retry-after'])), code: 'ratelimited' }
      : { kind: 'down', code: `http ${error.statusCode}` };
  }
  if (error instanceof WebAPIPlatformError) return platformFailure(error);
  if (error instanceof Refusal) return { kind: 'shut', code: inOneLine(explain(error)) };
  return { kind: 'down', code: error instanceof Error ? error.message : String(error) };
}

function platformFailure({ data }: WebAPIPlatformError): SlackFailure {
  const code = data.error;
  if (code === 'ratelimited' || code === 'rate_limited' || code === 'message_limit_exceeded') {
    return { kind: 'wait', ms: waitOf(data.response_metadata?.retryAfter), code };
  }
  if (GONE.has(code)) return { kind: 'gone', code };
  if (CONTENT.has(code)) return { kind: 'content', code, details: data.response_metadata?.messages ?? [] };
  if (PASSING.has(code)) return { kind: 'down', code };
  return { kind: 'shut', code };
}

function waitOf(seconds: number | undefined): number {
  return seconds !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : DEFAULT_WAIT_MS;
}

/** Whether Slack cannot have done what failed: nothing reached it, or it says that it takes nothing now. */
export function isNotTaken(error: unknown): boolean {
  if (error instanceof WebAPIPlatformError) return TURNED_AWAY.includes(error.data.error);
  if (error instanceof WebAPIHTTPError) return error.statusCode === 503;
  return codesOf(error).some((code) => UNOPENED.includes(code));
}

/** Slack's own code of a platform error: `user_not_found`. */
export function slackCode(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}
