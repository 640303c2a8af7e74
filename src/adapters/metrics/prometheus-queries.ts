import type { PrometheusSettings } from './prometheus-settings.ts';

/** PromQL in which `$window` stands for a duration such as `30s`. */
export interface Queries {
  readonly total: string;
  readonly errors: string | null;
  /** Histogram buckets: one series for each `le`. */
  readonly latency: string | null;
  readonly unitMs: number;
}

interface Names {
  readonly counter: string;
  readonly buckets: string;
  readonly status: string;
}

const PRESETS: Readonly<Record<PrometheusSettings['preset'], Names>> = {
  'http-requests': {
    counter: 'http_requests_total',
    buckets: 'http_request_duration_seconds_bucket',
    status: 'status',
  },
  'http-histogram': {
    counter: 'http_request_duration_seconds_count',
    buckets: 'http_request_duration_seconds_bucket',
    status: 'status_code',
  },
  opentelemetry: {
    counter: 'http_server_request_duration_seconds_count',
    buckets: 'http_server_request_duration_seconds_bucket',
    status: 'http_response_status_code',
  },
};

/** The queries of the preset, unless the config has its own. */
export function queriesOf(settings: PrometheusSettings): Queries {
  const names = PRESETS[settings.preset];
  const status = settings['status-label'] ?? names.status;
  const selector = settings.selector;
  const counted = (more = '') =>
    `sum(increase(${names.counter}{${[selector, more].filter(Boolean).join(',')}}[$window]))`;
  const own = settings.queries;
  return {
    total: own?.total ?? counted(),
    // A service that never failed has no series of failures: that is zero, as long as it has requests at all.
    errors: own === undefined ? `${counted(`${status}=~"5.."`)} or 0 * ${counted()}` : (own.errors ?? null),
    latency:
      own === undefined
        ? `sum by (le) (increase(${names.buckets}{${selector}}[$window]))`
        : (own.latency ?? null),
    unitMs: settings['latency-unit'] === 'ms' ? 1 : 1_000,
  };
}
