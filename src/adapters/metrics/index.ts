import { tableOf } from '../shared/kinds.ts';
import { cloudwatchMetrics } from './cloudwatch/kind.ts';
import { datadogMetrics } from './datadog/kind.ts';
import { probeMetrics } from './probe/kind.ts';
import { prometheusMetrics } from './prometheus/kind.ts';

export const METRICS_KINDS = [probeMetrics, prometheusMetrics, datadogMetrics, cloudwatchMetrics] as const;

/** A service's `metrics`. */
export const metrics = tableOf(METRICS_KINDS);
