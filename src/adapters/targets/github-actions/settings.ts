import { z } from 'zod';
import { GithubSettings, hasOneLogin, ONE_LOGIN } from '../../repositories/github/settings.ts';
import { Duration } from '../../shared/context.ts';
import { Headers, HttpUrl } from '../../shared/http.ts';

export const GithubActionsSettings = z
  .strictObject({
    use: z.literal('github-actions'),
    workflow: z
      .string()
      .regex(/^[\w][\w.-]*\.ya?ml$/, 'the name of a file in .github/workflows, such as deploy.yml')
      .meta({ description: 'File of the workflow, in .github/workflows.', examples: ['deploy.yml'] }),
    ref: z
      .string()
      .regex(/^(?:\{tag\}|[A-Za-z0-9][^\s~^:?*[\\{}]*)$/, 'a branch, or {tag}')
      .default('{tag}')
      .meta({
        description:
          'Which workflow file runs: "{tag}" for the one of the release, or a branch for whatever is at its tip.',
      }),
    inputs: z
      .record(z.string().regex(/^[A-Za-z_][\w-]*$/, 'the name of an input'), z.string().max(1_000))
      .refine((inputs) => Object.keys(inputs).length <= 24, { error: 'at most 24 inputs' })
      .default({ version: '{version}', environment: 'production' })
      .meta({
        description: 'Inputs of the workflow; {version}, {tag}, {commit} and {service} are filled in.',
      }),
    correlation: z
      .string()
      .regex(/^[A-Za-z_][\w-]*$/, 'the name of an input')
      .default('slipway')
      .meta({
        description:
          'An input that the workflow shows in its `run-name`, so that a run is known again after a crash.',
      }),
    repository: GithubSettings.refine(hasOneLogin, { error: ONE_LOGIN }).optional().meta({
      description: 'Where the workflow lives, when that is not the repository of the service.',
    }),
    live: z
      .strictObject({ url: HttpUrl, headers: Headers.default({}) })
      .optional()
      .meta({
        description:
          'Where production says its version or commit as text or JSON. Default: the last run that went well.',
      }),
    'by-hand': z.enum(['counts', 'ignored']).default('counts').meta({
      description: 'Whether runs of the workflow that people started count as deployments to production.',
    }),
    'other-triggers': z.enum(['refuse', 'allow']).default('refuse').meta({
      description:
        'Whether to ship when the release itself would start the workflow too, and so deploy twice.',
    }),
    timeout: Duration.prefault('1h').meta({ description: 'A run that takes longer has failed.' }),
    url: z.url().optional().meta({ description: 'Address of production, shown as a link.' }),
    'not-undone': z.array(z.string().min(1)).default([]).meta({
      description: 'What running the workflow with an older version does not undo: "environment variables".',
    }),
  })
  .meta({ description: 'Production is deployed by a workflow of GitHub Actions that Slipway starts.' });
export type GithubActionsSettings = z.infer<typeof GithubActionsSettings>;
