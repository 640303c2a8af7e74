import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MetricSource } from '../../../src/adapters/metrics/port.ts';
import { metrics } from '../../support/all-adapters.ts';
import { adapterContext } from '../adapter-context.ts';
import { startHttpServer } from '../http-server.ts';
import { FakeAws } from './aws.ts';

/** What a platform has of one tick; null: no value, a text: what JSON cannot say. */
export interface ToldTick {
  /** End of the tick, ms since the epoch. */
  readonly at: number;
  readonly total: number | null | 'NaN';
  readonly errors: number | null | 'NaN';
}

export type Breakage =
  | 'refuses connections'
  | 'hangs'
  | '500'
  | '429'
  | '403'
  | 'signs in'
  | 'garbage'
  | 'half';
export const BREAKAGES: readonly Breakage[] = [
  'refuses connections',
  'hangs',
  '500',
  '429',
  '403',
  'signs in',
  'garbage',
  'half',
];

/** One kind of source over a platform that can be made to tell anything, and to break in every way. */
export interface MetricsWorld {
  readonly source: MetricSource;
  /** In the order in which the platform tells it. */
  tells(ticks: readonly ToldTick[]): void;
  breaks(how: Breakage): void;
  close(): Promise<void>;
}

/** Ticks of a minute, whose ends are on the grid of every platform. */
export const TICK_MS = 60_000;
export const DEPLOY = Math.floor(1_760_000_000_000 / 3_600_000) * 3_600_000;
/** Long after all that is asked about. */
const NOW = DEPLOY + 24 * 3_600_000;

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function server(answer: Answer) {
  let broken: Breakage | null = null;
  const started = await startHttpServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (broken === null) answer(request, response, body);
      else breakInto(broken, response);
    })();
  });
  return {
    url: started.url,
    breaks: async (how: Breakage) => {
      broken = how;
      if (how === 'refuses connections') await started.close();
    },
    close: () => started.close().catch(() => {}),
  };
}

function breakInto(how: Breakage, response: ServerResponse): void {
  const headers = { 'content-type': 'application/json' };
  if (how === 'hangs') return;
  if (how === '500') return void response.writeHead(500).end('oops');
  if (how === '429') {
    response
      .writeHead(429, { 'retry-after': '17', 'x-ratelimit-reset': '17' })
      .end('{"errors":["Too many requests"]}');
    return;
  }
  if (how === '403')
    return void response.writeHead(403, headers).end('{"errors":["Forbidden"],"detail":"no"}');
  if (how === 'signs in') return void response.writeHead(200).end('<!doctype html><html>Sign in</html>');
  if (how === 'garbage') return void response.writeHead(200, headers).end('{"status":"success","data":7}');
  response.writeHead(200, { ...headers, 'content-length': '5000' });
  response.write('{"status":"success","data":{"resultType":"matrix","resu');
  setTimeout(() => response.destroy(), 20);
}

const env = { KEY: 'api-key-of-a-test', APP: 'application-key-of-a-test' };
const context = () => adapterContext({ env, now: () => NOW });
const number = (value: ToldTick['total']) => (value === 'NaN' ? Number.NaN : value);

/** By kind; each takes how long its source waits for an answer. */
export const WORLDS: Readonly<Record<string, (timeout: string) => Promise<MetricsWorld>>> = {
  prometheus: async (timeout) => {
    let told: readonly ToldTick[] = [];
    const host = await server((request, response, body) => {
      const query = new URLSearchParams(body).get('query') ?? '';
      const field = query.includes('5..') ? 'errors' : 'total';
      const values = told.flatMap((tick) =>
        tick[field] === null || query.includes('_bucket') ? [] : [[tick.at / 1_000, String(tick[field])]],
      );
      const isRange = request.url?.endsWith('_range') === true;
      const result = isRange ? [{ metric: {}, values }] : [{ metric: {}, value: values[0] }];
      const data = { resultType: isRange ? 'matrix' : 'vector', result: values.length === 0 ? [] : result };
      response.end(JSON.stringify({ status: 'success', data }));
    });
    const settings = { use: 'prometheus', url: host.url, timeout };
    const source = metrics.open(metrics.settings.parse(settings), context());
    return {
      source,
      tells: (ticks) => {
        told = ticks;
      },
      breaks: host.breaks,
      close: host.close,
    };
  },

  datadog: async (timeout) => {
    let told: readonly ToldTick[] = [];
    const host = await server((_, response) => {
      const times = told.map(({ at }) => at - TICK_MS);
      // A value that is no number is written as null, as JSON has it.
      const values = [told.map(({ total }) => number(total)), told.map(({ errors }) => number(errors))];
      const series = values.map((_, index) => ({ group_tags: [], query_index: index, unit: null }));
      response.end(
        JSON.stringify({ data: { type: 'timeseries_response', attributes: { series, times, values } } }),
      );
    });
    const settings = {
      use: 'datadog',
      url: host.url,
      'api-key': { env: 'KEY' },
      'application-key': { env: 'APP' },
      total: 'sum:hits{service:shop}.as_count()',
      errors: 'sum:errors{service:shop}.as_count()',
      timeout,
    };
    const source = metrics.open(metrics.settings.parse(settings), context());
    return {
      source,
      tells: (ticks) => {
        told = ticks;
      },
      breaks: host.breaks,
      close: host.close,
    };
  },

  cloudwatch: async (timeout) => {
    let told: readonly ToldTick[] = [];
    const aws = await FakeAws.start();
    const signed = aws.server.answer;
    aws.keys.set('AKIA1', { secret: env.KEY });
    aws.now = NOW;
    aws.onCall = (_, response) => aws.result(response, 'GetMetricData', metricData(told));
    const settings = {
      use: 'cloudwatch',
      region: 'eu-central-1',
      endpoint: aws.url,
      'access-key': { env: 'ID' },
      'secret-key': { env: 'KEY' },
      total: { namespace: 'Shop', metric: 'Requests' },
      errors: { namespace: 'Shop', metric: 'Errors' },
      timeout,
    };
    const source = metrics.open(
      metrics.settings.parse(settings),
      adapterContext({ env: { ...env, ID: 'AKIA1' }, now: () => NOW }),
    );
    return {
      source,
      tells: (ticks) => {
        told = ticks;
      },
      breaks: async (how: Breakage) => {
        aws.server.answer = (request, response) => {
          if (how === 'refuses connections') return signed(request, response);
          request.resume();
          breakInto(how, response);
        };
        if (how === 'refuses connections') await aws.close();
      },
      close: () => aws.close().catch(() => {}),
    };
  },

  sentry: async (timeout) => {
    let told: readonly ToldTick[] = [];
    const host = await server((_, response) => {
      const [total, errors] = [
        told.map((tick) => number(tick.total)),
        told.map((tick) => number(tick.errors)),
      ];
      const healthy = total.map((value, index) => (value === null ? null : value - (errors[index] ?? 0)));
      const group = (status: string, values: readonly (number | null)[]) => ({
        by: { 'session.status': status },
        series: { 'sum(session)': values },
      });
      const intervals = told.map(({ at }) => new Date(at - TICK_MS).toISOString());
      const groups = [group('healthy', healthy), group('crashed', errors)];
      response.end(JSON.stringify({ intervals, groups }));
    });
    const settings = {
      use: 'sentry',
      url: host.url,
      organization: 'acme',
      projects: [7],
      token: { env: 'KEY' },
      timeout,
    };
    const source = metrics.open(metrics.settings.parse(settings), context());
    return {
      source,
      tells: (ticks) => {
        told = ticks;
      },
      breaks: host.breaks,
      close: host.close,
    };
  },

  'http-json': async (timeout) => {
    let told: readonly ToldTick[] = [];
    const host = await server((request, response) => {
      const to = Number(new URL(request.url ?? '', 'http://a').searchParams.get('to')) * 1_000;
      const tick = told.findLast(({ at }) => at === to);
      response.end(JSON.stringify({ total: tick?.total ?? null, errors: tick?.errors ?? null }));
    });
    const settings = {
      use: 'http-json',
      url: `${host.url}/?from={from}&to={to}`,
      total: 'total',
      errors: 'errors',
      timeout,
    };
    const source = metrics.open(metrics.settings.parse(settings), context());
    return {
      source,
      tells: (ticks) => {
        told = ticks;
      },
      breaks: host.breaks,
      close: host.close,
    };
  },
};

/** The results of two metrics, by their own clock. */
function metricData(told: readonly ToldTick[]): string {
  const series = (['total', 'errors'] as const).map((field, index) => {
    const known = told.filter((tick) => tick[field] !== null);
    const times = known.map(({ at }) => `<member>${new Date(at - TICK_MS).toISOString()}</member>`);
    const values = known.map((tick) => `<member>${tick[field]}</member>`);
    return `<member><Id>q${index}</Id><Label>${field}</Label><StatusCode>Complete</StatusCode><Timestamps>${times.join('')}</Timestamps><Values>${values.join('')}</Values></member>`;
  });
  return `<MetricDataResults>${series.join('')}</MetricDataResults><Messages/>`;
}
