import { tableOf } from '../shared/kinds.ts';
import { pagerdutyOnCall } from './pagerduty.ts';
import { slackOnCall } from './slack.ts';

/** A service's `on-call`. */
export const onCall = tableOf([slackOnCall, pagerdutyOnCall]);
