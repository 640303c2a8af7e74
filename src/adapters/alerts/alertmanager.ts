import { z } from 'zod';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import type { AdapterContext } from '../shared/context.ts';
import { HttpUrl } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { signInHeaders, signInShape } from '../shared/sign-in.ts';
import { activeAlerts } from './alertmanager-api.ts';
import { isCritical, labelSettings } from './labels.ts';
import { type AlertSource, alertSettings, countedAlerts } from './port.ts';

const AlertmanagerSettings = z
  .strictObject({
    use: z.literal('alertmanager'),
    ...alertSettings,
    url: HttpUrl.meta({
      description: 'Address of Alertmanager, before /api/v2; also of Mimir: …/alertmanager.',
    }),
    ...labelSettings,
    ...signInShape,
  })
  .meta({
    description:
      'Asks Prometheus Alertmanager (0.16 or newer) what fires. What is silenced, inhibited or muted does not count.',
  });
type AlertmanagerSettings = z.output<typeof AlertmanagerSettings>;

export const alertmanagerAlerts = defineKind({ settings: AlertmanagerSettings, open: openAlertmanager });

function openAlertmanager(settings: AlertmanagerSettings, context: AdapterContext): AlertSource {
  const name = settings.name ?? 'Alertmanager';
  const headers = signInHeaders(settings, context);
  const firing = (signal?: AbortSignal) =>
    activeAlerts({
      source: name,
      url: withoutTrailing(settings.url, '/'),
      headers,
      timeoutMs: settings.timeout,
      labels: settings.labels,
      isCritical: (labels) => isCritical(labels, settings.critical),
      nameOf: (labels) => labels['alertname'] ?? 'without a name',
      now: context.now,
      signal,
    });
  return {
    kind: 'alertmanager',
    name,
    firing,
    preflight: async (signal) => countedAlerts(name, await firing(signal)),
  };
}
