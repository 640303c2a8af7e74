import { type OpenSpan, resulted, type TracedWork } from '../../../domain/operations/measures.ts';

/** A request as a span. Of its address only the host: paths and queries may hold secrets. */
export function requestSpan(address: string | URL, method = 'GET'): TracedWork {
  const url = new URL(address);
  return {
    name: `${method} ${url.hostname}`,
    kind: 'client',
    attributes: {
      'http.request.method': method,
      'server.address': url.hostname,
      ...(url.port === '' ? {} : { 'server.port': Number(url.port) }),
    },
  };
}

/** What goes along with a request that is traced. */
export function traceHeaders({ traceparent }: OpenSpan): Readonly<Record<string, string>> {
  return traceparent === undefined ? {} : { traceparent };
}

/** The answer, whose status is noted. */
export function answeredWith<T extends { readonly status: number }>(span: OpenSpan, answer: T): T {
  resulted(span, { 'http.response.status_code': answer.status });
  return answer;
}
