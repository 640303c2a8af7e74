import { explain } from '../../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';

export interface ApiReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Why there is no other answer. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What is refused because of who asks; everything else because of how things are. */
const FORBIDDEN: readonly string[] = [
  'not-allowed',
  'not-reader',
  'person-not-full-member',
  'person-unknown',
];

/** Throws what nobody foresaw. */
export function problemReply(error: unknown): ApiReply {
  if (error instanceof ApiFault) return json(error.status, { code: error.code, message: error.message });
  if (error instanceof Unavailable) return json(503, { code: 'unavailable', message: `${error.message}.` });
  if (!(error instanceof Refusal)) throw error;
  const { text, hint = '' } = explain(error);
  const { owner, until } = error.facts;
  const by = owner === undefined ? '' : ` By ${owner}.`;
  const end = typeof until === 'number' ? ` Until ${new Date(until).toISOString()}.` : '';
  // Outside of Slack nobody sees its mentions as names.
  const message = `${text}${by}${end} ${hint}`.trim().replaceAll(/<(?:@|!subteam\^)(\w+)>/g, '$1');
  return json(FORBIDDEN.includes(error.code) ? 403 : 409, { code: error.code, message });
}

export function json(status: number, value: unknown): ApiReply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}
