import { z } from 'zod';
import type { GateQuestion } from './port.ts';

const FACTS = ['service', 'commit', 'validated', 'branch', 'feature', 'version', 'by'] as const;

const PLACEHOLDER = new RegExp(`\\{(${FACTS.join('|')})\\}`, 'g');

/** The facts by their names; what is not known is undefined. */
export function factsOf(
  question: GateQuestion,
): Readonly<Record<(typeof FACTS)[number], string | undefined>> {
  const { service, commit, validated, branch, feature, version, by } = question;
  return { service, commit, validated, branch, feature, version, by };
}

/** The first fact that a text asks for and that is not known; null when all are. */
export function missingIn(text: string, question: GateQuestion): string | null {
  const facts: Readonly<Record<string, string | undefined>> = factsOf(question);
  return [...text.matchAll(PLACEHOLDER)].find(([, name = '']) => facts[name] === undefined)?.[1] ?? null;
}

/** An address with `{commit}` and the other facts filled in; other braces stay as they are. */
export function fillInAddress(url: string, question: GateQuestion): string {
  const facts: Readonly<Record<string, string | undefined>> = factsOf(question);
  return url.replace(PLACEHOLDER, (_all, name: string) =>
    // A lone surrogate has no percent-encoding.
    encodeURIComponent((facts[name] ?? '').replace(/\p{Surrogate}/gu, '\ufffd')),
  );
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
