import { catalogueOf } from '../shared/kinds.ts';

/** Kinds of a service's `on-call`. */
export const onCall = catalogueOf({
  slack: async () => (await import('./slack.ts')).slackOnCall,
  pagerduty: async () => (await import('./pagerduty.ts')).pagerdutyOnCall,
});
