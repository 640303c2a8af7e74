import { type RequestInit as LibraryInit, fetch as libraryFetch } from 'undici';
import { spanned } from '../../../domain/operations/measures.ts';
import { proxyTroubleOf, throughProxy, WebDispatcher } from './dispatcher.ts';
import { answeredWith, requestSpan, traceHeaders } from './trace.ts';

const dispatcher = new WebDispatcher();

/**
 * `fetch` for the libraries that speak to Slack and GitHub, and for our own requests. It is not that of Node, which
 * differs between its versions and knows no proxy. Throws ProxyTrouble when it is the proxy that does not answer.
 */
export async function webFetch(address: string | URL, init: RequestInit = {}): Promise<Response> {
  try {
    const traced = () => requestSpan(address, init.method);
    return await spanned(traced, async (span) => {
      const ready = await encoded(withHeaders(init, traceHeaders(span)));
      const response = await libraryFetch(address, { ...(ready as unknown as LibraryInit), dispatcher });
      return answeredWith(span, response as unknown as Response);
    });
  } catch (error) {
    if (init.signal?.aborted) throw aborted(error, throughProxy(address));
    throw proxyTroubleOf(error, address) ?? error;
  }
}

function withHeaders(init: RequestInit, more: Readonly<Record<string, string>>): RequestInit {
  const added = Object.entries(more);
  if (added.length === 0) return init;
  const headers = new Headers(init.headers);
  for (const [name, value] of added) headers.set(name, value);
  return { ...init, headers: Object.fromEntries(headers) };
}

/** A form of Node is not one of the library. */
async function encoded(init: RequestInit): Promise<RequestInit> {
  if (!(init.body instanceof FormData)) return init;
  const form = new Response(init.body);
  const headers = new Headers(init.headers);
  headers.set('content-type', form.headers.get('content-type') ?? '');
  return { ...init, headers: Object.fromEntries(headers), body: await form.arrayBuffer() };
}

/** A request that took too long, with the proxy in its way; else as it is. */
function aborted(error: unknown, through: string): unknown {
  if (through === '' || !(error instanceof Error) || error.name !== 'TimeoutError') return error;
  return new DOMException(`no answer in time${through}`, error.name);
}
