import type { z } from 'zod';
import { isLoopback } from '../../domain/text/loopback.ts';

/** Addresses that people are shown; nothing is sent there. */
const SHOWN = new Set(['production', 'link', 'grafana', 'kibana']);
/** Settings whose secrets are sent as they are. */
const SENT = new Set(['headers', 'bearer', 'basic', 'token', 'api-key', 'application-key']);

/**
 * For the settings of every kind: what sends a secret sends it over https, or http to this machine.
 * Everything between here and an http address could read them.
 */
export function refuseSecretsInTheClear(settings: unknown, context: z.core.$RefinementCtx): void {
  for (const path of inTheClear(settings)) {
    context.addIssue({
      code: 'custom',
      path: [...path],
      message: 'an https address, because a secret is sent there (http only to this machine)',
    });
  }
}

/** Paths of the http addresses that stand beside a secret that is sent, at any depth. */
function inTheClear(settings: unknown): readonly (readonly PropertyKey[])[] {
  if (typeof settings !== 'object' || settings === null) return [];
  const own = Object.entries(settings);
  const sendsSecret = own.some(([key, value]) => SENT.has(key) && hasSecret(value));
  return own.flatMap(([key, value]) => {
    const step = Array.isArray(settings) ? Number(key) : key;
    if (typeof value !== 'string') return inTheClear(value).map((path) => [step, ...path]);
    const isClear = sendsSecret && !SHOWN.has(key) && /^http:/i.test(value) && !isLoopback(value);
    return isClear ? [[step]] : [];
  });
}

function hasSecret(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && ('env' in value || Object.values(value).some(hasSecret))
  );
}
