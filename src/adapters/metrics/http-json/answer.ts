import { PERCENTILES } from '../../../domain/judge/sample.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { askOnce, resolveHeaders } from '../../shared/http.ts';
import { parseJson, valueAt } from '../../shared/json-path.ts';
import type { HttpJsonSettings } from './settings.ts';

/** Numbers by what they are for; what the answer does not have is not there. */
export type Numbers = Readonly<Record<string, number>>;

export type AskNumbers = (url: string, signal: AbortSignal | undefined) => Promise<Numbers>;

/** Where each number is, by what it is for: `total`, `errors`, `latency p95`, `bad of failed jobs`. */
export function pathsOf({
  total,
  errors,
  latency = {},
  counts,
}: HttpJsonSettings): Readonly<Record<string, string>> {
  const all: [string, string | undefined][] = [
    ['total', total],
    ['errors', errors],
    ...PERCENTILES.map((name): [string, string | undefined] => [`latency ${name}`, latency[name]]),
    ...Object.entries(counts).flatMap(([name, count]): [string, string | undefined][] => [
      [`total of ${name}`, count.total],
      [`bad of ${name}`, count.bad],
      [`value of ${name}`, count.value],
    ]),
  ];
  return Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== undefined));
}

/** What people are told of it: its address may hold more than they should see. */
export function endpointOf(url: string): string {
  return `the endpoint ${new URL(url).host}`;
}

/** Asks an address for its numbers. Refusal `metrics-unauthorised`. */
export function asking(settings: HttpJsonSettings, context: AdapterContext): AskNumbers {
  const headers = { accept: 'application/json', ...resolveHeaders(settings.headers, context) };
  const paths = Object.entries(pathsOf(settings));
  return async (url, signal) => {
    const endpoint = endpointOf(url);
    const answer = await askOnce({
      url,
      headers,
      timeoutMs: settings.timeout,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply') throw new Unavailable(endpoint, answer.words);
    const { status } = answer;
    if (status === 401 || status === 403)
      throw new Refusal('metrics-unauthorised', { source: endpoint, status });
    if (status !== 200) {
      const wait = Number(answer.headers['retry-after']) * 1_000;
      throw new Unavailable(endpoint, `it answered ${status}`, wait > 0 ? { retryAfterMs: wait } : {});
    }
    const json = parseJson(answer);
    if (json.kind === 'bad') throw new Unavailable(endpoint, json.words);
    return Object.fromEntries(
      paths.flatMap(([name, path]) => {
        const value = numberIn(valueAt(json.value, path));
        return value === null ? [] : [[name, value]];
      }),
    );
  };
}

/** Numbers are taken as texts too, as large ones are often written. */
function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
