import { AwsClient } from '../../shared/aws/client.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { MetricSource } from '../port.ts';
import { CloudWatchSettings } from './settings.ts';
import { CloudWatchSource } from './source.ts';

export const cloudwatchMetrics = defineKind({ settings: CloudWatchSettings, open: openCloudWatch });

function openCloudWatch(settings: CloudWatchSettings, context: AdapterContext): MetricSource {
  const service = { name: 'monitoring', title: 'CloudWatch', version: '2010-08-01' };
  return new CloudWatchSource(new AwsClient(settings, service, settings.timeout, context), settings, context);
}
