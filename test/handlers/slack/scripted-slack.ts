import type { IncomingMessage, ServerResponse } from 'node:http';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';

/** How Slack answers a call: with an error of its own, a status, or not at all. */
export type Answer =
  | { readonly error: string }
  | { readonly status: number; readonly retryAfter?: number }
  | { readonly silent: true }
  | Readonly<Record<string, unknown>>;

export interface Call {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Slack's Web API as a script: each method answers as it is told, else `ok`. Answers have the shapes that Slack
 * documents: `{ ok: false, error }` with status 200, 429 with Retry-After, and HTML where a proxy of Slack's answers.
 *
 * @see https://docs.slack.dev/apis/web-api/ and https://docs.slack.dev/apis/web-api/rate-limits
 */
export class ScriptedSlack {
  /** By method. */
  readonly answers = new Map<string, Answer>();
  /** Of calls that are answered differently each time: they come first. */
  readonly next = new Map<string, Answer[]>();
  readonly calls: Call[] = [];
  #server: TestServer | null = null;

  async start(): Promise<this> {
    this.#server = await startHttpServer((request, response) => void this.#answer(request, response));
    return this;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  get apiUrl(): string {
    return `${this.url}/api/`;
  }

  of(method: string): readonly Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  close(): Promise<void> {
    return this.#server?.close() ?? Promise.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const method = (request.url ?? '').replace(/^\/(api\/)?/, '').replace(/\?.*/, '');
    this.calls.push({ method, args: argsOf(body) });
    const answer = this.next.get(method)?.shift() ?? this.answers.get(method) ?? {};
    if ('silent' in answer) return void request.socket.destroy();
    if ('status' in answer && typeof answer.status === 'number') {
      const { status, retryAfter } = answer as { status: number; retryAfter?: number };
      response.writeHead(status, {
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        'content-type': status === 429 ? 'application/json' : 'text/html',
      });
      response.end(status === 429 ? '{"ok":false,"error":"ratelimited"}' : '<html>Server Error</html>');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify('error' in answer ? { ok: false, ...answer } : { ok: true, ...answer }));
  }
}

function argsOf(body: string): Record<string, unknown> {
  if (body.startsWith('{')) return JSON.parse(body) as Record<string, unknown>;
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, value]) => [
      key,
      /^[[{]/.test(value) ? JSON.parse(value) : value,
    ]),
  );
}
