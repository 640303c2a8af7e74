import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiSettings } from '../../../config/settings/api.ts';
import {
  A_TOKEN,
  API_TOKEN,
  type ApiScope,
  PIPELINE,
  pipelineActor,
} from '../../../domain/operations/api-scopes.ts';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { secretIn } from '../../../domain/text/redaction.ts';
import { ApiFault } from './problem.ts';

const DAY_MS = 86_400_000;

/** What somebody with a token may do. */
export interface Access {
  /** Of the token. */
  readonly name: string;
  /** Who asks, where it may ship: a Slack user id with the name of the token, or a pipeline that is called so. */
  readonly caller: { readonly user: string; readonly token?: string } | null;
  may(scope: ApiScope): boolean;
  sees(service: string): boolean;
}

/**
 * Finds who sends an `Authorization` header; null when nobody is known by it, ApiFault when its time is over. Refusals: `secret-missing`,
 * `environment-invalid` for a token that is too short, too long or has spaces.
 */
export function accessBy(
  tokens: ApiSettings['tokens'],
  env: NodeJS.ProcessEnv,
  now: () => number = Date.now,
): (authorization: string | undefined) => Access | null {
  const known = tokens.map(({ name, token, scopes, services, expires, 'acts-for': actsFor }) => {
    const secret = secretIn(env, token.env);
    if (secret === '') throw new Refusal('secret-missing', { name: token.env });
    if (!API_TOKEN.test(secret))
      throw new Refusal('environment-invalid', { name: token.env, value: '…', expected: A_TOKEN });
    const access: Access = {
      name,
      caller: actsFor === undefined ? null : callerOf(name, actsFor),
      may: (scope) => scopes.includes(scope),
      sees: (service) => services === undefined || services.includes(service),
    };
    const until = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires) + DAY_MS;
    return { hash: hashOf(secret), access, until };
  });
  return (authorization) => {
    const [, sent] = /^Bearer (\S{1,500})$/i.exec(authorization ?? '') ?? [];
    if (sent === undefined) return null;
    const hash = hashOf(sent);
    // All of them are compared, so that time tells nothing.
    const [found] = known.filter((one) => timingSafeEqual(one.hash, hash));
    if (found !== undefined && now() >= found.until)
      throw new ApiFault(401, 'token-expired', `The time of the token "${found.access.name}" is over.`);
    return found?.access ?? null;
  };
}

function callerOf(token: string, actsFor: string): Access['caller'] {
  return actsFor === PIPELINE ? { user: pipelineActor(token) } : { user: actsFor, token };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
