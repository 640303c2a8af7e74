import { z } from 'zod';
import { mustStillAct } from '../../../domain/operations/acting.ts';
import { type Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type AdapterContext, SecretRef } from '../context.ts';
import { type Answer, askOften, askOnce, type HttpReply, HttpUrl } from '../http.ts';
import { domainOf } from './console.ts';
import { CredentialChain } from './credentials.ts';
import { type AwsError, type AwsProblem, errorInJson, errorInXml, failureOf, isExpired } from './problem.ts';
import { type AwsCredentials, escaped, signedHeaders } from './signature.ts';
import { readXml, type XmlElement } from './xml.ts';

/** What every adapter that asks AWS takes. */
export const awsSettings = {
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'a region such as eu-central-1')
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
  /** Version of its API: `2010-08-01` where a form is asked, `Logs_20140328` where JSON is. */
  readonly version: string;
  /** How whoever asks says what a person has to mend. */
  readonly refusal: (problem: AwsProblem) => Refusal;
  /** What is asked changes something: nothing is asked a second time when a connection broke. */
  readonly once?: true;
}

const MAX_BYTES = 16 * 1024 * 1024;

interface SignedQuestion {
  readonly action: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly errorIn: (reply: HttpReply) => AwsError;
}

/** A client of one service of AWS. */
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

  /**
   * Asks by the query protocol: a form is asked, XML answers. Refusals `aws-credentials` and those of the user, for keys
   * that may not and for what AWS does not understand.
   */
  async call(
    action: string,
    parameters: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<XmlElement> {
    const form = { Action: action, Version: this.#service.version, ...parameters };
    const body = Object.entries(form)
      .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
      .join('&');
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const answer = await this.#answer({ action, headers, body, errorIn: errorInXml }, signal);
    const xml = answer.cut ? null : readXml(answer.body);
    const result = xml?.children.find((child) => child.name === `${action}Result`);
    if (result !== undefined) return result;
    throw new Unavailable(this.#service.title, 'its answer was not understood');
  }

  /** Asks by the JSON protocol (1.1), and gives what was answered to whoever knows its shape. The same refusals. */
  callJson(action: string, parameters: unknown, signal?: AbortSignal): Promise<HttpReply> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${this.#service.version}.${action}`,
    };
    const question = { action, headers, body: JSON.stringify(parameters), errorIn: errorInJson };
    return this.#answer(question, signal);
  }

  async #answer(question: SignedQuestion, signal: AbortSignal | undefined): Promise<HttpReply> {
    const { name, title, refusal } = this.#service;
    const url = new URL(this.#settings.endpoint ?? regionalAddress(name, this.#settings.region));
    if (url.pathname === '') url.pathname = '/';
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#ask(url, question, await this.#credentials.get(signal), signal);
      if (answer.kind !== 'reply') throw new Unavailable(title, answer.words);
      if (answer.status === 200) return answer;
      const error = question.errorIn(answer);
      if (attempt > 0 || !isExpired(error)) {
        throw failureOf(answer, error, { title, action: question.action, refusal });
      }
      this.#credentials.forget();
    }
  }

  async #ask(
    url: URL,
    { headers, body }: SignedQuestion,
    credentials: AwsCredentials,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const ask = this.#service.once ? askOnce : askOften;
    if (this.#service.once) await mustStillAct();
    return ask({
      url: url.href,
      method: 'POST',
      headers: signedHeaders(
        { method: 'POST', url, headers, body },
        credentials,
        { region: this.#settings.region, service: this.#service.name },
        this.#context.now(),
      ),
      body,
      timeoutMs: this.#timeoutMs,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

export function regionalAddress(service: string, region: string): string {
  return `https://${service}.${region}.${domainOf(region).api}/`;
}
