import { z } from 'zod';
import type { AdapterContext } from '../shared/context.ts';
import type { MetricSource } from './port.ts';
import { openProbe, ProbeSettings } from './probe.ts';
import { openPrometheus } from './prometheus.ts';
import { PrometheusSettings } from './prometheus-settings.ts';

/** A service's `metrics`. */
export const MetricsSettings = z.discriminatedUnion('use', [ProbeSettings, PrometheusSettings]);
export type MetricsSettings = z.infer<typeof MetricsSettings>;

export function openMetrics(settings: MetricsSettings, context: AdapterContext): MetricSource {
  switch (settings.use) {
    case 'probe':
      return openProbe(settings, context);
    case 'prometheus':
      return openPrometheus(settings, context);
  }
}
