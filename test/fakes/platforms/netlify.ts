import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';

interface Deploy {
  readonly id: string;
  readonly commit: string | null;
  readonly context: 'production' | 'branch-deploy' | 'deploy-preview';
  state: string;
  locked: boolean;
  errorMessage: string | null;
}

const SITE = '3970e0fe-8564-4903-9a55-c5f8de49fb8b';

/**
 * Netlify's API, as far as a target uses it. Requests and replies are those of its OpenAPI description
 * (https://github.com/netlify/open-api swagger.yml, 6508031, May 2026; `/api/v1` is part of the base address).
 */
export class FakeNetlify extends FakePlatform {
  /** Newest last. */
  readonly deploys: Deploy[] = [];
  published: string | null = null;
  /** Deploys that were published over the API, in order. */
  readonly acts: string[] = [];
  repoBranch: string | null = 'main';
  stopBuilds = false;
  /** Publishing ends so. */
  nextPublish: 'error' | null = null;
  onLive: (sha: string) => Promise<void> | void = () => {};

  add(commit: string | null, more: Partial<Deploy> = {}): string {
    const id = `6550c2${String(this.deploys.length).padStart(18, '0')}`;
    const deploy = { id, commit, context: 'production', state: 'ready', locked: false, errorMessage: null };
    this.deploys.push({ ...deploy, ...more } as Deploy);
    return id;
  }

  async serve(id: string, locked = true): Promise<void> {
    const deploy = this.#find(id);
    if (!deploy) throw new Error(`there is no ${id}`);
    this.published = id;
    deploy.locked = locked;
    if (deploy.commit !== null) await this.onLive(deploy.commit);
  }

  override failure(status: number, message: string): unknown {
    return { code: status, message };
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/api/v1/sites/{site_id}',
      answer: ({ params }) => this.#ofSite(params['site_id'], () => ({ status: 200, body: this.#site() })),
    },
    {
      method: 'GET',
      path: '/api/v1/sites/{site_id}/deploys',
      query: z.strictObject({
        page: z.string().regex(/^\d+$/).optional(),
        per_page: z.string().regex(/^\d+$/).optional(),
        state: z.string().optional(),
        production: z.enum(['true', 'false']).optional(),
        branch: z.string().optional(),
      }),
      answer: ({ params, query }) =>
        this.#ofSite(params['site_id'], () => {
          const size = Math.min(100, Number(query['per_page'] ?? 100));
          const from = (Number(query['page'] ?? 1) - 1) * size;
          const body = this.deploys
            .toReversed()
            .slice(from, from + size)
            .map((one) => this.#shown(one));
          return { status: 200, body };
        }),
    },
    {
      method: 'GET',
      path: '/api/v1/sites/{site_id}/deploys/{deploy_id}',
      answer: ({ params }) =>
        this.#ofDeploy(params['site_id'], params['deploy_id'], (one) => ({
          status: 200,
          body: this.#shown(one),
        })),
    },
    {
      method: 'POST',
      path: '/api/v1/sites/{site_id}/deploys/{deploy_id}/restore',
      answer: ({ params }) =>
        this.#ofDeploy(params['site_id'], params['deploy_id'], (one) => this.#restore(one)),
    },
    {
      method: 'POST',
      path: '/api/v1/deploys/{deploy_id}/lock',
      answer: ({ params }) =>
        this.#ofDeploy(SITE, params['deploy_id'], (one) => {
          one.locked = true;
          return { status: 200, body: this.#shown(one) };
        }),
    },
  ];

  async #restore(one: Deploy): Promise<Reply> {
    if (one.state !== 'ready') return { status: 422, body: this.failure(422, 'The deploy is not ready.') };
    this.acts.push(`restore ${one.id}`);
    if (this.nextPublish === 'error') {
      this.nextPublish = null;
      one.state = 'error';
      one.errorMessage = 'Post processing failed';
      return { status: 201, body: this.#shown(one) };
    }
    await this.serve(one.id, false);
    return { status: 201, body: this.#shown(one) };
  }

  #find(id: string | undefined): Deploy | undefined {
    return this.deploys.find((one) => one.id === id);
  }

  #ofSite(named: string | undefined, then: () => Reply | Promise<Reply>): Reply | Promise<Reply> {
    if (named === SITE || named === 'shop.netlify.app') return then();
    return { status: 404, body: this.failure(404, 'Not Found') };
  }

  #ofDeploy(
    site: string | undefined,
    id: string | undefined,
    then: (deploy: Deploy) => Reply | Promise<Reply>,
  ): Reply | Promise<Reply> {
    return this.#ofSite(site, () => {
      const deploy = this.#find(id);
      return deploy ? then(deploy) : { status: 404, body: this.failure(404, 'Not Found') };
    });
  }

  #site(): unknown {
    const live = this.#find(this.published ?? undefined);
    return {
      id: SITE,
      state: 'current',
      name: 'shop',
      custom_domain: 'shop.example.com',
      url: 'http://shop.example.com',
      ssl_url: 'https://shop.example.com',
      admin_url: 'https://app.netlify.com/projects/shop',
      account_slug: 'acme',
      published_deploy: live ? this.#shown(live) : null,
      build_settings: {
        provider: 'github',
        repo_path: 'acme/shop',
        repo_branch: this.repoBranch,
        stop_builds: this.stopBuilds,
      },
    };
  }

  #shown(one: Deploy): unknown {
    return {
      id: one.id,
      site_id: SITE,
      state: one.state,
      name: 'shop',
      url: 'http://shop.example.com',
      ssl_url: 'https://shop.example.com',
      admin_url: `https://app.netlify.com/projects/shop/deploys/${one.id}`,
      deploy_ssl_url: `https://${one.id}--shop.netlify.app`,
      branch: 'main',
      commit_ref: one.commit,
      context: one.context,
      locked: one.locked,
      error_message: one.errorMessage,
      title: 'a commit',
    };
  }
}
