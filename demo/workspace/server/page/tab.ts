import type { WebSocket } from 'ws';
import type { PageEvent, PageReply } from '../../protocol/events.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { PageCall } from './calls.ts';
import { readCall } from './calls.ts';
import { errorText } from './error-texts.ts';
import { eventsFor } from './events.ts';
import { snapshot } from './format.ts';
import { type Handlers, handlersFor, type Tab, type TabParts } from './handlers.ts';

/** One browser tab: it acts as one user, and hears what that user may hear. */
export class PageTab {
  readonly #socket: WebSocket;
  readonly #tab: Tab;
  readonly #handlers: Handlers;

  constructor(socket: WebSocket, parts: TabParts, user: string) {
    this.#socket = socket;
    this.#tab = { ...parts, me: user, send: (event) => this.#send(event) };
    this.#handlers = handlersFor(this.#tab);
    const { core } = parts;
    const stop = core.changes.subscribe((change) => {
      for (const event of eventsFor(core, this.#tab.me, change)) this.#send(event);
    });
    socket.on('close', stop);
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => void this.#receive(String(data)));
    this.#send(snapshot(core, user));
  }

  async #receive(data: string): Promise<void> {
    const request = readCall(data);
    if (request === null) return;
    if ('invalid' in request) {
      this.#send({
        type: 'reply',
        id: request.id,
        ok: false,
        error: 'invalid_arguments',
        text: request.invalid,
      });
      return;
    }
    this.#send(await this.#answer(request));
  }

  async #answer(request: PageCall): Promise<PageReply> {
    const { id, call, args } = request;
    try {
      const handler = this.#handlers[call] as (args: unknown) => unknown;
      return { type: 'reply', id, ok: true, result: await handler(args) };
    } catch (error) {
      const code = error instanceof SlackError ? error.code : 'internal_error';
      const text =
        error instanceof SlackError
          ? errorText(code, whatOf(request), this.#tab.core.manifest.name)
          : String(error);
      return { type: 'reply', id, ok: false, error: code, text };
    }
  }

  #send(message: PageEvent | PageReply): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function whatOf(request: PageCall): string {
  if (request.call === 'command') return request.args.line.split(/\s/)[0] ?? 'The command';
  return 'This';
}
