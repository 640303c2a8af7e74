import { z } from 'zod';

/** What a repository may say of its own service in any case: it asks nobody, and makes nothing easier to ship. */
export const ALWAYS = ['approvals', 'freeze', 'links', 'state', 'version'] as const;
/** What it may say where the central file lets it. */
const ALLOWED = ['alerts', 'checks', 'gates', 'health', 'logs', 'metrics', 'monitor'] as const;

/** The `from` of a service: what is taken from its own repository, and what it may say there. */
export const FromSettings = z
  .union(
    [
      z.literal('repository'),
      z.strictObject({
        file: z
          .string()
          .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0]+$/, 'a path inside the repository')
          .default('slipway.yaml')
          .meta({ description: 'Path of the file on the branch that releases are cut on.' }),
        may: z
          .array(z.enum(ALLOWED))
          .default([])
          .meta({
            description: `What the file may set besides ${ALWAYS.join(', ')}. Lists are added to those of the central files, never put in their place. It then names addresses that Slipway asks from its network.`,
          }),
        secrets: z
          .array(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable'))
          .default([])
          .meta({ description: 'Environment variables that the file may name; no other one.' }),
        programs: z
          .boolean()
          .default(false)
          .meta({ description: 'Whether the file may have programs run (`use: command`).' }),
      }),
    ],
    { error: 'repository, or { file: slipway.yaml, may: [checks] }' },
  )
  .transform((from) => (from === 'repository' ? LEAST : from))
  .meta({
    description:
      'Takes more settings of the service from a file of its own repository. They are outside text: the central files say what it may set, and win where both say something.',
    examples: [{ may: ['checks', 'metrics'], secrets: ['SHOP_METRICS_TOKEN'] }],
  });
export type FromSettings = z.output<typeof FromSettings>;

const LEAST = { file: 'slipway.yaml', may: [], secrets: [], programs: false };
