import { z } from 'zod';
import { type AdapterContext, Duration } from '../shared/context.ts';
import { quoted } from '../shared/expectation.ts';
import {
  type Answer,
  askOnce,
  Headers,
  HttpUrl,
  matchesStatus,
  resolveHeaders,
  StatusPattern,
} from '../shared/http.ts';
import { JsonPath, parseJson, valueAt } from '../shared/json-path.ts';
import { defineKind } from '../shared/kinds.ts';
import type { ConfiguredGate, GateQuestion, GateReply } from './port.ts';
import { fillInAddress, gateSettings, identityOf, missingIn } from './question.ts';

const LONGEST_REASON = 500;
/** It was not asked at all, or not now: no verdict, unless the config names them. */
const NO_VERDICT = ['3xx', 401, 403, 408, 425, 429] as const;

const Words = z.union([z.string(), z.boolean(), z.array(z.union([z.string(), z.boolean()])).min(1)]);

const JsonSettings = z
  .strictObject({
    verdict: JsonPath.default('verdict').meta({ description: 'Where the verdict stands.' }),
    passed: Words.default('passed').meta({ description: 'Words that let the promotion go on.' }),
    failed: Words.default('failed').meta({ description: 'Words that stop it.' }),
    pending: Words.default('pending').meta({
      description: 'Words for "ask again"; any other word is unknown.',
    }),
    reason: JsonPath.default('reason').meta({ description: 'Where the reason stands, for people.' }),
    link: JsonPath.default('link').meta({ description: 'Where a web address stands, for people.' }),
  })
  .meta({ description: 'Take the verdict from a JSON answer instead of the status alone.' });

const HttpGateSettings = z
  .strictObject({
    use: z.literal('http'),
    ...gateSettings,
    url: HttpUrl.meta({
      description:
        'Asked about each candidate; {service}, {commit}, {validated}, {branch}, {feature}, {version} and {by} are filled in.',
      examples: ['https://slo.example/budget/{service}'],
    }),
    method: z
      .enum(['GET', 'POST'])
      .default('GET')
      .meta({ description: 'POST sends the same facts as a JSON object.' }),
    headers: Headers.default({}),
    status: z
      .union([StatusPattern, z.array(StatusPattern).min(1)])
      .default(200)
      .meta({
        description:
          'Passed with this status. 5xx is always unknown; so are redirects, 401, 403, 408, 425 and 429 that are not named here.',
      }),
    json: JsonSettings.optional(),
    timeout: Duration.prefault('10s').meta({ description: 'After this the gate is unknown.' }),
  })
  .meta({ description: 'Asks a web address.' });
type HttpGateSettings = z.infer<typeof HttpGateSettings>;

export const httpGate = defineKind({ settings: HttpGateSettings, open: openHttpGate });

function openHttpGate(settings: HttpGateSettings, context: AdapterContext): ConfiguredGate {
  return {
    kind: 'http',
    ...identityOf(settings),
    check: async (question, signal) => {
      const missing = missingIn(settings.url, question);
      if (missing !== null) return unknown(`The address needs the ${missing}, which is not decided yet.`);
      const headers = resolveHeaders(settings.headers, context);
      const answer = await askOnce({
        url: fillInAddress(settings.url, question),
        method: settings.method,
        timeoutMs: settings.timeout,
        ...(settings.method === 'POST' ? asJson(question, headers) : { headers }),
        ...(signal === undefined ? {} : { signal }),
      });
      return judge(answer, settings);
    },
  };
}

function asJson(question: GateQuestion, headers: Record<string, string>) {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(question) };
}

function judge(answer: Answer, settings: HttpGateSettings): GateReply {
  if (answer.kind !== 'reply') return unknown(`${sentence(answer.words)}.`);
  const { status } = answer;
  if (status >= 500) return unknown(`It answered ${status}.`);
  const statuses = [settings.status].flat();
  if (!matchesStatus(status, statuses)) {
    const verdict = matchesStatus(status, NO_VERDICT) ? unknown : failed;
    return verdict(`It answered ${status}, expected ${statuses.join(' or ')}.`);
  }
  if (settings.json === undefined) return { verdict: 'passed', reason: `It answered ${status}.` };
  const json = parseJson(answer);
  if (json.kind === 'bad') return unknown(`${sentence(json.words)}.`);
  return verdictOf(json.value, settings.json);
}

function verdictOf(json: unknown, settings: z.infer<typeof JsonSettings>): GateReply {
  const word = valueAt(json, settings.verdict);
  const said = textAt(json, settings.reason);
  const url = textAt(json, settings.link);
  const more = url !== undefined && /^https?:\/\//.test(url) ? { link: url } : {};
  const isOneOf = (words: z.infer<typeof Words>): boolean => [words].flat().some((one) => one === word);
  // The worse word wins, should the config name one twice.
  if (isOneOf(settings.failed)) return { ...failed(said ?? 'It says no.'), ...more };
  if (isOneOf(settings.pending))
    return { verdict: 'pending', reason: said ?? 'It is not decided yet.', ...more };
  if (isOneOf(settings.passed)) return { verdict: 'passed', reason: said ?? 'It says yes.', ...more };
  if (word === undefined) return { ...unknown(`The answer has no ${settings.verdict}.`), ...more };
  return { ...unknown(`${settings.verdict} is ${quoted(word)}, which is no verdict.`), ...more };
}

function textAt(json: unknown, path: string): string | undefined {
  const value = valueAt(json, path);
  const text = typeof value === 'string' ? value.trim().slice(0, LONGEST_REASON) : '';
  return text === '' ? undefined : text;
}

function failed(reason: string): GateReply {
  return { verdict: 'failed', reason, remedy: 'Mend what it names, then re-check.' };
}

function unknown(reason: string): GateReply {
  return { verdict: 'unknown', reason, remedy: 'See why it gives no clear answer, then re-check.' };
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
