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
