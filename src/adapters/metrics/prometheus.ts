import type { AdapterContext } from '../shared/context.ts';
import { resolveHeaders } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import type { MetricSource } from './port.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { queriesOf } from './prometheus-queries.ts';
import { PrometheusSettings } from './prometheus-settings.ts';
import { PrometheusSource } from './prometheus-source.ts';

export const prometheusMetrics = defineKind({ settings: PrometheusSettings, open: openPrometheus });

function openPrometheus(settings: PrometheusSettings, context: AdapterContext): MetricSource {
  const api = new PrometheusApi(settings.url, resolveHeaders(settings.headers, context), settings.timeout);
  return new PrometheusSource(api, (phase) => queriesOf(settings, phase), settings, context);
}
