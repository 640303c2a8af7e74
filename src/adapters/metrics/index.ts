import { catalogueOf } from '../shared/kinds.ts';

/** Kinds of a service's `metrics`. */
export const metrics = catalogueOf({
  probe: async () => (await import('./probe/kind.ts')).probeMetrics,
  prometheus: async () => (await import('./prometheus/kind.ts')).prometheusMetrics,
  datadog: async () => (await import('./datadog/kind.ts')).datadogMetrics,
  cloudwatch: async () => (await import('./cloudwatch/kind.ts')).cloudwatchMetrics,
  sentry: async () => (await import('./sentry/kind.ts')).sentryMetrics,
  'http-json': async () => (await import('./http-json/kind.ts')).httpJsonMetrics,
});
