import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { MetricSource } from '../port.ts';
import { asking } from './answer.ts';
import { openCounters } from './counters.ts';
import { HttpJsonSettings } from './settings.ts';
import { openWindows } from './windows.ts';

export const httpJsonMetrics = defineKind({ settings: HttpJsonSettings, open: openHttpJson });

function openHttpJson(settings: HttpJsonSettings, context: AdapterContext): MetricSource {
  const url = settings.url.replaceAll('{service}', context.service);
  const open = url.includes('{from}') ? openWindows : openCounters;
  return open(settings, url, asking(settings, context), context);
}
