import type { Sample } from '../../../domain/judge/sample.ts';
import type { CountSetting } from '../names.ts';
import type { Range } from '../port.ts';
import { withBucketSeries } from './bucket-series.ts';
import type { PrometheusSettings } from './settings.ts';

/** PromQL in which `$window` stands for a duration such as `30s`. */
export interface Queries {
  readonly total: string;
  readonly errors: string | null;
  /** Those of what fails, as they are without a zero where they find nothing; by the names of people. */
  readonly failures: Readonly<Record<string, string>>;
  /** Histogram buckets: one series for each `le`. */
  readonly latency: string | null;
  readonly unitMs: number;
  /** Queries of what is counted beside them, by name. */
  readonly counts: Readonly<Record<string, CountQueries>>;
}

/** How queries tell releases apart: by the values of a label, and by the one that was deployed. */
export interface Told {
  readonly label?: string | null;
  readonly release?: NonNullable<Range['release']> | null;
}

type CountQueries =
  | { readonly total: string; readonly bad: string }
  | { readonly value: string; readonly limit: CountSetting<string> };

interface Names {
  readonly counter: string;
  readonly buckets: string;
  readonly status: string;
  /** Both are one native histogram. */
  readonly isNative?: true;
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
  'native-histogram': {
    counter: 'http_request_duration_seconds',
    buckets: 'http_request_duration_seconds',
    status: 'status_code',
    isNative: true,
  },
};

/** Series that were seen in the hour before the window are not new, whatever gap there was. */
const SEEN_BEFORE = '[1h] offset $window';

/**
 * How much a counter grew in each window. `increase` sees nothing of the first value of a series, which is what the
 * first failures of a new release are, so a series that is new counts with all that it has. Before the deploy, new is also
 * what Prometheus only now began to ask, or gives other labels: there only series of targets count that have kept one since
 * the window began. `targets`: series that each target has; null: there are too many to look at in each window of an hour.
 */
function grownBy(phase: Sample['phase'], series: string, targets: string | null): string {
  const grown = `increase(${series}[$window])`;
  if (phase === 'baseline' && targets === null) return grown;
  const born = `(last_over_time(${series}[$window]) unless count_over_time(${series}${SEEN_BEFORE}))`;
  const kept = `and on (job, instance) (${targets} and ${targets} offset $window)`;
  return `(${phase === 'baseline' ? `(${born} ${kept})` : born} or ${grown})`;
}

/**
 * Any version, and one of them with or without the v of its tag, as patterns of PromQL in whatever quotes they stand. What
 * was promoted has the name that it was built with: 7 digits or more of its commit.
 */
const ANY_VERSION = '.*';
function patternOf({ version, build }: NonNullable<Range['release']>): string {
  const named = `v?${version.replaceAll(/[^\w-]/g, '[$&]')}`;
  return build === undefined ? named : `(?:${named}|${build.commit.slice(0, 7)}[0-9a-f]*)`;
}

/**
 * The queries of the preset, unless the config has its own. `service` stands for `{service}`, and `release` for
 * `{version}`; any version where it is null, as before the deploy. With `label`, those for
 * requests and errors have a series for each of its values; the config's own have to see to that themselves.
 */
export function queriesOf(
  settings: PrometheusSettings,
  phase: Sample['phase'],
  service: string,
  { label = null, release = null }: Told = {},
): Queries {
  const names = PRESETS[settings.preset];
  const status = settings['status-label'] ?? names.status;
  const selector = settings.selector;
  const counter = (...more: readonly string[]) =>
    `${names.counter}{${[selector, ...more].filter(Boolean).join(',')}}`;
  const targets = counter('job!=""', 'instance!=""');
  const counted = (more: string, among: string | null) => {
    const grown = `${label === null ? 'sum' : `sum by (${label}) `}(${grownBy(phase, counter(more), among)})`;
    return names.isNative ? `histogram_count(${grown})` : grown;
  };
  const own = settings.queries;
  const buckets = `${names.buckets}{${selector}}`;
  const latency = names.isNative
    ? `sum (${grownBy(phase, buckets, null)})`
    : withBucketSeries(
        `sum by (le) (${grownBy(phase, buckets, null)})`,
        `count by (le) (count_over_time(${buckets}[$window]))`,
      );
  const pattern = release === null || phase === 'baseline' ? ANY_VERSION : patternOf(release);
  const filled = (query: string) => query.replaceAll('{service}', service).replaceAll('{version}', pattern);
  const filledOr = (query: string | undefined) => (query === undefined ? null : filled(query));
  const total = own?.total ?? counted('', targets);
  const failed = own === undefined ? counted(`${status}=~"5.."`, targets) : own.errors;
  const bad = Object.entries(settings.counts).flatMap(([name, count]) =>
    count.bad === undefined ? [] : [[name, filled(count.bad)] as const],
  );
  return {
    total: filled(total),
    errors: filledOr(failed && orZero(failed, own?.total ?? counted('', null))),
    failures: Object.fromEntries([...(failed === undefined ? [] : [['errors', filled(failed)]]), ...bad]),
    latency: own === undefined ? filled(latency) : filledOr(own.latency && withBucketSeries(own.latency)),
    unitMs: settings['latency-unit'] === 'ms' ? 1 : 1_000,
    counts: Object.fromEntries(
      Object.entries(settings.counts).map(([name, count]) => [name, countQueriesOf(count, filled)]),
    ),
  };
}

function countQueriesOf(count: CountSetting<string>, filled: (query: string) => string): CountQueries {
  const { total, bad, value } = count;
  if (value !== undefined) return { value: filled(value), limit: count };
  if (total === undefined || bad === undefined) throw new Error('A count has total and bad, or a value.');
  return { total: filled(total), bad: filled(orZero(bad, total)) };
}

/** What never failed has no series of failures: that is zero, as long as anything is counted at all. */
function orZero(query: string, total: string): string {
  return `${inParentheses(query)} or 0 * ${inParentheses(total)}`;
}

/** A comment would take the parenthesis with it. */
function inParentheses(query: string): string {
  return query.includes('#') ? `(${query}\n)` : `(${query})`;
}
