import { z } from 'zod';
import { GitlabSettings } from '../../repositories/gitlab/settings.ts';
import { Duration } from '../../shared/context.ts';

const VariableName = z.string().regex(/^[A-Za-z_]\w*$/, 'the name of a variable');

export const GitlabPipelineSettings = z
  .strictObject({
    use: z.literal('gitlab-pipeline'),
    ref: z
      .string()
      .regex(/^(?:\{tag\}|[A-Za-z0-9][^\s~^:?*[\\{}]*)$/, 'a branch, or {tag}')
      .default('{tag}')
      .meta({ description: 'What the pipeline runs on: "{tag}" for the release, or a branch for its tip.' }),
    variables: z
      .record(VariableName, z.string().max(1_000))
      .default({ DEPLOY_VERSION: '{version}', DEPLOY_ENVIRONMENT: 'production' })
      .meta({
        description: 'Variables of the pipeline; {version}, {tag}, {commit} and {service} are filled in.',
      }),
    order: VariableName.default('SLIPWAY_ORDER').meta({
      description: 'The variable by which a pipeline is known again after a crash; jobs can look for it.',
    }),
    environment: z.string().min(1).max(255).default('production').meta({
      description: 'The environment that the job which deploys names; what is live is read from it.',
    }),
    repository: GitlabSettings.optional().meta({
      description: 'Where the pipeline runs, when that is not the repository of the service.',
    }),
    rollback: z.enum(['deployment', 'pipeline']).default('deployment').meta({
      description:
        'How to go back: by the job of the earlier deployment, run again, where there is one; or by a new pipeline.',
    }),
    'other-triggers': z.enum(['refuse', 'allow']).default('refuse').meta({
      description: 'Whether to ship when the release itself would start a job that deploys there too.',
    }),
    timeout: Duration.prefault('1h').meta({ description: 'A pipeline that takes longer has failed.' }),
    url: z.url().optional().meta({ description: 'Address of production, shown as a link.' }),
    'not-undone': z.array(z.string().min(1)).default([]).meta({
      description: 'What deploying an older version does not undo: "environment variables".',
    }),
  })
  .meta({ description: 'Production is deployed by a pipeline of GitLab that Slipway starts.' });
export type GitlabPipelineSettings = z.infer<typeof GitlabPipelineSettings>;
