import { z } from 'zod';
import { type AdapterContext, SecretRef } from './context.ts';
import { Headers, resolveHeaders } from './http.ts';

/** How a source is signed in to: with a token, with user and password, or with headers of one's own. */
export const signInShape = {
  bearer: SecretRef.optional().meta({ description: 'Sent as `authorization: Bearer`.' }),
  basic: z
    .strictObject({ user: z.string().min(1), password: SecretRef })
    .optional()
    .meta({ description: 'Sent as `authorization: Basic`.' }),
  headers: Headers.default({}).meta({ description: 'Further headers of each request.' }),
};

interface SignIn {
  readonly bearer?: SecretRef | undefined;
  readonly basic?: { readonly user: string; readonly password: SecretRef } | undefined;
  readonly headers: Headers;
}

/** Headers with their secrets; never to be printed. */
export function signInHeaders(
  { bearer, basic, headers }: SignIn,
  context: AdapterContext,
): Record<string, string> {
  const own = resolveHeaders(headers, context);
  if (bearer !== undefined) return { ...own, authorization: `Bearer ${context.secret(bearer.env)}` };
  if (basic === undefined) return own;
  const login = `${basic.user}:${context.secret(basic.password.env)}`;
  return { ...own, authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}
