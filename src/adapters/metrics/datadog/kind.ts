import type { AdapterContext } from '../../shared/context.ts';
import { DatadogClient } from '../../shared/datadog/client.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { MetricSource } from '../port.ts';
import { DatadogSettings } from './settings.ts';
import { DatadogSource } from './source.ts';

export const datadogMetrics = defineKind({ settings: DatadogSettings, open: openDatadog });

function openDatadog(settings: DatadogSettings, context: AdapterContext): MetricSource {
  return new DatadogSource(new DatadogClient(settings, settings.timeout, context), settings, context);
}
