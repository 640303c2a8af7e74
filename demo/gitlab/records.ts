import { z } from 'zod';
import type { Reply, Route } from '../platform/fake-platform.ts';
import type { Job, Pipeline, Pipelines } from './pipelines.ts';
import { type GitlabWorld, PAGED } from './world.ts';

interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly environment: string;
  status: string;
  /** The how manieth that ended. */
  ended?: number;
  readonly job?: Job;
  readonly pipeline?: Pipeline;
}

const Status = z.enum(['running', 'success', 'failed', 'canceled']);
const NewDeployment = z.strictObject({
  environment: z.string().min(1),
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  ref: z.string().min(1),
  tag: z.boolean(),
  status: Status,
});
const Change = z.strictObject({ status: Status });
const Page = z.strictObject({
  tag_name: z.string().min(1),
  name: z.string().optional(),
  description: z.string().max(1_000_000).optional(),
  ref: z.string().optional(),
});
const PageChange = Page.omit({ tag_name: true, ref: true });

/** Releases, deployments and issues. */
export class Records {
  /** Oldest first. */
  readonly deployments: Deployment[] = [];
  readonly releases = new Map<string, { name: string; description: string }>();
  readonly issues: {
    readonly title: string;
    readonly labels: readonly string[];
    readonly created_at: string;
  }[] = [];
  /** The next release page is written before the tag is seen. */
  unseenTags = 0;
  /** What the environment answers at. */
  external_url: string | null = null;
  readonly #gitlab: GitlabWorld;
  readonly #pipelines: Pipelines;
  #nextId = 1;
  #ended = 1;

  constructor(gitlab: GitlabWorld, pipelines: Pipelines) {
    this.#gitlab = gitlab;
    this.#pipelines = pipelines;
  }

  began(pipeline: Pipeline, job: Job): void {
    if (this.deployments.some((one) => one.job === job)) return;
    const { sha, ref } = pipeline;
    const environment = job.deploys ?? '';
    this.deployments.push({
      id: this.#nextId++,
      sha,
      ref,
      environment,
      status: 'running',
      job,
      pipeline,
    });
  }

  ended(job: Job, status: string): void {
    const found = this.deployments.find((one) => one.job === job);
    if (found) Object.assign(found, { status, ended: this.#ended++ });
  }

  add(sha: string, environment: string, status = 'success', ref = 'main'): void {
    this.deployments.push({ id: this.#nextId++, sha, ref, environment, status, ended: this.#ended++ });
  }

  #shown({ id, sha, ref, environment, status, job, pipeline }: Deployment): unknown {
    const pipelines = this.#pipelines;
    return {
      id,
      iid: id,
      sha,
      ref,
      status,
      created_at: new Date().toISOString(),
      environment: { id: 9, name: environment, external_url: this.external_url },
      deployable:
        job && pipeline ? { ...pipelines.shownJob(job), pipeline: pipelines.brief(pipeline) } : null,
    };
  }

  get routes(): readonly Route[] {
    return [...this.#deploymentRoutes(), ...this.#releaseRoutes(), this.#issueRoute()];
  }

  #deploymentRoutes(): readonly Route[] {
    const gitlab = this.#gitlab;
    return [
      {
        method: 'GET',
        path: '/projects/{id}/deployments',
        query: z.strictObject({
          ...PAGED,
          cursor: z.string().optional(),
          environment: z.string().optional(),
          status: z.enum(['created', 'running', 'success', 'failed', 'canceled', 'blocked']).optional(),
          order_by: z.enum(['id', 'iid', 'created_at', 'updated_at', 'finished_at', 'ref']).optional(),
          sort: z.enum(['asc', 'desc']).optional(),
          finished_after: z.iso.datetime().optional(),
        }),
        answer: (asked) => {
          const { environment, status, sort, order_by, finished_after: after } = asked.query;
          const byEnd = order_by === 'finished_at';
          if (byEnd !== (after !== undefined) || (byEnd && status !== 'success')) {
            const message = '`finished_at` filter, `finished_at` sorting and `success` go together';
            return { status: 400, body: { message } };
          }
          const found = this.deployments.filter(
            (one) =>
              (environment === undefined || one.environment === environment) &&
              (status === undefined || one.status === status),
          );
          if (byEnd) found.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0));
          const ordered = sort === 'desc' ? found.toReversed() : found;
          return gitlab.page(
            asked,
            ordered.map((one) => this.#shown(one)),
          );
        },
      },
      {
        method: 'POST',
        path: '/projects/{id}/deployments',
        body: NewDeployment,
        answer: ({ body }) => {
          const { environment, sha, ref, tag, status } = body as z.infer<typeof NewDeployment>;
          const known = tag ? gitlab.commitOf(`refs/tags/${ref}`) : gitlab.remote.tip(ref);
          if (known === null)
            return { status: 400, body: { message: { ref: ['The branch or tag does not exist'] } } };
          this.add(sha, environment, status, ref);
          return { status: 201, body: this.#shown(this.deployments.at(-1) as Deployment) };
        },
      },
      {
        method: 'PUT',
        path: '/projects/{id}/deployments/{deployment}',
        body: Change,
        answer: ({ params, body }) =>
          this.#move(params['deployment'], (body as z.infer<typeof Change>).status),
      },
    ];
  }

  #move(id: string | undefined, status: string): Reply {
    const found = this.deployments.find((one) => String(one.id) === id);
    if (!found) return this.#gitlab.notFound('Deployment');
    // What has come to an end does not begin again, and nothing becomes what it is.
    if (found.status !== 'running' && found.status !== 'created')
      return { status: 400, body: { message: { status: [`cannot transition via "${status}"`] } } };
    Object.assign(found, { status, ended: this.#ended++ });
    return { status: 200, body: this.#shown(found) };
  }

  #releaseRoutes(): readonly Route[] {
    const gitlab = this.#gitlab;
    const shown = (tag: string) => ({
      tag_name: tag,
      ...this.releases.get(tag),
      _links: { self: `${gitlab.web}/-/releases/${encodeURIComponent(tag)}` },
    });
    return [
      {
        method: 'POST',
        path: '/projects/{id}/releases',
        body: Page,
        answer: ({ body }) => {
          const { tag_name: tag, name = tag, description = '' } = body as z.infer<typeof Page>;
          if (this.releases.has(tag)) return { status: 409, body: { message: 'Release already exists' } };
          if (gitlab.commitOf(`refs/tags/${tag}`) === null || this.unseenTags-- > 0)
            return { status: 422, body: { message: 'Ref is not specified' } };
          this.releases.set(tag, { name, description });
          return { status: 201, body: shown(tag) };
        },
      },
      {
        method: 'GET',
        path: '/projects/{id}/releases/{tag}',
        answer: ({ params }) => {
          const tag = params['tag'] ?? '';
          return this.releases.has(tag) ? { status: 200, body: shown(tag) } : gitlab.notFound('Release');
        },
      },
      {
        method: 'PUT',
        path: '/projects/{id}/releases/{tag}',
        body: PageChange,
        answer: ({ params, body }) => {
          const tag = params['tag'] ?? '';
          const known = this.releases.get(tag);
          if (!known) return gitlab.notFound('Release');
          const { name = known.name, description = known.description } = body as z.infer<typeof PageChange>;
          this.releases.set(tag, { name, description });
          return { status: 200, body: shown(tag) };
        },
      },
    ];
  }

  #issueRoute(): Route {
    return {
      method: 'GET',
      path: '/projects/{id}/issues',
      query: z.strictObject({
        ...PAGED,
        labels: z.string().optional(),
        created_after: z.iso.datetime().optional(),
        order_by: z.enum(['created_at', 'updated_at']).optional(),
        sort: z.enum(['asc', 'desc']).optional(),
      }),
      answer: (asked) => {
        const { labels = '', created_after: after = '' } = asked.query;
        const found = this.issues
          .map((one, index) => ({
            ...one,
            iid: index + 1,
            web_url: `${this.#gitlab.web}/-/issues/${index + 1}`,
          }))
          .filter(
            (one) =>
              one.created_at >= after && labels.split(',').every((label) => one.labels.includes(label)),
          )
          .map((one) => ({ ...one, author: { id: 5, username: 'kim' } }));
        return this.#gitlab.page(asked, found.toReversed());
      },
    };
  }
}
