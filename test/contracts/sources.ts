import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explain } from '../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import { startHttpServer, type TestServer } from '../fakes/http-server.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Fault {
  readonly name: string;
  readonly answer: Handler | null;
  /** A code of a Refusal, or that it does not answer now. */
  readonly means: 'unavailable' | 'source-unauthorised' | 'source-refused' | 'source-unclear';
}

const plain =
  (status: number, body = '', headers: Readonly<Record<string, string>> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };
const page = '<!DOCTYPE html><html><title>Sign in</title><form method="post"></form></html>';

const HANGS = 'it never answers';

/** What every source that is asked over HTTP meets some day, and what it has to make of it. */
const FAULTS: readonly Fault[] = [
  { name: 'nobody listens', answer: null, means: 'unavailable' },
  { name: HANGS, answer: () => {}, means: 'unavailable' },
  {
    name: 'it stops in the middle',
    answer: (_, response) => {
      response.writeHead(200, { 'content-length': '5000', 'content-type': 'application/json' }).write('{"a');
      setTimeout(() => response.destroy(), 20);
    },
    means: 'unavailable',
  },
  { name: 'half an answer', answer: plain(200, '{"data": [{"'), means: 'unavailable' },
  { name: 'nothing at all', answer: plain(200), means: 'unavailable' },
  { name: '500', answer: plain(500, 'internal error'), means: 'unavailable' },
  {
    name: '502 with a page',
    answer: plain(502, page, { 'content-type': 'text/html' }),
    means: 'unavailable',
  },
  { name: '429', answer: plain(429, '{}', { 'retry-after': '7' }), means: 'unavailable' },
  { name: '401', answer: plain(401, '{"message":"no"}'), means: 'source-unauthorised' },
  { name: '403', answer: plain(403, page, { 'content-type': 'text/html' }), means: 'source-unauthorised' },
  { name: '404', answer: plain(404, 'page not found'), means: 'source-refused' },
  { name: '302 to a sign-in', answer: plain(302, '', { location: '/login' }), means: 'source-refused' },
  {
    name: 'a sign-in page',
    answer: plain(200, page, { 'content-type': 'text/html' }),
    means: 'source-unclear',
  },
  { name: 'another API', answer: plain(200, '{"hello": "world"}'), means: 'source-unclear' },
  { name: 'a number', answer: plain(200, '42'), means: 'source-unclear' },
  { name: 'null', answer: plain(200, 'null'), means: 'source-unclear' },
  { name: 'far too much', answer: plain(200, `"${'x'.repeat(9 * 1024 * 1024)}"`), means: 'source-unclear' },
];

interface Asked {
  readonly name: string;
  /** Opens the source at this address, with these settings too, and asks it. */
  ask(url: string, settings: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<unknown>;
  /** Secrets that are sent. */
  readonly secrets: readonly string[];
}

/** Runs the table of faults over a source. */
export function meetsFaults({ name, ask, secrets }: Asked): void {
  describe(`${name}, when something is wrong`, () => {
    let server: TestServer;
    beforeEach(async () => {
      server = await startHttpServer();
    });
    afterEach(() => server.close());

    const wrong = async (answer: Handler | null, settings = {}): Promise<unknown> => {
      if (answer === null) {
        await server.close();
        server = await startHttpServer();
        const { url } = server;
        await server.close();
        return ask(url, {}).catch((error: unknown) => error);
      }
      server.answer = answer;
      return ask(server.url, settings).catch((error: unknown) => error);
    };

    test.each(FAULTS)('$name: $means', async ({ name: fault, answer, means }) => {
      const error = await wrong(answer, fault === HANGS ? { timeout: '200ms' } : {});
      const got =
        error instanceof Refusal ? error.code : error instanceof Unavailable ? 'unavailable' : error;
      expect(got).toBe(means);
      const words = error instanceof Refusal ? Object.values(explain(error)).join(' ') : String(error);
      expect(words.length).toBeLessThan(600);
      for (const secret of secrets) expect(words).not.toContain(secret);
    });

    test('it says how long to wait where the source does', async () => {
      expect(await wrong(plain(429, '{}', { 'retry-after': '7' }))).toMatchObject({ retryAfterMs: 7_000 });
    });

    test('whoever asked may stop waiting', async () => {
      server.answer = () => {};
      const stopped = ask(server.url, {}, AbortSignal.timeout(30)).catch((error: unknown) => error);
      expect(await stopped).toBeInstanceOf(Unavailable);
    });
  });
}

/** The body of a request as JSON. */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
