import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { failureOf, jsonIn } from '../../shared/ask-json.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { askOften, resolveHeaders } from '../../shared/http.ts';
import { numberAt } from '../../shared/json-path.ts';
import { queriesByName } from '../series-queries.ts';
import type { HttpJsonSettings } from './settings.ts';

/** Numbers by what they are for; what the answer does not have is not there. */
export type Numbers = Readonly<Record<string, number>>;

/** What it answers that knows nothing of the service yet: no content, not found, gone. */
const UNKNOWN: readonly number[] = [204, 404, 410];

export type AskNumbers = (url: string, signal: AbortSignal | undefined) => Promise<Numbers>;

/** What people are told of it: its address may hold more than they should see. */
export function endpointOf(url: string): string {
  return `the endpoint ${new URL(url).host}`;
}

/** Refusal `metrics-blind` when one of the numbers is not there. */
export function mustHaveAll(numbers: Numbers, settings: HttpJsonSettings, url: string): void {
  const lacking = Object.entries(queriesByName(settings)).filter(([name]) => numbers[name] === undefined);
  if (lacking.length === 0) return;
  const reason = `there is no number at ${lacking.map(([, path]) => path).join(', ')}`;
  throw new Refusal('metrics-blind', { source: endpointOf(url), reason });
}

/** Asks an address for its numbers. Refusal `metrics-unauthorised`, or `metrics-blind` where it knows of none. */
export function asking(settings: HttpJsonSettings, context: AdapterContext): AskNumbers {
  const headers = { accept: 'application/json', ...resolveHeaders(settings.headers, context) };
  const paths = Object.entries(queriesByName(settings));
  return async (url, signal) => {
    const endpoint = endpointOf(url);
    const answer = await askOften({
      url,
      headers,
      timeoutMs: settings.timeout,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply') throw new Unavailable(endpoint, answer.words);
    const { status } = answer;
    if (status === 401 || status === 403)
      throw new Refusal('metrics-unauthorised', { source: endpoint, status });
    if (UNKNOWN.includes(status))
      throw new Refusal('metrics-blind', { source: endpoint, reason: `it answered ${status}` });
    const place = { source: endpoint, setting: 'metrics' };
    if (status !== 200) throw failureOf(answer, place);
    const json = jsonIn(answer, { ...place, answer: z.unknown() });
    return Object.fromEntries(
      paths.flatMap(([name, path]) => {
        const value = numberAt(json, path);
        return value === null ? [] : [[name, value]];
      }),
    );
  };
}
