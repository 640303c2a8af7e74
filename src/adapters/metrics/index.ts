import { tableOf } from '../shared/kinds.ts';
import { probeMetrics } from './probe.ts';
import { prometheusMetrics } from './prometheus.ts';

export const METRICS_KINDS = [probeMetrics, prometheusMetrics] as const;

/** A service's `metrics`. */
export const metrics = tableOf(METRICS_KINDS);
