import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { type AdapterContext, SecretRef } from '../context.ts';
import { type Answer, askOnce, type HttpReply } from '../http.ts';
import { askMetadata } from '../metadata-server.ts';
import { jsonOf } from '../reply.ts';
import { type GoogleKey, grantOf, noKey, readGoogleKey, subjectToken } from './key.ts';

/** What every adapter that asks Google Cloud takes. */
export const googleSettings = {
  key: SecretRef.optional().meta({
    description:
      'JSON key of a service account, in a variable; else the file that GOOGLE_APPLICATION_CREDENTIALS names, else the service account of the machine or pod.',
  }),
};

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const SERVICE = 'the token service of Google Cloud';
const METADATA = '169.254.169.254';
const VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS';
const TIMEOUT_MS = 10_000;
/** What is not there does not answer at all. */
const METADATA_TIMEOUT_MS = 2_000;
/** Tokens are renewed so long before they expire. */
const RENEW_MS = 300_000;
const MOST_WORDS = 200;
/** What passes, whatever the status. */
const PASSING = ['internal_failure', 'server_error', 'temporarily_unavailable'];

interface Token {
  readonly value: string;
  /** ms since the epoch */
  readonly expiresAt: number;
}

/** Access tokens for Google Cloud, kept until shortly before they expire. Refusal `google-credentials`. */
export class GoogleTokens {
  /** Where they come from, for messages. */
  readonly source: string;
  readonly #key: SecretRef | undefined;
  readonly #context: AdapterContext;
  #known: Token | null = null;
  #asking: Promise<Token> | null = null;

  private constructor(key: SecretRef | undefined, context: AdapterContext) {
    this.#key = key;
    this.#context = context;
    if (key) context.secret(key.env);
    this.source = key?.env ?? (this.#file() === undefined ? 'the service account of the machine' : VARIABLE);
  }

  /** The same for everything that is opened with that key. */
  static of(key: SecretRef | undefined, context: AdapterContext): GoogleTokens {
    return context.shared.get('google-tokens', key?.env ?? null, () => new GoogleTokens(key, context));
  }

  async get(): Promise<string> {
    const left = (this.#known?.expiresAt ?? 0) - this.#context.now();
    if (this.#known !== null && left > RENEW_MS) return this.#known.value;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    try {
      this.#known = await this.#asking;
    } catch (error) {
      if (this.#known === null || left <= 0) throw error;
    }
    return this.#known.value;
  }

  /** It was refused. */
  forget(): void {
    this.#known = null;
  }

  async #ask(): Promise<Token> {
    const file = this.#file();
    if (this.#key) {
      return this.#byKey(readGoogleKey(this.#context.secret(this.#key.env), this.#key.env));
    }
    if (file !== undefined) return this.#byKey(readGoogleKey(await this.#read(file), file));
    return this.#fromMachine();
  }

  async #byKey(key: GoogleKey): Promise<Token> {
    const now = this.#context.now();
    const isFederated = key.type === 'external_account';
    const token = isFederated ? subjectToken(key, await this.#read(key.credential_source.file)) : '';
    const { url, form } = grantOf(key, SCOPE, { now, token });
    const answer = await askOnce({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(form).toString(),
      timeoutMs: TIMEOUT_MS,
    });
    const given = tokenIn(answer, now);
    const other = isFederated ? key.service_account_impersonation_url : undefined;
    return other === undefined ? given : impersonated(other, given, now);
  }

  async #fromMachine(): Promise<Token> {
    const host = this.#variable('GCE_METADATA_HOST') ?? METADATA;
    const question = {
      url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`,
      headers: { 'metadata-flavor': 'Google' },
      timeoutMs: METADATA_TIMEOUT_MS,
      maxBytes: 65_536,
    };
    const isIt = ({ headers }: HttpReply) => headers['metadata-flavor'] === 'Google';
    const answer = await askMetadata(question, { source: SERVICE, isIt });
    if (answer === null) throw noKey(`${VARIABLE} is not set, and this machine is none of Google Cloud`);
    if (answer.status === 404) throw noKey('this machine has no service account');
    return tokenIn(answer, this.#context.now());
  }

  async #read(file: string): Promise<string> {
    return readFile(resolve(this.#context.configDir, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw noKey(`${file} cannot be read (${error.code ?? 'error'})`);
    });
  }

  #file(): string | undefined {
    return this.#variable(VARIABLE);
  }

  /** A variable that need not be set. */
  #variable(name: string): string | undefined {
    try {
      return this.#context.secret(name) || undefined;
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }
}

/** A token of the service account that a federated identity may act as. */
async function impersonated(url: string, { value }: Token, now: number): Promise<Token> {
  const answer = await askOnce({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${value}` },
    body: JSON.stringify({ scope: [SCOPE] }),
    timeoutMs: TIMEOUT_MS,
  });
  return tokenIn(answer, now);
}

/** `{access_token, expires_in}`, or `{accessToken, expireTime}` of another account. */
function tokenIn(answer: Answer, now: number): Token {
  if (answer.kind !== 'reply') throw new Unavailable(SERVICE, answer.words);
  const { status } = answer;
  const said = Object(jsonOf(answer)) as Readonly<Record<string, unknown>>;
  if (status === 429 || status >= 500 || PASSING.includes(String(said['error'])))
    throw new Unavailable(SERVICE, `it answered ${status}${wordsIn(said)}`);
  if (status !== 200) throw noKey(`it gave no token (${status}${wordsIn(said)})`);
  const { access_token: plain, expires_in: seconds, accessToken, expireTime } = said;
  const value = plain ?? accessToken;
  const expiresAt = typeof seconds === 'number' ? now + seconds * 1_000 : Date.parse(String(expireTime));
  if (typeof value !== 'string' || value === '' || !Number.isFinite(expiresAt)) {
    throw new Unavailable(SERVICE, 'its answer was not understood');
  }
  return { value: keptSecret(value), expiresAt };
}

/** `{"error": "invalid_grant", "error_description": "…"}`, or `{"error": {"message": "…"}}`. */
function wordsIn(said: Readonly<Record<string, unknown>>): string {
  const words = [said['error_description'], Object(said['error']).message, said['error']];
  const found = words.find((one) => typeof one === 'string' && one !== '');
  return found === undefined ? '' : ` ${String(found).replace(/\s+/g, ' ').slice(0, MOST_WORDS)}`;
}
