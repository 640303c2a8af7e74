import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { HttpReply } from '../http.ts';
import { jsonOf, waitOf } from '../reply.ts';
import { readXml, textAt } from './xml.ts';

/** What a person has to mend, for each user of the client to say in its own words. */
export type AwsProblem =
  | {
      readonly kind: 'unauthorised';
      /** `403 AccessDeniedException` */
      readonly status: string;
      readonly action: string;
      readonly said: string;
    }
  | { readonly kind: 'refused'; readonly action: string; readonly reason: string };

/** The words of those whose settings are a source of the config: `alerts`, `logs`. */
export function sourceProblem(source: string, setting: string): (problem: AwsProblem) => Refusal {
  return (problem) =>
    problem.kind === 'unauthorised'
      ? new Refusal('source-unauthorised', { source, setting, status: problem.status })
      : new Refusal('source-refused', { source, setting, reason: problem.reason });
}

/** What AWS said of a question that it did not answer. */
export interface AwsError {
  /** Such as `AccessDenied`; empty where it was not AWS that answered. */
  readonly code: string;
  readonly message: string;
}

/** It was asked too often for now. */
export class Throttled extends Unavailable {}

/** AWS says that it did not reach the provider of a token: that passes, or its issuer is not to be reached at all. */
export class ProviderSilent extends Unavailable {}

type Body = Pick<HttpReply, 'body' | 'cut'>;

const THROTTLED = /^(?:Throttl|RequestLimitExceeded|TooManyRequests|LimitExceeded|SlowDown|RequestThrottled)/;
/** What passes too, by what is said: ECS of two registrations at a time, as a ClientException. */
const PASSING_WORDS = /^Too many concurrent attempts/;
/** Of the token service, as an InvalidIdentityToken. */
const SILENT_WORDS = /^Couldn't retrieve verification key/;
const UNAUTHORISED =
  /^(?:AccessDenied|UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|MissingAuthenticationToken|IncompleteSignature|InvalidSignature|OptInRequired|NotAuthorized|InvalidAccessKeyId)/;
const EXPIRED = /^(?:ExpiredToken|RequestExpired)/;
const MOST_CODE = 100;
const MOST_WORDS = 200;

export function errorInXml({ body, cut }: Body): AwsError {
  const xml = cut ? null : readXml(body);
  return {
    code: textAt(xml, 'Error', 'Code').slice(0, MOST_CODE),
    message: textAt(xml, 'Error', 'Message').slice(0, MOST_WORDS),
  };
}

/** `{"__type": "com.amazon#AccessDeniedException", "message": "…"}`; some begin the message with a capital. */
export function errorInJson(reply: Body): AwsError {
  const json = jsonOf(reply);
  const said = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const text = (...names: readonly string[]) => {
    const found = names.map((name) => said[name]).find((value) => typeof value === 'string');
    return typeof found === 'string' ? found : '';
  };
  const [code = ''] = text('__type', 'code')
    .slice(0, 2 * MOST_CODE)
    .split('#')
    .slice(-1);
  return { code: code.slice(0, MOST_CODE), message: text('message', 'Message').slice(0, MOST_WORDS) };
}

/** The keys are no longer valid: others may be. */
export function isExpired({ code }: AwsError): boolean {
  return EXPIRED.test(code);
}

/** Unavailable for what may pass; a Refusal, in the words of the user, for what a person has to mend. */
export function failureOf(
  { status, headers }: HttpReply,
  { code, message }: AwsError,
  { title, action, refusal }: FailedCall,
): Error {
  const isThrottled = THROTTLED.test(code);
  const said = `${code}${message && `: ${message.replace(/\s+/g, ' ')}`}`.replace(/\.$/, '');
  if (code === 'IDPCommunicationError' || SILENT_WORDS.test(message))
    return new ProviderSilent(title, `it answered ${status} ${said}`, waitOf(headers['retry-after']));
  const isPassing = isThrottled || PASSING_WORDS.test(message);
  if (status === 429 || status >= 500 || isPassing) {
    return new (isThrottled ? Throttled : Unavailable)(
      title,
      `it answered ${status}${code && ` (${code})`}`,
      waitOf(headers['retry-after']),
    );
  }
  const isForbidden = status === 403 && !/^Validation|^InvalidParam/.test(code);
  if (UNAUTHORISED.test(code) || EXPIRED.test(code) || status === 401 || isForbidden) {
    return refusal({ kind: 'unauthorised', status: `${status} ${code}`.trim(), action, said: message });
  }
  const reason = code === '' ? `it answered ${status}` : said;
  return refusal({ kind: 'refused', action, reason });
}

interface FailedCall {
  readonly title: string;
  readonly action: string;
  readonly refusal: (problem: AwsProblem) => Refusal;
}
