import { tableOf } from '../shared/kinds.ts';
import { alertmanagerAlerts } from './alertmanager.ts';

export const ALERT_KINDS = [alertmanagerAlerts] as const;

/** A service's `alerts`. */
export const alerts = tableOf(ALERT_KINDS);
