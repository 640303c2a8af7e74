import type { Sample } from '../../domain/judge/sample.ts';
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

/** Series that were seen in the hour before the window are not new, whatever gap there was. */
const SEEN_BEFORE = '[1h] offset $window';

/**
 * How much a counter grew in each window. `increase` sees nothing of the first value of a series, which is what the
 * first failures of a new release are, so after a deploy a series that is new counts with all that it has. Before it,
 * new is also what Prometheus only now began to ask: there nothing is added.
 */
function grownBy(phase: Sample['phase'], series: string): string {
  if (phase === 'baseline') return `increase(${series}[$window])`;
  const before = `count_over_time(${series}${SEEN_BEFORE})`;
  return `((increase(${series}[$window]) and ${before}) or (last_over_time(${series}[$window]) unless ${before}))`;
}

/** The queries of the preset, unless the config has its own. */
export function queriesOf(settings: PrometheusSettings, phase: Sample['phase']): Queries {
  const names = PRESETS[settings.preset];
  const status = settings['status-label'] ?? names.status;
  const selector = settings.selector;
  const counted = (more = '') =>
    `sum(${grownBy(phase, `${names.counter}{${[selector, more].filter(Boolean).join(',')}}`)})`;
  const own = settings.queries;
  return {
    total: own?.total ?? counted(),
    // A service that never failed has no series of failures: that is zero, as long as it has requests at all.
    errors: own === undefined ? `${counted(`${status}=~"5.."`)} or 0 * ${counted()}` : (own.errors ?? null),
    latency:
      own === undefined
        ? `sum by (le) (${grownBy(phase, `${names.buckets}{${selector}}`)})`
        : (own.latency ?? null),
    unitMs: settings['latency-unit'] === 'ms' ? 1 : 1_000,
  };
}
