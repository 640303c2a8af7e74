import type { EndedSpan } from '../../domain/operations/measures.ts';

/** Where a span is. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  /** ms since the epoch, with fractions. */
  readonly startedMs: number;
}

const KIND = { internal: 1, client: 3 } as const;
const ERROR = 2;

/**
 * A span in the JSON of OTLP: ids in hexadecimal, times in nanoseconds as text.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function spanJson({ span, failed }: EndedSpan, context: SpanContext, endedMs: number): object {
  const { traceId, spanId, parentId, startedMs } = context;
  const error = failed === null ? {} : { 'error.type': failed };
  return {
    traceId,
    spanId,
    ...(parentId === null ? {} : { parentSpanId: parentId }),
    name: span.name,
    kind: KIND[span.kind],
    startTimeUnixNano: nanoseconds(startedMs),
    endTimeUnixNano: nanoseconds(Math.max(startedMs, endedMs)),
    attributes: attributesOf({ ...span.attributes, ...span.result, ...error }),
    ...(failed === null ? {} : { status: { code: ERROR } }),
  };
}

/** The body of a request with these spans. */
export function tracesJson(spans: readonly object[], resource: Readonly<Record<string, string>>): object {
  const attributes = attributesOf({ 'service.name': 'slipway', ...resource });
  return {
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'slipway' }, spans }] }],
  };
}

function attributesOf(values: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

/** Exact to a microsecond: more digits than a number has. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}
