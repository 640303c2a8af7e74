import { z } from 'zod';
import type { AdapterContext } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { openPagerdutyClient, pagerdutyId, pagerdutySettings } from '../shared/pagerduty/client.ts';
import { onCallNow } from '../shared/pagerduty/on-call.ts';
import type { OnCall } from './port.ts';

const PagerdutyOnCall = z
  .strictObject({
    use: z.literal('pagerduty'),
    schedules: z
      .array(pagerdutyId('a schedule', 'PI7DH85'))
      .max(10)
      .default([])
      .meta({ description: 'Ids of schedules: whoever is on call by them now.' }),
    'escalation-policies': z
      .array(pagerdutyId('an escalation policy', 'PT20YPA'))
      .max(10)
      .default([])
      .meta({ description: 'Ids of escalation policies: whoever is on call at their first level now.' }),
    ...pagerdutySettings,
  })
  .refine((given) => given.schedules.length + given['escalation-policies'].length > 0, {
    error: 'schedules or escalation-policies, at least one of them',
  })
  .meta({
    description:
      'Asks PagerDuty who is on call. They are mentioned where their address in PagerDuty is that of a member, else named.',
  });

export const pagerdutyOnCall = defineKind({ settings: PagerdutyOnCall, open: openPagerdutyOnCall });

const Known = z.looseObject({});

function openPagerdutyOnCall(settings: z.output<typeof PagerdutyOnCall>, context: AdapterContext): OnCall {
  const { schedules, 'escalation-policies': policies } = settings;
  const ask = openPagerdutyClient(settings, { name: 'PagerDuty', setting: 'on-call' }, context);
  const people = (signal?: AbortSignal) => onCallNow(ask, { schedules, policies }, signal);
  return {
    kind: 'pagerduty',
    name: 'PagerDuty',
    ids: [],
    people,
    preflight: async (signal) => {
      // A filter by what is not there finds nobody, and says nothing.
      for (const id of schedules) await ask(`/schedules/${id}`, Known, signal);
      for (const id of policies) await ask(`/escalation_policies/${id}`, Known, signal);
      const names = (await people(signal)).map(({ name }) => name).join(', ');
      return names === '' ? 'PagerDuty answers: nobody is on call now.' : `On call by PagerDuty: ${names}.`;
    },
  };
}
