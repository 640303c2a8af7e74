import { z } from 'zod';
import { boundedAlerts, type FiringAlert, sinceThen } from '../../domain/alerts/alert.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { AwsClient, awsSettings } from '../shared/aws/client.ts';
import { cloudwatchConsole } from '../shared/aws/console.ts';
import { sourceProblem } from '../shared/aws/problem.ts';
import { membersAt, textAt, type XmlElement } from '../shared/aws/xml.ts';
import type { AdapterContext } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { askedOfEach } from './asked-of-each.ts';
import { type AlertSource, alertSettings, countedAlerts } from './port.ts';

const MOST_PAGES = 10;
const SERVICE = { name: 'monitoring', title: 'CloudWatch', version: '2010-08-01' };

const CloudwatchAlertSettings = z
  .strictObject({
    use: z.literal('cloudwatch'),
    ...alertSettings,
    ...awsSettings,
    prefix: z
      .string()
      .min(1)
      .max(255)
      .meta({ description: 'How the names of the alarms of the service begin.', examples: ['shop-'] }),
    critical: z.array(z.string().min(1).max(255)).default(['critical']).meta({
      description: 'Alarms with one of these texts in their names are critical; others only ask people.',
    }),
  })
  .meta({
    description:
      'Asks Amazon CloudWatch which alarms are in the state ALARM, composite ones too. An alarm whose actions are switched off, suppressed by another alarm, or muted by a mute rule, does not count. It needs the permission cloudwatch:DescribeAlarms, and cloudwatch:ListAlarmMuteRules to see mute rules: without it alarms that they mute count.',
  });
type CloudwatchAlertSettings = z.output<typeof CloudwatchAlertSettings>;

export const cloudwatchAlerts = defineKind({ settings: CloudwatchAlertSettings, open: openCloudwatchAlerts });

function openCloudwatchAlerts(settings: CloudwatchAlertSettings, context: AdapterContext): AlertSource {
  const name = settings.name ?? SERVICE.title;
  const service = { ...SERVICE, refusal: sourceProblem(name, 'alerts') };
  const client = new AwsClient(settings, service, settings.timeout, context);
  const areMuted = askedOfEach(
    async (alarm: string, signal) => {
      const parameters = { AlarmName: alarm, 'Statuses.member.1': 'ACTIVE' };
      const result = await client.call('ListAlarmMuteRules', parameters, signal);
      return membersAt(result, 'AlarmMuteRuleSummaries').length > 0;
    },
    false,
    context,
  );
  const firing = async (signal?: AbortSignal): Promise<readonly FiringAlert[]> => {
    const alarms: XmlElement[] = [];
    let token = '';
    for (let page = 0; ; page++) {
      if (page === MOST_PAGES) {
        const reason = `${alarms.length.toLocaleString('en')} or more alarms begin with ${settings.prefix}: choose a longer prefix`;
        throw new Refusal('source-blind', { source: name, setting: 'alerts', reason });
      }
      const parameters = {
        AlarmNamePrefix: settings.prefix,
        'AlarmTypes.member.1': 'MetricAlarm',
        'AlarmTypes.member.2': 'CompositeAlarm',
        MaxRecords: '100',
        ...(token === '' ? {} : { NextToken: token }),
      };
      const result = await client.call('DescribeAlarms', parameters, signal);
      alarms.push(...membersAt(result, 'MetricAlarms'), ...membersAt(result, 'CompositeAlarms'));
      token = textAt(result, 'NextToken');
      if (token === '') break;
    }
    if (alarms.length === 0) {
      const reason = `no alarm begins with ${settings.prefix}`;
      throw new Refusal('source-blind', { source: name, setting: 'alerts', reason });
    }
    const alerts = alarms.flatMap((alarm) => alertOf(alarm, settings, context.now()));
    const muted = await areMuted(
      [...alerts].sort((a, b) => Number(b.critical) - Number(a.critical)).map((alert) => alert.name),
      signal,
    );
    return boundedAlerts(alerts.filter((alert) => muted.get(alert.name) !== true));
  };
  return {
    kind: 'cloudwatch',
    name,
    firing,
    preflight: async (signal) => countedAlerts(name, await firing(signal)),
  };
}

function alertOf(
  alarm: XmlElement,
  { critical, region, prefix }: CloudwatchAlertSettings,
  now: number,
): readonly FiringAlert[] {
  const called = textAt(alarm, 'AlarmName');
  const isIn = textAt(alarm, 'StateValue') === 'ALARM' && called.startsWith(prefix);
  const isMuted = textAt(alarm, 'ActionsEnabled') === 'false' || textAt(alarm, 'ActionsSuppressedBy') !== '';
  if (!isIn || isMuted) return [];
  const changed = textAt(alarm, 'StateTransitionedTimestamp') || textAt(alarm, 'StateUpdatedTimestamp');
  return [
    {
      id: textAt(alarm, 'AlarmArn') || called,
      name: called,
      critical: critical.some((text) => called.includes(text)),
      ...sinceThen(changed, now),
      url: cloudwatchConsole(region, `alarmsV2:alarm/${encodeURIComponent(called)}`),
    },
  ];
}
