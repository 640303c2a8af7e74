import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startHttpServer } from '../http-server.ts';

/** A receiver's clock may differ by so much, in seconds. */
const TOLERANCE_S = 300;
/** Attributes of the core specification that we know, by whether an event must have them. */
const ATTRIBUTES: Readonly<Record<string, boolean>> = {
  id: true,
  source: true,
  specversion: true,
  type: true,
  datacontenttype: false,
  dataschema: false,
  subject: false,
  time: false,
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: no attribute may have them.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WebhookReceiver {
  readonly url: string;
  /** That were taken, in the order in which they came, those that came again too. */
  readonly events: ReceivedEvent[];
  /** What no sender may do. */
  readonly violations: string[];
  /** How often anybody asked. */
  tries: number;
  /** Instead of taking an event that is sound; it still takes part in what is looked at. Null: takes it. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  /** Of those that were taken, each once. */
  types(): readonly string[];
  close(): Promise<void>;
}

/**
 * A receiver that looks at everything that Standard Webhooks and CloudEvents (JSON format, structured mode) ask of a sender, and
 * takes nothing else. `secrets`: any of them may have signed.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export async function startReceiver(...secrets: readonly string[]): Promise<WebhookReceiver> {
  /** A message that is sent again is the same. */
  const bodies = new Map<string, string>();
  const server = await startHttpServer((request, response) => {
    receiver.tries += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const id = String(request.headers['webhook-id'] ?? '');
      const faults = [...faultsOfRequest(request, body, secrets), ...faultsOfEvent(body, id)];
      const before = bodies.get(id);
      if (before !== undefined && before !== body.toString()) faults.push(`${id} was something else before`);
      if (faults.length > 0) {
        receiver.violations.push(...faults);
        response.writeHead(faults.includes('signature') ? 401 : 400).end();
        return;
      }
      bodies.set(id, body.toString());
      if (receiver.answer !== null) {
        receiver.answer(request, response);
        return;
      }
      receiver.events.push(JSON.parse(body.toString()));
      response.writeHead(204).end();
    });
  });
  const receiver: WebhookReceiver = {
    url: `${server.url}/events`,
    events: [],
    violations: [],
    tries: 0,
    answer: null,
    types: () => [...new Map(receiver.events.map(({ id, type }) => [id, type])).values()],
    close: server.close,
  };
  return receiver;
}

function faultsOfRequest(
  { method, headers }: IncomingMessage,
  body: Buffer,
  secrets: readonly string[],
): string[] {
  const faults: string[] = [];
  if (method !== 'POST') faults.push(`it came by ${method}`);
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(/\s*;\s*/);
  if (type !== 'application/cloudevents+json') faults.push(`its content type is ${type}`);
  if (parameters.some((one) => one !== 'charset=utf-8')) faults.push(`its content type has ${parameters}`);
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`] ?? ''),
  ) as [string, string, string];
  // A full stop would let somebody move what is signed from one part to the next.
  if (!/^[\w-]{1,100}$/.test(id)) faults.push(`its id is ${id}`);
  if (!/^\d{10}$/.test(timestamp)) faults.push(`its timestamp is ${timestamp}`);
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_S) faults.push('its timestamp is old');
  const given = signatures.split(' ').map((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1]);
  if (given.includes(undefined)) faults.push(`its signatures are ${signatures}`);
  const isSigned = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    const wanted = createHmac('sha256', key).update(signed).digest();
    return given.some((one) => {
      const bytes = Buffer.from(one ?? '', 'base64');
      return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
    });
  });
  if (!isSigned) faults.push('signature');
  return faults;
}

function faultsOfEvent(body: Buffer, id: string): string[] {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    return [`its body is no JSON in UTF-8: ${error}`];
  }
  const faults: string[] = [];
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data') continue;
    if (!/^[a-z0-9]{1,20}$/.test(name)) faults.push(`an attribute is called ${name}`);
    if (!Object.hasOwn(ATTRIBUTES, name)) faults.push(`nobody described the attribute ${name}`);
    if (typeof value !== 'string' || value === '' || CONTROL.test(value) || /\p{Surrogate}/u.test(value))
      faults.push(`${name} is ${JSON.stringify(value)}`);
  }
  for (const [name, isNeeded] of Object.entries(ATTRIBUTES))
    if (isNeeded && !(name in event)) faults.push(`it has no ${name}`);
  const { specversion, source, time, datacontenttype } = event;
  if (specversion !== '1.0') faults.push(`its version is ${specversion}`);
  if (/\s/.test(String(source)) || !URL.canParse(String(source), 'https://example.com'))
    faults.push(`its source is ${source}`);
  if (!RFC3339.test(String(time)) || Number.isNaN(Date.parse(String(time))))
    faults.push(`its time is ${time}`);
  if (datacontenttype !== undefined && datacontenttype !== 'application/json')
    faults.push(`its data are ${datacontenttype}`);
  if (event['id'] !== id) faults.push(`the message ${id} is the event ${event['id']}`);
  return faults;
}
