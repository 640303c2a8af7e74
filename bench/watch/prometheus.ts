import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A Prometheus that knows every service: twenty requests a second, two in a thousand fail, latency in twelve buckets.
// Says its port to the parent process.
const EDGES = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const SHARE = [0.05, 0.2, 0.5, 0.75, 0.9, 0.96, 0.985, 0.994, 0.998, 0.999, 0.9995, 1];
const PER_SECOND = 20;

function range(query: URLSearchParams): unknown {
  const [start, end, step] = ['start', 'end', 'step'].map((name) =>
    Number.parseFloat(query.get(name) ?? '0'),
  );
  const text = query.get('query') ?? '';
  const series = (metric: Record<string, string>, each: (n: number) => number) => {
    const values: (readonly [number, string])[] = [];
    for (let at = start ?? 0; at <= (end ?? 0); at += step ?? 30) {
      // Differs from tick to tick, and is the same for whoever asks again.
      const noise = Math.sin(at * 12.9898) * 0.1;
      values.push([at, String(Math.round(each(PER_SECOND * (step ?? 30) * (1 + noise))))]);
    }
    return { metric, values };
  };
  if (text.includes('bucket')) {
    return EDGES.map((le, index) => series({ le }, (requests) => requests * (SHARE[index] ?? 1)));
  }
  return [series({}, text.includes('5..') ? (requests) => requests * 0.002 : (requests) => requests)];
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://prometheus');
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const query = new URLSearchParams([...url.searchParams, ...new URLSearchParams(body)]);
    const result = url.pathname.endsWith('/query_range') ? range(query) : [];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
