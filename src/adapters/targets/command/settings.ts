import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';

export const Argv = z
  .array(z.string().regex(/^[^\0]*$/, 'text without NUL'))
  .min(1)
  .refine((argv) => argv[0] !== '', { error: 'the program comes first' });

export const EnvName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable')
  .refine((name) => !name.startsWith('SLIPWAY_'), { error: 'SLIPWAY_… variables are set by Slipway' });

export const CommandSettings = z
  .strictObject({
    use: z.literal('command'),
    deploy: Argv.meta({
      description:
        'Program and arguments; no shell. {version}, {tag}, {commit} and {service} are filled in, also in the environment as SLIPWAY_VERSION and so on. Lines id=…, url=… and log_url=… in the file SLIPWAY_OUTPUT say what it made.',
      examples: [['./deploy.sh', '{tag}']],
    }),
    rollback: Argv.optional().meta({
      description: 'How an older release is brought back; by default like a deploy.',
    }),
    live: Argv.optional().meta({
      description:
        'Prints what is live: JSON with commit and version, or a commit or version as text; nothing when nothing is.',
    }),
    check: Argv.optional().meta({
      description:
        'Run before people are asked: exits with 0 when the platform can be reached and the release deployed.',
    }),
    cwd: z.string().min(1).default('.').meta({ description: "Where it runs, from the config's folder." }),
    env: z
      .array(EnvName)
      .default([])
      .meta({ description: 'Variables of the environment that the command may see.' }),
    secrets: z
      .array(EnvName)
      .default([])
      .meta({ description: 'Variables that it needs and whose values never show up in a log or message.' }),
    timeout: Duration.prefault('15m'),
    url: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    'not-undone': z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'What a rollback with this command does not undo, besides migrations.' }),
  })
  .meta({ description: 'Deploys by running a command on the machine of the bot.' });
export type CommandSettings = z.infer<typeof CommandSettings>;
