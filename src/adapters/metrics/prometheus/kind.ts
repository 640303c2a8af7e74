import type { Sample } from '../../../domain/judge/sample.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { resolveHeaders } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { MetricSource } from '../port.ts';
import { PrometheusApi } from './api.ts';
import { queriesOf, type Told } from './queries.ts';
import { PrometheusSettings } from './settings.ts';
import { PrometheusSource } from './source.ts';

export const prometheusMetrics = defineKind({ settings: PrometheusSettings, open: openPrometheus });

function openPrometheus(settings: PrometheusSettings, context: AdapterContext): MetricSource {
  const { url, timeout, delay, scrape } = settings;
  const limits = { timeoutMs: timeout, delayMs: delay, scrapeMs: scrape };
  const api = new PrometheusApi(url, headersOf(settings, context), limits);
  const queries = (phase: Sample['phase'], told: Told) => queriesOf(settings, phase, context.service, told);
  return new PrometheusSource(api, queries, settings, context);
}

function headersOf(settings: PrometheusSettings, context: AdapterContext): Readonly<Record<string, string>> {
  const { headers, bearer, basic, tenant } = settings;
  const login = basic && `${basic.user}:${context.secret(basic.password.env)}`;
  return {
    ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${context.secret(bearer.env)}` }),
    ...(login === undefined
      ? {}
      : { authorization: `Basic ${keptSecret(Buffer.from(login).toString('base64'))}` }),
    ...resolveHeaders(headers, context),
  };
}
