import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rootOf } from '../../src/app/traces/tracer.ts';
import { type Stage, setStage } from '../stories/stage.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';

let receiver: OtlpReceiver;
let stage: Stage;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stage = await setStage({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' },
  });
});
afterAll(async () => {
  await stage?.end();
  await receiver?.close();
});

test('a promotion that was killed is one trace: steps, git, Slack, requests and the database', async () => {
  await stage.asks();
  const [{ id } = { id: '' }] = await stage.query<{ id: string }>('select id from slipway.promotions');
  const { traceId, spanId } = rootOf(id);
  /** Those whose parent was not sent; the root is sent at the end. */
  const orphans = () => {
    const spans = receiver.spans();
    const known = new Set([...spans.map((span) => span.spanId), spanId]);
    return spans.filter((span) => span.spanId !== spanId && !known.has(span.parentSpanId ?? ''));
  };
  // Nothing is under way, and all of it was sent.
  await vi.waitFor(() => {
    expect(receiver.spans().length).toBeGreaterThan(50);
    expect(orphans()).toEqual([]);
  }, 10_000);
  await stage.crash();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  const isWhole = () => receiver.spans().some((span) => span.spanId === spanId);
  await vi.waitFor(() => expect(isWhole()).toBe(true), 10_000);
  await stage.bot.stop();

  const spans = receiver.spans();
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const names = new Set(spans.map(({ name }) => name));
  for (const name of [
    'step begin',
    'step release',
    'git push',
    'slack chat.update',
    'database write',
    'GET 127.0.0.1',
  ])
    expect(names).toContain(name);
  // Each is within one that was sent too, but for what was under way when it was killed.
  expect(orphans().length).toBeLessThan(spans.length / 10);
  expect(receiver.violations()).toEqual([]);
  expect(receiver.text()).not.toContain(stage.workspace.botToken);
  await stage.startBot();
  await stage.expectNothingAmiss();
}, 120_000);
