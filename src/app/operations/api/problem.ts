import { explain } from '../../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';

export interface ApiReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why there is no other answer. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: ApiReply['headers'];

  constructor(status: number, code: string, message: string, headers?: ApiReply['headers']) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What is refused because of who asks; everything else because of how things are. */
const FORBIDDEN: readonly string[] = [
  'not-allowed',
  'not-reader',
  'channel-by-name',
  'person-not-full-member',
  'person-unknown',
];

/** Throws what nobody foresaw. */
export function problemReply(error: unknown): ApiReply {
  if (error instanceof ApiFault) {
    const { status, code, message, headers } = error;
    return { ...json(status, { code, message }), ...(headers ? { headers } : {}) };
  }
  if (error instanceof Unavailable) return json(503, { code: 'unavailable', message: `${error.message}.` });
  if (!(error instanceof Refusal)) throw error;
  // Which other services there are is not for everybody with a token.
  if (error.code === 'service-unknown')
    return json(404, { code: error.code, message: 'This service is not running. slipway doctor says why.' });
  const { text, hint = '' } = explain(error);
  const { owner, until } = error.facts;
  const by = owner === undefined ? '' : ` By ${owner}.`;
  const end = typeof until === 'number' ? ` Until ${new Date(until).toISOString()}.` : '';
  // Outside of Slack nobody sees its mentions as names.
  const message = `${text}${by}${end} ${hint}`.trim().replaceAll(/<(?:@|!subteam\^)(\w+)>/g, '$1');
  return json(FORBIDDEN.includes(error.code) ? 403 : 409, { code: error.code, message });
}

/** What some answers say besides, for programs that ask again by themselves. */
const HEADERS: Readonly<Record<number, ApiReply['headers']>> = {
  401: { 'www-authenticate': 'Bearer' },
  429: { 'retry-after': '6' },
  503: { 'retry-after': '5' },
};

export function json(status: number, value: unknown): ApiReply {
  const headers = HEADERS[status];
  const reply = { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
  return headers ? { ...reply, headers } : reply;
}
