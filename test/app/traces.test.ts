import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askOnce } from '../../src/adapters/shared/http.ts';
import { webFetch } from '../../src/adapters/shared/network/fetch.ts';
import { openTraces } from '../../src/app/traces/open.ts';
import { traceSettings } from '../../src/app/traces/settings.ts';
import { rootOf } from '../../src/app/traces/tracer.ts';
import { measured, spanned } from '../../src/domain/operations/measures.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';

const log = pino({ level: 'silent' });
let receiver: OtlpReceiver;
let asked: (string | undefined)[];
let shop: string;
let close: () => void;

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers['traceparent'] as string | undefined);
    response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health?token=s3cret-in-a-query`;
  close = () => server.close();
});
afterEach(async () => {
  close();
  await receiver.close();
});

const open = (more: NodeJS.ProcessEnv = {}) =>
  openTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...more }, log);
const step = (promotion: string, work: () => Promise<unknown>) =>
  spanned({ name: 'step deploy', kind: 'internal', promotion }, work);
const ask = () => askOnce({ url: shop, timeoutMs: 2_000 });

test('one trace for a promotion, whichever process adds to it; requests carry it on, and say no more than the host', async () => {
  const first = await open({ OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=k%20y' });
  await step('shop-1', ask);
  await first?.close();
  const second = await open();
  await step('shop-1', () => webFetch(shop, { headers: { authorization: 'Bearer s3cret-in-a-header' } }));
  await expect(step('shop-1', () => Promise.reject(new TypeError('s3cret-in-an-error')))).rejects.toThrow();
  measured('ending', { promotion: 'shop-1', service: 'shop', state: 'shipped', since: Date.now() - 60_000 });
  await second?.close();

  const { traceId, spanId } = rootOf('shop-1');
  const spans = receiver.spans();
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const steps = spans.filter(({ name }) => name === 'step deploy');
  expect(steps.map(({ parentSpanId }) => parentSpanId)).toEqual([spanId, spanId, spanId]);
  expect(steps[2]).toMatchObject({
    status: { code: 2 },
    attributes: [{ key: 'error.type', value: { stringValue: 'TypeError' } }],
  });
  const requests = spans.filter(({ kind }) => kind === 3);
  expect(requests.map(({ parentSpanId }) => parentSpanId)).toEqual([steps[0]?.spanId, steps[1]?.spanId]);
  expect(asked).toEqual(requests.map((span) => `00-${traceId}-${span.spanId}-01`));
  for (const { attributes } of requests)
    expect(attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: '418' } });
  const root = spans.find((span) => span.spanId === spanId);
  expect(root).toMatchObject({ name: 'promotion of shop' });
  expect(Number(root?.endTimeUnixNano) - Number(root?.startTimeUnixNano)).toBeGreaterThan(59e9);
  expect(receiver.text()).not.toContain('s3cret');
  expect(receiver.violations()).toEqual([]);
});

test('nothing is traced outside of a promotion, nor when the variables do not say where to', async () => {
  const tracer = await open();
  await ask();
  await tracer?.close();
  expect(await openTraces({}, log)).toBeNull();
  await step('shop-1', ask);
  expect(asked).toEqual([undefined, undefined]);
  expect(receiver.spans()).toEqual([]);
});

test('headers and resource go along; a share of promotions is traced, each whole or not at all', async () => {
  const tracer = await open({
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=k%20y',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_SERVICE_NAME: 'releases',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  });
  for (let index = 0; index < 200; index += 1)
    for (let part = 0; part < 2; part += 1) await step(`shop-${index}`, async () => undefined);
  await tracer?.close();
  expect(receiver.headers()).toMatchObject({ 'x-api-key': 'k y' });
  expect(receiver.text()).toContain('"service.name","value":{"stringValue":"releases"}');
  const traces = new Set(receiver.spans().map(({ traceId }) => traceId));
  expect(receiver.spans()).toHaveLength(traces.size * 2);
  expect(traces.size).toBeGreaterThan(60);
  expect(traces.size).toBeLessThan(140);
});

test('a collector that is away holds nothing up, and is said once', async () => {
  const warn = vi.fn();
  const tracer = await openTraces(
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_BSP_SCHEDULE_DELAY: '10' },
    Object.assign(pino({ level: 'silent' }), { warn }),
  );
  for (let index = 0; index < 3; index += 1) {
    await step('shop-1', async () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await tracer?.close();
  expect(warn).toHaveBeenCalledTimes(1);
});

test.each([
  [{ OTEL_SDK_DISABLED: 'true' }],
  [{ OTEL_TRACES_EXPORTER: 'none' }],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }],
])('%o: nothing is traced', (more) => {
  expect(traceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', ...more })).toBeNull();
});

test('addresses follow the specification', () => {
  expect(traceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' })?.url).toBe(
    'http://c:4318/v1/traces',
  );
  expect(traceSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/own' })?.url).toBe('http://c/own');
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'no pair' }],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }],
  [{ OTEL_TRACES_SAMPLER: 'sometimes' }],
])('%o is refused', (more) => {
  expect(() => traceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', ...more })).toThrow(
    expect.objectContaining({ code: 'environment-invalid' }),
  );
});
