import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { Argv, programShape } from '../../shared/program/settings.ts';

export const CommandSettings = z
  .strictObject({
    use: z.literal('command'),
    deploy: Argv.meta({
      description:
        'Program and arguments; no shell. {version}, {tag}, {commit}, {service} and {percent} are filled in, also in the environment as SLIPWAY_VERSION and so on. Lines id=…, url=… and log_url=… in the file SLIPWAY_OUTPUT say what it made.',
      examples: [['./deploy.sh', '{tag}']],
    }),
    rollback: Argv.optional().meta({
      description: 'How an older release is brought back; by default like a deploy.',
    }),
    live: Argv.optional().meta({
      description:
        'Prints what is live: JSON with commit and version, or a commit or version as text; nothing when nothing is. Without it a version check is asked; with neither, promotions wait as long as nothing was deployed from here but there are releases.',
    }),
    check: Argv.optional().meta({
      description:
        'Run before people are asked: exits with 0 when the platform can be reached and the release deployed.',
    }),
    ...programShape,
    timeout: Duration.prefault('15m'),
    url: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    'not-undone': z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'What a rollback with this command does not undo, besides migrations.' }),
  })
  .meta({ description: 'Deploys by running a command on the machine of the bot.' });
export type CommandSettings = z.infer<typeof CommandSettings>;
