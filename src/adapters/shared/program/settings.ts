import { z } from 'zod';

/** A program and its arguments. */
export const Argv = z
  .array(z.string().regex(/^[^\0]*$/, 'text without NUL'))
  .min(1)
  .refine((argv) => argv[0] !== '', { error: 'the program comes first' });

const EnvName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable')
  .refine((name) => !name.startsWith('SLIPWAY_'), { error: 'SLIPWAY_… variables are set by Slipway' });

/** What a program of the config runs in. */
export const programShape = {
  cwd: z.string().min(1).default('.').meta({
    description:
      "Folder in which it runs and in which a program such as ./deploy.sh is looked for, from the config's folder.",
  }),
  env: z
    .array(EnvName)
    .default([])
    .meta({ description: 'Variables of the environment that the command may see.' }),
  secrets: z
    .array(EnvName)
    .default([])
    .meta({ description: 'Variables that it needs and whose values never show up in a log or message.' }),
};
