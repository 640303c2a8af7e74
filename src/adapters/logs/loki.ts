import { z } from 'zod';
import type { LogRead } from '../../domain/logs/known.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { askJson, lessWhereTooLong } from '../shared/ask-json.ts';
import type { AdapterContext } from '../shared/context.ts';
import { HttpUrl } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { signInHeaders, signInShape } from '../shared/sign-in.ts';
import { countedLines, type LogRange, type LogSource, logSettings, rulesOf } from './port.ts';

/** What Loki gives at most, unless its own limit is raised. */
const LOKI_LIMIT = 5_000;

const LokiSettings = z
  .strictObject({
    use: z.literal('loki'),
    ...logSettings,
    url: HttpUrl.meta({ description: 'Address of Loki, before /loki/api/v1.' }),
    query: z
      .string()
      .min(2)
      .meta({
        description: 'LogQL that gives the error lines of the service: lines, not a metric.',
        examples: ['{app="shop"} | detected_level=~"error|fatal"'],
      }),
    tenant: z
      .string()
      .regex(/^[\w!.*'()|-]{1,150}$/, 'the id of a tenant')
      .optional()
      .meta({ description: 'Sent as X-Scope-OrgID; several are joined with |.' }),
    grafana: z
      .strictObject({
        url: HttpUrl.meta({ description: 'Address of Grafana.' }),
        datasource: z.string().min(1).meta({ description: 'The uid of its Loki data source.' }),
      })
      .optional()
      .meta({ description: 'Links lead to Explore there.' }),
    ...signInShape,
  })
  .meta({ description: 'Reads error messages from Grafana Loki.' });
type LokiSettings = z.output<typeof LokiSettings>;

export const lokiLogs = defineKind({ settings: LokiSettings, open: openLoki });

const Failure = z.object({ message: z.string() });
const Streams = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('streams'),
    result: z.array(
      z.object({
        stream: z.record(z.string(), z.string()),
        // Newer ones have structured metadata behind the line.
        values: z.array(z.tuple([z.string().regex(/^\d{1,20}$/), z.string()]).rest(z.unknown())),
      }),
    ),
  }),
});

function openLoki(settings: LokiSettings, context: AdapterContext): LogSource {
  const name = settings.name ?? 'Loki';
  const headers = {
    ...signInHeaders(settings, context),
    ...(settings.tenant === undefined ? {} : { 'x-scope-orgid': settings.tenant }),
  };
  const read = async ({ fromMs, toMs, most }: LogRange, signal?: AbortSignal): Promise<LogRead> => {
    const ask = (limit: number) => {
      const query = new URLSearchParams({
        query: settings.query,
        start: nanoseconds(fromMs),
        end: nanoseconds(toMs),
        limit: String(limit),
        direction: 'backward',
      });
      return askJson({
        source: name,
        setting: 'logs',
        url: `${withoutTrailing(settings.url, '/')}/loki/api/v1/query_range?${query}`,
        headers,
        timeoutMs: settings.timeout,
        answer: Streams,
        reasonIn: (body) => Failure.safeParse(body).data?.message,
        ...(signal === undefined ? {} : { signal }),
      });
    };
    const {
      answer: { data },
      asked: limit,
    } = await lessWhereTooLong(Math.min(most, LOKI_LIMIT), ask);
    const lines = data.result
      .flatMap(({ values }) => values.map(([at, text]) => ({ atMs: milliseconds(at), text })))
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .sort((a, b) => a.atMs - b.atMs);
    return { lines: lines.slice(-limit), cut: lines.length >= limit };
  };
  return {
    kind: 'loki',
    name,
    rules: rulesOf(settings),
    delayMs: settings.delay,
    read,
    preflight: (signal) => countedLines(name, read, context.now(), signal),
    link: (range) => exploreLink(settings, range),
  };
}

/** Explore of Grafana with the query and the time. */
function exploreLink(
  { grafana, query }: LokiSettings,
  { fromMs, toMs }: Pick<LogRange, 'fromMs' | 'toMs'>,
): string | undefined {
  if (grafana === undefined) return undefined;
  const { datasource } = grafana;
  const pane = {
    datasource,
    queries: [{ refId: 'A', datasource: { type: 'loki', uid: datasource }, expr: query }],
    range: { from: String(fromMs), to: String(toMs) },
  };
  const panes = encodeURIComponent(JSON.stringify({ slipway: pane }));
  return `${withoutTrailing(grafana.url, '/')}/explore?schemaVersion=1&panes=${panes}`;
}

function nanoseconds(ms: number): string {
  return `${Math.floor(ms)}000000`;
}

function milliseconds(nanoseconds: string): number {
  return Number(nanoseconds.slice(0, -6) || '0');
}
