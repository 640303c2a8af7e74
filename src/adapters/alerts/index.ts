import { catalogueOf } from '../shared/kinds.ts';

/** Kinds of a service's `alerts`. */
export const alerts = catalogueOf({
  alertmanager: async () => (await import('./alertmanager.ts')).alertmanagerAlerts,
  grafana: async () => (await import('./grafana.ts')).grafanaAlerts,
  pagerduty: async () => (await import('./pagerduty.ts')).pagerdutyAlerts,
  datadog: async () => (await import('./datadog.ts')).datadogAlerts,
  cloudwatch: async () => (await import('./cloudwatch.ts')).cloudwatchAlerts,
});
