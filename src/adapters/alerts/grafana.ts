import { z } from 'zod';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { type AdapterContext, SecretRef } from '../shared/context.ts';
import { TokenUrl } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { activeAlerts } from './alertmanager-api.ts';
import { isCritical, labelSettings } from './labels.ts';
import { type AlertSource, alertSettings, countedAlerts } from './port.ts';

const GrafanaSettings = z
  .strictObject({
    use: z.literal('grafana'),
    ...alertSettings,
    url: TokenUrl.meta({ description: 'Address of Grafana, before /api.' }),
    token: SecretRef.meta({ description: 'Token of a service account that may read alerts (role Viewer).' }),
    alertmanager: z
      .string()
      .regex(/^[\w-]{1,100}$/, '"grafana", or the uid of an Alertmanager data source')
      .default('grafana')
      .meta({
        description: 'Whose alerts: those of Grafana itself, or of an Alertmanager data source by its uid.',
      }),
    ...labelSettings,
  })
  .meta({
    description:
      'Asks Grafana Alerting (10 or newer) what fires. A rule that gets no data or fails asks people, and is never critical.',
  });
type GrafanaSettings = z.output<typeof GrafanaSettings>;

export const grafanaAlerts = defineKind({ settings: GrafanaSettings, open: openGrafana });

/** What Grafana makes of a rule that it cannot evaluate: an alert of this name, with the rule's in a label. */
const UNSEEING: Readonly<Record<string, string>> = {
  DatasourceNoData: 'gets no data',
  DatasourceError: 'cannot be evaluated',
};

function openGrafana(settings: GrafanaSettings, context: AdapterContext): AlertSource {
  const name = settings.name ?? 'Grafana';
  const authorization = `Bearer ${context.secret(settings.token.env)}`;
  const firing = (signal?: AbortSignal) =>
    activeAlerts({
      source: name,
      url: `${withoutTrailing(settings.url, '/')}/api/alertmanager/${settings.alertmanager}`,
      headers: { authorization },
      timeoutMs: settings.timeout,
      labels: settings.labels,
      isCritical: (labels) => unseeing(labels) === undefined && isCritical(labels, settings.critical),
      nameOf,
      now: context.now,
      signal,
    });
  return {
    kind: 'grafana',
    name,
    firing,
    preflight: async (signal) => countedAlerts(name, await firing(signal)),
  };
}

function unseeing({ alertname = '' }: Readonly<Record<string, string>>): string | undefined {
  return Object.hasOwn(UNSEEING, alertname) ? UNSEEING[alertname] : undefined;
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  const trouble = unseeing(labels);
  const { alertname = 'without a name', rulename = 'a rule' } = labels;
  return trouble === undefined ? alertname : `${rulename} (${trouble})`;
}
