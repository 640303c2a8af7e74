import { z } from 'zod';
import type { Asked, Reply, Route } from '../platform/fake-platform.ts';
import { OVER, type Pipeline, type Pipelines } from './pipelines.ts';
import { type GitlabWorld, PAGED } from './world.ts';

const Started = z.strictObject({
  ref: z.string().min(1),
  variables: z
    .array(
      z.strictObject({
        key: z.string(),
        value: z.string(),
        variable_type: z.enum(['env_var', 'file']).optional(),
      }),
    )
    .optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

export function pipelineRoutes(pipelines: Pipelines, gitlab: GitlabWorld): readonly Route[] {
  return [
    ...readingRoutes(pipelines, gitlab),
    ...actingRoutes(pipelines, gitlab),
    ...jobRoutes(pipelines, gitlab),
  ];
}

function found({ all }: Pipelines, params: Readonly<Record<string, string>>): Pipeline | null {
  return all.find(({ id }) => String(id) === params['pipeline']) ?? null;
}

function readingRoutes(pipelines: Pipelines, gitlab: GitlabWorld): readonly Route[] {
  const inPipeline =
    (answer: (pipeline: Pipeline, asked: Asked) => Reply | Promise<Reply>): Route['answer'] =>
    (asked) => {
      const pipeline = found(pipelines, asked.params);
      return pipeline === null ? gitlab.notFound('Pipeline') : answer(pipeline, asked);
    };
  return [
    listRoute(pipelines, gitlab),
    {
      method: 'GET',
      path: '/projects/{id}/pipelines/{pipeline}',
      answer: inPipeline(async (pipeline) => {
        await pipelines.step(pipeline);
        return { status: 200, body: pipelines.shown(pipeline) };
      }),
    },
    {
      method: 'GET',
      path: '/projects/{id}/pipelines/{pipeline}/jobs',
      query: z.strictObject({ ...PAGED, include_retried: z.enum(['true', 'false']).optional() }),
      answer: inPipeline((pipeline, asked) => {
        const jobs = pipeline.jobs.filter(({ retried, child }) => !retried && child === undefined);
        // Newest first, as GitLab lists them.
        return gitlab.page(
          asked,
          [...jobs].reverse().map((job) => pipelines.shownJob(job)),
        );
      }),
    },
    {
      method: 'GET',
      path: '/projects/{id}/pipelines/{pipeline}/bridges',
      query: z.strictObject(PAGED),
      answer: inPipeline((pipeline, asked) =>
        gitlab.page(
          asked,
          pipeline.jobs.filter(({ child }) => child !== undefined).map((job) => pipelines.shownJob(job)),
        ),
      ),
    },
    {
      method: 'GET',
      path: '/projects/{id}/pipelines/{pipeline}/variables',
      query: z.strictObject(PAGED),
      answer: inPipeline((pipeline, asked) =>
        pipeline.own
          ? gitlab.page(
              asked,
              pipeline.variables.map((one) => ({ ...one, variable_type: 'env_var', raw: false })),
            )
          : { status: 403, body: gitlab.failure(403, 'Forbidden') },
      ),
    },
    statusesRoute(pipelines, gitlab),
  ];
}

function actingRoutes(pipelines: Pipelines, gitlab: GitlabWorld): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/projects/{id}/pipeline',
      body: Started,
      answer: ({ body }) => {
        const { ref, variables = [] } = body as z.infer<typeof Started>;
        return pipelines.start(ref, variables);
      },
    },
    {
      method: 'POST',
      path: '/projects/{id}/pipelines/{pipeline}/cancel',
      answer: ({ params }) => {
        const pipeline = found(pipelines, params);
        if (pipeline === null) return gitlab.notFound('Pipeline');
        for (const job of pipeline.jobs) {
          if (['created', 'pending', 'running', 'manual'].includes(job.status)) {
            pipelines.cancel(job);
          }
        }
        return { status: 200, body: pipelines.shown(pipeline) };
      },
    },
    {
      method: 'POST',
      path: '/projects/{id}/pipelines/{pipeline}/retry',
      answer: ({ params }) => {
        const pipeline = found(pipelines, params);
        if (pipeline === null) return gitlab.notFound('Pipeline');
        for (const job of pipeline.jobs.filter(
          ({ status, retried }) => !retried && ['failed', 'canceled'].includes(status),
        ))
          pipelines.retry(pipeline, job);
        return { status: 201, body: pipelines.shown(pipeline) };
      },
    },
  ];
}

function jobRoutes(pipelines: Pipelines, gitlab: GitlabWorld): readonly Route[] {
  const found = (id: string | undefined) => {
    for (const pipeline of pipelines.all) {
      const job = pipeline.jobs.find((one) => String(one.id) === id);
      if (job) return { pipeline, job };
    }
    return null;
  };
  return [
    {
      method: 'GET',
      path: '/projects/{id}/jobs/{job}',
      answer: async ({ params }) => {
        const one = found(params['job']);
        if (one === null) return gitlab.notFound('Job');
        await pipelines.step(one.pipeline);
        return { status: 200, body: pipelines.shownJob(one.job) };
      },
    },
    {
      method: 'POST',
      path: '/projects/{id}/jobs/{job}/cancel',
      answer: ({ params }) => {
        const one = found(params['job']);
        if (one === null) return gitlab.notFound('Job');
        pipelines.cancel(one.job);
        return { status: 201, body: pipelines.shownJob(one.job) };
      },
    },
    lintRoute(pipelines, gitlab),
    {
      method: 'GET',
      path: '/projects/{id}/jobs/{job}/trace',
      answer: ({ params }) => {
        const one = found(params['job']);
        return one === null ? gitlab.notFound('Job') : { status: 200, text: one.job.log ?? '' };
      },
    },
    {
      method: 'POST',
      path: '/projects/{id}/jobs/{job}/retry',
      answer: ({ params }) => {
        const one = found(params['job']);
        if (one === null) return gitlab.notFound('Job');
        if (!OVER.includes(one.job.status) || one.job.retried || pipelines.archived)
          return { status: 403, body: gitlab.failure(403, 'Forbidden - Job is not retryable') };
        return { status: 201, body: pipelines.shownJob(pipelines.retry(one.pipeline, one.job)) };
      },
    },
  ];
}

function listRoute(pipelines: Pipelines, gitlab: GitlabWorld): Route {
  return {
    method: 'GET',
    path: '/projects/{id}/pipelines',
    query: z.strictObject({
      ...PAGED,
      sha: z.string().optional(),
      ref: z.string().optional(),
      source: z.string().optional(),
      status: z.string().optional(),
      username: z.string().optional(),
      order_by: z.enum(['id', 'status', 'ref', 'updated_at', 'user_id']).optional(),
      sort: z.enum(['asc', 'desc']).optional(),
      created_after: z.iso.datetime().optional(),
    }),
    answer: (asked) => {
      const { sha, source, status, ref } = asked.query;
      const found = pipelines.all.filter(
        (one) =>
          (sha === undefined || one.sha === sha) &&
          (ref === undefined || one.ref === ref) &&
          (source === undefined ? one.source !== 'parent_pipeline' : one.source === source) &&
          (status === undefined || pipelines.statusOf(one) === status),
      );
      const late = pipelines.lateLists > 0 && source === 'api';
      if (late) pipelines.lateLists--;
      return gitlab.page(asked, late ? [] : found.map((one) => pipelines.brief(one)));
    },
  };
}

function statusesRoute(pipelines: Pipelines, gitlab: GitlabWorld): Route {
  return {
    method: 'GET',
    path: '/projects/{id}/repository/commits/{sha}/statuses',
    query: z.strictObject({
      ...PAGED,
      ref: z.string().optional(),
      all: z.enum(['true', 'false']).optional(),
      name: z.string().optional(),
      pipeline_id: z.string().optional(),
      order_by: z.enum(['id', 'pipeline_id']).optional(),
      sort: z.enum(['asc', 'desc']).optional(),
    }),
    answer: (asked) => {
      const sha = asked.params['sha'] ?? '';
      const ofJobs = pipelines.all
        .filter((one) => one.sha === sha && one.source !== 'parent_pipeline')
        .flatMap(({ id, ref, jobs }) =>
          jobs
            .filter(({ retried }) => !retried)
            .map(({ id: job, name, status, allow_failure = false }) => ({
              id: job,
              sha,
              ref,
              name,
              status,
              allow_failure,
              pipeline_id: id,
              target_url: `${gitlab.web}/-/jobs/${job}`,
            })),
        );
      const others = pipelines.statuses
        .filter((one) => one.sha === sha)
        .map((one, nth) => ({
          id: 100_000 + nth,
          ref: 'main',
          allow_failure: false,
          pipeline_id: null,
          target_url: `https://ci.test/${one.name}`,
          ...one,
        }));
      const all = [...ofJobs, ...others].sort((a, b) => a.id - b.id);
      return gitlab.page(asked, asked.query['sort'] === 'desc' ? all.reverse() : all);
    },
  };
}

/** What a push would start. */
function lintRoute(pipelines: Pipelines, gitlab: GitlabWorld): Route {
  return {
    method: 'GET',
    path: '/projects/{id}/ci/lint',
    query: z.strictObject({
      content_ref: z.string().optional(),
      dry_run: z.enum(['true', 'false']).optional(),
      dry_run_ref: z.string().optional(),
      include_jobs: z.enum(['true', 'false']).optional(),
    }),
    answer: ({ query }) => {
      const { content_ref: content = 'main', dry_run_ref: ref = 'main' } = query;
      const isOf = (wanted: string | RegExp = ref) =>
        typeof wanted === 'string' ? wanted === ref : wanted.test(ref);
      const jobs = pipelines.pushPlan.filter(
        ({ onRef, inConfigOf = content }) => isOf(onRef) && inConfigOf === content,
      );
      if (gitlab.commitOf(content) === null) return gitlab.notFound('Commit');
      const none = jobs.length === 0 ? 'Pipeline will not run for the selected trigger.' : null;
      const error = gitlab.commitOf(ref) === null ? 'Reference not found' : (pipelines.invalid ?? none);
      const errors = error === null ? [] : [error];
      const body = {
        valid: errors.length === 0,
        errors,
        warnings: [],
        jobs: jobs.map(({ name, deploys, manual }) => ({
          name,
          stage: 'deploy',
          environment: deploys ?? null,
          when: manual ? 'manual' : 'on_success',
        })),
      };
      return { status: 200, body };
    },
  };
}
