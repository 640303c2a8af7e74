import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live } from '../../../domain/release/release.ts';
import { given } from '../../../domain/text/given.ts';
import { HttpUrl } from '../../shared/http.ts';
import type { DeployOrder } from '../port.ts';

/** What is posted to the receiver, as docs/webhook-target.md describes it. */
export type WebhookOrder = {
  readonly kind: 'deploy' | 'rollback' | 'check';
  readonly service: string;
  /** Null in a check of what has no release yet. */
  readonly version: string | null;
  readonly tag: string | null;
  readonly commit: string;
  /** What was validated on staging, where that is promoted. */
  readonly build: { readonly commit: string; readonly deploymentId?: string } | null;
  /** How many of the requests go to it, in percent; absent: all. */
  readonly percent?: number;
  /** What was live when the order was made. */
  readonly previous: Live | null;
  /** The same in every request about the same deployment; null in a check. */
  readonly key: string | null;
};

export function orderBody(order: DeployOrder, key: string): WebhookOrder {
  const { kind, service, release, from, percent } = order;
  const { version, tag, commit, build = null } = release;
  const share = percent === undefined ? {} : { percent };
  return { kind, service, version, tag, commit, build, ...share, previous: from, key };
}

/**
 * HMAC-SHA256 over `<timestamp>.<body>`, in hex. The timestamp, in seconds since the epoch, is signed along, so that
 * a receiver can turn away what is older than its replay window. A request without a body signs an empty one.
 */
export function signed(secret: string, body: string, nowMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'slipway-timestamp': timestamp, 'slipway-signature': `v1=${hmac}` };
}

interface SignedRequest {
  readonly method: string;
  readonly url: string;
  /** Empty: none. */
  readonly body: string;
}

/**
 * The same, and a signature in a header of its own that covers method and path too: what was signed for one address is good
 * for no other. HMAC-SHA256 over `v2`, timestamp, method, path with query, and body, with a newline between them, in hex.
 */
export function signedRequest(
  secret: string,
  { method, url, body }: SignedRequest,
  nowMs: number,
): Readonly<Record<string, string>> {
  const headers = signed(secret, body, nowMs);
  const { pathname, search } = new URL(url);
  const parts = ['v2', headers['slipway-timestamp'], method, `${pathname}${search}`, body];
  const hmac = createHmac('sha256', secret).update(parts.join('\n')).digest('hex');
  return { ...headers, 'slipway-request-signature': `v2=${hmac}` };
}

const MOST_LOG_LINES = 20;
const MOST_LINE_CHARS = 300;
const MOST_DETAIL_CHARS = 200;

const Log = z
  .union([z.string().transform((text) => text.split(/\r?\n/)), z.array(z.string())])
  .transform((lines) =>
    lines
      .filter((line) => line.trim() !== '')
      .slice(-MOST_LOG_LINES)
      .map((line) => line.slice(0, MOST_LINE_CHARS)),
  );

/** What is only shown to people: what is no such thing is left out. */
function shown<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

const Id = z.union([z.string().min(1), z.number()]).transform(String);

/** How a deployment goes, in the answer to an order and at its status address. */
const Progress = z.object({
  status: z.enum(['running', 'succeeded', 'failed']).nullish(),
  id: shown(Id),
  detail: shown(
    z
      .string()
      .min(1)
      .transform((text) => text.slice(0, MOST_DETAIL_CHARS)),
  ),
  /** Where it is followed; relative to the address of the order. */
  statusUrl: z.string().nullish(),
  /** Where production answers. */
  url: shown(HttpUrl),
  logUrl: shown(HttpUrl),
  log: shown(Log),
});
export type Progress = z.infer<typeof Progress>;

function orNothing(value: unknown): unknown {
  return value === '' || value === null ? undefined : value;
}

const LiveReply = z
  .object({
    commit: z.preprocess(
      orNothing,
      z
        .string()
        .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/i, 'a whole commit id')
        .transform((commit) => commit.toLowerCase())
        .optional(),
    ),
    version: z.preprocess(orNothing, z.string().optional()),
    id: shown(Id),
  })
  .refine(({ commit, version }) => commit !== undefined || version !== undefined, 'a commit or a version');

export function readProgress(receiver: string, body: unknown): Progress {
  return read(receiver, Progress, body ?? {});
}

const Readable = Progress.pick({ id: true, detail: true }).extend({
  status: shown(z.string()),
  statusUrl: shown(z.string()),
});

/** What can be read of any answer, also of one that is not understood. */
export function readable(body: unknown): z.infer<typeof Readable> {
  return Readable.safeParse(body).data ?? {};
}

/** Null for no body, `null` and `{}`: nothing was ever deployed. */
export function readLive(receiver: string, body: unknown): Live | null {
  if (body === null || body === undefined || isDeepStrictEqual(body, {})) return null;
  const { commit = '', version, id } = read(receiver, LiveReply, body);
  return {
    commit,
    ...given({ version, deploymentId: id }),
  };
}

function read<T>(receiver: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new Refusal('webhook-not-understood', {
    receiver,
    reason: `${where}${issue?.message ?? 'not JSON'}`,
  });
}
