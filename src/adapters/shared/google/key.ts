import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { TokenUrl } from '../http.ts';

const TOKEN_URI = 'https://oauth2.googleapis.com/token';
const GRANT = 'urn:ietf:params:oauth:grant-type';
/** A signed claim holds for an hour at most, in seconds. */
const CLAIM_SECONDS = 3_600;

const ServiceAccount = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: TokenUrl.default(TOKEN_URI),
});
const User = z.object({
  type: z.literal('authorized_user'),
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
  token_uri: TokenUrl.default(TOKEN_URI),
});
const Federated = z.object({
  type: z.literal('external_account'),
  audience: z.string(),
  subject_token_type: z.string(),
  token_url: TokenUrl,
  service_account_impersonation_url: TokenUrl.optional(),
  credential_source: z.object({
    file: z.string(),
    format: z
      .object({ type: z.enum(['text', 'json']), subject_token_field_name: z.string().optional() })
      .optional(),
  }),
});
const Key = z.discriminatedUnion('type', [ServiceAccount, User, Federated]);
/** A file of credentials as Google Cloud hands it out. */
export type GoogleKey = z.infer<typeof Key>;

/** Reads the JSON of a key. Refusal `google-credentials` for what is none; nothing of it is quoted. */
export function readGoogleKey(text: string, from: string): GoogleKey {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw noKey(`${from} holds no JSON`);
  }
  const parsed = Key.safeParse(json);
  if (parsed.success) return kept(parsed.data);
  const type = Object(json).type;
  if (type === 'external_account') {
    throw noKey(`${from} takes its token from somewhere else than a file (${wrongIn(parsed.error)})`);
  }
  throw noKey(
    `${from} is no key of a service account, a user or a federated identity: ${wrongIn(parsed.error)}`,
  );
}

export function noKey(reason: string): Refusal {
  return new Refusal('google-credentials', { reason });
}

/** What is asked of the token service for a key, as a form. `token`: that of the file of a federated identity. */
export function grantOf(
  key: GoogleKey,
  scope: string,
  { now, token = '' }: { readonly now: number; readonly token?: string },
): { readonly url: string; readonly form: Readonly<Record<string, string>> } {
  if (key.type === 'service_account') {
    const assertion = signedClaim(key, scope, now);
    return { url: key.token_uri, form: { grant_type: `${GRANT}:jwt-bearer`, assertion } };
  }
  if (key.type === 'authorized_user') {
    const { token_uri: url, client_id, client_secret, refresh_token } = key;
    return { url, form: { grant_type: 'refresh_token', client_id, client_secret, refresh_token } };
  }
  return {
    url: key.token_url,
    form: {
      grant_type: `${GRANT}:token-exchange`,
      audience: key.audience,
      scope,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token_type: key.subject_token_type,
      subject_token: token,
    },
  };
}

/** The token in the file of a federated identity. */
export function subjectToken({ credential_source: source }: z.infer<typeof Federated>, text: string): string {
  if (source.format?.type !== 'json') return keptSecret(text.trim());
  const field = source.format.subject_token_field_name ?? 'access_token';
  let found: unknown;
  try {
    found = Object(JSON.parse(text))[field];
  } catch {
    throw noKey(`${source.file} holds no JSON`);
  }
  if (typeof found !== 'string' || found === '') throw noKey(`${source.file} has no ${field}`);
  return keptSecret(found);
}

function signedClaim(key: z.infer<typeof ServiceAccount>, scope: string, now: number): string {
  const at = Math.floor(now / 1_000);
  const header = { alg: 'RS256', typ: 'JWT', ...(key.private_key_id ? { kid: key.private_key_id } : {}) };
  const claim = { iss: key.client_email, scope, aud: key.token_uri, iat: at, exp: at + CLAIM_SECONDS };
  const text = [header, claim]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign('sha256', Buffer.from(text), privateKey(key.private_key)).toString('base64url')}`;
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw noKey('the private_key of the service account is no key in PEM');
  }
}

function kept(key: GoogleKey): GoogleKey {
  if (key.type === 'service_account') keptSecret(key.private_key);
  if (key.type === 'authorized_user')
    for (const one of [key.client_secret, key.refresh_token]) keptSecret(one);
  return key;
}

function wrongIn({ issues: [first] }: z.ZodError): string {
  const place = first?.path.join('.') ?? '';
  return place === '' ? 'its type is another one' : `${place} is missing or not as documented`;
}
