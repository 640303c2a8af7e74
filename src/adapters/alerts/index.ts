import { tableOf } from '../shared/kinds.ts';
import { alertmanagerAlerts } from './alertmanager.ts';
import { cloudwatchAlerts } from './cloudwatch.ts';
import { datadogAlerts } from './datadog.ts';
import { grafanaAlerts } from './grafana.ts';
import { pagerdutyAlerts } from './pagerduty.ts';

export const ALERT_KINDS = [
  alertmanagerAlerts,
  grafanaAlerts,
  pagerdutyAlerts,
  datadogAlerts,
  cloudwatchAlerts,
] as const;

/** A service's `alerts`. */
export const alerts = tableOf(ALERT_KINDS);
