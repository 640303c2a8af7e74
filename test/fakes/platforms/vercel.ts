import { z } from 'zod';
import { type Asked, FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';

interface Deployment {
  readonly id: string;
  readonly created: number;
  readonly sha: string | null;
  readonly target: 'production' | 'staging' | null;
  readonly meta: Readonly<Record<string, string>>;
  readyState: string;
  errorMessage: string | null;
  /** Has served production. */
  promoted: boolean;
  /** Looks until what is queued or moved is there. */
  looks: number;
}

interface Job {
  readonly fromDeploymentId: string | null;
  readonly toDeploymentId: string;
  readonly requestedAt: number;
  readonly type: 'promote' | 'rollback';
  jobStatus: string;
  /** Looks until it is done. */
  looks: number;
}

const Team = { teamId: z.string().optional(), slug: z.string().optional() };
const PROJECT = 'prj_shop';

/**
 * Vercel's REST API, as far as a target uses it. Requests and replies are those of its reference
 * (https://vercel.com/docs/rest-api: get-a-project, get-a-domain, get-an-alias, list-deployments, get-a-deployment,
 * update-an-existing-project, create-a-new-deployment, cancel-a-deployment, point-production-traffic-…) and of the types of
 * https://github.com/vercel/sdk (426eb4b, August 2026).
 */
export class FakeVercel extends FakePlatform {
  readonly domain = 'shop.example.com';
  readonly deployments = new Map<string, Deployment>();
  /** The deployment that the production domain points at. */
  live: string | null = null;
  /** Deployments that were promoted, rolled back to, or built: in order. */
  readonly acts: string[] = [];
  /** Settings of the project. */
  autoAssignCustomDomains = false;
  connected = true;
  rollingRelease: object | null = null;
  permissions: Record<string, string[]> | undefined = {
    deploymentPromote: ['create'],
    deploymentRollback: ['create'],
  };
  /** Whether the token may change the settings. */
  mayChange = true;
  /** How long ago moves of the domains were asked for. */
  askedBeforeMs = 0;
  /** The next job ends so instead of moving the domains. */
  nextJob: 'failed' | null = null;
  /** The next build fails with that. */
  nextBuild: string | null = null;
  /** How many looks something takes. */
  slowness = 1;
  onLive: (sha: string) => Promise<void> | void = () => {};
  #job: Job | null = null;
  #count = 0;

  /** Something that was built before, such as a staged build for production. */
  add(sha: string | null, more: Partial<Deployment> = {}): string {
    const id = `dpl_${++this.#count}`;
    this.deployments.set(id, {
      id,
      created: 1_700_000_000_000 + this.#count,
      sha,
      target: 'production',
      meta: sha === null ? {} : { githubCommitSha: sha, githubCommitRef: 'main' },
      readyState: 'READY',
      errorMessage: null,
      promoted: false,
      looks: 0,
      ...more,
    });
    return id;
  }

  async serve(id: string): Promise<void> {
    const deployment = this.deployments.get(id);
    if (!deployment) throw new Error(`there is no ${id}`);
    deployment.promoted = true;
    this.live = id;
    if (deployment.sha !== null) await this.onLive(deployment.sha);
  }

  override failure(status: number, message: string): unknown {
    const code = status === 404 ? 'not_found' : status === 403 ? 'forbidden' : 'bad_request';
    return { error: { code, message } };
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/v9/projects/{idOrName}',
      query: z.strictObject({ ...Team, rollbackInfo: z.enum(['true', 'false']).optional() }),
      answer: ({ params, query }) =>
        this.#ofProject(params['idOrName'], () => this.#project(query['rollbackInfo'] === 'true')),
    },
    {
      method: 'PATCH',
      path: '/v9/projects/{idOrName}',
      query: z.strictObject(Team),
      body: z.strictObject({ autoAssignCustomDomains: z.boolean() }),
      answer: ({ params, body }) => this.#ofProject(params['idOrName'], () => this.#change(body)),
    },
    {
      method: 'GET',
      path: '/v9/projects/{idOrName}/domains/{domain}',
      query: z.strictObject(Team),
      answer: ({ params }) =>
        this.#ofProject(params['idOrName'], () =>
          params['domain'] === this.domain
            ? { status: 200, body: { name: this.domain, projectId: PROJECT, verified: true } }
            : this.#missing('Project Domain not found.'),
        ),
    },
    {
      method: 'GET',
      path: '/v4/aliases/{idOrAlias}',
      query: z.strictObject({ ...Team, projectId: z.string().optional() }),
      answer: ({ params }) => this.#alias(params['idOrAlias'] ?? ''),
    },
    {
      method: 'GET',
      path: '/v6/deployments',
      query: z.strictObject({
        ...Team,
        projectId: z.literal(PROJECT),
        sha: z.string().regex(/^[0-9a-f]{40}$/),
        limit: z.string().regex(/^\d+$/),
      }),
      answer: ({ query }) => this.#list(query),
    },
    {
      method: 'GET',
      path: '/v13/deployments/{idOrUrl}',
      query: z.strictObject({ ...Team, withGitRepoInfo: z.string().optional() }),
      answer: ({ params }) => this.#deployment(params['idOrUrl'] ?? ''),
    },
    {
      method: 'POST',
      path: '/v13/deployments',
      query: z.strictObject({ ...Team, forceNew: z.literal('1').optional() }),
      body: z.strictObject({
        name: z.string(),
        project: z.literal(PROJECT),
        target: z.literal('production'),
        gitSource: z.strictObject({
          type: z.literal('github'),
          repoId: z.number(),
          ref: z.string(),
          sha: z.string(),
        }),
        meta: z.record(z.string(), z.string()),
      }),
      answer: ({ body }) => this.#create(body),
    },
    {
      method: 'PATCH',
      path: '/v12/deployments/{id}/cancel',
      query: z.strictObject(Team),
      answer: ({ params }) => this.#cancel(params['id'] ?? ''),
    },
    {
      method: 'POST',
      path: '/v10/projects/{projectId}/promote/{deploymentId}',
      query: z.strictObject(Team),
      body: z.strictObject({}),
      answer: ({ params }) => this.#move(params, 'promote'),
    },
    {
      method: 'POST',
      path: '/v1/projects/{projectId}/rollback/{deploymentId}',
      query: z.strictObject({ ...Team, description: z.string().optional() }),
      body: z.strictObject({}),
      answer: ({ params }) => this.#move(params, 'rollback'),
    },
  ];

  #missing(message: string): Reply {
    return { status: 404, body: this.failure(404, message) };
  }

  #ofProject(named: string | undefined, then: () => Reply | Promise<Reply>): Reply | Promise<Reply> {
    return named === 'shop' || named === PROJECT ? then() : this.#missing('Project not found.');
  }

  #change(body: unknown): Promise<Reply> | Reply {
    if (!this.mayChange) return { status: 403, body: this.failure(403, 'Not authorized') };
    Object.assign(this, body as { autoAssignCustomDomains: boolean });
    return this.#project(false);
  }

  async #project(withJob: boolean): Promise<Reply> {
    const job = this.#job;
    if (job && --job.looks <= 0 && (job.jobStatus === 'pending' || job.jobStatus === 'in-progress')) {
      await this.#finish(job);
    }
    const { looks: _, ...shown } = job ?? { looks: 0 };
    const link = {
      type: 'github',
      org: 'acme',
      repo: 'shop',
      repoId: 4711,
      deployHooks: [],
      gitCredentialId: 'cred_1',
      productionBranch: 'main',
    };
    return {
      status: 200,
      body: {
        accountId: 'team_acme',
        id: PROJECT,
        name: 'shop',
        alias: [],
        directoryListing: false,
        nodeVersion: '22.x',
        framework: 'nextjs',
        autoAssignCustomDomains: this.autoAssignCustomDomains,
        rollingRelease: this.rollingRelease,
        lastAliasRequest: job && withJob ? shown : null,
        ...(this.connected ? { link } : {}),
        ...(this.permissions ? { permissions: this.permissions } : {}),
      },
    };
  }

  async #finish(job: Job): Promise<void> {
    if (this.nextJob === 'failed') {
      this.nextJob = null;
      job.jobStatus = 'failed';
      return;
    }
    job.jobStatus = 'succeeded';
    await this.serve(job.toDeploymentId);
  }

  #alias(named: string): Reply {
    if (named !== this.domain || this.live === null) return this.#missing('The alias was not found.');
    return {
      status: 200,
      body: {
        uid: 'als_1',
        alias: this.domain,
        created: new Date(1_700_000_000_000).toISOString(),
        deploymentId: this.live,
        projectId: PROJECT,
        deployment: { id: this.live, url: `shop-${this.live}.vercel.app` },
      },
    };
  }

  #list(query: Asked['query']): Reply {
    const all = [...this.deployments.values()].filter(({ sha }) => sha === query['sha']);
    const deployments = all.map((one) => ({
      uid: one.id,
      name: 'shop',
      projectId: PROJECT,
      url: `shop-${one.id}.vercel.app`,
      created: one.created,
      createdAt: one.created,
      state: one.readyState,
      readyState: one.readyState,
      ...(one.readyState === 'READY' ? { readySubstate: one.promoted ? 'PROMOTED' : 'STAGED' } : {}),
      type: 'LAMBDAS',
      creator: { uid: 'usr_1' },
      meta: one.meta,
      target: one.target,
      inspectorUrl: `https://vercel.com/acme/shop/${one.id}`,
      isRollbackCandidate: one.promoted && this.live !== one.id,
    }));
    return { status: 200, body: { pagination: { count: all.length, next: null, prev: null }, deployments } };
  }

  async #deployment(id: string): Promise<Reply> {
    const one = this.deployments.get(id);
    if (!one) return this.#missing('The deployment was not found.');
    if (one.readyState === 'BUILDING' && --one.looks <= 0) {
      one.readyState = this.nextBuild === null ? 'READY' : 'ERROR';
      one.errorMessage = this.nextBuild;
      this.nextBuild = null;
      if (one.readyState === 'READY' && this.autoAssignCustomDomains) await this.serve(id);
    }
    return {
      status: 200,
      body: {
        id,
        name: 'shop',
        url: `shop-${id}.vercel.app`,
        version: 2,
        type: 'LAMBDAS',
        createdAt: one.created,
        readyState: one.readyState,
        status: one.readyState,
        target: one.target,
        meta: one.meta,
        inspectorUrl: `https://vercel.com/acme/shop/${id}`,
        aliasAssigned: this.live === id,
        aliasError: null,
        errorMessage: one.errorMessage,
        ...(one.sha === null
          ? {}
          : { gitSource: { type: 'github', ref: 'main', sha: one.sha, repoId: 4711 } }),
      },
    };
  }

  #create(body: unknown): Reply {
    const { gitSource, meta } = body as { gitSource: { sha: string }; meta: Record<string, string> };
    const id = this.add(gitSource.sha, {
      readyState: 'BUILDING',
      meta: { githubCommitSha: gitSource.sha, ...meta },
      looks: this.slowness,
    });
    this.acts.push(`build ${id}`);
    return { status: 200, body: { id, url: `shop-${id}.vercel.app`, readyState: 'QUEUED' } };
  }

  #cancel(id: string): Reply {
    const one = this.deployments.get(id);
    if (!one) return this.#missing('The deployment was not found.');
    if (one.readyState !== 'BUILDING')
      return { status: 400, body: this.failure(400, 'The deployment is not being built.') };
    one.readyState = 'CANCELED';
    return { status: 200, body: { id, readyState: 'CANCELED' } };
  }

  #move(params: Asked['params'], type: 'promote' | 'rollback'): Reply {
    const { projectId, deploymentId: id = '' } = params;
    const one = this.deployments.get(id);
    if (projectId !== PROJECT || !one) return this.#missing('The deployment was not found.');
    if (one.readyState !== 'READY' || one.target !== 'production')
      return { status: 400, body: this.failure(400, 'Only a production deployment that is ready.') };
    if (type === 'rollback' && !one.promoted)
      return { status: 422, body: this.failure(422, 'This deployment has never served production.') };
    if (this.live === id)
      return { status: 409, body: this.failure(409, 'The deployment serves production already.') };
    this.acts.push(`${type} ${id}`);
    this.autoAssignCustomDomains = type === 'promote';
    this.#job = {
      fromDeploymentId: this.live,
      toDeploymentId: id,
      jobStatus: 'in-progress',
      requestedAt: Date.now() - this.askedBeforeMs,
      type,
      looks: this.slowness,
    };
    return { status: type === 'promote' ? 202 : 201 };
  }
}
