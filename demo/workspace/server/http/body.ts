import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '../strict/json.ts';
import { isJsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';

const LIMIT = 32 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) throw new SlackError('request_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Arguments of an API call: query, form, JSON or multipart, later ones win. */
export async function readArguments(request: IncomingMessage, query: URLSearchParams): Promise<JsonObject> {
  const body = await readBody(request);
  const given = Object.fromEntries(query);
  if (body.length === 0) return given;
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return { ...given, ...parseJson(body.toString('utf8')) };
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { ...given, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
  }
  if (type.startsWith('multipart/form-data')) {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    return { ...given, ...Object.fromEntries([...form].filter(([, value]) => typeof value === 'string')) };
  }
  throw new SlackError('invalid_form_data');
}

/** The bytes of an upload: the raw body or the first file of a form. */
export async function readUpload(request: IncomingMessage): Promise<Buffer> {
  const body = await readBody(request);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return body;
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  for (const [, value] of form) {
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  }
  throw new SlackError('no_file_data');
}

function parseJson(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SlackError('invalid_json');
  }
  if (!isJsonObject(value)) throw new SlackError('json_not_object');
  return value;
}
