import { z } from 'zod';
import { boundedAlerts, type FiringAlert, sinceThen } from '../../domain/alerts/alert.ts';
import type { AdapterContext } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { openPagerdutyClient, pagerdutyId, pagerdutySettings } from '../shared/pagerduty/client.ts';
import { onCallNow } from '../shared/pagerduty/on-call.ts';
import { type AlertSource, alertSettings, countedAlerts } from './port.ts';

const PAGE = 100;
const MOST_PAGES = 5;

const PagerdutySettings = z
  .strictObject({
    use: z.literal('pagerduty'),
    ...alertSettings,
    services: z
      .array(pagerdutyId('a service', 'PIJ90N7'))
      .min(1)
      .max(20)
      .meta({ description: 'Ids of the PagerDuty services whose incidents are of this service.' }),
    critical: z
      .strictObject({
        urgency: z
          .array(z.enum(['high', 'low']))
          .default(['high'])
          .meta({ description: 'One of these urgencies.' }),
        priority: z.array(z.string().min(1)).default([]).meta({
          description: 'And one of these priorities, such as P1; none: any, or no priority at all.',
        }),
      })
      .prefault({})
      .meta({ description: 'Which incidents are critical; others only ask people.' }),
    ...pagerdutySettings,
  })
  .meta({
    description: 'Asks PagerDuty for the open incidents of services: triggered or acknowledged.',
  });
type PagerdutySettings = z.output<typeof PagerdutySettings>;

export const pagerdutyAlerts = defineKind({ settings: PagerdutySettings, open: openPagerduty });

const Incidents = z.object({
  incidents: z.array(
    z.object({
      id: z.string().min(1),
      title: z.string().nullish(),
      summary: z.string().nullish(),
      status: z.enum(['triggered', 'acknowledged', 'resolved']),
      urgency: z.enum(['high', 'low']),
      created_at: z.string(),
      html_url: z.string().nullish(),
      priority: z.object({ summary: z.string().nullish(), name: z.string().nullish() }).nullish(),
      service: z.object({ id: z.string() }),
    }),
  ),
  more: z.boolean(),
});
const Service = z.object({
  service: z.object({
    id: z.string(),
    name: z.string().nullish(),
    escalation_policy: z.object({ id: z.string() }).nullish(),
  }),
});

function openPagerduty(settings: PagerdutySettings, context: AdapterContext): AlertSource {
  const name = settings.name ?? 'PagerDuty';
  const ask = openPagerdutyClient(settings, { name, setting: 'alerts' }, context);
  // A service that is not there has no incidents either: that it is there is asked once.
  const known = new Map<string, string | undefined>();
  const mustBeThere = async (signal?: AbortSignal): Promise<void> => {
    for (const id of settings.services.filter((one) => !known.has(one))) {
      const { service } = await ask(`/services/${id}`, Service, signal);
      known.set(id, service.escalation_policy?.id);
    }
  };
  const firing = async (signal?: AbortSignal): Promise<readonly FiringAlert[]> => {
    await mustBeThere(signal);
    const open: z.output<typeof Incidents>['incidents'] = [];
    for (let page = 0; page < MOST_PAGES; page++) {
      const { incidents, more } = await ask(`/incidents?${queryOf(settings, page)}`, Incidents, signal);
      open.push(...incidents);
      if (!more || incidents.length === 0) break;
    }
    return boundedAlerts(
      open
        .filter(({ status, service }) => status !== 'resolved' && settings.services.includes(service.id))
        .map((incident) => alertOf(incident, settings, context.now())),
    );
  };
  return {
    kind: 'pagerduty',
    name,
    firing,
    onCall: async (signal) => {
      await mustBeThere(signal);
      const policies = [...new Set([...known.values()].filter((id) => id !== undefined))];
      return onCallNow(ask, { schedules: [], policies }, signal);
    },
    preflight: async (signal) => countedAlerts(name, await firing(signal)),
  };
}

function queryOf({ services }: PagerdutySettings, page: number): URLSearchParams {
  return new URLSearchParams([
    ['statuses[]', 'triggered'],
    ['statuses[]', 'acknowledged'],
    ...services.map((id) => ['service_ids[]', id] as [string, string]),
    // Without it only incidents of the last month are listed.
    ['date_range', 'all'],
    // What is new is among those that are read, however many there are.
    ['sort_by', 'created_at:desc'],
    ['limit', String(PAGE)],
    ['offset', String(page * PAGE)],
  ]);
}

function alertOf(
  incident: z.output<typeof Incidents>['incidents'][number],
  { critical }: PagerdutySettings,
  now: number,
): FiringAlert {
  const { id, title, summary, urgency, priority, created_at, html_url } = incident;
  const named = priority?.summary ?? priority?.name ?? '';
  return {
    id,
    name: title || summary || id,
    critical:
      critical.urgency.includes(urgency) &&
      (critical.priority.length === 0 || critical.priority.includes(named)),
    ...sinceThen(created_at, now),
    ...(html_url && /^https?:\/\//.test(html_url) ? { url: html_url } : {}),
  };
}
