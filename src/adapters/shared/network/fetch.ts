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
    return await spanned(requestSpan(new URL(address), init.method ?? 'GET'), async (span) => {
      const ready = await encoded(init);
      const more = traceHeaders(span);
      const headers = new Headers(ready.headers);
      for (const [name, value] of Object.entries(more)) headers.set(name, value);
      const response = await libraryFetch(address, {
        ...(ready as unknown as LibraryInit),
        ...(Object.keys(more).length === 0 ? {} : { headers: Object.fromEntries(headers) }),
        dispatcher,
      });
      return answeredWith(span, response as unknown as Response);
    });
  } catch (error) {
    if (init.signal?.aborted) throw aborted(error, throughProxy(address));
    throw proxyTroubleOf(error, address) ?? error;
  }
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
