import { z } from 'zod';
import type { GateQuestion } from './port.ts';

const FACTS = ['service', 'commit', 'validated', 'branch', 'feature', 'version', 'by'] as const;

export type Filled =
  | { readonly kind: 'filled'; readonly text: string }
  /** A fact that is asked for is not known. */
  | { readonly kind: 'unknown'; readonly fact: string };

/** `{commit}` and the other facts filled in; other braces stay as they are. */
export function fillIn(text: string, question: GateQuestion, encode: (fact: string) => string): Filled {
  let missing: string | undefined;
  const filled = text.replace(
    /\{(service|commit|validated|branch|feature|version|by)\}/g,
    (_whole, name: string) => {
      const fact = FACTS.find((one) => one === name);
      const value = fact && question[fact];
      if (value === undefined) missing ??= name;
      return encode(value ?? '');
    },
  );
  return missing === undefined ? { kind: 'filled', text: filled } : { kind: 'unknown', fact: missing };
}

/** The facts as variables of the environment: `SLIPWAY_COMMIT`. */
export function factVariables(question: GateQuestion): Record<string, string> {
  return Object.fromEntries(FACTS.map((fact) => [`SLIPWAY_${fact.toUpperCase()}`, question[fact] ?? '']));
}

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
