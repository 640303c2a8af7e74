import { z } from 'zod';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { DeployHandle, Target } from '../port.ts';
import { tokenAccount } from './account.ts';
import { VercelApi } from './vercel-api.ts';
import { VercelTarget } from './vercel-target.ts';

export const VercelSettings = z
  .strictObject({
    use: z.literal('vercel'),
    project: z.string().min(1).meta({ description: 'Name or id of the project.' }),
    team: z.string().min(1).optional().meta({
      description: 'Slug or id (team_…) of the team that owns it; absent: the account of the token.',
    }),
    domain: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'a domain such as shop.example.com')
      .meta({ description: 'A production domain of the project: what it points at is what is live.' }),
    token: SecretRef,
    deploy: z.enum(['promote', 'build']).default('promote').meta({
      description:
        'promote: the staged production build of the commit that was validated, without building it again. build: the release commit.',
    }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    api: TokenUrl.default('https://api.vercel.com').meta({ description: "Address of Vercel's REST API." }),
  })
  .meta({ description: 'Points the production domains of a Vercel project at the build of the release.' });
export type VercelSettings = z.infer<typeof VercelSettings>;

export const vercelTarget = defineKind({
  settings: VercelSettings,
  open: (settings, context: TargetContext) => openVercel(settings, context, context.repository.branch),
});

/** `branch`: where the releases of the service are cut. */
export function openVercel(settings: VercelSettings, context: AdapterContext, branch: string): Target {
  const { project, team } = settings;
  const api = new VercelApi(tokenAccount('Vercel', settings, context), { project, team });
  const target = new VercelTarget(settings, api, branch, context.now);
  return settings.deploy === 'build'
    ? Object.assign(target, { cancel: (handle: DeployHandle) => api.cancel(handle.id) })
    : Object.assign(target, { promotes: true, promotable: target.mustBePromotable.bind(target) });
}
