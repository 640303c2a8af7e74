import { z } from 'zod';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { askJson } from '../ask-json.ts';
import { type AdapterContext, Duration, SecretRef } from '../context.ts';
import { TokenUrl } from '../http.ts';

/** Settings of whatever asks PagerDuty. */
export const pagerdutySettings = {
  token: SecretRef.meta({ description: 'A REST API key; a read-only one is enough.' }),
  api: TokenUrl.default('https://api.pagerduty.com').meta({
    description: 'Address of the API; https://api.eu.pagerduty.com for accounts in Europe.',
  }),
  timeout: Duration.prefault('10s').meta({ description: 'After this it has not answered.' }),
};

/** An id of PagerDuty; `what` it is of. */
export function pagerdutyId(what: string, example: string): z.ZodString {
  return z.string().regex(/^[A-Z0-9]{6,20}$/, `the id of ${what}, such as ${example}`);
}

const Failure = z.object({
  error: z.object({ message: z.string().optional(), errors: z.array(z.string()).optional() }),
});

/** Asks for a path of the API. Throws as `askJson` does. */
export type AskPagerduty = <T>(path: string, answer: z.ZodType<T>, signal?: AbortSignal) => Promise<T>;

/** `name`: in words for people; `setting`: its place in the config. */
export function openPagerdutyClient(
  { token, api, timeout }: { token: { env: string }; api: string; timeout: number },
  { name, setting }: { readonly name: string; readonly setting: string },
  context: Pick<AdapterContext, 'secret'>,
): AskPagerduty {
  const headers = {
    accept: 'application/vnd.pagerduty+json;version=2',
    authorization: `Token token=${context.secret(token.env)}`,
  };
  return (path, answer, signal) =>
    askJson({
      source: name,
      setting,
      url: `${withoutTrailing(api, '/')}${path}`,
      headers,
      timeoutMs: timeout,
      answer,
      reasonIn: (body) => {
        const { message, errors = [] } = Failure.safeParse(body).data?.error ?? {};
        return [message, ...errors].filter((text) => text !== undefined).join(' ') || undefined;
      },
      ...(signal === undefined ? {} : { signal }),
    });
}
