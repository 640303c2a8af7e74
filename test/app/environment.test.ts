import { describe, expect, test } from 'vitest';
import { operationsAddress } from '../../src/app/environment.ts';

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
