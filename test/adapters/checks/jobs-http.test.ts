import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { checks } from '../../support/all-adapters.ts';

const NOW = Date.parse('2030-01-07T10:00:00Z');
const QUEUES = {
  queues: { mail: { size: 3, oldest: 4, since: '2030-01-07T09:59:00Z', beat: NOW / 1_000 - 20 } },
  idle: { size: '0', oldest: null, beat: null },
};

let server: TestServer;
let body: unknown;
beforeEach(async () => {
  body = QUEUES;
  server = await startHttpServer((request, response) =>
    request.headers['x-team'] === 'a' ? sendJson(response, body) : void response.writeHead(403).end(),
  );
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown>, url = server.url) =>
  checks.open(
    checks.settings.parse({
      use: 'jobs-http',
      url: `${url}/jobs`,
      headers: { 'x-team': 'a' },
      paths: { waiting: 'queues.mail.size', oldest: 'queues.mail.oldest', seen: 'queues.mail.beat' },
      timeout: '500ms',
      ...settings,
    }),
    adapterContext({ now: () => NOW }),
  );
const attempt = (settings: Record<string, unknown>) =>
  open(settings).attempt(EXPECTED, AbortSignal.timeout(5_000));

checkContract({
  name: 'jobs-http',
  well: async () => open({ 'max-waiting': 3 }),
  unwell: async () => open({ 'max-waiting': 2 }),
  gone: async () => {
    await server.close();
    return open({ 'max-waiting': 3 });
  },
});

describe('jobs by JSON', () => {
  test.each([
    [{ 'max-waiting': 3 }, true, '3 jobs wait, the oldest for 4 s; a worker was seen 20 s ago'],
    [{ 'max-waiting': 2 }, false, '3 jobs wait, expected at most 2'],
    [{ 'max-age': '3s' }, false, 'the oldest job waits for 4 s, expected at most 3 s'],
    [{ 'max-age': '3s', unit: 'ms' }, true, '3 jobs wait, the oldest for 4 ms; a worker was seen 20 s ago'],
    [{ heartbeat: '15s' }, false, 'the last sign of a worker is 20 s old, expected one within 15 s'],
    [
      { 'max-age': '59s', paths: { oldest: 'queues.mail.since' } },
      false,
      'the oldest job waits for 1 min, expected at most 59 s',
    ],
    [{ heartbeat: '30s', paths: { seen: 'queues.mail.beat' } }, true, 'a worker was seen 20 s ago'],
    [{ 'max-waiting': 0, paths: { waiting: 'idle.size' } }, true, '0 jobs wait'],
    [{ 'max-age': '1s', paths: { oldest: 'idle.oldest' } }, true, 'no job waits'],
    [{ heartbeat: '1s', paths: { seen: 'idle.beat' } }, false, 'no worker is known, expected one within 1 s'],
  ])('%j', async (settings, ok, detail) => {
    expect(await attempt(settings)).toEqual({ ok, detail });
  });

  test.each([
    [
      { 'max-waiting': 3, paths: { waiting: 'queues.mial.size' } },
      'there is no number of jobs at queues.mial.size',
    ],
    [{ 'max-waiting': 3, paths: { waiting: 'queues.mail' } }, 'there is no number of jobs at queues.mail'],
    [
      { 'max-age': '3s', paths: { oldest: 'queues.mail.odlest' } },
      'no age and no time at queues.mail.odlest',
    ],
    [{ heartbeat: '3s', paths: { seen: 'queues' } }, 'no age and no time at queues'],
  ])('what is not there is unknown: %j', async (settings, words) => {
    const seen = await attempt(settings);
    expect(seen).toMatchObject({ ok: false, unasked: true });
    expect(seen.detail).toMatch(/^its jobs are unknown, as .*: correct `paths`$/);
    expect(seen.detail).toContain(words);
  });

  test('a worker that is to be seen in the future is unknown, not alive', async () => {
    server.answer = (_, response) => void response.end(JSON.stringify({ beat: NOW * 1_000 }));
    expect(await attempt({ heartbeat: '30s', paths: { seen: 'beat' } })).toEqual({
      ok: false,
      unasked: true,
      detail:
        'its jobs are unknown, as the time at beat is in the future (microseconds?): correct `paths`, or what the address answers',
    });
    server.answer = (_, response) => void response.end(JSON.stringify({ beat: NOW + 60_000 }));
    expect(await attempt({ heartbeat: '30s', paths: { seen: 'beat' } })).toMatchObject({ ok: true });
  });

  test('an answer that is none', async () => {
    expect(await attempt({ 'max-waiting': 3, headers: {} })).toEqual({
      ok: false,
      detail: 'answered 403, expected 200',
    });
    server.answer = (_, response) => void response.end('<html>');
    expect(await attempt({ 'max-waiting': 3 })).toEqual({
      ok: false,
      detail: 'the body is not JSON',
    });
  });

  test.each([
    [{}, /at least one of max-waiting, max-age and heartbeat/],
    [{ heartbeat: '5m', paths: { waiting: 'a' } }, /seen, which heartbeat is compared with/],
  ])('%j is refused', (settings, words) => {
    const { error } = checks.settings.safeParse({
      use: 'jobs-http',
      url: 'https://shop.example/jobs',
      paths: { waiting: 'a' },
      ...settings,
    });
    expect(JSON.stringify(error?.issues)).toMatch(words);
  });
});
