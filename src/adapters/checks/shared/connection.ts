import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { decoded } from '../../../domain/text/decoded.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { type AdapterContext, SecretRef } from '../../shared/context.ts';
import type { Endpoint, TlsSettings } from './socket.ts';

/** Where a server is and who asks it; the address is a secret because it holds a password. */
export const connectionSettings = (example: string) => ({
  url: SecretRef.meta({ description: `The variable that holds the address, such as ${example}.` }),
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        ca: z
          .string()
          .min(1)
          .optional()
          .meta({ description: 'A file with the certificates of the authorities to trust.' }),
        name: z
          .string()
          .min(1)
          .optional()
          .meta({ description: 'The name that the certificate is for, where it is not the host.' }),
        verify: z
          .boolean()
          .default(true)
          .meta({ description: 'Whether the certificate must be good; false takes any.' }),
      }),
    ])
    .optional()
    .meta({ description: 'Whether to speak TLS; by default as the address says.' }),
});

export interface ConnectionSettings {
  readonly url: { readonly env: string };
  readonly tls?:
    | boolean
    | { ca?: string | undefined; name?: string | undefined; verify: boolean }
    | undefined;
}

/** How the addresses of a kind of server are written. */
export interface AddressForm {
  /** The schemes without the colon. */
  readonly schemes: readonly string[];
  readonly port: number;
  readonly example: string;
  readonly needsUser?: true;
  /** Whether an address asks for TLS by itself, and whether with anybody. */
  readonly asksForTls: (url: URL) => boolean | { readonly verify: false };
}

export interface ServerLogin extends Endpoint {
  readonly user: string;
  /** Never to be printed. */
  readonly password: string;
  /** What stands behind the host: a database, or its number. */
  readonly database: string;
  /** Null is in the clear. */
  readonly tls: TlsSettings | null;
}

/** Reads the address. Refusals: `secret-missing`, `check-address`, `check-file`. */
export function connectionOf(
  { url: { env }, tls }: ConnectionSettings,
  form: AddressForm,
  context: AdapterContext,
): ServerLogin {
  const text = context.secret(env);
  const refused = () => new Refusal('check-address', { name: env, example: form.example });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !form.schemes.includes(url.protocol.slice(0, -1)) || url.hostname === '')
    throw refused();
  const host = decoded(url.hostname).replace(/^\[|\]$/g, '');
  if (!/^[\w.:%-]+$/.test(host)) throw refused();
  if (form.needsUser && url.username === '') throw refused();
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (password !== '' && password !== user) keptSecret(password);
  const database = decoded(url.pathname.slice(1));
  const port = url.port === '' ? form.port : Number(url.port);
  const wanted = tls ?? form.asksForTls(url);
  return { host, port, user, password, database, tls: tlsSettings(wanted, host, context) };
}

function tlsSettings(
  tls: NonNullable<ConnectionSettings['tls']>,
  host: string,
  context: AdapterContext,
): TlsSettings | null {
  if (tls === false) return null;
  if (tls === true) return { name: host, verify: true };
  const { ca, name = host, verify } = tls;
  return { name, verify, ...(ca === undefined ? {} : { ca: textOf(ca, context) }) };
}

/** A file of the config's folder. */
export function textOf(path: string, { configDir }: Pick<AdapterContext, 'configDir'>): string {
  try {
    return readFileSync(resolve(configDir, path), 'utf8');
  } catch (error) {
    throw new Refusal('check-file', { path, reason: (error as { code?: string }).code ?? 'unknown error' });
  }
}
