import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { webFetch } from '../../adapters/shared/network/fetch.ts';
import {
  type EndedSpan,
  type Measures,
  type OpenSpan,
  onMeasured,
  onSpans,
} from '../../domain/operations/measures.ts';
import type { TraceSettings } from './settings.ts';

/** What is waiting to be sent at most; spans on top of it are lost. */
const MOST_WAITING = 4_096;
/** So many are sent at once. */
const BATCH = 512;

/** Where a span is. */
interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  /** ms since the epoch, with fractions. */
  readonly startedMs: number;
}

export interface Tracer {
  /** Sends what is left, for as long as one request may take. */
  close(): Promise<void>;
}

/**
 * Sends the spans of promotions to a collector. The ids of a promotion's trace and of its first span follow from its id,
 * so every process that works on it, also after a crash, adds to the same trace.
 */
export function openTracer(settings: TraceSettings, log: Logger): Tracer {
  const within = new AsyncLocalStorage<SpanContext | null>();
  const open = new WeakMap<OpenSpan, SpanContext>();
  const sender = openSender(settings, log);
  const clock = () => performance.timeOrigin + performance.now();
  const stops = [
    onSpans(within, {
      begin(span) {
        const context = contextOf(span, within.getStore() ?? null, settings.ratio, clock());
        if (context === null) return null;
        open.set(span, context);
        span.traceparent = `00-${context.traceId}-${context.spanId}-01`;
        return context;
      },
      end(ended: EndedSpan) {
        const context = open.get(ended.span);
        if (context) sender.add(spanJson(ended, context, clock()));
      },
    }),
    onMeasured('ending', (ending) => {
      const root = { ...rootOf(ending.promotion), parentId: null, startedMs: ending.since };
      if (isSampled(root.traceId, settings.ratio)) sender.add(spanJson(endingSpan(ending), root, clock()));
    }),
  ];
  return {
    async close() {
      for (const stop of stops) stop();
      await sender.close();
    },
  };
}

/** All of a promotion. One that people cancelled, or that was rolled back, is no error of the bot. */
function endingSpan({ promotion, service, state }: Measures['ending']): EndedSpan {
  const attributes = {
    'slipway.promotion': promotion,
    'slipway.service': service,
    'slipway.state': state,
  };
  return {
    span: { name: `promotion of ${service}`, kind: 'internal', attributes },
    failed: state === 'failed' ? 'PromotionFailed' : null,
  };
}

function contextOf(
  { promotion }: OpenSpan,
  parent: SpanContext | null,
  ratio: number,
  startedMs: number,
): SpanContext | null {
  const above = promotion === undefined ? parent : rootOf(promotion);
  if (above === null || !isSampled(above.traceId, ratio)) return null;
  return {
    traceId: above.traceId,
    spanId: randomBytes(8).toString('hex'),
    parentId: above.spanId,
    startedMs,
  };
}

/** The trace of a promotion, and the span that is all of it. */
export function rootOf(promotion: string): { readonly traceId: string; readonly spanId: string } {
  const digest = createHash('sha256').update(`slipway trace ${promotion}`).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

function isSampled(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) / 2 ** 32 < ratio;
}

/** Collects spans and sends them now and then. What a collector does not take is lost, and said once until it does. */
function openSender(settings: TraceSettings, log: Logger) {
  let waiting: object[] = [];
  let lost = 0;
  let isAway = false;
  const send = async () => {
    const spans = waiting.slice(0, BATCH);
    waiting = waiting.slice(BATCH);
    try {
      const response = await webFetch(settings.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'slipway', ...settings.headers },
        body: JSON.stringify(tracesJson(spans, settings.resource)),
        signal: AbortSignal.timeout(settings.timeoutMs),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`status ${response.status}`);
      if (isAway) log.info({ lost }, 'traces are taken again');
      isAway = false;
      lost = 0;
    } catch (error) {
      lost += spans.length;
      if (!isAway)
        log.warn(
          { reason: error instanceof Error ? error.message : 'no answer', host: new URL(settings.url).host },
          'traces are not taken; promotions go on without them',
        );
      isAway = true;
    }
  };
  let sending: Promise<void> = Promise.resolve();
  const flush = () => {
    sending = sending.then(async () => {
      while (waiting.length > 0) await send();
    });
    return sending;
  };
  const timer = setInterval(flush, settings.flushMs);
  timer.unref();
  return {
    add(span: object): void {
      if (waiting.length < MOST_WAITING) waiting.push(span);
      else lost += 1;
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await Promise.race([
        flush(),
        new Promise((resolve) => setTimeout(resolve, settings.timeoutMs).unref()),
      ]);
    },
  };
}

const KIND = { internal: 1, client: 3 } as const;
const ERROR = 2;

/**
 * A span in the JSON of OTLP: ids in hexadecimal, times in nanoseconds as text.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
function spanJson({ span, failed }: EndedSpan, context: SpanContext, endedMs: number): object {
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
function tracesJson(spans: readonly object[], resource: Readonly<Record<string, string>>): object {
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
