import { z } from 'zod';
import { durationInWords } from '../../domain/text/duration.ts';
import { type AdapterContext, Duration } from '../shared/context.ts';
import { difference, Expectation } from '../shared/expectation.ts';
import {
  type Answer,
  askOnce,
  Headers,
  type HttpReply,
  HttpUrl,
  matchesStatus,
  resolveHeaders,
  StatusPattern,
} from '../shared/http.ts';
import { JsonPath, parseJson, valueAt } from '../shared/json-path.ts';
import { defineKind } from '../shared/kinds.ts';
import type { Attempt, Check } from './port.ts';
import { checkSettings, identityOf } from './shared/settings.ts';

/** What every check over HTTP can be given. */
export const httpRequest = {
  url: HttpUrl,
  ...checkSettings('the path of the address'),
  headers: Headers.default({}),
};

const HttpCheckSettings = z
  .strictObject({
    use: z.literal('http'),
    ...httpRequest,
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']).default('GET'),
    body: z.string().optional(),
    status: z.union([StatusPattern, z.array(StatusPattern).min(1)]).default(200),
    json: z
      .union([z.array(Expectation.extend({ path: JsonPath })).min(1), Expectation.extend({ path: JsonPath })])
      .optional(),
    header: Expectation.extend({ name: z.string().min(1) }).optional(),
    text: z
      .union([z.string().min(1), Expectation])
      .optional()
      .meta({ description: 'What the body must contain.' }),
    within: Duration.optional().meta({ description: 'The longest an answer may take.' }),
  })
  .meta({ description: 'Asks an address and looks at status, headers, body and latency.' });
type HttpCheckSettings = z.infer<typeof HttpCheckSettings>;

export const httpCheck = defineKind({ settings: HttpCheckSettings, open: openHttpCheck });

function openHttpCheck(settings: HttpCheckSettings, context: AdapterContext): Check {
  const headers = resolveHeaders(settings.headers, context);
  return {
    ...identityOf('http', settings, new URL(settings.url).pathname),
    attempt: async (_expected, signal) => {
      const answer = await askOnce({
        url: settings.url,
        method: settings.method,
        headers,
        ...(settings.body === undefined ? {} : { body: settings.body }),
        timeoutMs: settings.timeout,
        signal,
      });
      return judge(answer, settings);
    },
  };
}

function judge(answer: Answer, settings: HttpCheckSettings): Attempt {
  const latencyMs = Math.round(answer.tookMs);
  if (answer.kind !== 'reply') return { ...unanswered(answer), latencyMs };
  const wrong = firstDifference(answer, settings);
  const detail = wrong ?? `${answer.status} in ${durationInWords(latencyMs)}`;
  return { ok: wrong === null, detail, latencyMs };
}

/** An attempt without an answer. */
export function unanswered({ words, own }: Exclude<Answer, { kind: 'reply' }>): Attempt {
  return { ok: false, detail: words, ...(own ? { unasked: true } : {}) };
}

function firstDifference(answer: HttpReply, settings: HttpCheckSettings): string | null {
  const statuses = [settings.status].flat();
  if (!matchesStatus(answer.status, statuses)) {
    return `answered ${answer.status}, expected ${statuses.join(' or ')}`;
  }
  if (settings.header !== undefined) {
    const { name, ...expected } = settings.header;
    const wrong = difference(`header ${name}`, answer.headers[name.toLowerCase()], expected);
    if (wrong !== null) return wrong;
  }
  if (settings.text !== undefined) {
    const expected = typeof settings.text === 'string' ? { contains: settings.text } : settings.text;
    const wrong = difference('the body', answer.body, expected);
    if (wrong !== null) return wrong;
  }
  for (const { path, ...expected } of [settings.json ?? []].flat()) {
    const json = parseJson(answer);
    if (json.kind === 'bad') return json.words;
    const wrong = difference(path, valueAt(json.value, path), expected);
    if (wrong !== null) return wrong;
  }
  if (settings.within !== undefined && answer.tookMs > settings.within) {
    return `took ${durationInWords(answer.tookMs)}, expected at most ${durationInWords(settings.within)}`;
  }
  return null;
}
