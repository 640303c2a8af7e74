import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { WebDispatcher } from '../../../src/adapters/shared/network/dispatcher.ts';
import { slackLogger } from '../../../src/adapters/slack/client.ts';
import { openBolt } from '../../../src/handlers/support/bolt.ts';

test('a port that somebody else has is a refusal, not a fault', async () => {
  const log = pino({ level: 'silent' });
  const other = createServer().listen(0, '0.0.0.0');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const bolt = openBolt({
    connection: { kind: 'http', signingSecret: 'secret', port, host: '0.0.0.0' },
    client: new WebClient('xoxb-1'),
    installation: () => Promise.reject(new Error('nobody asks')),
    clientOptions: {},
    openDispatcher: () => new WebDispatcher(),
    slackLogger: slackLogger(log),
    log,
    isNew: async () => true,
    now: Date.now,
  });
  try {
    await expect(bolt.start()).rejects.toMatchObject({ code: 'port-unavailable', facts: { port } });
  } finally {
    other.close();
  }
});
