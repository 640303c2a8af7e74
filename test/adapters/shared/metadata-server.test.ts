import { afterEach, beforeEach, expect, test } from 'vitest';
import { askMetadata } from '../../../src/adapters/shared/metadata-server.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startHttpServer((_, response) => response.writeHead(503).end());
});
afterEach(() => server.close());

const ask = (startsMs: number) =>
  askMetadata({ url: server.url, timeoutMs: 1_000 }, { source: 'the machine', isIt: () => false, startsMs });

test('what never answers is waited for once, and keeps nobody waiting later', async () => {
  expect(await ask(1_500)).toBeNull();
  const asked = server.requests.length;
  expect(asked).toBeGreaterThan(1);
  expect(await ask(60_000)).toBeNull();
  expect(server.requests).toHaveLength(asked + 1);
});

test('what is something else is not waited for', async () => {
  server.answer = (_, response) => void response.end('nginx');
  expect(await ask(60_000)).toBeNull();
  expect(server.requests).toHaveLength(1);
});
