import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { type Call, type PlatformAccount, PlatformApi, path } from '../../shared/platform/api.ts';
import {
  gitSourceOf,
  KEY,
  Listed,
  toBuild,
  type VercelBuild,
  VercelDeployment,
  VercelProject,
} from './vercel-shapes.ts';

export interface VercelScope {
  readonly project: string;
  readonly team: string | undefined;
}

const MOST_BUILDS = 100;
const READ = 'read access to the project (a token of a team member, with the scope of that team)';
const DEPLOY = 'the right to deploy to production (role Member with production access, Developer or Owner)';

/**
 * The calls of Vercel's REST API that a deployment takes, as its reference describes them
 * (https://vercel.com/docs/rest-api and the types of https://github.com/vercel/sdk, August 2026):
 * `GET /v9/projects/{idOrName}`, `GET /v9/projects/{idOrName}/domains/{domain}`, `GET /v4/aliases/{idOrAlias}`,
 * `GET /v6/deployments`, `GET /v13/deployments/{idOrUrl}`, `POST /v13/deployments`,
 * `PATCH /v9/projects/{idOrName}`, `PATCH /v12/deployments/{id}/cancel`, `POST /v10/projects/{projectId}/promote/{deploymentId}` and
 * `POST /v1/projects/{projectId}/rollback/{deploymentId}`.
 */
export class VercelApi {
  readonly #api: PlatformApi;
  readonly #scope: VercelScope;

  constructor(account: PlatformAccount, scope: VercelScope) {
    this.#api = new PlatformApi(account);
    this.#scope = scope;
  }

  async project(signal?: AbortSignal): Promise<VercelProject> {
    const { project } = this.#scope;
    return this.#call({
      path: path`/v9/projects/${project}`,
      // Without it there is no `lastAliasRequest`.
      query: { rollbackInfo: 'true' },
      reply: VercelProject,
      doing: `read the project ${project}`,
      needs: READ,
      signal,
    });
  }

  /** The deployment that a domain points at; null when it points at none. */
  async aliased(domain: string, signal?: AbortSignal): Promise<string | null> {
    const reply = z.object({ deploymentId: z.string().nullish() });
    const alias = await this.#api.find({
      ...this.#common,
      path: path`/v4/aliases/${domain}`,
      reply,
      doing: `read where ${domain} points`,
      needs: READ,
      what: domain,
      signal,
    });
    return alias?.deploymentId ?? null;
  }

  /** Refusal `platform-not-found` when the project does not have the domain. */
  async mustHaveDomain(projectId: string, domain: string, signal?: AbortSignal): Promise<void> {
    await this.#call({
      path: path`/v9/projects/${projectId}/domains/${domain}`,
      reply: z.object({ name: z.string() }),
      doing: `read the domain ${domain}`,
      needs: READ,
      what: `the domain ${domain} of the project ${this.#scope.project}`,
      signal,
    });
  }

  deployment(id: string, signal?: AbortSignal): Promise<VercelDeployment> {
    return this.#call({
      path: path`/v13/deployments/${id}`,
      reply: VercelDeployment,
      doing: `read the deployment ${id}`,
      needs: READ,
      what: `the deployment ${id}`,
      signal,
    });
  }

  /** What was built from a commit, newest first. */
  async builds(projectId: string, sha: Sha, signal?: AbortSignal): Promise<readonly VercelBuild[]> {
    const { deployments } = await this.#call({
      path: '/v6/deployments',
      query: { projectId, sha, limit: String(MOST_BUILDS) },
      reply: z.object({ deployments: z.array(Listed) }),
      doing: 'list deployments',
      needs: READ,
      signal,
    });
    return deployments.map(toBuild).sort((a, b) => b.created - a.created);
  }

  /** Builds a commit for production. `key` is found again in `builds`. */
  async build(project: VercelProject, sha: Sha, ref: string, key: string): Promise<string> {
    const { id } = await this.#call({
      method: 'POST',
      path: '/v13/deployments',
      query: { forceNew: '1' },
      body: {
        name: project.name,
        project: project.id,
        target: 'production',
        gitSource: gitSourceOf(project, sha, ref),
        meta: { [KEY]: key },
      },
      reply: z.object({ id: z.string() }),
      doing: `build ${ref} for production`,
      needs: DEPLOY,
    });
    return id;
  }

  /** Points all production domains at a deployment, without building anything. It is done some time later. */
  async promote(projectId: string, deploymentId: string): Promise<void> {
    await this.#call({
      method: 'POST',
      path: path`/v10/projects/${projectId}/promote/${deploymentId}`,
      body: {},
      reply: z.unknown(),
      doing: `promote the deployment ${deploymentId}`,
      needs: DEPLOY,
      what: `the deployment ${deploymentId}`,
    });
  }

  /** Builds for production wait for a promotion again. */
  async keepStaged(projectId: string): Promise<void> {
    await this.#call({
      method: 'PATCH',
      path: path`/v9/projects/${projectId}`,
      body: { autoAssignCustomDomains: false },
      reply: z.unknown(),
      doing: `turn off "Auto-assign Custom Production Domains" of ${this.#scope.project}, which a promotion turns on`,
      needs: 'the right to change the settings of the project (role Member or Owner)',
    });
  }

  /** The same for a deployment that served production before. Turns off that pushes go to production. */
  async rollback(projectId: string, deploymentId: string, description: string): Promise<void> {
    await this.#call({
      method: 'POST',
      path: path`/v1/projects/${projectId}/rollback/${deploymentId}`,
      query: { description },
      body: {},
      reply: z.unknown(),
      doing: `roll back to the deployment ${deploymentId}`,
      needs: DEPLOY,
      what: `the deployment ${deploymentId}`,
    });
  }

  async cancel(deploymentId: string): Promise<void> {
    await this.#call({
      method: 'PATCH',
      path: path`/v12/deployments/${deploymentId}/cancel`,
      reply: z.unknown(),
      doing: `cancel the deployment ${deploymentId}`,
      needs: DEPLOY,
      what: `the deployment ${deploymentId}`,
    });
  }

  get #common() {
    const { project, team } = this.#scope;
    const query = team === undefined ? {} : team.startsWith('team_') ? { teamId: team } : { slug: team };
    return { query, what: `the project ${project}${team === undefined ? '' : ` of the team ${team}`}` };
  }

  async #call<T>(call: Omit<Call<T>, 'what'> & { readonly what?: string }): Promise<T> {
    const common = this.#common;
    const query = { ...common.query, ...call.query };
    return (await this.#api.call({ ...common, ...call, query })).value;
  }
}
