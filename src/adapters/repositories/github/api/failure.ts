import { RequestError } from '@octokit/request-error';
import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';
import { proxyTroubleOf, throughProxy } from '../../../shared/network/dispatcher.ts';
import { pauseOf } from './rate-limit.ts';
import type { Failed } from './reply.ts';

/** Which permission a request needs, when the answer does not say. The first that fits the path. */
const PERMISSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/pulls\b/, 'pull_requests'],
  [/\/deployments\b/, 'deployments'],
  [/\/actions\//, 'actions'],
  [/\/check-(?:runs|suites)\b/, 'checks'],
  [/\/status(es)?\b/, 'statuses'],
  [/\/environments\b/, 'environments'],
  [/\/(git|compare|commits|branches|releases|tags|tarball)\b/, 'contents'],
];

export interface LoadContext {
  /** `acme/shop on https://api.github.com` */
  readonly repository: string;
  readonly login: 'token' | 'app';
  /** ms since the epoch */
  readonly now: number;
}

/** How an error of Octokit came about; null for trouble on the way. */
export function failedOf(
  error: unknown,
  request: { readonly method: string; readonly path: string },
  scrub: (text: string) => string,
): Failed | null {
  if (!(error instanceof RequestError) || error.response === undefined) return null;
  const { status, response } = error;
  const { data } = response as { data: unknown };
  return { ...request, status, message: scrub(sentenceOf(data)), headers: response.headers };
}

/** The owner of the repository has suspended the app: nothing that it asks is answered. */
export function isSuspended({ status, message }: Failed): boolean {
  return status === 403 && /installation (?:has been|is) suspended/i.test(message);
}

/** An answer that the caller did not expect, as a refusal that a person can act on or an outage that passes. */
export function failureOf(failed: Failed, { repository, login, now }: LoadContext): Refusal | Unavailable {
  const { status, message, method, path } = failed;
  const pause = pauseOf(failed, now);
  if (pause !== null) {
    const until = `asks to wait ${Math.ceil(pause / 1_000)} s (${message || 'rate limit'})`;
    return new Unavailable('GitHub', until, { retryAfterMs: pause });
  }
  const what = `${method} ${path}`;
  if (status >= 500) return new Unavailable('GitHub', `answered ${status} to ${what}`);
  switch (status) {
    case 401:
      return new Refusal('github-credentials', { repository, login, reason: message });
    case 403:
      return new Refusal('github-permission', {
        repository,
        login,
        permission: permissionOf(failed),
        what,
        reason: message,
      });
    case 404:
      return new Refusal('github-not-found', { repository, what });
    case 409:
      return /empty/i.test(message)
        ? new Refusal('repository-empty', { remote: repository })
        : new Unavailable('GitHub', `is busy with another change (409 to ${what}: ${message})`);
    default:
      return new Refusal('github-refused', { repository, what, reason: message || `status ${status}` });
  }
}

/** Trouble on the way, in words that hold nothing of the request. */
export function troubleOf(error: unknown, timedOut: boolean, timeoutMs: number, api: string): Unavailable {
  if (timedOut) {
    const late = `did not answer within ${Math.round(timeoutMs / 1_000)} s${throughProxy(api)}`;
    return new Unavailable('GitHub', late);
  }
  const proxy = proxyTroubleOf(error, api);
  if (proxy) return new Unavailable('GitHub', `cannot be reached: ${proxy.message}`);
  const code = codeOf(error);
  return new Unavailable('GitHub', `cannot be reached${code === null ? '' : ` (${code})`}`);
}

/** `contents: write`: what GitHub says that it would have accepted, else by the path. */
function permissionOf({ headers, method, path }: Failed): string {
  const accepted = headers['x-accepted-github-permissions'];
  if (typeof accepted === 'string' && accepted !== '') {
    return accepted
      .split(';')
      .map((choice) => choice.trim().replaceAll('=', ': ').replaceAll(',', ' and '))
      .join(' or ');
  }
  const name = PERMISSIONS.find(([pattern]) => pattern.test(path))?.[1] ?? 'metadata';
  return `${name}: ${method === 'GET' ? 'read' : 'write'}`;
}

function sentenceOf(data: unknown): string {
  if (typeof data !== 'object' || data === null || !('message' in data)) return '';
  const { message, errors } = data as { message: unknown; errors?: unknown };
  const details = Array.isArray(errors) ? errors.map(detailOf).filter((text) => text !== '') : [];
  return [String(message), ...details].join(': ').replace(/\s+/g, ' ').slice(0, 500);
}

function detailOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return '';
  const { message, field, code } = error as Record<string, unknown>;
  if (typeof message === 'string') return message;
  return [field, code].filter((part) => typeof part === 'string').join(' ');
}

function codeOf(error: unknown, depth = 0): string | null {
  if (!(error instanceof Error) || depth > 5) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause, depth + 1);
}
