import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const HEX = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const NANOSECONDS = z.string().regex(/^\d{19}$/);
const Attribute = z.strictObject({
  key: z.string().min(1),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  ]),
});
const ReceivedSpan = z.strictObject({
  traceId: HEX(32),
  spanId: HEX(16),
  parentSpanId: HEX(16).optional(),
  name: z.string().min(1),
  kind: z.union([z.literal(1), z.literal(3)]),
  startTimeUnixNano: NANOSECONDS,
  endTimeUnixNano: NANOSECONDS,
  attributes: z.array(Attribute),
  status: z.strictObject({ code: z.literal(2) }).optional(),
});
type ReceivedSpan = z.infer<typeof ReceivedSpan>;
const Body = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(ReceivedSpan).min(1) }),
      ),
    }),
  ),
});

export interface OtlpReceiver {
  readonly url: string;
  spans(): readonly ReceivedSpan[];
  /** Everything that came, as text. */
  text(): string;
  /** Headers of the last request. */
  headers(): Readonly<Record<string, unknown>>;
  /** What is wrong with what came. */
  violations(): readonly string[];
  close(): Promise<void>;
}

/** A collector that takes OTLP over HTTP in JSON, and nothing else. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const violations: string[] = [];
  let text = '';
  let headers: Readonly<Record<string, unknown>> = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    text += body;
    headers = request.headers;
    const isRight =
      request.method === 'POST' &&
      request.url === '/v1/traces' &&
      request.headers['content-type'] === 'application/json';
    const parsed = Body.safeParse(isRight ? JSON.parse(body) : null);
    if (parsed.success)
      spans.push(...parsed.data.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((s) => s.spans)));
    else violations.push(`${request.method} ${request.url}: ${parsed.error.message}`);
    response.writeHead(parsed.success ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans: () => spans,
    text: () => text,
    headers: () => headers,
    violations: () => violations,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
