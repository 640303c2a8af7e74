import { inAnEmergency } from './overrides.ts';
import type { Gate } from './port.ts';

/** Fails while a critical alert fires in production. It may be overridden, for the release that puts an end to it. */
export const noCriticalAlert: Gate = {
  id: 'no-critical-alert',
  title: 'Alerts',
  askedAgain: true,
  applies: ({ metrics }) => metrics?.alerts !== undefined,
  async check({ ports: { metrics, service } }) {
    const firing = (await metrics?.alerts?.()) ?? [];
    if (firing.length === 0) return { verdict: 'passed', reason: 'No critical alert fires in production.' };
    const names = firing.join(', ');
    const { dashboard } = service.links;
    return {
      verdict: 'failed',
      reason: firing.length === 1 ? `Critical alert ${names} fires.` : `Critical alerts ${names} fire.`,
      ...(dashboard ? { link: dashboard } : {}),
      // An alert that comes later is another one.
      barriers: firing.map((name) => `alert:${name}`),
      remedy: `Wait until production is well again, then re-check.${inAnEmergency(service.policy)}`,
    };
  },
};
