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
