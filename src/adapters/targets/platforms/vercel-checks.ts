import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { VercelProject } from './vercel-shapes.ts';

/** Vercel lists what the account of the token may do with the project; where it does not, the order will tell. */
export function mayDeploy(project: VercelProject, tokenName: string): void {
  const { permissions } = project;
  const missing = [
    permissions?.deploymentPromote?.length === 0 ? 'promote deployments' : null,
    permissions?.deploymentRollback?.length === 0 ? 'roll deployments back' : null,
  ].filter((one) => one !== null);
  if (missing.length === 0) return;
  throw new Refusal('platform-forbidden', {
    platform: 'Vercel',
    doing: `${missing.join(' and ')} of ${project.name}`,
    needs: 'the right to deploy to production (role Member with production access, Developer or Owner)',
    token: tokenName,
  });
}

/** Where pushes to the release branch go live by themselves, the release would deploy itself. */
export function mustWaitForPromotion(project: VercelProject, branch: string): void {
  if (project.rollingRelease) {
    throw new Refusal('target-misconfigured', {
      target: 'Vercel',
      reason: `${project.name} uses rolling releases, which move the traffic in stages that Slipway does not follow`,
    });
  }
  if (deploysByItself(project, branch)) {
    throw new Refusal('deploys-by-itself', {
      platform: 'Vercel',
      what: branch,
      remedy:
        'Turn off "Auto-assign Custom Production Domains" in the settings of the Production environment: then builds are staged until they are promoted',
    });
  }
}

export function deploysByItself({ link, autoAssignCustomDomains }: VercelProject, branch: string): boolean {
  return link?.productionBranch === branch && autoAssignCustomDomains !== false;
}
