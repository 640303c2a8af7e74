import { Refusal } from '../../../domain/refusals/refusal.ts';
import { AwsClient } from '../../shared/aws/client.ts';
import type { AwsProblem } from '../../shared/aws/problem.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { MetricSource } from '../port.ts';
import { CloudWatchSettings } from './settings.ts';
import { CloudWatchSource } from './source.ts';

const TITLE = 'CloudWatch';

export const cloudwatchMetrics = defineKind({ settings: CloudWatchSettings, open: openCloudWatch });

function openCloudWatch(settings: CloudWatchSettings, context: AdapterContext): MetricSource {
  const service = { name: 'monitoring', title: TITLE, version: '2010-08-01', refusal };
  return new CloudWatchSource(new AwsClient(settings, service, settings.timeout, context), settings, context);
}

function refusal(problem: AwsProblem): Refusal {
  return problem.kind === 'unauthorised'
    ? new Refusal('metrics-unauthorised', { source: TITLE, status: problem.status })
    : new Refusal('metrics-query-refused', { source: TITLE, query: problem.action, reason: problem.reason });
}
