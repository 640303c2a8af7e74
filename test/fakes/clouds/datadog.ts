import type { IncomingMessage, ServerResponse } from 'node:http';
import { startHttpServer, type TestServer } from '../http-server.ts';

interface TimeseriesRequest {
  readonly from: number;
  readonly to: number;
  readonly interval: number;
  readonly queries: readonly {
    readonly data_source: string;
    readonly query: string;
    readonly name: string;
  }[];
  readonly formulas: readonly { readonly formula: string }[];
}

/** A value of the metric that a query names, in the bucket that begins then (ms); null: no point. */
type Points = (bucketMs: number) => number | null;

/**
 * Datadog's API as far as timeseries go: it takes both keys, answers on its own grid of buckets with a value or null
 * in each, and refuses what it does not know with its own errors.
 */
export class FakeDatadog {
  readonly keys = { api: 'dd-api-key-value', application: 'dd-application-key-value' };
  /** By the whole query; what is not here has no series at all. */
  readonly points = new Map<string, Points>();
  readonly asked: TimeseriesRequest[] = [];
  /** Shortest bucket for a long range. */
  leastInterval = 1_000;
  /** Takes the whole answer over; null: it does not. */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;
  readonly server: TestServer;

  private constructor(server: TestServer) {
    this.server = server;
    server.answer = (request, response) => void this.#answer(request, response);
  }

  static async start(): Promise<FakeDatadog> {
    return new FakeDatadog(await startHttpServer());
  }

  get url(): string {
    return this.server.url;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (this.instead !== null) return this.instead(request, response);
    const refuse = (status: number, ...errors: string[]) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
    const { headers } = request;
    if (headers['dd-api-key'] !== this.keys.api || headers['dd-application-key'] !== this.keys.application) {
      return refuse(403, 'Forbidden');
    }
    if (request.url !== '/api/v2/query/timeseries') return refuse(404, 'Not found');
    if (request.method !== 'POST') return refuse(405, 'Method not allowed');
    if (headers['content-type'] !== 'application/json') return refuse(415, 'Unsupported media type');
    const { data } = JSON.parse(text) as { data: { type: string; attributes: TimeseriesRequest } };
    if (data.type !== 'timeseries_request') return refuse(400, 'data.type is not valid');
    const { from, to, queries, formulas, interval } = data.attributes;
    if (!(from < to)) return refuse(400, 'from must be before to');
    for (const { data_source, query, name } of queries) {
      if (data_source !== 'metrics') return refuse(400, `unknown data source ${data_source}`);
      if (!/^[a-z]\w*$/.test(name)) return refuse(400, `invalid name ${name}`);
      if (!/^\(*(?:sum|avg|max|min|p\d+):[\w.]+\{[^}]*\}/.test(query)) {
        return refuse(
          400,
          `Error parsing query: unable to parse ${query}: Rule 'scope_expr' didn't match at ''.`,
        );
      }
    }
    this.asked.push(data.attributes);
    const bucket = Math.max(interval, this.leastInterval);
    const times: number[] = [];
    for (let at = Math.ceil(from / bucket) * bucket; at < to; at += bucket) times.push(at);
    const found = formulas.flatMap(({ formula }, index) => {
      const query = queries.find(({ name }) => name === formula);
      const points = query && this.points.get(query.query);
      return points ? [{ index, values: times.map(points) }] : [];
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        data: {
          id: '0',
          type: 'timeseries_response',
          attributes: {
            series: found.map(({ index }) => ({ group_tags: [], query_index: index, unit: null })),
            times: found.length === 0 ? [] : times,
            values: found.map(({ values }) => values),
          },
        },
      }),
    );
  }
}
