import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './model.ts';

/** Answers with 304 when the caller has that answer already. */
export function withEtag(method: string, known: string | undefined, answer: Answer): Answer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const etag = `W/"${createHash('sha256')
    .update(JSON.stringify([answer.body, answer.headers]))
    .digest('hex')}"`;
  if (known === etag) return { status: 304, headers: { etag } };
  return { ...answer, headers: { ...answer.headers, etag } };
}

export function send(response: ServerResponse, { status, body, headers = {}, bytes }: Answer): void {
  const isText = typeof body === 'string';
  const content = bytes ?? (body === undefined ? '' : isText ? body : JSON.stringify(body));
  const type = bytes
    ? 'application/octet-stream'
    : isText
      ? 'text/html; charset=utf-8'
      : 'application/json; charset=utf-8';
  response.writeHead(status, {
    ...(content.length > 0 ? { 'content-type': type } : {}),
    'content-length': Buffer.byteLength(content),
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': '0',
    ...headers,
  });
  response.end(content);
}

export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
