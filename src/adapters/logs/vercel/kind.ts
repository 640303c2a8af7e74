import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import { type LogSource, rulesOf } from '../port.ts';
import { VercelLogSettings } from './settings.ts';
import { VercelStream } from './stream.ts';

export const vercelLogs = defineKind({ settings: VercelLogSettings, open: openVercelLogs });

function openVercelLogs(settings: VercelLogSettings, context: AdapterContext): LogSource {
  const name = settings.name ?? 'Vercel';
  const stream = new VercelStream(settings, name, context);
  return {
    kind: 'vercel',
    name,
    rules: rulesOf(settings),
    delayMs: settings.delay,
    forgets: true,
    observe: (untilMs) => stream.observe(untilMs),
    read: (range, signal) => stream.read(range, signal),
    preflight: (signal) => stream.preflight(signal),
    link: () => 'https://vercel.com/dashboard',
    close: () => stream.close(),
  };
}
