import { tableOf } from '../shared/kinds.ts';
import { cloudwatchMetrics } from './cloudwatch/kind.ts';
import { datadogMetrics } from './datadog/kind.ts';
import { httpJsonMetrics } from './http-json/kind.ts';
import { probeMetrics } from './probe/kind.ts';
import { prometheusMetrics } from './prometheus/kind.ts';
import { sentryMetrics } from './sentry/kind.ts';

export const METRICS_KINDS = [
  probeMetrics,
  prometheusMetrics,
  datadogMetrics,
  cloudwatchMetrics,
  sentryMetrics,
  httpJsonMetrics,
] as const;

/** A service's `metrics`. */
export const metrics = tableOf(METRICS_KINDS);
