import type { z } from 'zod';
import { Unavailable } from '../../../../domain/refusals/refusal.ts';

/** What a route has a place for, its query or its body. */
export type Params = Readonly<Record<string, unknown>>;

/** How a request is made. */
export interface Asking {
  /** These statuses are answers, not failures. */
  readonly expect?: readonly number[];
  /** Make the request again by itself when GitHub does not answer; only where doing it twice is doing it once. */
  readonly again?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** The answer never changes and is kept by whoever asks: no ETag is. */
  readonly fixed?: boolean;
  /** As the app itself instead of its installation. */
  readonly asApp?: boolean;
}

export type GithubReply<T> =
  | {
      readonly kind: 'ok';
      readonly status: number;
      readonly data: T;
      readonly link: string | null;
      /** OAuth scopes of a classic token, as GitHub lists them; null for every other login. */
      readonly scopes: string | null;
      /** When the limit that the request counted for begins anew, in s since the epoch. */
      readonly resetsAt: string | null;
    }
  /** One of the expected statuses. */
  | { readonly kind: 'not'; readonly status: number; readonly message: string };

type ReplyHeaders = Readonly<Record<string, string | number | undefined>>;

/** An answer that nobody has looked at. */
export interface Raw {
  readonly status: number;
  readonly data: unknown;
  readonly headers: ReplyHeaders;
}

/** What GitHub said to one request that it did not do, as far as a person may see it. */
export interface Failed {
  readonly method: string;
  /** Path of the request below the repository: `/git/refs`. */
  readonly path: string;
  readonly status: number;
  /** GitHub's own sentence, without its documentation link; secrets are scrubbed. */
  readonly message: string;
  readonly headers: ReplyHeaders;
}

/** The data of a reply to a request that expected no other status. */
export function must<T>(reply: GithubReply<T>): T {
  if (reply.kind === 'ok') return reply.data;
  throw new Error(`status ${reply.status} was expected and not handled`);
}

/** An answer in which everything is as GitHub describes it; Unavailable otherwise. */
export function replyOf<T>(
  route: string,
  { status, data, headers }: Raw,
  shape: z.ZodType<T>,
): GithubReply<T> {
  const text = (name: string) => (headers[name] === undefined ? null : String(headers[name]));
  return {
    kind: 'ok',
    status,
    data: checked(route, data, shape),
    link: text('link'),
    scopes: text('x-oauth-scopes'),
    resetsAt: text('x-ratelimit-reset'),
  };
}

function checked<T>(route: string, data: unknown, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` (${issue.path.join('.') || 'answer'}: ${issue.message})`;
  throw new Unavailable('GitHub', `answered ${route} in a way that Slipway does not understand${where}`);
}
