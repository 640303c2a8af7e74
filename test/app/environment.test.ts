import { describe, expect, test } from 'vitest';
import { operationsAddress, stopWait } from '../../src/app/environment.ts';

describe('where those who keep the bot running ask it', () => {
  const operations = { port: 9464, host: '127.0.0.1' };

  test('is nowhere until a port is named, whatever the address', () => {
    expect(operationsAddress({}, {})).toBeNull();
    expect(operationsAddress({}, { METRICS_HOST: '0.0.0.0' })).toBeNull();
  });

  test('is what the environment says, before the config', () => {
    expect(operationsAddress({ operations }, {})).toEqual(operations);
    expect(operationsAddress({ operations }, { METRICS_PORT: '1' })).toEqual({ ...operations, port: 1 });
    expect(operationsAddress({ operations }, { METRICS_HOST: '::' })).toEqual({ ...operations, host: '::' });
    expect(operationsAddress({}, { METRICS_PORT: '1', METRICS_HOST: '0.0.0.0' })).toEqual({
      port: 1,
      host: '0.0.0.0',
    });
  });
});

test('how long a stop waits for deployments is a duration, and nothing by default', () => {
  expect(['', '0s', '90s', '9m'].map((value) => stopWait({ SLIPWAY_STOP_WAIT: value }))).toEqual([
    ...[0, 0, 90_000, 540_000],
  ]);
  expect(stopWait({})).toBe(0);
  expect(() => stopWait({ SLIPWAY_STOP_WAIT: '540' })).toThrow('environment-invalid');
});
