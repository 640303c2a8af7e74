import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkMessage, checkPictures } from './content.ts';
import { Limits } from './limits.ts';
import type { Args } from './method.ts';
import { METHODS } from './methods.ts';
import { APP, SlackNo, type State } from './state.ts';

/** Arguments that forms carry as JSON. */
const STRUCTURED = ['blocks', 'view', 'metadata', 'files'];
const SCARCE = ['conversations.history', 'conversations.replies'];

export interface DoubleCall {
  readonly method: string;
  readonly at: number;
  readonly args: Args;
  readonly status: number;
  readonly answer: Readonly<Record<string, unknown>>;
}

interface Answered {
  readonly status: number;
  readonly body: string | Readonly<Record<string, unknown>>;
  readonly headers?: Record<string, string>;
}

/** The Web API, response_urls and uploads over HTTP. */
export class WebApi {
  readonly calls: DoubleCall[] = [];
  readonly limits = new Limits();
  /** Every answer comes so much later, ms. */
  delayMs = 0;
  readonly token = 'xoxb-double';
  readonly #state: State;
  readonly #origin: () => string;

  constructor(state: State, origin: () => string) {
    this.#state = state;
    this.#origin = origin;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    void this.#answer(request).then(async ({ status, body, headers = {} }) => {
      if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  async #answer(request: IncomingMessage): Promise<Answered> {
    const raw = await bodyOf(request);
    const [, area = '', ...rest] = (request.url ?? '').split('?', 1)[0]?.split('/') ?? [];
    if (area === 'upload') return this.#upload(rest.at(-1) ?? '', raw, request.headers['content-type'] ?? '');
    if (area === 'response') return this.#respond(rest[0] ?? '', raw);
    const method = rest[0] ?? '';
    const { args, token } = argsOf(raw, request);
    const answer = this.#call(method, args, token);
    this.calls.push({ method, at: Date.now(), args, status: answer.status, answer: answer.body });
    return answer;
  }

  #call(name: string, args: Args, token: string) {
    const method = METHODS[name];
    if (!method) return no('unknown_method');
    if (token === '') return no('not_authed');
    if (token !== this.token) return no('invalid_auth');
    const wait = this.limits.wait(name, String(args['channel'] ?? ''));
    if (wait > 0) return { ...no('ratelimited'), status: 429, headers: { 'retry-after': `${wait}` } };
    const missing = method.needs.filter((key) => args[key] === undefined || args[key] === '');
    if (missing.length > 0)
      return no('invalid_arguments', {
        response_metadata: { messages: missing.map((key) => `[ERROR] missing required field: ${key}`) },
      });
    try {
      const most = this.limits.scarceHistory && SCARCE.includes(name) ? { most: 15 } : {};
      const body = { ok: true, ...method.run(this.#state, { ...args, origin: this.#origin(), ...most }) };
      return { status: 200, body, headers: {} };
    } catch (error) {
      if (error instanceof SlackNo) return no(error.code, error.more);
      throw error;
    }
  }

  #upload(id: string, raw: Buffer, type: string) {
    const file = this.#state.files.get(id);
    if (!file) return { status: 404, body: 'not found' };
    const boundary = /boundary=([^;]+)/.exec(type)?.[1];
    if (boundary === undefined) file.bytes = raw;
    else {
      const start = raw.indexOf('\r\n\r\n') + 4;
      file.bytes = raw.subarray(start, raw.indexOf(`\r\n--${boundary.replaceAll('"', '')}`, start));
    }
    return { status: 200, body: `OK - ${file.bytes.length}` };
  }

  /** Five uses within thirty minutes. @see https://docs.slack.dev/interactivity/handling-user-interaction */
  #respond(id: string, raw: Buffer) {
    const address = this.#state.responses.get(id);
    if (!address || address.until < Date.now()) return { status: 404, body: 'expired_url' };
    if (address.left === 0) return { status: 404, body: 'used_url' };
    address.left -= 1;
    const args = JSON.parse(raw.toString()) as Record<string, unknown>;
    const { about } = address;
    this.calls.push({ method: 'response_url', at: Date.now(), args, status: 200, answer: { ok: true } });
    if (args['delete_original'] === true && about?.ephemeralTo) {
      this.#state.ephemeral.splice(this.#state.ephemeral.indexOf(about), 1);
      return { status: 200, body: 'ok' };
    }
    try {
      checkMessage(args);
      checkPictures(this.#state, args['blocks']);
    } catch (error) {
      return { status: 400, body: (error as SlackNo).code };
    }
    const content = {
      text: String(args['text'] ?? ''),
      ...(args['blocks'] === undefined ? {} : { blocks: args['blocks'] as never }),
    };
    if (args['replace_original'] === true && about) Object.assign(about, content);
    else {
      const thread = args['thread_ts'] === undefined ? {} : { thread_ts: String(args['thread_ts']) };
      const message = { channel: address.channel, user: APP.user, ...content, ...thread };
      if (args['response_type'] === 'in_channel') this.#state.post(message);
      else this.#state.whisper({ ...message, ephemeralTo: address.user });
    }
    this.#state.changed();
    return { status: 200, body: 'ok' };
  }
}

function no(error: string, more: Readonly<Record<string, unknown>> = {}) {
  return { status: 200, body: { ok: false, error, ...more }, headers: {} as Record<string, string> };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

/** From a form or JSON; the token of a form may be among its fields. */
function argsOf(raw: Buffer, request: IncomingMessage): { readonly args: Args; readonly token: string } {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if ((request.headers['content-type'] ?? '').startsWith('application/json'))
    return { args: JSON.parse(raw.toString()) as Args, token: bearer };
  const { token = bearer, ...fields } = Object.fromEntries(new URLSearchParams(raw.toString()));
  const args = Object.entries(fields).map(([key, value]) => [
    key,
    STRUCTURED.includes(key) ? (JSON.parse(value) as unknown) : value,
  ]);
  return { args: Object.fromEntries(args) as Args, token };
}
