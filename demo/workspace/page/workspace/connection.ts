import type { PageCallName, PageCalls, PageRequest } from '../../protocol/calls.ts';
import type { PageEvent, ServerMessage } from '../../protocol/events.ts';

/** A call that the server refused, with its sentence as message; `code` is `disconnected` when it never answered. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly code: string;
  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

export interface Connection {
  call<Name extends PageCallName>(
    name: Name,
    args: PageCalls[Name]['args'],
  ): Promise<PageCalls[Name]['result']>;
}

interface Handlers {
  /** Who to be when the connection is (re)opened; null lets the server choose. */
  readonly user: () => string | null;
  readonly onEvent: (event: PageEvent) => void;
  /** The connection was opened, or lost. */
  readonly onChange: (open: boolean) => void;
}

/** Milliseconds between attempts; the last one repeats. */
const pauses = [150, 300, 600, 1000, 2000];

/** One socket for the life of the page: opens again by itself whenever the server comes back. */
export function connect(handlers: Handlers): Connection {
  type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (reason: Error) => void };
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | undefined;
  let attempts = 0;
  let nextId = 1;

  const open = () => {
    const user = handlers.user();
    const address = new URL('/page/socket', window.location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    if (user !== null) address.searchParams.set('as', user);
    const opened = new WebSocket(address);
    socket = opened;
    opened.onopen = () => {
      attempts = 0;
      handlers.onChange(true);
    };
    opened.onmessage = (message) => {
      const received = JSON.parse(String(message.data)) as ServerMessage;
      if (received.type !== 'reply') return handlers.onEvent(received);
      const asked = waiting.get(received.id);
      waiting.delete(received.id);
      if (received.ok) asked?.resolve(received.result);
      else asked?.reject(new CallFailed(received.error, received.text));
    };
    opened.onclose = () => {
      handlers.onChange(false);
      for (const { reject } of waiting.values()) reject(lost());
      waiting.clear();
      window.setTimeout(open, pauses[Math.min(attempts, pauses.length - 1)]);
      attempts += 1;
    };
  };
  open();

  return {
    call(name, args) {
      return new Promise((resolve, reject) => {
        if (socket?.readyState !== WebSocket.OPEN) return reject(lost());
        const id = nextId;
        nextId += 1;
        waiting.set(id, { resolve: (result) => resolve(result as never), reject });
        socket.send(JSON.stringify({ id, call: name, args } as PageRequest));
      });
    },
  };
}

function lost(): CallFailed {
  return new CallFailed(
    'disconnected',
    'The workspace is not answering. It is being reached again; try once more then.',
  );
}
