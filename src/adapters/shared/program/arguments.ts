import { visible } from '../../../domain/text/visible.ts';

type Facts = Readonly<Record<string, string | undefined>>;

/** What cannot be given to a program; whole as a part of a sentence: `the feature “x; y” is more than a plain word…`. */
export class UnsafeArgument extends Error {
  override readonly name = 'UnsafeArgument';
  /** Of the fact: `feature`. */
  readonly fact: string;

  constructor(fact: string, value: string, problem: string) {
    super(`the ${fact} “${visible(value.replaceAll(/[\n\t]/g, ' ')).slice(0, 80)}” ${problem}`);
    this.fact = fact;
  }
}

/** Means nothing to a shell, to make or to an interpreter, and is no option, file of arguments or assignment. */
const WORD = /^(?:[\p{L}\p{N}_][\p{L}\p{N}\p{M}._/@:+-]*)?$/u;
/** Who asked is a Slack id, or a pipeline as the config calls it. */
const FORMS: Readonly<Record<string, RegExp>> = { by: /^(?!-)\P{Cc}*$/u };

/**
 * Facts, by their names, that a program may be given at all, as arguments or as variables of its environment: it may be, or
 * start, something that reads them as code. Throws UnsafeArgument for what is more than a plain word.
 */
export function mustBeWords(facts: Facts): void {
  for (const [name, value = ''] of Object.entries(facts)) {
    if ((FORMS[name] ?? WORD).test(value)) continue;
    const how =
      'is more than a plain word (letters, digits and . _ / @ : + -, with a letter, a digit or _ first)';
    throw new UnsafeArgument(name, value, how);
  }
}

/**
 * Arguments with `{name}` filled in for each fact; other braces stay as they are, and facts that are missing are left empty.
 * Throws UnsafeArgument as `mustBeWords` does, also for a fact that no argument names, and for one that leads to another program.
 */
export function fillInArguments(argv: readonly string[], facts: Facts): string[] {
  mustBeWords(facts);
  return argv.map((template, index) =>
    template.replace(/\{([a-z]+)\}/g, (whole, name: string) => {
      if (!Object.hasOwn(facts, name)) return whole;
      const value = facts[name] ?? '';
      if (index > 0 || !value.includes('/')) return value;
      throw new UnsafeArgument(name, value, 'would lead to another program');
    }),
  );
}
