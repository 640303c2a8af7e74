import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type AdapterContext, SecretRef } from '../context.ts';
import { type Answer, askOften, type HttpReply, HttpUrl } from '../http.ts';
import { waitOf } from '../reply.ts';
import { CredentialChain } from './credentials.ts';
import { type AwsCredentials, escaped, signedHeaders } from './signature.ts';
import { readXml, textAt, type XmlElement } from './xml.ts';

/** What every adapter that asks AWS takes. */
export const awsSettings = {
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region such as eu-central-1')
    .meta({ description: 'Where it is asked.', examples: ['eu-central-1'] }),
  profile: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Profile of ~/.aws/credentials and ~/.aws/config; AWS_PROFILE by default.' }),
  role: z
    .string()
    .regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, 'the ARN of a role')
    .optional()
    .meta({ description: 'ARN of a role to take with the credentials that are found.' }),
  'access-key': SecretRef.optional(),
  'secret-key': SecretRef.optional(),
  endpoint: HttpUrl.optional().meta({
    description: 'Another address than that of the region, such as one of a VPC endpoint.',
  }),
};

export interface AwsSettings {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly role?: string | undefined;
  readonly 'access-key'?: SecretRef | undefined;
  readonly 'secret-key'?: SecretRef | undefined;
  readonly endpoint?: string | undefined;
}

export interface AwsService {
  /** `monitoring`: in addresses and in signatures. */
  readonly name: string;
  /** `CloudWatch`: for people. */
  readonly title: string;
  /** Version of its API. */
  readonly version: string;
}

const MAX_BYTES = 16 * 1024 * 1024;
const THROTTLED = /^(?:Throttl|RequestLimitExceeded|TooManyRequests|LimitExceeded|SlowDown|RequestThrottled)/;
const UNAUTHORISED =
  /^(?:AccessDenied|UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|MissingAuthenticationToken|IncompleteSignature|InvalidSignature|OptInRequired|NotAuthorized|InvalidAccessKeyId)/;

/** A client of one service of AWS that speaks the query protocol: a form is asked, XML answers. */
export class AwsClient {
  readonly #settings: AwsSettings;
  readonly #service: AwsService;
  readonly #timeoutMs: number;
  readonly #context: AdapterContext;
  readonly #credentials: CredentialChain;

  constructor(settings: AwsSettings, service: AwsService, timeoutMs: number, context: AdapterContext) {
    this.#settings = settings;
    this.#service = service;
    this.#timeoutMs = timeoutMs;
    this.#context = context;
    const { region, profile, role } = settings;
    const own = [settings['access-key'], settings['secret-key']].map((ref) => ref && context.secret(ref.env));
    const key = { region, profile, role, own: own[0] ?? null };
    this.#credentials = context.shared.get('aws-credentials', key, () => {
      const [accessKeyId, secretAccessKey] = own;
      const given = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null;
      return new CredentialChain({ region, profile, role, given }, context);
    });
  }

  /** Refusals `aws-credentials`, `metrics-unauthorised` and, for what it does not understand, `metrics-query-refused`. */
  async call(
    action: string,
    parameters: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<XmlElement> {
    const { name, title, version } = this.#service;
    const url = new URL(this.#settings.endpoint ?? regionalAddress(name, this.#settings.region));
    if (url.pathname === '') url.pathname = '/';
    const form = { Action: action, Version: version, ...parameters };
    const body = Object.entries(form)
      .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
      .join('&');
    for (let attempt = 0; ; attempt++) {
      const credentials = await this.#credentials.get(signal);
      const answer = await this.#ask(url, body, credentials, signal);
      if (answer.kind !== 'reply') throw new Unavailable(title, answer.words);
      const xml = answer.cut ? null : readXml(answer.body);
      if (answer.status === 200) {
        const result = xml?.children.find((child) => child.name === `${action}Result`);
        if (result === undefined) throw new Unavailable(title, 'its answer was not understood');
        return result;
      }
      const code = textAt(xml, 'Error', 'Code').slice(0, 100);
      if (attempt === 0 && /^(?:ExpiredToken|RequestExpired)/.test(code)) {
        this.#credentials.forget();
        continue;
      }
      throw failureOf(answer, code, textAt(xml, 'Error', 'Message'), { title, action });
    }
  }

  #ask(
    url: URL,
    body: string,
    credentials: AwsCredentials,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const headers = signedHeaders(
      {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body,
      },
      credentials,
      { region: this.#settings.region, service: this.#service.name },
      this.#context.now(),
    );
    return askOften({
      url: url.href,
      method: 'POST',
      headers,
      body,
      timeoutMs: this.#timeoutMs,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

/** Regions of China have a domain of their own. */
export function regionalAddress(service: string, region: string): string {
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}

function failureOf(
  { status, headers }: HttpReply,
  code: string,
  message: string,
  { title, action }: { readonly title: string; readonly action: string },
): Error {
  if (status === 429 || status >= 500 || THROTTLED.test(code) || code === '') {
    const words = `it answered ${status}${code && ` (${code})`}`;
    return new Unavailable(title, words, waitOf(headers['retry-after']));
  }
  if (
    UNAUTHORISED.test(code) ||
    status === 401 ||
    (status === 403 && !/^Validation|^InvalidParam/.test(code))
  ) {
    return new Refusal('metrics-unauthorised', { source: title, status: `${status} ${code}`.trim() });
  }
  const reason = `${code}${message && `: ${message.slice(0, 200)}`}`.replace(/\.$/, '');
  return new Refusal('metrics-query-refused', { source: title, query: action, reason });
}
