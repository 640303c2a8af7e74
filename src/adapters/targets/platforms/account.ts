import type { AdapterContext, SecretRef } from '../../shared/context.ts';
import type { PlatformAccount } from '../../shared/platform/api.ts';

interface AccountSettings {
  readonly api: string;
  readonly token: SecretRef;
  /** ms */
  readonly timeout: number;
}

/** An account that a bearer token stands for. Refusal `secret-missing`. */
export function tokenAccount(
  platform: string,
  { api, token, timeout }: AccountSettings,
  context: Pick<AdapterContext, 'secret' | 'now'>,
): PlatformAccount {
  const secret = context.secret(token.env);
  return {
    platform,
    base: api,
    headers: { authorization: `Bearer ${secret}` },
    tokenName: token.env,
    secrets: [secret],
    timeoutMs: timeout,
    now: context.now,
  };
}
