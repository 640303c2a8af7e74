import type { Logger } from 'pino';
import { keptSecret } from '../../domain/text/redaction.ts';
import { traceSettings } from './settings.ts';
import type { Tracer } from './tracer.ts';

/** Traces promotions when the variables of OpenTelemetry say where to; null, and nothing loaded, when they do not. */
export async function openTraces(env: NodeJS.ProcessEnv, log: Logger): Promise<Tracer | null> {
  const settings = traceSettings(env);
  if (settings === null) return null;
  for (const value of Object.values(settings.headers)) keptSecret(value);
  const { openTracer } = await import('./tracer.ts');
  log.info({ host: new URL(settings.url).host }, 'promotions are traced');
  return openTracer(settings, log);
}
