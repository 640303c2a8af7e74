/** What was typed after `/ship-prod`. */
export interface CommandLine {
  readonly text: string;
  /** The words behind the command's own; what stands in double quotes is one word. */
  readonly rest: readonly string[];
  /** The services of the config. */
  readonly services: readonly string[];
}

/** A command of `/ship-prod` as people meet it. What it is answered with is in the handlers, by its kind. */
export interface CommandDeclaration<C extends { readonly kind: string } = { readonly kind: string }> {
  /** What it begins with; no service can be called so. */
  readonly word: string;
  /** How it is typed for a service called shop; what may be left out is in brackets. */
  readonly usage: string;
  /** What it does, for the list of commands; null where that would say nothing new. */
  readonly meaning: string | null;
  /** Reads the rest of the line. Throws a Refusal that says what is missing or too much. */
  parse(line: CommandLine): C;
}

/** What to type for a service, with everything that may be given. */
export function typed({ usage }: Pick<CommandDeclaration, 'usage'>, service: string): string {
  return `/ship-prod ${usage.replaceAll(/[[\]]/g, '').replace(/\bshop\b/, () => service)}`;
}
