import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { failureOf, jsonIn } from '../ask-json.ts';
import { type AdapterContext, SecretRef } from '../context.ts';
import { askOften, type HttpReply, TokenUrl } from '../http.ts';
import { jsonOf, waitOf } from '../reply.ts';

const SITES = [
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'datadoghq.eu',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
  'uk1.datadoghq.com',
  'ddog-gov.com',
  'us2.ddog-gov.com',
] as const;

/** What every adapter that asks Datadog takes. */
export const datadogSettings = {
  site: z
    .enum(SITES)
    .default('datadoghq.com')
    .meta({ description: 'The site of the account, as in the address of its web page without `app.`.' }),
  'api-key': SecretRef,
  'application-key': SecretRef.meta({
    description: 'An application key that may read; scoped keys need timeseries_query.',
  }),
  url: TokenUrl.optional().meta({ description: 'Another address than https://api.SITE.' }),
};

export interface DatadogAccount {
  readonly site: string;
  readonly 'api-key': SecretRef;
  readonly 'application-key': SecretRef;
  readonly url?: string | undefined;
}

const SOURCE = 'Datadog';
const PLACE = { source: SOURCE, setting: 'metrics' };
const MAX_BYTES = 16 * 1024 * 1024;
const Failure = z.object({ errors: z.array(z.union([z.string(), z.looseObject({ detail: z.string() })])) });

/** The API of Datadog; every answer is JSON of the given shape. */
export class DatadogClient {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;

  constructor(settings: DatadogAccount, timeoutMs: number, context: AdapterContext) {
    this.#base = withoutTrailing(settings.url ?? `https://api.${settings.site}`, '/');
    this.#headers = {
      accept: 'application/json',
      'dd-api-key': context.secret(settings['api-key'].env),
      'dd-application-key': context.secret(settings['application-key'].env),
    };
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends `body`, or only asks where it is absent. `what` is for messages: "timeseries". Refusals
   * `metrics-unauthorised`, `metrics-query-refused`; Unavailable with the time to wait where Datadog says it.
   */
  async call<T>(
    path: string,
    schema: z.ZodType<T>,
    {
      what,
      body,
      signal,
    }: { readonly what: string; readonly body?: unknown; readonly signal?: AbortSignal | undefined },
  ): Promise<T> {
    const answer = await askOften({
      url: `${this.#base}${path}`,
      headers: body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      timeoutMs: this.#timeoutMs,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply') throw new Unavailable(SOURCE, answer.words);
    if (answer.status < 200 || answer.status > 299) throw failure(answer, what);
    return jsonIn(answer, { ...PLACE, answer: schema });
  }
}

function failure(answer: HttpReply, what: string): Error {
  const { status, headers } = answer;
  if (status === 401 || status === 403)
    return new Refusal('metrics-unauthorised', { source: SOURCE, status });
  if (status === 400 || status === 404 || status === 422) {
    const told = Failure.safeParse(jsonOf(answer));
    const first = told.success ? told.data.errors[0] : undefined;
    const words = typeof first === 'object' ? first.detail : first;
    const reason = words?.slice(0, 200).replace(/\.$/, '') ?? `it answered ${status}`;
    return new Refusal('metrics-query-refused', { source: SOURCE, query: what, reason });
  }
  if (status !== 429) return failureOf(answer, PLACE);
  // Seconds until the limit begins anew.
  const wait = headers['x-ratelimit-reset'] ?? headers['retry-after'];
  return new Unavailable(SOURCE, 'its limit of requests is reached', waitOf(wait));
}
