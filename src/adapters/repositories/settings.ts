import { z } from 'zod';

/** What every kind of repository can be given. */
export const repositorySettings = {
  branch: z
    .string()
    .regex(
      /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\.lock$|\.$|\/$))[^\s~^:?*[\\\0]+$/,
      'the name of a branch, such as main',
    )
    .default('main')
    .meta({ description: 'Branch that releases are cut on.' }),
};

/** The same for hosts that know of checks and deployments. */
export const hostShape = {
  ci: z
    .union([z.enum(['all', 'none']), z.array(z.string().min(1)).min(1).max(50)], {
      error: 'all, none, or a list of names of checks',
    })
    .default('all')
    .meta({
      description:
        'Checks and commit statuses that the candidate must have passed: all that report, none, or these by name.',
    }),
  environment: z
    .union([z.string().min(1).max(255), z.literal(false)], { error: 'the name of an environment, or false' })
    .default('production')
    .meta({
      description:
        'Environment in which the host shows what Slipway deploys; false where something else records that, such as a job with `environment`.',
    }),
  'staging-environment': z.string().min(1).max(255).optional().meta({
    description:
      'Environment of staging on the host: it must show a successful deployment of exactly the validated commit.',
  }),
  ...repositorySettings,
};
