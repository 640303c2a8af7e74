import { Unavailable } from '../../../domain/refusals/refusal.ts';
import type { AwsCredentials } from './signature.ts';

/** What giving temporary keys takes. */
export interface AskingForKeys {
  /** ms since the epoch */
  readonly now: number;
  readonly signal: AbortSignal | undefined;
}

/** A temporary key as the token service, containers and machines give it; Unavailable for what is none. */
export function temporaryKeys(
  source: string,
  keys: {
    readonly id: unknown;
    readonly secret: unknown;
    readonly token: unknown;
    readonly expires: unknown;
  },
): AwsCredentials {
  const { id, secret, token, expires } = keys;
  if (typeof id !== 'string' || typeof secret !== 'string' || id === '' || secret === '') {
    throw new Unavailable(source, 'its answer was not understood');
  }
  const expiresAt = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(typeof token === 'string' && token !== '' ? { sessionToken: token } : {}),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}
