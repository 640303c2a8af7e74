import { Refusal } from '../../domain/refusals/refusal.ts';

/** Where traces go, from the variables of OpenTelemetry. */
export interface TraceSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  /** 0..1: the share of promotions that are traced. */
  readonly ratio: number;
  readonly timeoutMs: number;
  readonly flushMs: number;
}

/**
 * Null when nothing is to be traced: neither `OTEL_EXPORTER_OTLP_ENDPOINT` nor `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is
 * set, or `OTEL_SDK_DISABLED` or `OTEL_TRACES_EXPORTER=none` says so. Refusal `environment-invalid`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function traceSettings(env: NodeJS.ProcessEnv): TraceSettings | null {
  const of = (name: string) => env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`];
  if (of('ENDPOINT') === undefined || of('ENDPOINT') === '') return null;
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return null;
  const protocol = of('PROTOCOL') ?? 'http/json';
  // Whoever takes protobuf over HTTP takes JSON at the same address.
  if (!protocol.startsWith('http/')) {
    throw invalid(
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      protocol,
      'http/json; the port of a collector for HTTP is 4318',
    );
  }
  const ratio = ratioOf(env);
  if (ratio === 0) return null;
  return {
    url: endpoint(env),
    headers: pairs(of('HEADERS') ?? '', 'OTEL_EXPORTER_OTLP_HEADERS'),
    resource: {
      ...pairs(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '', 'OTEL_RESOURCE_ATTRIBUTES'),
      ...(env['OTEL_SERVICE_NAME'] ? { 'service.name': env['OTEL_SERVICE_NAME'] } : {}),
    },
    ratio,
    timeoutMs: milliseconds('OTEL_EXPORTER_OTLP_TIMEOUT', of('TIMEOUT'), 10_000),
    flushMs: milliseconds('OTEL_BSP_SCHEDULE_DELAY', env['OTEL_BSP_SCHEDULE_DELAY'], 5_000),
  };
}

function endpoint(env: NodeJS.ProcessEnv): string {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const name = own ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const value = own || env['OTEL_EXPORTER_OTLP_ENDPOINT'] || '';
  if (!URL.canParse(value) || !/^https?:/i.test(value)) {
    throw invalid(name, '***', 'an address such as http://127.0.0.1:4318');
  }
  return own ? value : `${value.replace(/\/+$/, '')}/v1/traces`;
}

function ratioOf(env: NodeJS.ProcessEnv): number {
  const sampler = (env['OTEL_TRACES_SAMPLER'] ?? 'always_on').replace(/^parentbased_/, '');
  if (sampler === 'always_on') return 1;
  if (sampler === 'always_off') return 0;
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? 1);
  if (sampler === 'traceidratio' && ratio >= 0 && ratio <= 1) return ratio;
  throw invalid(
    'OTEL_TRACES_SAMPLER',
    sampler,
    'always_on, always_off or traceidratio, with 0 to 1 in OTEL_TRACES_SAMPLER_ARG',
  );
}

/** `key=value,key=value`, percent-encoded. */
function pairs(text: string, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    try {
      if (at <= 0) throw new Error('no =');
      found[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      throw invalid(name, '***', 'key=value,key=value');
    }
  }
  return found;
}

function milliseconds(name: string, value: string | undefined, usual: number): number {
  if (!value) return usual;
  if (/^\d{1,7}$/.test(value) && Number(value) > 0) return Number(value);
  throw invalid(name, value, 'milliseconds');
}

function invalid(name: string, value: string, expected: string): Refusal {
  return new Refusal('environment-invalid', { name, value, expected });
}
