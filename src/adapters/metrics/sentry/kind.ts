import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { MetricSource } from '../port.ts';
import { SentryApi } from './api.ts';
import { SentrySettings } from './settings.ts';
import { SentrySource } from './source.ts';

export const sentryMetrics = defineKind({ settings: SentrySettings, open: openSentry });

function openSentry(settings: SentrySettings, context: AdapterContext): MetricSource {
  return new SentrySource(new SentryApi(settings, context), settings, context);
}
