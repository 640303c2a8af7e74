import { z } from 'zod';

/** What every gate of the config can be given. */
export const gateSettings = {
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,39}$/,
      'a name of lower-case letters, digits and dashes, such as error-budget',
    )
    .meta({ description: 'Stable name, for the audit.', examples: ['error-budget'] }),
  title: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .meta({ description: 'Shown on the card; made from the name by default.', examples: ['Error budget'] }),
  'break-glass': z
    .boolean()
    .default(false)
    .meta({ description: 'Whether people with permissions.override may ship although it does not pass.' }),
};

interface Named {
  readonly name: string;
  readonly title?: string | undefined;
  readonly 'break-glass': boolean;
}

/** `error-budget` → id `gates/error-budget`, title `Error budget`. */
export function identityOf({ name, title, 'break-glass': breakable }: Named) {
  const words = name.replaceAll('-', ' ');
  return { id: `gates/${name}`, title: title ?? words.charAt(0).toUpperCase() + words.slice(1), breakable };
}
