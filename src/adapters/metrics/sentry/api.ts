import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { failureOf, jsonIn } from '../../shared/ask-json.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { askOften, type HttpReply } from '../../shared/http.ts';
import { jsonOf, waitOf } from '../../shared/reply.ts';
import type { SentrySettings } from './settings.ts';

const SOURCE = 'Sentry';
const PLACE = { source: SOURCE, setting: 'metrics' };
const MAX_BYTES = 8 * 1024 * 1024;
const MOST_ISSUES = 100;
/** What an answer need not hold of an issue; `stats` would take away when it was seen first, too. */
const COLLAPSED = ['lifetime', 'filtered', 'unhandled'];
const Failure = z.object({ detail: z.union([z.string(), z.looseObject({ message: z.string() })]) });

/** Numbers of sessions in each interval, by how they went. */
const Sessions = z.object({
  intervals: z.array(z.string()),
  groups: z.array(
    z.object({
      by: z.object({ 'session.status': z.string() }),
      series: z.object({ 'sum(session)': z.array(z.number().nullable()) }),
    }),
  ),
});
export type SentrySessions = z.infer<typeof Sessions>;

const Issues = z.array(z.object({ firstSeen: z.string().nullable() }));

/** The two calls of Sentry's API that are needed; every answer is validated. */
export class SentryApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #settings: SentrySettings;
  readonly #now: () => number;

  constructor(settings: SentrySettings, context: AdapterContext) {
    const { url, organization, token } = settings;
    this.#base = `${withoutTrailing(url, '/')}/api/0/organizations/${organization}`;
    this.#headers = { accept: 'application/json', authorization: `Bearer ${context.secret(token.env)}` };
    this.#settings = settings;
    this.#now = context.now;
  }

  /** `start` and `end` in ms; intervals begin at multiples of `intervalMs`. */
  sessions(
    start: number,
    end: number,
    intervalMs: number,
    signal: AbortSignal | undefined,
  ): Promise<SentrySessions> {
    const query = new URLSearchParams({ field: 'sum(session)', groupBy: 'session.status' });
    query.set('interval', `${intervalMs / 1_000}s`);
    query.set('includeTotals', '0');
    return this.#ask('sessions', Sessions, this.#about(query, start, end), signal);
  }

  /** When issues were seen first in that time, newest first; `all` false: there are more, older ones. */
  async newIssues(
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly firstSeen: readonly number[]; readonly all: boolean }> {
    const query = new URLSearchParams({ sort: 'new', limit: String(MOST_ISSUES) });
    for (const part of COLLAPSED) query.append('collapse', part);
    query.set('query', `firstSeen:>=${isoOf(start)} firstSeen:<${isoOf(end)}`);
    const issues = await this.#ask('issues', Issues, this.#about(query, start, end), signal);
    const firstSeen = issues.map((issue) => Date.parse(issue.firstSeen ?? '')).filter(Number.isFinite);
    return { firstSeen, all: issues.length < MOST_ISSUES };
  }

  #about(query: URLSearchParams, start: number, end: number): URLSearchParams {
    query.set('start', isoOf(start));
    query.set('end', isoOf(end));
    query.set('environment', this.#settings.environment);
    for (const project of this.#settings.projects) query.append('project', String(project));
    return query;
  }

  async #ask<T>(
    path: string,
    schema: z.ZodType<T>,
    query: URLSearchParams,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const answer = await askOften({
      url: `${this.#base}/${path}/?${query}`,
      headers: this.#headers,
      timeoutMs: this.#settings.timeout,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply') throw new Unavailable(SOURCE, answer.words);
    if (answer.status !== 200) throw failure(answer, path, this.#now());
    return jsonIn(answer, { ...PLACE, answer: schema });
  }
}

function failure(answer: HttpReply, path: string, now: number): Error {
  const { status, headers } = answer;
  if (status === 401 || status === 403)
    return new Refusal('metrics-unauthorised', { source: SOURCE, status });
  const told = Failure.safeParse(jsonOf(answer));
  const detail = told.success ? told.data.detail : undefined;
  const words = (typeof detail === 'object' ? detail.message : detail)?.slice(0, 200).replace(/\.$/, '');
  if (status === 404) {
    const reason = `it knows no such organization or project (${words ?? status})`;
    return new Refusal('metrics-blind', { source: SOURCE, reason });
  }
  if (status === 400) {
    return new Refusal('metrics-query-refused', {
      source: SOURCE,
      query: path,
      reason: words ?? 'it answered 400',
    });
  }
  if (status !== 429) return failureOf(answer, PLACE);
  // The time, in seconds since the epoch, at which the limit begins anew.
  const reset = Number(headers['x-sentry-rate-limit-reset']) * 1_000 - now;
  const wait = reset > 0 ? { retryAfterMs: reset } : waitOf(headers['retry-after']);
  return new Unavailable(SOURCE, 'its limit of requests is reached', wait);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, '');
}
